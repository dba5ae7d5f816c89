package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// fakePool answers with a task's code.
type fakePool struct {
	mu      sync.Mutex
	prepare func(ctx context.Context, code string) error
	tries   int
	forgot  int
}

func (p *fakePool) Invoke(ctx context.Context, t *sandbox.Task, _ *sandbox.Request, _ sandbox.Host) (*sandbox.Response, error) {
	d, err := t.Load(ctx)
	if err != nil {
		return nil, &sandbox.Error{Kind: sandbox.ErrLoad, Err: err}
	}
	return &sandbox.Response{Status: 200, JSON: true, Body: []byte(d.Code)}, nil
}

func (p *fakePool) Prepare(ctx context.Context, t *sandbox.Task) error {
	d, err := t.Load(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.tries++
	prepare := p.prepare
	p.mu.Unlock()
	if prepare == nil {
		return nil
	}
	return prepare(ctx, d.Code)
}

// set says how trials end, and starts to count them anew.
func (p *fakePool) set(prepare func(ctx context.Context, code string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare, p.tries = prepare, 0
}

func (p *fakePool) counts() (tries, forgot int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries, p.forgot
}

func (p *fakePool) Forget(*sandbox.Task) { p.mu.Lock(); p.forgot++; p.mu.Unlock() }
func (p *fakePool) Close() error         { return nil }
func (p *fakePool) Idle() time.Duration  { return 0 }
func (p *fakePool) Rest()                {}

// fakeWorld is a site, a store and tokens for one task.
type fakeWorld struct {
	webtask.Store
	text string
}

func (w *fakeWorld) Do(*http.Request, int) (*http.Response, error) {
	rec := httptest.NewRecorder()
	_, _ = rec.WriteString(w.text)
	return rec.Result(), nil
}

func (w *fakeWorld) Fetch(context.Context, *effect.FetchRequest) (*effect.FetchResponse, error) {
	return nil, errors.New("no network")
}
func (w *fakeWorld) OnChange(func(string, string)) {}
func (w *fakeWorld) Task(context.Context, string, string) (webtask.Task, error) {
	return webtask.Task{Container: "c", Name: "n"}, nil
}
func (w *fakeWorld) PutFetched(context.Context, webtask.Fetched) error { return nil }
func (w *fakeWorld) Fetched(context.Context, string) (webtask.Fetched, error) {
	return webtask.Fetched{}, webtask.Errorf(webtask.NotFound, "none")
}
func (w *fakeWorld) Sign(webtask.Claims) (string, error) { return "", nil }
func (w *fakeWorld) Verify(string) (webtask.Claims, error) {
	return webtask.Claims{Container: "c", Name: "n", URL: "http://site/x.js"}, nil
}
func (w *fakeWorld) Check(*webtask.Claims, time.Time) error { return nil }

func inBubble(t *testing.T, f func(t *testing.T, h *Host, p *fakePool, w *fakeWorld)) {
	synctest.Test(t, func(t *testing.T) {
		p, w := &fakePool{}, &fakeWorld{text: "one"}
		h := New(Config{Store: w, Tokens: w, Egress: w, Logger: slog.New(slog.DiscardHandler), NewPool: func(string) Pool { return p }})
		defer h.Close()
		f(t, h, p, w)
	})
}

func call(ctx context.Context, h *Host) (string, error, error) {
	out, err := h.Run(ctx, Call{Container: "c", Name: "n", Request: &sandbox.Request{}})
	if err != nil {
		return "", nil, err
	}
	return string(out.Response.Body), out.Stale, nil
}

func expect(t *testing.T, h *Host, want string, stale bool) {
	t.Helper()
	if got, why, err := call(t.Context(), h); got != want || (why != nil) != stale || err != nil {
		t.Fatalf("%q, stale %v, %v; want %q, stale %v", got, why, err, want, stale)
	}
}

// While new code is tried, others run what there is; and who tries it may go.
func TestNobodyWaitsForATrial(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, p *fakePool, w *fakeWorld) {
		expect(t, h, "one", false)
		p.set(func(ctx context.Context, code string) error {
			select {
			case <-time.After(5 * time.Second):
				return nil
			case <-ctx.Done():
				return &sandbox.Error{Kind: sandbox.ErrCancelled}
			}
		})
		w.text = "two"
		time.Sleep(time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		var tried sync.WaitGroup
		tried.Go(func() {
			if _, _, err := call(ctx, h); !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled call: %v", err)
			}
		})
		synctest.Wait()
		began := time.Now()
		expect(t, h, "one", false)
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v", took)
		}
		cancel()
		tried.Wait()
		time.Sleep(6 * time.Second)
		expect(t, h, "two", false)
		synctest.Wait()
		if tries, forgot := p.counts(); tries != 1 || forgot != 1 {
			t.Errorf("%d trials, %d tasks forgotten", tries, forgot)
		}
	})
}

// Code that could not be tried for a reason beside its text is tried again, but not
// by every call.
func TestTrialThatFailsByAccident(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, p *fakePool, w *fakeWorld) {
		p.set(func(context.Context, string) error {
			return &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: "hush"}
		})
		if _, _, err := call(t.Context(), h); kindIs(err) != sandbox.ErrWorkerDied {
			t.Fatalf("the first call: %v", err)
		}
		p.set(nil)
		expect(t, h, "one", false)
		p.set(func(context.Context, string) error {
			return &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: "hush"}
		})
		w.text = "two"
		time.Sleep(time.Second)
		for range 9 {
			expect(t, h, "one", true)
			time.Sleep(time.Second)
		}
		if tries, _ := p.counts(); tries != 1 {
			t.Errorf("%d trials in 9 s", tries)
		}
		p.set(nil)
		time.Sleep(2 * time.Second)
		expect(t, h, "two", false)
	})
}

// Bad code lets the good code run for a day.
func TestGoodCodeRunsForADay(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, p *fakePool, w *fakeWorld) {
		p.set(func(_ context.Context, code string) error {
			if code == "bad" {
				return &sandbox.Error{Kind: sandbox.ErrCompile, Message: "SyntaxError"}
			}
			return nil
		})
		expect(t, h, "one", false)
		w.text = "bad"
		time.Sleep(time.Second)
		expect(t, h, "one", true)
		time.Sleep(23 * time.Hour)
		expect(t, h, "one", true)
		time.Sleep(time.Hour)
		if _, _, err := call(t.Context(), h); kindIs(err) != sandbox.ErrCompile {
			t.Errorf("after a day: %v", err)
		}
		if tries, _ := p.counts(); tries != 2 {
			t.Errorf("%d trials", tries)
		}
		w.text = "three"
		time.Sleep(time.Second)
		expect(t, h, "three", false)
	})
}

func kindIs(err error) sandbox.ErrorKind {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 255
}

func TestEvictionKeepsTargetsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Host, _ *fakePool, _ *fakeWorld) {
		h.targets = make(map[key]*target, maxTargets)
		for i := range maxTargets {
			h.targets[key{name: fmt.Sprint(i)}] = &target{container: "c"}
		}
		expect(t, h, "one", false)
		if len(h.targets) > maxTargets {
			t.Errorf("%d targets are kept", len(h.targets))
		}
	})
}

func TestFileNames(t *testing.T) {
	for url, want := range map[string]string{
		"https://h/a/task.js?x=/y.ts": "task.js", "https://h/task.ts#/z": "task.ts", "https://h/": "webtask.js", "https://h": "webtask.js",
		"https://h.js": "webtask.js", "https://h/a/b": "b.js", "https://h/raw.php": "raw.php.js", "https://h/a/": "a.js",
	} {
		if got := fileOf(url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	for name, want := range map[string]string{"sign": "sign.js", "a.b": "a.b.js", "x.mjs": "x.mjs", "": "webtask.js"} {
		if got := fileName(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
