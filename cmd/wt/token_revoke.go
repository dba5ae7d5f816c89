package main

import (
	"github.com/spf13/cobra"
)

func newTokenRevokeCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "revoke TOKEN",
		Short:   "Revoke a token and every token issued from it",
		Example: "  wt token revoke \"$TOKEN\"",
		Args:    takes(1, 1),
	}
	out := addOutputFlag(cmd)
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, ok := parseClaims(args[0]); !ok {
			return usagef("this is not a token").
				withHint("a token has three parts with dots between them; wt ls --show-token shows those of tasks")
		}
		t, err := tf.resolve(env)
		if err != nil {
			return err
		}
		if err := t.Revoke(cmd.Context(), args[0]); err != nil {
			return asQuery(err)
		}
		if out.json() {
			return printJSON(env.Stdout, true)
		}
		env.note("the token is revoked")
		return nil
	}
	return cmd
}
