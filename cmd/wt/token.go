package main

import "github.com/spf13/cobra"

func newTokenCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Issue, inspect and revoke tokens",
		Example: "  wt token create --ten ann --dd 1",
	}
	cmd.AddCommand(newTokenCreateCmd(env), newInspectCmd(env), newTokenRevokeCmd(env))
	return group(cmd)
}
