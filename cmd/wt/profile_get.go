package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/profile"
)

func newProfileGetCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "get [PROFILE]",
		Short:   "Show one profile, or one field of it",
		Example: "  wt profile get\n  wt profile get work --field url",
		Args:    takes(0, 1),
	}
	out := addOutputFlag(cmd)
	out.addShowToken(cmd)
	details := cmd.Flags().BoolP("details", "d", false, "show what the token says")
	field := cmd.Flags().StringP("field", "f", "", "print only this `FIELD`: name, url, container or token")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		f, err := env.profiles()
		if err != nil {
			return err
		}
		name, p, err := f.Choose(first(args))
		if err != nil {
			return err
		}
		if *field != "" {
			return printField(env, out, *field, map[string]string{
				"name": name, "url": p.URL, "container": p.Container, "token": p.Token,
			})
		}
		return printProfile(env, out, namedProfile{name, p, *details})
	}
	return cmd
}

type namedProfile struct {
	name string
	profile.Profile
	details bool
}

func printProfile(env *Env, out *outputFlags, p namedProfile) error {
	shown := showProfile(p.Profile, out)
	if out.json() {
		shown.Name = p.name
		return printJSON(env.Stdout, shown)
	}
	var claims []row
	if p.details {
		claims = tokenRows(p.Profile)
	}
	return describeProfile(p.name, shown, claims).print(env.Stdout)
}

func printField(env *Env, out *outputFlags, field string, fields map[string]string) error {
	value, ok := fields[strings.ToLower(field)]
	if !ok {
		return usagef("a profile has no field %q", clip(field, 40)).withHint("its fields are name, url, container and token")
	}
	if out.json() {
		return printJSON(env.Stdout, value)
	}
	_, err := fmt.Fprintln(env.Stdout, value)
	return err
}
