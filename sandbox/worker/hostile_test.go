//go:build linux

package worker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// hostile is a worker that a test plays: it gets the calls' ids and sends what it
// likes.
type hostile struct {
	conn *wire.Conn
	raw  net.Conn
}

func (h *hostile) send(t wire.Type, id uint32, payload string) {
	h.conn.Send(t, id, func(b []byte) []byte { return append(b, payload...) })
}

func answer(more bool) string {
	return string(wire.AppendResponse(nil, &sandbox.Response{Status: 200, JSON: true, Body: []byte("1")}, more))
}

func head() string {
	return string(wire.AppendResponse(nil, &sandbox.Response{Status: 200}, true))
}

// hostilePool is a pool whose workers speak act when they get a call.
func hostilePool(t *testing.T, l sandbox.Limits, act func(h *hostile, call uint32)) *Pool {
	p := New(Options{Limits: l, Logger: slog.New(slog.DiscardHandler)})
	p.spawn = func() (*spawned, error) {
		ours, theirs := socketPair(t)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			h := &hostile{wire.NewConn(theirs), theirs}
			defer theirs.Close()
			for {
				f, err := h.conn.Read()
				switch {
				case err != nil:
					return
				case f.Type == wire.Config:
					h.conn.Send(wire.Ready, 0, func(b []byte) []byte { return wire.AppendString(b, wire.Build) })
				case f.Type == wire.Invoke:
					act(h, f.ID)
				}
			}
		}()
		return &spawned{stderr: &crashNote{}, conn: ours, kill: func() { theirs.Close() }, wait: func() error { <-ended; return nil }}, nil
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func socketPair(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Error(err)
		return
	}
	return fileConn(t, l[0]), fileConn(t, l[1])
}

// within fails the test if fn takes far too long: a call must never hang.
func within(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("it hangs:\n%s", buf[:runtime.Stack(buf, true)])
	}
}

func TestHostileWorkers(t *testing.T) {
	neighbours := newPool(t, sandbox.Limits{})
	neighbour := task(`module.exports = cb => cb(null, 1)`)
	fetchOf := func(call uint32) string {
		return string(wire.AppendFetchRequest(nil, call, &effect.FetchRequest{Method: "GET", URL: "http://x/"}))
	}
	for name, act := range map[string]func(h *hostile, call uint32){
		"nothing":     func(*hostile, uint32) {},
		"unknown ids": func(h *hostile, c uint32) { h.send(wire.Answer, c+1, answer(false)); h.send(wire.Data, 0, "x") },
		"twice":       func(h *hostile, c uint32) { h.send(wire.Answer, c, answer(true)); h.send(wire.Answer, c, answer(true)) },
		"over and over": func(h *hostile, c uint32) {
			h.send(wire.Answer, c, answer(false))
			h.send(wire.Answer, c, answer(false))
		},
		"data first":     func(h *hostile, c uint32) { h.send(wire.Data, c, "x") },
		"end first":      func(h *hostile, c uint32) { h.send(wire.End, c, "\x00") },
		"done first":     func(h *hostile, c uint32) { h.send(wire.Done, c, "") },
		"two heads":      func(h *hostile, c uint32) { h.send(wire.Head, c, head()); h.send(wire.Head, c, head()) },
		"head and done":  func(h *hostile, c uint32) { h.send(wire.Head, c, head()); h.send(wire.Done, c, "") },
		"head after all": func(h *hostile, c uint32) { h.send(wire.Answer, c, answer(true)); h.send(wire.Head, c, head()) },
		"too much": func(h *hostile, c uint32) {
			h.send(wire.Head, c, head())
			for range 20 {
				h.send(wire.Data, c, strings.Repeat("x", pieceSize))
			}
		},
		"a huge piece": func(h *hostile, c uint32) {
			h.send(wire.Head, c, head())
			h.send(wire.Data, c, strings.Repeat("x", 1<<20))
		},
		"empty pieces": func(h *hostile, c uint32) {
			h.send(wire.Head, c, head())
			for range 10000 {
				h.send(wire.Data, c, "")
			}
		},
		"malformed answer": func(h *hostile, c uint32) { h.send(wire.Answer, c, "\xff") },
		"malformed head":   func(h *hostile, c uint32) { h.send(wire.Head, c, "\x00\x01") },
		"malformed error":  func(h *hostile, c uint32) { h.send(wire.Fail, c, "{") },
		"a pool's error":   func(h *hostile, c uint32) { h.send(wire.Fail, c, `{"Kind":18,"Message":"m"}`) },
		"no task amid":     func(h *hostile, c uint32) { h.send(wire.Head, c, head()); h.send(wire.Fail, c, `{"Kind":17}`) },
		"many fields": func(h *hostile, c uint32) {
			h.send(wire.Head, c, "\x00\xc8\x01"+string(append(wire.AppendUint(nil, 1<<20), make([]byte, 2<<20)...)))
		},
		"huge count":      func(h *hostile, c uint32) { h.send(wire.Head, c, "\x00\xc8\x01\xff\xff\xff\xff\xff\xff\xff\x7f") },
		"unknown type":    func(h *hostile, c uint32) { h.send(200, c, "x") },
		"parent's type":   func(h *hostile, c uint32) { h.send(wire.Invoke, c, "x") },
		"fetch of nobody": func(h *hostile, c uint32) { h.send(wire.Fetch, 1, fetchOf(c+9)) },
		"fetch twice":     func(h *hostile, c uint32) { h.send(wire.Fetch, 1, fetchOf(c)); h.send(wire.Fetch, 1, fetchOf(c)) },
		"fetches": func(h *hostile, c uint32) {
			for i := range uint32(1000) {
				h.send(wire.Fetch, i, fetchOf(c))
			}
		},
		"malformed fetch": func(h *hostile, c uint32) { h.send(wire.Fetch, 1, "\xff\xff") },
		"fetch next":      func(h *hostile, c uint32) { h.send(wire.FetchNext, 5, ""); h.send(wire.FetchCancel, 6, "") },
		"logs": func(h *hostile, c uint32) {
			for range 5000 {
				h.send(wire.Log, c, "\x09"+strings.Repeat("l", 1000))
			}
			h.send(wire.Log, c, "")
			h.send(wire.Answer, c, answer(false))
		},
		"body please": func(h *hostile, c uint32) {
			for range 5000 {
				h.send(wire.ReadBody, c, "")
			}
		},
		"closes":            func(h *hostile, c uint32) { h.raw.Close() },
		"half a frame":      func(h *hostile, c uint32) { h.raw.Write([]byte{200, 0, 0, 0, 65, 1}); h.raw.Close() },
		"a frame too large": func(h *hostile, c uint32) { h.raw.Write([]byte{255, 255, 255, 255, 65, 0, 0, 0, 0}) },
		"no frame":          func(h *hostile, c uint32) { h.raw.Write([]byte{0, 0, 0, 0, 65, 0, 0, 0, 0}) },
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			var logged atomic.Int64
			p := hostilePool(t, sandbox.Limits{Duration: 100 * time.Millisecond, Grace: 30 * time.Millisecond, Fetches: 4}, act)
			h := &testHost{lines: nil, onLog: func(line string) { logged.Add(int64(len(line))) },
				fetch: func(ctx context.Context, _ *effect.FetchRequest) (*effect.FetchResponse, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}}
			within(t, func() {
				for range 2 {
					_, err := invoke(p, task(`x`), strings.Repeat("b", 1<<20), h)
					if err != nil && kindOf(err) == 255 {
						t.Errorf("an error of no kind: %v", err)
					}
				}
				p.Close()
			})
			if logged.Load() > 2*maxLogged {
				t.Errorf("%d bytes were logged", logged.Load())
			}
			if got, err := invoke(neighbours, neighbour, "", &testHost{}); got != "1" {
				t.Errorf("the neighbour: %q %v", got, err)
			}
			noMoreGoroutines(t, before)
		})
	}
}

// noMoreGoroutines waits until there are no more goroutines than before, but for
// the neighbour's.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 5000 {
		if runtime.NumGoroutine() <= before+4 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%d goroutines, there were %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}

func TestAWorkerThatNeverReads(t *testing.T) {
	p := New(Options{Limits: sandbox.Limits{Duration: 200 * time.Millisecond}, Logger: slog.New(slog.DiscardHandler)})
	defer p.Close()
	p.spawn = func() (*spawned, error) {
		ours, theirs := socketPair(t)
		go wire.NewConn(theirs).Send(wire.Ready, 0, func(b []byte) []byte { return wire.AppendString(b, wire.Build) })
		return &spawned{stderr: &crashNote{}, conn: ours, kill: func() { theirs.Close() }, wait: func() error { return nil }}, nil
	}
	big := &sandbox.Task{Load: func(context.Context) (*sandbox.Definition, error) {
		return &sandbox.Definition{Code: strings.Repeat("x", 10<<20)}, nil
	}}
	within(t, func() {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := invoke(p, big, "", &testHost{}); err == nil {
					t.Error("an answer")
				}
			})
		}
		wg.Wait()
	})
}

func TestAWorkerThatIsNotReady(t *testing.T) {
	for name, ready := range map[string]func(h *hostile){
		"other build": func(h *hostile) {
			h.conn.Send(wire.Ready, 0, func(b []byte) []byte { return wire.AppendString(b, "wt-wire-0") })
		},
		"other frame": func(h *hostile) { h.send(wire.Answer, 1, answer(false)) },
		"closes":      func(h *hostile) { h.raw.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			p := New(Options{Logger: slog.New(slog.DiscardHandler)})
			defer p.Close()
			p.spawn = func() (*spawned, error) {
				ours, theirs := socketPair(t)
				ready(&hostile{wire.NewConn(theirs), theirs})
				return &spawned{stderr: &crashNote{}, conn: ours, kill: func() { theirs.Close() }, wait: func() error { return nil }}, nil
			}
			within(t, func() {
				if _, err := invoke(p, task(`x`), "", &testHost{}); kindOf(err) != sandbox.ErrInternal {
					t.Errorf("got %v", err)
				}
			})
		})
	}
	p := New(Options{})
	defer p.Close()
	p.spawn = func() (*spawned, error) { return nil, fmt.Errorf("no processes left") }
	if _, err := invoke(p, task(`x`), "", &testHost{}); kindOf(err) != sandbox.ErrInternal {
		t.Errorf("got %v", err)
	}
}

func TestFetchBodiesAreBounded(t *testing.T) {
	body := make([]byte, 24<<20)
	texts := make(chan string, 8)
	p := hostilePool(t, sandbox.Limits{Duration: 5 * time.Second}, func(h *hostile, c uint32) {
		fetch := func(id uint32) {
			for h.conn.Send(wire.Fetch, id, func(b []byte) []byte {
				return wire.AppendFetchRequest(b, c, &effect.FetchRequest{Method: "POST", URL: "http://x/", Body: body})
			}) != wire.Queued {
				time.Sleep(time.Millisecond) // the backlog
			}
		}
		next := func() {
			f, err := h.conn.Read()
			if err != nil {
				t.Error(err)
			}
			_, _, _, err = wire.DecodeFetchResponse(f.Payload)
			texts <- fmt.Sprint(f.ID, " ", err)
		}
		for id := range uint32(3) {
			fetch(id)
		}
		next()
		h.send(wire.FetchCancel, 0, "")
		next()
		fetch(3)
		h.send(wire.FetchCancel, 3, "")
		next()
		h.send(wire.Answer, c, answer(false))
	})
	begun := make(chan struct{}, 8)
	host := &testHost{fetch: func(ctx context.Context, _ *effect.FetchRequest) (*effect.FetchResponse, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	within(t, func() {
		if got, err := invoke(p, task(`x`), "", host); got != "1" {
			t.Errorf("%q %v", got, err)
		}
	})
	if one, two, three := <-texts, <-texts, <-texts; !strings.HasPrefix(one, "2 the fetches under way") || two != "0 context canceled" || three == "" || len(begun) != 3 {
		t.Errorf("%q, %q, %q; %d have begun", one, two, three, len(begun))
	}
}
