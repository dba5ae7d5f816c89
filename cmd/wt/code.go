package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/spf13/cobra"
)

// codeFlags are the flags of create and update that concern the code.
type codeFlags struct {
	capture, pin, noCheck, ignorePackage bool
}

func addCodeFlags(cmd *cobra.Command) *codeFlags {
	c := &codeFlags{}
	f := cmd.Flags()
	f.BoolVar(&c.capture, "capture", false, "store what the URL answers now, instead of the URL")
	f.BoolVar(&c.pin, "pin", false, "run only what the URL answers now, by its SHA-256")
	f.BoolVar(&c.noCheck, "no-check", false, "send code that does not parse, or a URL that does not answer code")
	f.BoolVar(&c.ignorePackage, "ignore-package-json", false, "take no name from package.json")
	return c
}

// loaded is code in the form in which it is sent: text, or a URL and perhaps
// the hash that its content must have.
type loaded struct {
	text *string
	url  string
	pin  string
}

// load gets the code and checks it. foreign says that a compiler of the task's
// own reads it, so that it need not be JavaScript.
func (c *codeFlags) load(ctx context.Context, env *Env, s source, foreign bool) (loaded, error) {
	switch {
	case c.capture && s.kind != fromURL:
		return loaded{}, usagef("--capture needs a URL").withHint("code from a file or standard input is always stored")
	case c.pin && s.kind != fromURL:
		return loaded{}, usagef("--pin needs a URL").withHint("code from a file or standard input does not change by itself")
	case c.pin && c.capture:
		return loaded{}, usagef("--pin and --capture exclude each other").
			withHint("--capture stores the code; --pin leaves it at its URL")
	case s.kind == fromURL && c.noCheck && !c.pin && !c.capture:
		return loaded{url: s.spec}, nil
	}
	code, err := c.get(ctx, env, s, foreign)
	if err != nil {
		return loaded{}, err
	}
	if !c.noCheck && !foreign {
		if err := env.checkCode(s, code); err != nil {
			return loaded{}, err
		}
	}
	switch {
	case s.kind != fromURL || c.capture:
		return loaded{text: &code}, nil
	case c.pin:
		sum := sha256.Sum256([]byte(code))
		return loaded{url: s.spec, pin: hex.EncodeToString(sum[:])}, nil
	}
	return loaded{url: s.spec}, nil
}

func (c *codeFlags) get(ctx context.Context, env *Env, s source, foreign bool) (string, error) {
	if s.kind != fromURL {
		return env.read(ctx, s)
	}
	body, err := env.fetchCode(ctx, s, c.noCheck || foreign)
	if err != nil {
		return "", err
	}
	return codeText(s, body)
}
