package main

import (
	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/profile"
)

func newProfileRmCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rm [PROFILE]",
		Short:   "Remove a profile (default, if none is named)",
		Example: "  wt profile rm work",
		Args:    takes(0, 1),
	}
	silent := cmd.Flags().BoolP("silent", "s", false, "say nothing on success")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		f, err := env.profiles()
		if err != nil {
			return err
		}
		name := or(first(args), profile.Default)
		if !f.Remove(name) {
			return &profile.NotFoundError{Name: name}
		}
		if err := f.Save(); err != nil {
			return usagef("cannot write %s: %v", f.Path(), reason(err))
		}
		if !*silent {
			env.note("removed the profile %s", name)
		}
		return nil
	}
	return cmd
}
