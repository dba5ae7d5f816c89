//go:build linux

package worker

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// call is the parent's side of a call.
type call struct {
	proc     *process
	id       uint32
	host     sandbox.Host
	body     io.Reader
	deadline time.Time
	fetches  int  // under way; guarded by proc.mu
	late     bool // its time is over, and timeOut was called; guarded by proc.mu

	// For the goroutine that reads:
	stage  stage
	logged int

	// answer gets the response, or its head, or the error: once.
	answer chan result

	mu       sync.Mutex
	answered bool
	stream   *stream
	pull     chan struct{} // asks for pieces of the body
	ctx      context.Context
	stop     context.CancelFunc
}

type result struct {
	resp *sandbox.Response
	err  *sandbox.Error
}

// newCall registers a call. It gives nil if the worker takes no more.
func (p *process) newCall(ctx context.Context, req *sandbox.Request, host sandbox.Host) *call {
	c := &call{proc: p, host: host, deadline: time.Now().Add(p.pool.limits.Duration), answer: make(chan result, 1)}
	if req != nil {
		c.body = req.Body
	}
	if d, ok := ctx.Deadline(); ok && d.Before(c.deadline) {
		c.deadline = d
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unfit() {
		return nil
	}
	p.lastID++
	c.id = p.lastID
	p.calls[c.id] = c
	p.watch(c.deadline)
	return c
}

// wait blocks until the call has answered, or ctx ends.
func (c *call) wait(ctx context.Context) (*sandbox.Response, *sandbox.Error) {
	select {
	case r := <-c.answer:
		return r.resp, r.err
	case <-ctx.Done():
		err := engine.Abandoned(ctx)
		c.cancel(err)
		return nil, err
	}
}

// context is the life of the call as its effects see it. It outlasts the answer
// if the script goes on.
func (c *call) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil {
		c.ctx, c.stop = context.WithDeadline(context.Background(), c.deadline)
	}
	return c.ctx
}

// cancel asks the worker to end the call.
func (c *call) cancel(e *sandbox.Error) {
	c.proc.conn.Send(wire.Cancel, c.id, func(b []byte) []byte { return wire.AppendError(b, e) })
	c.mu.Lock()
	stop := c.stop
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// timeOut ends a call whose time is over: its caller is told at once, the worker
// is asked to stop.
func (c *call) timeOut() {
	e := engine.OutOfTime(c.proc.pool.limits.Duration)
	c.give(result{err: e})
	c.cancel(e)
}

// give hands the answer over, if there was none.
func (c *call) give(r result) {
	c.mu.Lock()
	first := !c.answered
	c.answered = true
	s := c.stream
	c.mu.Unlock()
	switch {
	case first:
		c.answer <- r
	case r.err != nil && s != nil:
		s.end(r.err)
	}
}

// fail ends the call with an error.
func (c *call) fail(e *sandbox.Error) {
	c.give(result{err: e})
	c.release()
}

// release frees what the call holds in this process.
func (c *call) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pull != nil {
		close(c.pull)
		c.pull = nil
	}
	c.body = nil
	if c.stop != nil {
		c.stop()
	} else {
		c.ctx, c.stop = context.Background(), func() {}
	}
}

// over forgets the call: the worker has nothing more to say of it.
func (c *call) over() {
	p := c.proc
	p.mu.Lock()
	if _, ok := p.calls[c.id]; ok && c.late {
		p.certain(1)
	}
	delete(p.calls, c.id)
	last := len(p.calls) == 0
	retire := last && p.retiring
	if last {
		p.lastUse = time.Now()
	}
	p.mu.Unlock()
	c.release()
	if retire {
		_ = p.conn.Close()
	}
}

// readBody sends the next piece of the request's body. The reads run on one
// goroutine, which ends with the call.
func (c *call) readBody() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.body == nil {
		return
	}
	if c.pull == nil {
		c.pull = make(chan struct{}, 1)
		go c.sendBody(c.body, c.pull)
	}
	select {
	case c.pull <- struct{}{}:
	default: // it asked twice: one is enough
	}
}

// pieceSize is the largest piece of a body that is sent at once.
const pieceSize = 64 << 10

func (c *call) sendBody(body io.Reader, pull <-chan struct{}) {
	buf := make([]byte, pieceSize)
	for range pull {
		n, err := body.Read(buf)
		for n == 0 && err == nil {
			n, err = body.Read(buf)
		}
		c.proc.conn.Send(wire.Body, c.id, func(b []byte) []byte { return wire.AppendPiece(b, buf[:n], err) })
		if err != nil {
			return
		}
	}
}
