//go:build linux

package worker

import (
	"sync"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// window is how much of an answer, or of a body, may be under way unread.
const window = 256 << 10

// remote is the world of a call whose outside is the parent process.
type remote struct {
	child *child
	id    uint32
	// call is set by the reading goroutine before it reads on, so that it is there
	// for everything the parent sends about the call.
	call *engine.Call

	mu     sync.Mutex
	unpaid int      // bytes of the answer that the parent has not taken
	held   [][]byte // pieces that wait for credit
	behind bool     // the script was told to wait
	ending bool     // End waits for held to empty
	more   bool     // what End will say
}

// over forgets the call.
func (r *remote) over() {
	r.child.mu.Lock()
	delete(r.child.calls, r.id)
	r.child.mu.Unlock()
}

// Answer implements engine.World.
func (r *remote) Answer(resp *sandbox.Response, more bool) {
	if !more {
		r.over()
	}
	r.child.conn.Send(wire.Answer, r.id, func(b []byte) []byte { return wire.AppendResponse(b, resp, more) })
}

// Head implements engine.World.
func (r *remote) Head(status int, h sandbox.Header) {
	r.child.conn.Send(wire.Head, r.id, func(b []byte) []byte {
		return wire.AppendResponse(b, &sandbox.Response{Status: status, Header: h}, true)
	})
}

// Data implements engine.World. What exceeds the window stays here.
func (r *remote) Data(piece []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.held) > 0 || r.unpaid >= window {
		r.held = append(r.held, piece)
	} else {
		r.send(piece)
	}
	r.behind = r.unpaid >= window
	return !r.behind
}

// send passes a piece on. With r.mu held, so that pieces stay in order.
func (r *remote) send(piece []byte) {
	r.unpaid += len(piece)
	r.child.conn.Send(wire.Data, r.id, func(b []byte) []byte { return append(b, piece...) })
}

// End implements engine.World.
func (r *remote) End(more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ending, r.more = true, more
	r.finish()
}

// finish sends the end once everything before it is sent. With r.mu held.
func (r *remote) finish() {
	if !r.ending || len(r.held) > 0 {
		return
	}
	r.ending = false
	if !r.more {
		r.over()
	}
	r.child.conn.Send(wire.End, r.id, func(b []byte) []byte {
		if r.more {
			return append(b, 1)
		}
		return append(b, 0)
	})
}

// Fail implements engine.World.
func (r *remote) Fail(e *sandbox.Error) {
	r.over()
	r.child.fail(r.id, e)
}

// Done implements engine.World.
func (r *remote) Done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		r.more = false // the end is still to be sent: it says so itself
		return
	}
	r.over()
	r.child.conn.Send(wire.Done, r.id, nil)
}

// ReadBody implements engine.World.
func (r *remote) ReadBody() { r.child.conn.Send(wire.ReadBody, r.id, nil) }

// Log implements engine.World.
func (r *remote) Log(level effect.Level, line string) {
	r.child.conn.Send(wire.Log, r.id, func(b []byte) []byte { return append(append(b, byte(level)), line...) })
}

// receive takes what the parent sends about the call.
func (r *remote) receive(f wire.Frame) {
	switch f.Type {
	case wire.Body:
		piece, err := wire.DecodePiece(f.Payload)
		r.call.Body(piece, err)
	case wire.Cancel:
		e := wire.DecodeError(f.Payload)
		r.abandon(e)
		r.call.Cancel(e)
	case wire.Credit:
		r.credit(int(wire.Decode(f.Payload).Uint()))
	}
}

// abandon drops an answer that is complete but not yet sent: the script's part may
// be over, so that nobody else would end the call.
func (r *remote) abandon(e *sandbox.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		r.ending, r.held = false, nil
		r.Fail(e)
	}
}

// credit lets held pieces go, and the script go on when there is room again.
func (r *remote) credit(n int) {
	r.mu.Lock()
	r.unpaid -= n
	for len(r.held) > 0 && r.unpaid < window {
		piece := r.held[0]
		r.held = r.held[1:]
		r.send(piece)
	}
	drained := r.behind && len(r.held) == 0 && r.unpaid < window
	if drained {
		r.behind = false
	}
	r.finish()
	r.mu.Unlock()
	if drained {
		r.call.Drained()
	}
}
