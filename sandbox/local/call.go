package local

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/engine"
)

// call is the world of a call, in this process.
type call struct {
	pool *Pool
	host sandbox.Host
	body io.Reader

	run     *engine.Call  // nil if the engine refused it
	started chan struct{} // closed when run is set
	timer   *time.Timer

	// ctx is the life of the call as its effects see it: it outlasts the answer if
	// the script goes on.
	ctx  context.Context
	stop context.CancelFunc

	answer chan result // gets one
	once   sync.Once
	stream *stream // belongs to the engine's loop
}

type result struct {
	resp *sandbox.Response
	err  *sandbox.Error
}

// newCall registers a call, or gives nil if the pool is closed.
func (p *Pool) newCall(ctx context.Context, req *sandbox.Request, host sandbox.Host) *call {
	c := &call{pool: p, host: host, body: req.Body, started: make(chan struct{}), answer: make(chan result, 1)}
	deadline := time.Now().Add(p.limits.Duration)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	c.ctx, c.stop = context.WithDeadline(context.WithoutCancel(ctx), deadline)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.stop()
		return nil
	}
	p.calls[c] = struct{}{}
	c.timer = time.AfterFunc(time.Until(deadline), c.timeOut)
	return c
}

// timeOut ends a call whose time is over: its caller is told even if the script
// cannot be interrupted.
func (c *call) timeOut() {
	e := engine.OutOfTime(c.pool.limits.Duration)
	c.give(result{err: e})
	c.cancel(e)
}

func (c *call) cancel(e *sandbox.Error) {
	if <-c.started; c.run != nil {
		c.run.Cancel(e)
	}
	c.stop()
}

func (c *call) give(r result) { c.once.Do(func() { c.answer <- r }) }

// over frees what the call holds.
func (c *call) over() {
	c.timer.Stop()
	c.stop()
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c)
	p.lastUse = time.Now()
	if p.closed && len(p.calls) == 0 {
		close(p.empty)
	}
}

// Answer implements engine.World.
func (c *call) Answer(r *sandbox.Response, more bool) {
	c.give(result{resp: r})
	if !more {
		c.over()
	}
}

// Head implements engine.World.
func (c *call) Head(status int, h sandbox.Header) {
	c.stream = newStream(c)
	c.give(result{resp: &sandbox.Response{Status: status, Header: h, Stream: c.stream}})
}

// Data implements engine.World.
func (c *call) Data(piece []byte) bool { return c.stream.add(piece) }

// End implements engine.World.
func (c *call) End(more bool) {
	c.stream.end(io.EOF)
	if !more {
		c.over()
	}
}

// Fail implements engine.World.
func (c *call) Fail(e *sandbox.Error) {
	if c.stream != nil {
		c.stream.end(e)
	}
	c.give(result{err: e})
	c.over()
}

// Done implements engine.World.
func (c *call) Done() { c.over() }

// Log implements engine.World.
func (c *call) Log(level effect.Level, line string) { c.host.Log(level, line) }

// pieceSize is the largest piece of a body.
const pieceSize = 64 << 10

// ReadBody implements engine.World.
func (c *call) ReadBody() {
	go func() {
		piece, err := readPiece(c.body)
		<-c.started
		c.run.Body(piece, err)
	}()
}

func readPiece(r io.Reader) ([]byte, error) {
	buf := make([]byte, pieceSize)
	for {
		if n, err := r.Read(buf); n > 0 || err != nil {
			return buf[:n], err
		}
	}
}

// Fetch implements engine.World.
func (c *call) Fetch(req *effect.FetchRequest, done func(*engine.FetchResult, error)) func() {
	ctx, stop := context.WithCancel(c.ctx)
	go func() {
		resp, err := c.host.Fetch(ctx, req)
		if err != nil {
			stop()
			done(nil, err)
			return
		}
		context.AfterFunc(ctx, func() { _ = resp.Body.Close() })
		r := &engine.FetchResult{FetchResponse: *resp, Cancel: stop, Next: func(done func([]byte, error)) {
			go func() {
				piece, err := readPiece(resp.Body)
				if err != nil {
					stop()
				}
				done(piece, err)
			}()
		}}
		r.Body = nil
		if resp.Length >= 0 && resp.Length <= pieceSize {
			err = takeWhole(r, resp.Body)
			stop()
		}
		done(r, err)
	}()
	return stop
}

// takeWhole reads a small body at once.
func takeWhole(r *engine.FetchResult, body io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(body, pieceSize))
	r.Whole = true
	r.Next = func(done func([]byte, error)) {
		piece := data
		if data = nil; len(piece) > 0 {
			done(piece, nil)
		} else {
			done(nil, io.EOF)
		}
	}
	return err
}
