package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/wthost/wt/runtime/profile"
	"github.com/wthost/wt/runtime/webtask"
)

// How the commands speak:
//
//   - Standard output carries the result and nothing else: a URL, a token, a
//     table, JSON. Everything for people goes to standard error.
//   - Success needs no words where there is a result to print.
//   - Lines for people begin in lower case: "error: ", "hint: ", "warning: ",
//     "note: ". An error says what is wrong, in one sentence without a full
//     stop; a hint says what to do about it, with the command to run.
//   - What the user typed is quoted with %q, except where it may be a secret:
//     values of --secret and its kin, what follows them, and file names given
//     for them are never repeated, in errors neither.

// failure is an error with its exit code and what to do about it.
type failure struct {
	exit int
	msg  string
	hint string
	err  error
}

func (f *failure) Error() string { return f.msg }
func (f *failure) Unwrap() error { return f.err }

func (f *failure) withHint(format string, args ...any) *failure {
	f.hint = fmt.Sprintf(format, args...)
	return f
}

// usagef is the error of a wrong command line or of a file that it names.
func usagef(format string, args ...any) *failure {
	return &failure{exit: exitUsage, msg: fmt.Sprintf(format, args...)}
}

// report prints an error for people, unless there is nobody to read it.
func report(w io.Writer, err error) {
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return
	case errors.Is(err, context.Canceled):
		say(w, "error", "interrupted")
		return
	}
	say(w, "error", err.Error())
	if hint := hintOf(err); hint != "" {
		say(w, "hint", hint)
	}
}

func hintOf(err error) string {
	var f *failure
	var e *webtask.Error
	var missing *profile.NotFoundError
	switch {
	case errors.As(err, &f):
		return f.hint
	case errors.As(err, &e):
		return e.Hint
	case errors.As(err, &missing):
		return "wt profile ls shows the profiles; -p chooses one"
	case errors.Is(err, profile.ErrNone):
		return "start a host with wt serve, or name one: wt init --url URL --token TOKEN --container NAME"
	}
	return ""
}

// say prints a line for people. A text of a host must not move the cursor.
func say(w io.Writer, kind, text string) {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	_, _ = fmt.Fprintf(w, "%s: %s\n", kind, clean)
}

func (e *Env) warn(format string, args ...any) {
	say(e.Stderr, "warning", fmt.Sprintf(format, args...))
}
func (e *Env) note(format string, args ...any) { say(e.Stderr, "note", fmt.Sprintf(format, args...)) }

// printJSON prints v for programs.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// confirm asks a yes-or-no question; no is the answer of an empty line and of
// an input that has ended.
func (e *Env) confirm(ctx context.Context, question string) error {
	_, _ = fmt.Fprintf(e.Stderr, "%s [y/N] ", question)
	answer, err := await(ctx, func() (string, error) { return readLine(e.Stdin) })
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return (&failure{exit: exitCancelled, msg: "cancelled"}).withHint("answer y, or give --force")
}

// readLine reads up to the end of a line, and nothing after it.
func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	var b [1]byte
	for line.Len() < 4096 {
		n, err := r.Read(b[:])
		if n == 1 && b[0] == '\n' {
			break
		}
		line.Write(b[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return line.String(), nil
}
