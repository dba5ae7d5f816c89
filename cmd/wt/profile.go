package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/profile"
)

func newProfileCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "profile",
		Short:   "Manage the hosts that wt knows (~/.webtask)",
		Example: "  wt profile ls",
	}
	cmd.AddCommand(
		newInitCmd(env),
		newProfileLsCmd(env),
		newProfileGetCmd(env),
		newProfileRmCmd(env),
		newProfileNukeCmd(env),
	)
	return group(cmd)
}

// shownProfile is a profile as programs read it.
type shownProfile struct {
	Name      string `json:"name,omitempty"`
	URL       string `json:"url"`
	Container string `json:"container"`
	Token     string `json:"token,omitempty"`
}

func showProfile(p profile.Profile, out *outputFlags) shownProfile {
	s := shownProfile{URL: p.URL, Container: p.Container}
	if out.showToken {
		s.Token = p.Token
	}
	return s
}

// describeProfile is a profile as people read it, with its token's claims.
func describeProfile(name string, s shownProfile, claims []row) *description {
	d := &description{}
	d.set("profile", name)
	d.set("url", s.URL)
	d.set("container", s.Container)
	d.set("token", s.Token)
	for _, r := range claims {
		d.set("token "+r.label, r.value)
	}
	return d
}

// tokenRows are the details of a profile's token.
func tokenRows(p profile.Profile) []row {
	c, ok := parseClaims(p.Token)
	if !ok {
		return []row{{"claims", "not readable"}}
	}
	return []row{
		{"id", c.ID}, {"containers", or(string(c.Container), "every one")}, {"may issue", generations(c.Depth)},
		{"issued", when(c.IssuedAt)}, {"expires", when(int64(c.Expires))},
	}
}

func newProfileLsCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List the profiles",
		Example: "  wt profile ls -o json",
		Args:    takes(0, 0),
	}
	out := addOutputFlag(cmd)
	out.addShowToken(cmd)
	details := cmd.Flags().BoolP("details", "d", false, "show what the tokens say")
	cmd.RunE = func(*cobra.Command, []string) error {
		f, err := env.profiles()
		if err != nil {
			return err
		}
		if out.json() {
			all := map[string]shownProfile{}
			for _, name := range f.Names() {
				p, _ := f.Get(name)
				all[name] = showProfile(p, out)
			}
			return printJSON(env.Stdout, all)
		}
		if len(f.Names()) == 0 {
			return profile.ErrNone
		}
		return printProfiles(env, f, out, *details)
	}
	return cmd
}

func printProfiles(env *Env, f *profile.File, out *outputFlags, details bool) error {
	for i, name := range f.Names() {
		p, _ := f.Get(name)
		var claims []row
		if details {
			claims = tokenRows(p)
		}
		if i > 0 {
			if _, err := fmt.Fprintln(env.Stdout); err != nil {
				return err
			}
		}
		if err := describeProfile(name, showProfile(p, out), claims).print(env.Stdout); err != nil {
			return err
		}
	}
	return nil
}
