package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError words what is wrong with a flag. The parser's own words may repeat
// what follows the flag's name, which may be a secret.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	help := "see " + cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		dashes := "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		f := usagef("%s has no flag %s%s", cmd.CommandPath(), dashes, name)
		if near := nearestFlag(cmd, name); dashes == "--" && near != "" {
			return f.withHint("did you mean --%s?", near)
		}
		return f.withHint("%s", help)
	case errors.As(err, &missing):
		return usagef("--%s needs a value", missing.GetFlag().Name).withHint("%s", help)
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		if f.Value.Type() == sizeType { // its errors say what is wrong, and no secret
			return usagef("--%s: %v", f.Name, invalid.Unwrap()).withHint("%s", help)
		}
		return usagef("--%s takes %s", f.Name, kindOf(f)).withHint("%s", help)
	}
	return usagef("a flag is not well formed").withHint("%s", help)
}

func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "bool":
		return "true or false, or no value at all"
	case "duration":
		return "a duration, such as 30s or 2m"
	}
	return f.Value.Type()
}

func nearestFlag(cmd *cobra.Command, name string) string {
	best, distance := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := editDistance(name, f.Name); d < distance {
			best, distance = f.Name, d
		}
	})
	return best
}

// editDistance is how many letters must change to turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// group makes cmd a command that only has subcommands: alone it shows its help,
// and an unknown subcommand is an error.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		f := usagef("%s has no command %q", cmd.CommandPath(), clip(args[0], 40))
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return f.withHint("did you mean %s %s?", cmd.CommandPath(), strings.Join(near, " or "))
		}
		return f.withHint("see %s --help", cmd.CommandPath())
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// takes checks the number of arguments. It does not repeat them: one may be a
// secret that was meant for a flag.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		usage := "usage: " + cmd.UseLine()
		switch {
		case len(args) < least:
			return usagef("%s needs %s", cmd.CommandPath(), count(least)).withHint("%s", usage)
		case len(args) > most && most == 0:
			return usagef("%s takes no arguments", cmd.CommandPath()).withHint("%s", usage)
		case len(args) > most:
			return usagef("%s takes %s at most, but there are %d", cmd.CommandPath(), count(most), len(args)).
				withHint("%s", usage)
		}
		return nil
	}
}

func count(n int) string {
	return [...]string{"no argument", "one argument", "two arguments"}[n]
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
