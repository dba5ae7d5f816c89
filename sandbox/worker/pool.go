//go:build linux

package worker

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// Pool is a sandbox.Pool whose scripts run in one worker process at a time.
type Pool struct {
	limits sandbox.Limits
	log    *slog.Logger

	mu      sync.Mutex
	proc    *process              // takes new calls
	procs   map[*process]struct{} // all that have not ended
	next    *starting             // the start under way
	crashes crashes
	closed  bool
	quit    chan struct{} // closed by Close
	spares  *Spares
	spawn   func() (*spawned, error)
}

var _ sandbox.Pool = (*Pool)(nil)

// New makes a pool. Its worker starts with the first call, or with Warm.
func New(o Options) *Pool {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	p := &Pool{limits: o.Limits.WithDefaults(), log: o.Logger, procs: map[*process]struct{}{}, quit: make(chan struct{}), spawn: spawn}
	if p.spares = o.Spares; p.spares != nil {
		p.spawn = o.Spares.take
	}
	return p
}

// Warm starts the worker in the background, so that the first call finds it.
func (p *Pool) Warm() {
	go func() { _, _ = p.process(context.Background()) }()
}

// Invoke implements sandbox.Pool.
func (p *Pool) Invoke(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host) (*sandbox.Response, error) {
	if !req.Header.Fits() {
		return nil, errRequestTooLarge
	}
	return p.call(ctx, t, req, host, func(proc *process, id, handle uint32) wire.Sent {
		return proc.conn.Send(wire.Invoke, id, func(b []byte) []byte { return wire.AppendRequest(b, handle, req) })
	})
}

// Prepare implements sandbox.Pool.
func (p *Pool) Prepare(ctx context.Context, t *sandbox.Task) error {
	_, err := p.call(ctx, t, nil, nil, func(proc *process, id, handle uint32) wire.Sent {
		return proc.conn.Send(wire.Prepare, id, func(b []byte) []byte { return wire.AppendUint(b, uint64(handle)) })
	})
	return err
}

// errAgain says that a worker ended before a call was sent to it.
var errAgain = &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: diedMessage}

// maxTries is how many workers a call tries that end before they have it.
const maxTries = 5

// call sends a message about a task and waits for its answer. A worker that ended
// before, or has just forgotten the task, costs another try.
func (p *Pool) call(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host,
	send func(proc *process, id, handle uint32) wire.Sent) (*sandbox.Response, error) {
	for try := 0; ; try++ {
		c, err := p.begin(ctx, t, req, host, send)
		if err == nil {
			var resp *sandbox.Response
			if resp, err = c.wait(ctx); err == nil {
				return resp, nil
			}
		}
		if err != errAgain && err.Kind != sandbox.ErrNoTask || try == maxTries {
			return nil, err
		}
	}
}

// begin sends a call to a worker that has the task.
func (p *Pool) begin(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host,
	send func(proc *process, id, handle uint32) wire.Sent) (*call, *sandbox.Error) {
	proc, err := p.process(ctx)
	if err != nil {
		return nil, err
	}
	l, err := proc.use(ctx, t)
	if err != nil {
		return nil, err
	}
	defer proc.done(l)
	c := proc.newCall(ctx, req, host)
	if c == nil {
		return nil, errAgain
	}
	if err := refusal(send(proc, c.id, l.handle), errRequestTooLarge); err != nil {
		c.over()
		return nil, err
	}
	return c, nil
}

// Forget implements sandbox.Pool.
func (p *Pool) Forget(t *sandbox.Task) {
	t.MarkForgotten()
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

// Close implements sandbox.Pool.
func (p *Pool) Close() error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.quit)
	}
	next := p.next
	procs := slices.Collect(maps.Keys(p.procs))
	p.mu.Unlock()
	for _, proc := range procs {
		proc.stop(engine.ErrClosed)
	}
	for _, proc := range procs {
		<-proc.dead
	}
	if next != nil {
		<-next.done
	}
	return nil
}
