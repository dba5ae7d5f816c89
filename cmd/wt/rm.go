package main

import (
	"github.com/spf13/cobra"
)

func newRmCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rm NAME",
		Short:   "Remove a task with its code, secrets and data",
		Example: "  wt rm sign",
		Args:    takes(1, 1),
	}
	silent := cmd.Flags().BoolP("silent", "s", false, "say nothing on success")
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkTaskName(args[0]); err != nil {
			return err
		}
		t, err := tf.resolve(env)
		if err != nil {
			return err
		}
		if err := t.DeleteTask(cmd.Context(), t.container, args[0]); err != nil {
			return noSuchTask(err, args[0])
		}
		if !*silent {
			env.note("removed %s", args[0])
		}
		return nil
	}
	return cmd
}
