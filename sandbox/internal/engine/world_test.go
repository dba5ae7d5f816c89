package engine

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// world records what a call does.
type world struct {
	mu     sync.Mutex
	out    strings.Builder
	logs   []string
	done   chan struct{}
	once   sync.Once
	ready  chan struct{} // closed when call is set
	call   *Call
	pieces []string
	resp   *sandbox.Response
	err    *sandbox.Error
	fetch  func(*effect.FetchRequest) (*FetchResult, error)
	broken error         // what reading the body gives
	behind func(*world)  // the receiver is behind after each piece; it should call Drained
	began  chan struct{} // gets a value for every log line "begun"
}

func newWorld() *world {
	return &world{done: make(chan struct{}), ready: make(chan struct{}), began: make(chan struct{}, 100)}
}

func (w *world) finish() { w.once.Do(func() { close(w.done) }) }

func (w *world) Answer(r *sandbox.Response, more bool) {
	w.resp = r
	if !more {
		w.finish()
	}
}
func (w *world) Head(status int, h sandbox.Header) { fmt.Fprintf(&w.out, "HEAD %d %v\n", status, h) }
func (w *world) Data(p []byte) bool {
	if len(p) > 100 {
		fmt.Fprintf(&w.out, "DATA %d bytes\n", len(p))
	} else {
		fmt.Fprintf(&w.out, "DATA %s\n", p)
	}
	if w.behind == nil {
		return true
	}
	go w.behind(w)
	return false
}
func (w *world) End(more bool) {
	w.out.WriteString("END\n")
	if !more {
		w.finish()
	}
}
func (w *world) Fail(e *sandbox.Error) { w.err = e; w.finish() }
func (w *world) Done()                 { w.finish() }
func (w *world) ReadBody() {
	go func() {
		<-w.ready
		if w.broken != nil {
			w.call.Body(nil, w.broken)
			return
		}
		if len(w.pieces) == 0 {
			w.call.Body(nil, io.EOF)
			return
		}
		p := w.pieces[0]
		w.pieces = w.pieces[1:]
		w.call.Body([]byte(p), nil)
	}()
}
func (w *world) Fetch(req *effect.FetchRequest, done func(*FetchResult, error)) func() {
	go func() { done(w.fetch(req)) }()
	return func() {}
}
func (w *world) Log(_ effect.Level, line string) {
	w.mu.Lock()
	w.logs = append(w.logs, line)
	w.mu.Unlock()
	if line == "begun" {
		w.began <- struct{}{}
	}
}

func (w *world) String() string {
	switch {
	case w.err != nil:
		return w.out.String() + fmt.Sprintf("error %d: %s", w.err.Kind, w.err.Message)
	case w.resp != nil && w.resp.JSON:
		return fmt.Sprintf("%d %s", w.resp.Status, w.resp.Body)
	case w.resp != nil:
		return fmt.Sprintf("%d %v %s", w.resp.Status, w.resp.Header, w.resp.Body)
	}
	return w.out.String()
}

// run calls code once, with a GET request, or a POST of body if there is one.
func run(e *Engine, code string, body ...string) *world {
	u := e.Load(&sandbox.Definition{File: "task.js", Code: code, ParseBody: sandbox.ParseOnArity, MergeBody: true,
		Secrets: map[string]any{"k": "s3cret"}, Params: map[string]any{"p": "1"}})
	return start(u, body...)
}

func start(u *Unit, body ...string) *world {
	w := begin(u, body...)
	<-w.done
	return w
}

func begin(u *Unit, body ...string) *world {
	return beginWith(u, newWorld(), nil, body...)
}

// beginWith lets change adapt the request.
func beginWith(u *Unit, w *world, change func(*Request), body ...string) *world {
	w.pieces = body
	req := &Request{ID: "r1", Method: "GET", URL: "/x?a=1&b=2&b=3", Query: "a=1&b=2&b=3", HasBody: len(body) > 0,
		Header: func() sandbox.Header { return sandbox.Header{{"Host", "h"}, {"X-A", "1"}} }}
	if req.HasBody {
		req.Method = "POST"
	}
	if change != nil {
		change(req)
	}
	w.call = u.Start(req, w)
	close(w.ready)
	return w
}

// query starts a call with a query string.
func query(u *Unit, q string) *world {
	return beginWith(u, newWorld(), func(r *Request) { r.Query, r.URL = q, "/x?"+q })
}

func (w *world) wait() *world {
	<-w.done
	return w
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.logs, "\n")
}

// settled polls until the unit has no call left, and no goroutine holds more than
// it should.
func settled(t *testing.T, u *Unit) {
	t.Helper()
	for range 5000 {
		u.mu.Lock()
		live, busy := u.live, len(u.busy)
		u.mu.Unlock()
		if live == 0 && busy == 0 && u.engine.running.Load() == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	t.Fatalf("%d calls are left, %d instances are busy", u.live, len(u.busy))
}

func code(text string) *sandbox.Definition {
	return &sandbox.Definition{File: "task.js", Code: text, ParseBody: sandbox.ParseOnArity, Secrets: map[string]any{"k": "s3cret"}}
}
