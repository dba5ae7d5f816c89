package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, env Env, args []string) int {
	out := &checkedWriter{w: env.Stdout}
	env.Stdout = out
	root := newRootCmd(&env)
	root.SetArgs(args)
	parsed := false
	root.PersistentPreRun = func(*cobra.Command, []string) { parsed = true }
	err := root.ExecuteContext(ctx)
	var f *failure
	switch {
	case err == nil:
		err = out.err
	case ctx.Err() != nil:
		err = ctx.Err()
	case !parsed && !errors.As(err, &f):
		// The command line was refused before a command saw it.
		err = usagef("%v", err).withHint("run wt --help")
	}
	report(env.Stderr, err)
	return exitCode(err)
}

func newRootCmd(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "wt",
		Short:         "Run code on a webtask host: one command, one URL",
		Long:          "wt puts JavaScript on a webtask host and gives it a URL. Secrets stay on the host.",
		Example:       "  wt create sign.js --secret api_key\n  wt ls\n  wt update sign sign.js",
		Version:       env.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newServeCmd(env),
		newInitCmd(env),
		newCreateCmd(env),
		newUpdateCmd(env),
		newLsCmd(env),
		newInspectCmd(env),
		newRmCmd(env),
		newProfileCmd(env),
		newTokenCmd(env),
		newVersionCmd(env),
	)
	root.AddCommand(newLaterCmds()...)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			group(cmd)
		}
	}
	return group(root)
}

// checkedWriter remembers that output was lost.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}
