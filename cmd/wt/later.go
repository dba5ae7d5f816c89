package main

import "github.com/spf13/cobra"

// laterFlags are flags of wt-cli that are recognised, so that scripts get a
// clear answer, but do nothing yet.
type laterFlags []string

// addLaterFlags adds the flags that create and update share, and for create
// those that only it has.
func addLaterFlags(cmd *cobra.Command, create bool) laterFlags {
	f := cmd.Flags()
	f.StringArrayP("dependency", "d", nil, "not yet: module as `NAME@VERSION`")
	f.BoolP("watch", "w", false, "not yet: send the code again when the file changes")
	f.BoolP("bundle", "b", false, "not yet: bundle the files that the code requires")
	f.Bool("bundle-minify", false, "not yet")
	f.Bool("bundle-strict", false, "not yet")
	names := laterFlags{"dependency", "watch", "bundle", "bundle-minify", "bundle-strict"}
	if create {
		f.StringArray("middleware", nil, "not yet: `NAME@VERSION/EXPORT` or URL")
		names = append(names, "middleware")
	}
	for _, name := range names {
		f.Lookup(name).Hidden = true
	}
	return names
}

// check refuses the flags that were given.
func (l laterFlags) check(cmd *cobra.Command) error {
	for _, name := range l {
		if cmd.Flags().Changed(name) {
			return usagef("--%s does not work yet", name).withHint("leave it out; nothing was sent")
		}
	}
	return nil
}

// newLaterCmds are the commands of wt-cli that do not work yet.
func newLaterCmds() []*cobra.Command {
	var cmds []*cobra.Command
	for _, name := range []string{"browse", "cron", "debug", "edit", "logs", "modules"} {
		cmds = append(cmds, &cobra.Command{
			Use:                name,
			Short:              "Does not work yet",
			Hidden:             true,
			DisableFlagParsing: true,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return usagef("%s does not work yet", cmd.CommandPath()).withHint("see wt --help for what does")
			},
		})
	}
	return cmds
}
