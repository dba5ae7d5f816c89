package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/client"
	"github.com/wthost/wt/runtime/profile"
	"github.com/wthost/wt/runtime/webtask"
)

// newInitCmd is wt init, and wt profile init, which is the same.
func newInitCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Store how to reach a host in ~/.webtask",
		Long: "Store a host's address, a token and a container as a profile in ~/.webtask.\n" +
			"Without --token it asks for it. It does not call the host.",
		Example: "  wt init --url https://wt.example.org --container ann\n" +
			"  wt init -p work --url https://wt.example.org --token TOKEN --container web",
		Args: takes(0, 1),
	}
	force := cmd.Flags().BoolP("force", "f", false, "replace a profile without asking")
	for _, name := range []string{"admin", "auth0"} { // sign-in at a service, which a host of one's own lacks
		cmd.Flags().Bool(name, false, "not supported")
		cmd.Flags().Lookup(name).Hidden = true
	}
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 || cmd.Flags().Changed("admin") || cmd.Flags().Changed("auth0") {
			return usagef("this host has no sign-in by e-mail, telephone or Auth0").
				withHint("wt init --url URL --token TOKEN --container NAME")
		}
		return initProfile(cmd.Context(), env, tf, *force)
	}
	return cmd
}

func initProfile(ctx context.Context, env *Env, tf *targetFlags, force bool) error {
	f, err := env.profiles()
	if err != nil {
		return err
	}
	name := or(tf.profile, profile.Default)
	p, err := env.newProfile(ctx, tf)
	if err != nil {
		return err
	}
	if old, ok := f.Get(name); ok && !force {
		env.note("the profile %s is for %s, container %s", name, old.URL, old.Container)
		if err := env.confirm(ctx, "replace it?"); err != nil {
			return err
		}
	}
	f.Set(name, p)
	if err := f.Save(); err != nil {
		return usagef("cannot write %s: %v", f.Path(), reason(err))
	}
	env.note("the profile %s is in %s; try: wt ls", name, f.Path())
	return nil
}

// newProfile checks the values of a profile and asks for a token that was not
// given, so that it need not stand on a command line.
func (e *Env) newProfile(ctx context.Context, tf *targetFlags) (profile.Profile, error) {
	p := profile.Profile{URL: tf.url, Token: tf.token, Container: tf.container}
	if p.URL == "" {
		return p, usagef("--url is missing").withHint("wt init --url URL --token TOKEN --container NAME")
	}
	c, err := client.New(client.Config{URL: p.URL})
	if err != nil {
		return p, usagef("%v", err).withHint("%s", hintOf(err))
	}
	p.URL = c.URL()
	if p.Token == "" {
		if p.Token, err = e.askToken(ctx); err != nil {
			return p, err
		}
	}
	if p.Container == "" {
		var ok bool
		if p.Container, ok = claimsOf(p.Token).Container.Literal(); !ok {
			return p, usagef("--container is missing, and the token names none").
				withHint("wt init --url URL --token TOKEN --container NAME")
		}
	}
	if err := webtask.CheckName("container", p.Container); err != nil {
		return p, usagef("%v", err)
	}
	return p, nil
}

func (e *Env) askToken(ctx context.Context) (string, error) {
	if !e.IsTerminal() {
		return "", usagef("--token is missing").withHint("wt init --url URL --token TOKEN --container NAME")
	}
	_, _ = e.Stderr.Write([]byte("token (not shown): "))
	token, err := e.ReadPassword(ctx)
	_, _ = e.Stderr.Write([]byte("\n"))
	if err == nil && token == "" {
		err = usagef("the token is empty")
	}
	return token, err
}
