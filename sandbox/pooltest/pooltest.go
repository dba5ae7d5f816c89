// Package pooltest is what every sandbox.Pool must do, as tests: a pool's own test
// is one call of Run.
package pooltest

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// Open makes a pool; the suite closes it.
type Open func(sandbox.Limits) sandbox.Pool

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*suite){
		"answers": answers, "failures": failures, "streams": streams, "slow reader": slowReader, "uploads": uploads,
		"fetches": fetches, "logs": logs, "deadlines": deadlines, "disconnects": disconnects, "lingering": lingering,
		"loading": loading, "forget": forget, "prepare": prepare, "close": closing, "overload": overload, "mix": mix,
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := &suite{T: t, open: open}
			test(s)
			for _, p := range s.pools {
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}
			s.until("goroutines are left", func() bool { return runtime.NumGoroutine() <= before+2 })
		})
	}
}

type suite struct {
	*testing.T
	open  Open
	pools []sandbox.Pool
}

// pool opens a pool that is closed after the test.
func (s *suite) pool(l sandbox.Limits) sandbox.Pool {
	p := s.open(l)
	s.pools = append(s.pools, p)
	return p
}

// until polls until what must become true is true.
func (s *suite) until(otherwise string, what func() bool) {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			s.Fatalf("%s\n%s", otherwise, buf[:runtime.Stack(buf, true)])
		}
	}
}

// Host is a world whose fetches are answered by a function, and which keeps what
// is logged.
type Host struct {
	OnFetch func(context.Context, *effect.FetchRequest) (*effect.FetchResponse, error)

	mu    sync.Mutex
	lines []string
}

// Fetch implements sandbox.Host.
func (h *Host) Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
	if h.OnFetch == nil {
		return nil, errors.New("no network")
	}
	return h.OnFetch(ctx, r)
}

// Log implements sandbox.Host.
func (h *Host) Log(_ effect.Level, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

// Lines is what was logged.
func (h *Host) Lines() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}

// Task is a task of that code.
func Task(code string) *sandbox.Task {
	return &sandbox.Task{Load: func(context.Context) (*sandbox.Definition, error) {
		return &sandbox.Definition{File: "task.js", Code: code, ParseBody: sandbox.ParseOnArity, Secrets: map[string]any{"k": "v"}}, nil
	}}
}

// Call invokes a task and reads its answer.
func Call(ctx context.Context, p sandbox.Pool, t *sandbox.Task, body io.Reader, h sandbox.Host) (string, error) {
	req := &sandbox.Request{ID: "1", Method: "POST", URL: "/x?a=1", Query: "a=1", Header: sandbox.Header{{"Host", "x"}}, Body: body}
	resp, err := p.Invoke(ctx, t, req, h)
	if err != nil {
		return "", err
	}
	if resp.Stream == nil {
		return string(resp.Body), nil
	}
	defer resp.Stream.Close()
	b, err := io.ReadAll(resp.Stream)
	return string(b), err
}

func (s *suite) call(p sandbox.Pool, code string, body io.Reader, h sandbox.Host) (string, error) {
	return Call(context.Background(), p, Task(code), body, h)
}

// Kind is the kind of a sandbox error, or 255.
func Kind(err error) sandbox.ErrorKind {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 255
}
