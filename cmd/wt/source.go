package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"unicode/utf8"
)

// maxCode is the largest code that is sent, in bytes; the host has the same limit.
const maxCode = 10 << 20

type sourceKind int

const (
	fromFile sourceKind = iota
	fromURL
	fromStdin
)

// source is where a task's code is.
type source struct {
	kind sourceKind
	// spec is the absolute name of a file, a URL, or the working directory for
	// code from standard input.
	spec string
	// given is what the user wrote.
	given string
}

var isURL = regexp.MustCompile(`(?i)^https?://`)

// sourceOf interprets the argument FILE, URL or "-"; an empty one means "-".
func (e *Env) sourceOf(arg string) source {
	switch {
	case arg == "" || arg == "-":
		return source{kind: fromStdin, spec: e.Dir, given: "standard input"}
	case isURL.MatchString(arg):
		return source{kind: fromURL, spec: arg, given: arg}
	}
	return source{kind: fromFile, spec: e.abs(arg), given: arg}
}

// resolveFile finds the file as Node's require does: with .js added if there is
// none of the name itself.
func (s source) resolveFile() source {
	if s.kind != fromFile {
		return s
	}
	if _, err := os.Stat(s.spec); errors.Is(err, fs.ErrNotExist) {
		if st, err := os.Stat(s.spec + ".js"); err == nil && st.Mode().IsRegular() {
			s.spec += ".js"
		}
	}
	return s
}

// read reads the code of a file or of standard input.
func (e *Env) read(ctx context.Context, s source) (string, error) {
	var b []byte
	var err error
	if s.kind == fromStdin {
		if e.IsTerminal() {
			e.note("reading the code from the terminal; Ctrl-D ends it")
		}
		b, err = await(ctx, func() ([]byte, error) { return readLimited(e.Stdin, maxCode) })
	} else {
		b, err = e.readFile(s.spec, maxCode)
	}
	if err != nil {
		return "", e.unreadable(ctx, s, err)
	}
	return codeText(s, b)
}

func (e *Env) unreadable(ctx context.Context, s source, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := usagef("cannot read the code in %q: %v", clip(s.given, 200), err)
	st, statErr := os.Stat(s.spec)
	switch {
	case errors.Is(err, errTooLarge):
		return f.withHint("code may have %d MiB at most", maxCode>>20)
	case statErr == nil && st.IsDir() && s.kind == fromFile:
		return f.withHint("name a file in it, such as %s", filepath.Join(s.given, "index.js"))
	case errors.Is(err, fs.ErrNotExist):
		return f.withHint("name a file, a URL that begins with http:// or https://, or - for standard input")
	}
	return f
}

// codeText checks that code is text that is not empty.
func codeText(s source, b []byte) (string, error) {
	switch {
	case !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0:
		return "", usagef("the code in %q is not UTF-8 text", clip(s.given, 200)).withHint("code is JavaScript or TypeScript source")
	case len(bytes.TrimSpace(b)) == 0:
		return "", usagef("the code in %q is empty", clip(s.given, 200)).
			withHint("a task looks like this: module.exports = function (ctx, cb) { cb(null, 'hello'); }")
	}
	return string(b), nil
}
