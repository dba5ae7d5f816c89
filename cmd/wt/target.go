package main

import (
	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/client"
	"github.com/wthost/wt/runtime/webtask"
)

// targetFlags are the flags that say which host and container a command means.
type targetFlags struct {
	profile, container, url, token string
}

func addTargetFlags(cmd *cobra.Command) *targetFlags {
	t := &targetFlags{}
	f := cmd.Flags()
	f.StringVarP(&t.profile, "profile", "p", "", "profile to use (the only one, else default)")
	f.StringVarP(&t.container, "container", "c", "", "container, instead of the profile's")
	f.StringVar(&t.url, "url", "", "address of the host, instead of the profile's")
	f.StringVar(&t.token, "token", "", "token, instead of the profile's")
	return t
}

// target is the host and the container that a command works on.
type target struct {
	*client.Client
	container string
}

// resolve fills what the flags leave open from the chosen profile.
func (t *targetFlags) resolve(env *Env) (target, error) {
	if t.token != "" && t.profile != "" {
		return target{}, usagef("--profile and --token exclude each other").
			withHint("give --url, --token and --container, or a profile alone")
	}
	url, token, container := t.url, t.token, t.container
	if url == "" || token == "" || container == "" {
		f, err := env.profiles()
		if err != nil {
			return target{}, err
		}
		_, p, err := f.Choose(t.profile)
		if err != nil {
			return target{}, err
		}
		url, token, container = or(url, p.URL), or(token, p.Token), or(container, p.Container)
	}
	if err := webtask.CheckName("container", container); err != nil {
		return target{}, usagef("%v", err).withHint("give the container with -c, or repair the profile with wt init")
	}
	c, err := client.New(client.Config{
		URL: url, Token: token, Transport: env.Transport, UserAgent: "wt/" + env.Version,
	})
	if err != nil {
		return target{}, usagef("%v", err).withHint("%s", hintOf(err))
	}
	return target{Client: c, container: container}, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// outputFlags are the flags that say how a result is printed.
type outputFlags struct {
	format    outputFormat
	showToken bool
}

// outputFormat is the value of --output: json or nothing.
type outputFormat string

func (o *outputFormat) String() string { return string(*o) }

// Type is the name of the value in the help.
func (o *outputFormat) Type() string { return "json" }

// Set accepts the only format there is.
func (o *outputFormat) Set(s string) error {
	if s != "json" {
		return usagef("no other format is known")
	}
	*o = outputFormat(s)
	return nil
}

func addOutputFlag(cmd *cobra.Command) *outputFlags {
	o := &outputFlags{}
	cmd.Flags().VarP(&o.format, "output", "o", "print the result as JSON")
	return o
}

func (o *outputFlags) addShowToken(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.showToken, "show-token", false, "print the token too")
}

func (o *outputFlags) json() bool { return o.format == "json" }
