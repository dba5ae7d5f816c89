package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wthost/wt/sandbox/worker"
)

func TestMain(m *testing.M) {
	if worker.IsChild() {
		worker.Main()
	}
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// startHost runs a host in this process, as wt serve would.
func startHost(dir string) (url, token string, stop func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", nil, err
	}
	url = "http://" + ln.Addr().String()
	f := serveFlags{data: dir, publicURL: url, egress: []string{"127.0.0.1/32"}, maxDuration: 10 * time.Second, maxMemory: 64 << 20}
	n, err := openNode(context.Background(), f, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		return "", "", nil, err
	}
	if token, err = n.masterToken(); err != nil {
		return "", "", nil, err
	}
	srv := &http.Server{Handler: n.handler}
	go func() { _ = srv.Serve(ln) }()
	return url, token, func() { _ = srv.Close(); n.close() }, nil
}

// TestScripts runs testdata/script: what the commands print, for what they were
// given. The scripts reach a host by WT_TEST_URL and WT_TEST_TOKEN, and code on
// another server by CODE_URL.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setupScript,
		Condition: func(cond string) (bool, error) {
			if cond != "root" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return os.Getuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wt":    func(ts *testscript.TestScript, neg bool, args []string) { scriptWt(ts, neg, wtCall{args: args}) },
			"exits": scriptExits,
			"types": scriptTypes,
			"pipe":  scriptPipe,
			"save":  scriptSave,
			"mode":  scriptMode,
			"binary": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("\xff\xfe\x00"), 0o600))
			},
		},
	})
}

// setupScript is the only place that knows which host the scripts talk to.
func setupScript(e *testscript.Env) error {
	url, token, stop, err := startHost(filepath.Join(e.WorkDir, "data"))
	if err != nil {
		return err
	}
	e.Defer(stop)
	pages := httptest.NewServer(http.HandlerFunc(servePages))
	e.Defer(pages.Close)
	e.Setenv("WT_TEST_URL", url)
	e.Setenv("WT_TEST_TOKEN", token)
	e.Setenv("CODE_URL", pages.URL)
	e.Setenv("LONG", strings.Repeat("x", 300))
	e.Setenv("HOME", e.WorkDir+"/home")
	return nil
}

// servePages is a web server with code and with things that are no code.
func servePages(w http.ResponseWriter, r *http.Request) {
	const code = "module.exports = function (cb) { cb(null, 'remote'); }\n"
	page := func(kind, body string) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}
	switch r.URL.Path {
	case "/task.js", "/":
		page("application/javascript; charset=utf-8", code)
	case "/plain.txt":
		page("text/plain", code)
	case "/page.html":
		page("text/html", "<p>not code</p>")
	case "/disguised.js":
		page("text/javascript", "\n<!DOCTYPE html><p>not code</p>")
	case "/picture.js":
		page("image/png", "\x89PNG")
	case "/broken.js":
		page("text/javascript", "module.exports = (\n")
	default:
		http.NotFound(w, r)
	}
}

// wtCall is one run of the command line in a script.
type wtCall struct {
	args  []string
	stdin string
	typed string // what a person types; not empty means there is a terminal
}

func (c wtCall) run(ts *testscript.TestScript) int {
	env := Env{
		Stdin: strings.NewReader(c.stdin + c.typed), Stdout: ts.Stdout(), Stderr: ts.Stderr(),
		Getenv: ts.Getenv, Home: ts.Getenv("HOME"), Dir: ts.MkAbs("."),
		IsTerminal:   func() bool { return c.typed != "" },
		ReadPassword: func(context.Context) (string, error) { return c.typed, nil },
		Transport:    http.DefaultTransport, Now: time.Now, Version: "v0.0.0-test",
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return Run(ctx, env, c.args)
}

// scriptWt is "wt ARGS…": success, or any failure after "!".
func scriptWt(ts *testscript.TestScript, neg bool, c wtCall) {
	if code := c.run(ts); (code != 0) != neg {
		ts.Fatalf("wt exits with %d", code)
	}
}

// scriptExits is "exits CODE wt ARGS…".
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "wt" {
		ts.Fatalf("usage: exits CODE wt ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if code := (wtCall{args: args[2:]}).run(ts); code != want {
		ts.Fatalf("wt exits with %d", code)
	}
}

// scriptTypes is "types TEXT wt ARGS…": a person at a terminal types TEXT.
func scriptTypes(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || args[1] != "wt" {
		ts.Fatalf("usage: types TEXT wt ARGS…")
	}
	scriptWt(ts, neg, wtCall{args: args[2:], typed: args[0]})
}

// scriptPipe is "pipe FILE wt ARGS…": standard input is FILE.
func scriptPipe(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || args[1] != "wt" {
		ts.Fatalf("usage: pipe FILE wt ARGS…")
	}
	scriptWt(ts, neg, wtCall{args: args[2:], stdin: ts.ReadFile(args[0])})
}

// scriptSave is "save stdout NAME": NAME becomes the output of the command before.
func scriptSave(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: save FILE NAME")
	}
	ts.Setenv(args[1], strings.TrimSpace(ts.ReadFile(args[0])))
}

// scriptMode is "mode 600 FILE": the file's permissions.
func scriptMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	st, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(st.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s", args[1], got)
	}
}
