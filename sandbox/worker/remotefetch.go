//go:build linux

package worker

import (
	"errors"
	"io"
	"sync"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// fetch is a request that the parent performs for a call of this worker.
type fetch struct {
	child *child
	id    uint32

	mu    sync.Mutex
	head  func(*engine.FetchResult, error)
	piece func([]byte, error)
	whole []byte // the body, when it came with the head
	done  bool   // nothing more comes from the parent
}

// Fetch implements engine.World.
func (r *remote) Fetch(req *effect.FetchRequest, done func(*engine.FetchResult, error)) func() {
	c := r.child
	x := &fetch{child: c, head: done}
	c.mu.Lock()
	c.lastID++
	x.id = c.lastID
	c.fetches[x.id] = x
	c.mu.Unlock()
	switch c.conn.Send(wire.Fetch, x.id, func(b []byte) []byte { return wire.AppendFetchRequest(b, r.id, req) }) {
	case wire.TooLarge:
		x.refuse(errFetchTooLarge)
	case wire.Backlog:
		x.refuse(errFetchBacklog)
	}
	return x.cancel
}

var (
	errFetchTooLarge = errors.New("the request is too large")
	errFetchBacklog  = errors.New("too much is being sent by the tasks of this container; try again")
)

// refuse ends a fetch that was not sent.
func (x *fetch) refuse(err error) {
	x.forget()
	x.mu.Lock()
	done := x.head
	x.head, x.done = nil, true
	x.mu.Unlock()
	if done != nil {
		done(nil, err)
	}
}

func (x *fetch) forget() {
	x.child.mu.Lock()
	delete(x.child.fetches, x.id)
	x.child.mu.Unlock()
}

// cancel gives the fetch up; whoever waits for it is told.
func (x *fetch) cancel() {
	x.mu.Lock()
	head, piece, gone := x.head, x.piece, x.done
	x.head, x.piece, x.done = nil, nil, true
	x.mu.Unlock()
	if !gone {
		x.forget()
		x.child.conn.Send(wire.FetchCancel, x.id, nil)
	}
	if head != nil {
		head(nil, errCancelled)
	}
	if piece != nil {
		piece(nil, errCancelled)
	}
}

// receive takes what the parent sends about the fetch.
func (x *fetch) receive(f wire.Frame) {
	x.mu.Lock()
	head, piece := x.head, x.piece
	x.head, x.piece = nil, nil
	if f.Type == wire.FetchPiece {
		data, err := wire.DecodePiece(f.Payload)
		if err != nil {
			x.done = true
			x.forget()
		}
		x.mu.Unlock()
		if piece != nil {
			piece(data, err)
		}
		return
	}
	resp, body, whole, err := wire.DecodeFetchResponse(f.Payload)
	if err != nil || whole {
		x.done, x.whole = true, body
		x.forget()
	}
	x.mu.Unlock()
	switch {
	case head == nil:
	case err != nil:
		head(nil, err)
	default:
		head(&engine.FetchResult{FetchResponse: resp, Whole: whole, Next: x.next, Cancel: x.cancel}, nil)
	}
}

// next asks for a piece of the body.
func (x *fetch) next(done func([]byte, error)) {
	x.mu.Lock()
	switch {
	case len(x.whole) > 0:
		body := x.whole
		x.whole = nil
		x.mu.Unlock()
		done(body, nil)
	case x.done:
		x.mu.Unlock()
		done(nil, io.EOF)
	default:
		x.piece = done
		x.mu.Unlock()
		x.child.conn.Send(wire.FetchNext, x.id, nil)
	}
}
