package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// maxSecretFile bounds a file given as a secret, in bytes.
const maxSecretFile = 1 << 20

// secretFlags are where secrets come from.
type secretFlags struct {
	pairs []string
	file  string
}

func addSecretFlags(cmd *cobra.Command) *secretFlags {
	s := &secretFlags{}
	f := cmd.Flags()
	f.StringArrayVarP(&s.pairs, "secret", "s", nil,
		"secret as `KEY=VALUE`; KEY alone asks for it, KEY=@FILE reads a file, KEY=@@x means @x (repeatable)")
	f.StringVar(&s.file, "secrets-file", "", "dotenv `FILE` with secrets; --secret wins")
	return s
}

// read collects the secrets. It asks on the terminal for those without a value.
func (s *secretFlags) read(ctx context.Context, env *Env) (map[string]any, error) {
	pairs, err := splitPairs("secret", s.pairs)
	if err != nil {
		return nil, err
	}
	for i := range pairs {
		if pairs[i].value, err = env.secretValue(ctx, i, pairs[i]); err != nil {
			return nil, err
		}
	}
	secrets, err := nested("secret", pairs)
	if err != nil || s.file == "" {
		return secrets, err
	}
	values, err := env.readDotenv("secrets-file", s.file)
	if err != nil {
		return nil, err
	}
	fromFile := map[string]any{}
	for _, p := range values { // the last line of a key wins
		fromFile[p.key] = p.value
	}
	for key, value := range fromFile {
		if _, given := secrets[key]; !given {
			secrets[key] = value
		}
	}
	return secrets, nil
}

func (e *Env) secretValue(ctx context.Context, i int, p pair) (string, error) {
	switch {
	case p.bare:
		return e.askSecret(ctx, i, p.key)
	case strings.HasPrefix(p.value, "@@"):
		return p.value[1:], nil
	case strings.HasPrefix(p.value, "@"):
		return e.secretFile(i, p.value[1:])
	}
	return p.value, nil
}

func (e *Env) askSecret(ctx context.Context, i int, key string) (string, error) {
	if !e.IsTerminal() {
		return "", usagef("--secret number %d has no value, and there is no terminal to ask on", i+1).
			withHint("write --secret KEY=VALUE, --secret KEY=@FILE or --secrets-file FILE")
	}
	_, _ = fmt.Fprintf(e.Stderr, "value of secret %s (not shown): ", key)
	value, err := e.ReadPassword(ctx)
	_, _ = fmt.Fprintln(e.Stderr)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", usagef("--secret number %d was not given: %v", i+1, err)
	}
	if value == "" {
		return "", usagef("--secret number %d is empty", i+1).withHint("write --secret KEY= for an empty value")
	}
	return value, nil
}

// secretFile reads a secret from a file, less one newline at its end, which
// editors and echo add.
func (e *Env) secretFile(i int, name string) (string, error) {
	b, err := e.readFile(name, maxSecretFile)
	if err != nil {
		return "", usagef("cannot read the file of --secret number %d: %v", i+1, err).
			withHint("a value that begins with @ names a file; write @@ for a value that begins with @")
	}
	if !utf8.Valid(b) {
		return "", usagef("the file of --secret number %d is not text", i+1).
			withHint("store it as base64 and decode it in the task")
	}
	s, found := strings.CutSuffix(string(b), "\r\n")
	if !found {
		s = strings.TrimSuffix(s, "\n")
	}
	return s, nil
}
