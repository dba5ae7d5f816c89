//go:build linux

package worker

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

func TestMain(m *testing.M) {
	if IsChild() {
		Main()
	}
	os.Exit(m.Run())
}

// testHost answers fetches from a function and keeps log lines.
type testHost struct {
	fetch func(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error)
	mu    sync.Mutex
	lines []string
	onLog func(line string)
}

func (h *testHost) Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
	if h.fetch == nil {
		return nil, errors.New("no network")
	}
	return h.fetch(ctx, r)
}

func (h *testHost) Log(_ effect.Level, line string) {
	if h.onLog != nil {
		h.onLog(line)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

func task(code string) *sandbox.Task {
	return &sandbox.Task{Load: func(context.Context) (*sandbox.Definition, error) {
		return &sandbox.Definition{File: "task.js", Code: code, ParseBody: sandbox.ParseOnArity, Secrets: map[string]any{"k": "v"}}, nil
	}}
}

func newPool(t testing.TB, l sandbox.Limits) *Pool {
	p := New(Options{Limits: l})
	t.Cleanup(func() { p.Close() })
	return p
}

func request(body string) *sandbox.Request {
	r := &sandbox.Request{ID: "1", Method: "GET", URL: "/api/run/c/n?a=1", Query: "a=1", Header: sandbox.Header{{"Host", "x"}}}
	if body != "" {
		r.Method, r.Body = "POST", strings.NewReader(body)
	}
	return r
}

// call gives the answer's text, or the error.
func invoke(p *Pool, tk *sandbox.Task, body string, h sandbox.Host) (string, error) {
	resp, err := p.Invoke(context.Background(), tk, request(body), h)
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

func kindOf(err error) sandbox.ErrorKind {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 255
}

func TestAnswers(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	for _, tt := range []struct{ code, body, want string }{
		{`module.exports = (ctx, cb) => cb(null, ctx.query.a + ctx.secrets.k)`, "", `"1v"`},
		{`module.exports = (ctx, cb) => cb(null, ctx.body)`, `{"x":[1]}`, `{"x":[1]}`},
		{`module.exports = (ctx, cb) => setTimeout(() => cb(null, 2), 1)`, "", `2`},
	} {
		got, err := invoke(p, task(tt.code), tt.body, &testHost{})
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v", tt.code, got, err)
		}
	}
}

func TestDeadlineKillsNativeCode(t *testing.T) {
	p := newPool(t, sandbox.Limits{Duration: 200 * time.Millisecond})
	for name, code := range map[string]string{
		"loop":   `module.exports = cb => { for (;;); }`,
		"regexp": `module.exports = cb => { cb(null, /(?=a)(a+)+\1$/.test('a'.repeat(40) + 'b')) }`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := invoke(p, task(code), "", &testHost{})
			if k := kindOf(err); k != sandbox.ErrTimeout || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("kind %d: %v", k, err)
			}
			// The neighbour, and a new worker if there was need of one.
			if got, err := invoke(p, task(`module.exports = cb => cb(null, 1)`), "", &testHost{}); got != "1" {
				t.Errorf("afterwards: %q %v", got, err)
			}
		})
	}
}

func TestMemoryBombsCostOnlyTheWorker(t *testing.T) {
	p := newPool(t, sandbox.Limits{Memory: 64 << 20, Duration: 10 * time.Second})
	for name, code := range map[string]string{
		"buffer": `module.exports = cb => cb(null, new ArrayBuffer(2**40).byteLength)`,
		"pushes": `module.exports = cb => { const a = []; for (;;) a.push({x: a.length}) }`,
		"parse":  `module.exports = cb => { JSON.parse('['.repeat(1e7)) }`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := invoke(p, task(code), "", &testHost{})
			if k := kindOf(err); k != sandbox.ErrMemory && k != sandbox.ErrStack && k != sandbox.ErrThrown && dataFactor == 1 {
				t.Errorf("kind %d: %v", k, err)
			}
			if got, err := invoke(p, task(`module.exports = cb => cb(null, 1)`), "", &testHost{}); got != "1" {
				t.Errorf("afterwards: %q %v", got, err)
			}
		})
	}
}

func TestCallersDisconnectEndsTheCall(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	tk := task(`let ended = 0; module.exports = (ctx, cb) => { if (ctx.query.n) return cb(null, ended); for (;;); }`)
	_, err := p.Invoke(ctx, tk, request(""), &testHost{})
	if kindOf(err) != sandbox.ErrCancelled {
		t.Errorf("got %v", err)
	}
}

func TestTwoRunTogether(t *testing.T) {
	p := newPool(t, sandbox.Limits{Instances: 2})
	tk := task(`module.exports = (ctx, cb) => setTimeout(() => cb(null, 1), 20)`)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if got, err := invoke(p, tk, "", &testHost{}); got != "1" {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkInvoke(b *testing.B) {
	p := newPool(b, sandbox.Limits{})
	tk := task(`module.exports = function (ctx, cb) { cb(null, { hello: ctx.query.a }); };`)
	h := &testHost{}
	req := request("")
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Invoke(context.Background(), tk, req, h); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkStart(b *testing.B) {
	tk := task(`module.exports = function (ctx, cb) { cb(null, { hello: ctx.query.a }); };`)
	for b.Loop() {
		p := New(Options{})
		if _, err := p.Invoke(context.Background(), tk, request(""), &testHost{}); err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}
