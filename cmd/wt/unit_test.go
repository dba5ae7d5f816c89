package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/profile"
	"github.com/wthost/wt/runtime/webtask"
)

// testEnv is an Env with buffers and nothing else.
func testEnv(t *testing.T) (Env, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, errs bytes.Buffer
	return Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Home: t.TempDir(), Dir: t.TempDir(),
		IsTerminal: func() bool { return false }, Transport: http.DefaultTransport,
		Now: time.Now, Version: "test",
	}, &out, &errs
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for want, errs := range map[int][]error{
		exitOK:          {nil},
		exitUsage:       {usagef("x"), fmt.Errorf("in a file: %w", usagef("x"))},
		exitNoProfile:   {profile.ErrNone},
		exitTimeout:     {webtask.Errorf(webtask.Timeout, "x")},
		exitNotFound:    {webtask.Errorf(webtask.NotFound, "x"), &profile.NotFoundError{}},
		exitBadRequest:  {webtask.Errorf(webtask.BadRequest, "x"), webtask.Errorf(webtask.TooLarge, "x"), asQuery(webtask.Errorf(webtask.NotFound, "x"))},
		exitServer:      {webtask.Errorf(webtask.Internal, "x"), webtask.Errorf(webtask.Unavailable, "x"), asQuery(webtask.Errorf(webtask.BadGateway, "x"))},
		exitDenied:      {webtask.Errorf(webtask.Unauthorized, "x"), webtask.Errorf(webtask.Forbidden, "x")},
		exitInternal:    {errors.New("x")},
		exitInterrupted: {context.Canceled, fmt.Errorf("waiting: %w", context.Canceled)},
		exitBrokenPipe:  {syscall.EPIPE},
	} {
		for _, err := range errs {
			if got := exitCode(err); got != want {
				t.Errorf("exitCode(%v) = %d, want %d", err, got, want)
			}
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestBrokenPipeIsQuiet(t *testing.T) {
	t.Parallel()
	env, _, errs := testEnv(t)
	env.Stdout = brokenPipe{}
	if code := Run(context.Background(), env, []string{"--help"}); code != exitBrokenPipe || errs.Len() > 0 {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel() // the user presses Ctrl-C while the host thinks
		<-r.Context().Done()
	}))
	defer server.Close()
	env, out, errs := testEnv(t)
	code := Run(ctx, env, []string{"ls", "--url", server.URL, "--token", "t", "--container", "c"})
	if code != exitInterrupted || out.Len() > 0 || errs.String() != "error: interrupted\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestParseDotenv(t *testing.T) {
	t.Parallel()
	text := "\ufeff# c\r\nA=1\r\n export B = two words # note\nC='a\nb # \\n'\nD=\"x\\n\\\"y\\\"\"\nE=\nF=p#q$Z\nG.h-i=`k`\n"
	got, bad := parseDotenv(text)
	if bad != 0 {
		t.Fatal("line", bad)
	}
	values := map[string]string{}
	for _, p := range got {
		values[p.key] = p.value
	}
	want := map[string]string{
		"A": "1", "B": "two words", "C": "a\nb # \\n", "D": "x\n\"y\"", "E": "", "F": "p#q$Z", "G.h-i": "k",
	}
	if d := cmp.Diff(want, values); d != "" {
		t.Error(d)
	}
	for text, line := range map[string]int{"A=1\nB": 2, "=x": 1, "\n\nA=\"x": 3, "a b=c": 1} {
		if _, bad := parseDotenv(text); bad != line {
			t.Errorf("%q: line %d, want %d", text, bad, line)
		}
	}
}

func FuzzParseDotenv(f *testing.F) {
	for _, s := range []string{"A=1", "A=\"x\\", "A='", "A=\"\\\"\nB=2"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { _, _ = parseDotenv(s) })
}

func TestWindow(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 500) + ";" + strings.Repeat("b", 500)
	line, column := window(long, 500)
	if len(line) != 100 || line[column] != ';' {
		t.Errorf("%q at %d", line, column)
	}
	// A cut inside a character must not shift the mark beyond the line.
	for column := range len("äöü") * 40 {
		line, at := window(strings.Repeat("äöü", 40), column)
		if at > len(line) {
			t.Fatalf("column %d is outside", column)
		}
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"", "a", "a.example.org", "10.0.0.1", "x-y.z"} {
		if err := checkHost(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range []string{"-a", "a.", "a b", "http://a", "a/b", "a:1", strings.Repeat("a", 300)} {
		if checkHost(bad) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// TestEveryCommandHelps checks what the help of each command must have.
func TestEveryCommandHelps(t *testing.T) {
	t.Parallel()
	env, _, _ := testEnv(t)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "completion" || cmd.Name() == "help" {
			return
		}
		if cmd.Short == "" || cmd.Example == "" || cmd.Args == nil {
			t.Errorf("%s lacks a short text, an example or a check of its arguments", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRootCmd(&env))
}
