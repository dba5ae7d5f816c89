package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/client"
)

// newInspectCmd is wt inspect, and wt token inspect, which is the same.
func newInspectCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "inspect NAME|TOKEN",
		Short:   "Show what a task or a token is made of",
		Example: "  wt inspect sign\n  wt inspect sign --fetch-code",
		Args:    takes(1, 1),
	}
	out := addOutputFlag(cmd)
	var o client.InspectOptions
	cmd.Flags().BoolVar(&o.Decrypt, "decrypt", false, "show the secrets in the clear")
	cmd.Flags().BoolVar(&o.FetchCode, "fetch-code", false, "show the code")
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		claims, isToken := parseClaims(args[0])
		if !isToken {
			if err := checkSubject(args[0]); err != nil {
				return err
			}
		}
		t, err := tf.resolve(env)
		if err != nil {
			return err
		}
		o.Meta = !isToken || claims.Name != ""
		in, err := inspect(cmd.Context(), t, subject{args[0], isToken}, o)
		if err != nil {
			return asQuery(err)
		}
		if out.json() {
			return printJSON(env.Stdout, withoutSecrets(in.Raw, o.Decrypt))
		}
		return printInspection(env, in, o)
	}
	return cmd
}

// subject is what is inspected: a task's name or a token.
type subject struct {
	text    string
	isToken bool
}

// checkSubject keeps what was meant as a token, but is damaged, out of errors.
func checkSubject(s string) error {
	if strings.Count(s, ".") == 2 && strings.HasPrefix(s, "eyJ") {
		return usagef("this token is damaged: its middle part cannot be read").
			withHint("copy all three parts of the token, or give a task's name")
	}
	return checkTaskName(s)
}

func inspect(ctx context.Context, t target, s subject, o client.InspectOptions) (client.Inspection, error) {
	token := s.text
	runURL := ""
	if !s.isToken {
		task, err := t.Task(ctx, t.container, s.text, client.InspectOptions{})
		if err != nil {
			return client.Inspection{}, err
		}
		token, runURL = task.Token, task.URL
	}
	in, err := t.Inspect(ctx, token, o)
	in.RunURL = or(in.RunURL, runURL)
	return in, err
}

// withoutSecrets removes what a host sends unasked. Sealed secrets, which are a
// string, are no secret.
func withoutSecrets(raw map[string]json.RawMessage, decrypt bool) map[string]json.RawMessage {
	if decrypt {
		return raw
	}
	delete(raw, "secrets")
	if !bytes.HasPrefix(bytes.TrimSpace(raw["ectx"]), []byte(`"`)) {
		delete(raw, "ectx")
	}
	return raw
}

func printInspection(env *Env, in client.Inspection, o client.InspectOptions) error {
	if !o.Decrypt {
		in.Secrets = nil
	}
	if err := describe(in).print(env.Stdout); err != nil {
		return err
	}
	if in.Code == nil || !o.FetchCode {
		return nil
	}
	_, err := fmt.Fprintf(env.Stdout, "\n%s\n", strings.TrimRight(*in.Code, "\n"))
	return err
}
