// Package worker runs scripts in a child process of their own: the program
// re-executes itself, and the two speak over a socket pair. What a script does to
// its process (memory, stack, native code that cannot be interrupted) costs that
// process and the calls in it; the pool starts another one at once.
//
// The package must not know what the scripts are for. What a worker sends is
// hostile: it is decoded with limits, and it can only speak of its own calls.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// Options configure a pool.
type Options struct {
	Limits sandbox.Limits
	// Logger gets what happens to workers. Default: slog.Default().
	Logger *slog.Logger
}

// Pool is a sandbox.Pool whose scripts run in one worker process at a time.
type Pool struct {
	limits sandbox.Limits
	log    *slog.Logger

	mu     sync.Mutex
	proc   *process
	starts chan struct{} // closed when the start under way has ended; nil if none is
	closed bool
}

var _ sandbox.Pool = (*Pool)(nil)

// New makes a pool. Its worker starts with the first call, or with Warm.
func New(o Options) *Pool {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Pool{limits: o.Limits.WithDefaults(), log: o.Logger}
}

// errClosed is what calls of a closed pool get.
var errClosed = &sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The sandbox is closed."}

// process gives the live worker, and starts one if there is none.
func (p *Pool) process(ctx context.Context) (*process, error) {
	for {
		p.mu.Lock()
		switch {
		case p.closed:
			p.mu.Unlock()
			return nil, errClosed
		case p.proc != nil && !p.proc.isDead():
			defer p.mu.Unlock()
			return p.proc, nil
		}
		if p.starts == nil {
			p.starts = make(chan struct{})
			p.mu.Unlock()
			return p.start()
		}
		wait := p.starts
		p.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, cancelled(ctx)
		}
	}
}

// start starts a worker; the caller has set p.starts.
func (p *Pool) start() (*process, error) {
	proc, err := startProcess(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.starts)
	p.starts = nil
	if err != nil {
		return nil, &sandbox.Error{Kind: sandbox.ErrInternal, Message: "The sandbox could not be started.", Err: err}
	}
	if p.closed {
		proc.kill()
		return nil, errClosed
	}
	p.proc = proc
	return proc, nil
}

// Warm starts the worker in the background, so that the first call finds it.
func (p *Pool) Warm() {
	go func() { _, _ = p.process(context.Background()) }()
}

// Invoke implements sandbox.Pool.
func (p *Pool) Invoke(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host) (*sandbox.Response, error) {
	return p.call(ctx, t, req, host, func(proc *process, id, handle uint32) {
		proc.conn.Send(wire.Invoke, id, func(b []byte) []byte { return wire.AppendRequest(b, handle, req) })
	})
}

// Prepare implements sandbox.Pool.
func (p *Pool) Prepare(ctx context.Context, t *sandbox.Task) error {
	_, err := p.call(ctx, t, nil, nil, func(proc *process, id, handle uint32) {
		proc.conn.Send(wire.Prepare, id, func(b []byte) []byte { return wire.AppendUint(b, uint64(handle)) })
	})
	return err
}

// call sends a message about a task and waits for its answer. A worker that has
// just forgotten the task is given it again.
func (p *Pool) call(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host,
	send func(proc *process, id, handle uint32)) (*sandbox.Response, error) {
	for try := 0; ; try++ {
		proc, handle, err := p.ready(ctx, t)
		if err != nil {
			return nil, err
		}
		c := proc.newCall(ctx, req, host)
		send(proc, c.id, handle)
		resp, e := c.wait(ctx)
		if e == nil {
			return resp, nil
		}
		if e.Kind != sandbox.ErrNoTask || try == 3 {
			return nil, e
		}
	}
}

// ready gives a worker that has the task.
func (p *Pool) ready(ctx context.Context, t *sandbox.Task) (*process, uint32, error) {
	proc, err := p.process(ctx)
	if err != nil {
		return nil, 0, err
	}
	handle, err := proc.handleOf(ctx, t)
	return proc, handle, err
}

// Forget implements sandbox.Pool.
func (p *Pool) Forget(t *sandbox.Task) {
	p.mu.Lock()
	proc := p.proc
	p.mu.Unlock()
	if proc != nil {
		proc.forget(t)
	}
}

// Idle is how long no call has been under way; 0 while one is, and when there is
// no worker.
func (p *Pool) Idle() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc == nil {
		return 0
	}
	return p.proc.idle()
}

// Rest ends the worker process; the next call starts another one.
func (p *Pool) Rest() {
	p.mu.Lock()
	proc := p.proc
	p.proc = nil
	p.mu.Unlock()
	if proc != nil {
		proc.retire()
	}
}

// died is told of a worker that ended by itself. A new one takes over at once if
// there was anything to do.
func (p *Pool) died(proc *process, busy bool) {
	p.mu.Lock()
	current := p.proc == proc && !p.closed
	p.mu.Unlock()
	if current && busy {
		p.Warm()
	}
}

// Close implements sandbox.Pool.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	proc := p.proc
	p.mu.Unlock()
	if proc != nil {
		proc.retire()
		<-proc.dead
	}
	return nil
}

func cancelled(ctx context.Context) *sandbox.Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &sandbox.Error{Kind: sandbox.ErrTimeout, Message: "The request took too long.", Err: ctx.Err()}
	}
	return &sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The caller went away.", Err: ctx.Err()}
}
