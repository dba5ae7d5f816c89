package engine

import (
	"fmt"
	"io"
	"strings"
	"sync"

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
}

func newWorld() *world { return &world{done: make(chan struct{}), ready: make(chan struct{})} }

func (w *world) finish() { w.once.Do(func() { close(w.done) }) }

func (w *world) Answer(r *sandbox.Response, more bool) {
	w.resp = r
	if !more {
		w.finish()
	}
}
func (w *world) Head(status int, h sandbox.Header) { fmt.Fprintf(&w.out, "HEAD %d %v\n", status, h) }
func (w *world) Data(p []byte) bool                { fmt.Fprintf(&w.out, "DATA %s\n", p); return true }
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
	w := newWorld()
	w.pieces = body
	req := &Request{ID: "r1", Method: "GET", URL: "/x?a=1&b=2&b=3", Query: "a=1&b=2&b=3", HasBody: len(body) > 0,
		Header: func() sandbox.Header { return sandbox.Header{{"Host", "h"}, {"X-A", "1"}} }}
	if req.HasBody {
		req.Method = "POST"
	}
	w.call = u.Start(req, w)
	close(w.ready)
	return w
}
