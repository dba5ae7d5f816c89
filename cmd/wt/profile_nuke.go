package main

import "github.com/spf13/cobra"

func newProfileNukeCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "nuke",
		Short:   "Remove all profiles with their tokens",
		Example: "  wt profile nuke --force",
		Args:    takes(0, 0),
	}
	force := cmd.Flags().BoolP("force", "f", false, "do not ask")
	silent := cmd.Flags().BoolP("silent", "s", false, "say nothing on success")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := env.profiles()
		if err != nil {
			return err
		}
		if !*force {
			if err := env.confirm(cmd.Context(), "remove all profiles and their tokens?"); err != nil {
				return err
			}
		}
		for _, name := range f.Names() {
			f.Remove(name)
		}
		if err := f.Save(); err != nil {
			return usagef("cannot write %s: %v", f.Path(), reason(err))
		}
		if !*silent {
			env.note("all profiles are removed; wt init makes one")
		}
		return nil
	}
	return cmd
}
