// Package local runs scripts in this process: the same behaviour as package
// worker's, for programs that embed the sandbox and for systems where worker
// processes are not available. It bounds time, calls and, roughly, memory. It is
// no boundary against hostile code: a script that allocates in one stroke, or
// nests too deep in native code, ends this process, and native code cannot always
// be interrupted.
package local

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
)

// Options configure a pool.
type Options struct {
	// Limits bound the scripts. Memory is what the heap of the whole process may
	// grow by after New; 0 means that it is not watched.
	Limits sandbox.Limits
}

// Pool is a sandbox.Pool whose scripts run in this process.
type Pool struct {
	limits sandbox.Limits
	engine *engine.Engine

	mu      sync.Mutex
	tasks   map[*sandbox.Task]*loading
	calls   map[*call]struct{}
	lastUse time.Time
	closed  bool
	empty   chan struct{} // closed by the last call of a closed pool
}

// loading is a task on its way into the engine, or there.
type loading struct {
	ready chan struct{} // closed when unit or err is set
	unit  *engine.Unit
	err   *sandbox.Error
}

var _ sandbox.Pool = (*Pool)(nil)

// unwatched is more memory than there is.
const unwatched = 1 << 60

// New makes a pool.
func New(o Options) *Pool {
	if o.Limits.Memory == 0 {
		o.Limits.Memory = unwatched
	}
	return &Pool{limits: o.Limits.WithDefaults(), engine: engine.New(o.Limits), lastUse: time.Now(),
		tasks: map[*sandbox.Task]*loading{}, calls: map[*call]struct{}{}, empty: make(chan struct{})}
}

// Invoke implements sandbox.Pool.
func (p *Pool) Invoke(ctx context.Context, t *sandbox.Task, req *sandbox.Request, host sandbox.Host) (*sandbox.Response, error) {
	unit, e := p.unit(ctx, t)
	if e != nil {
		return nil, e
	}
	defer p.done(t)
	c := p.newCall(ctx, req, host)
	if c == nil {
		return nil, engine.ErrClosed
	}
	c.run = unit.Start(&engine.Request{ID: req.ID, Method: req.Method, URL: req.URL, Query: req.Query, URLFormat: req.URLFormat,
		HasBody: req.Body != nil, Parse: req.Parse, Merge: req.Merge, Header: func() sandbox.Header { return req.Header }}, c)
	close(c.started)
	select {
	case r := <-c.answer:
		if r.err != nil {
			return nil, r.err
		}
		return r.resp, nil
	case <-ctx.Done():
		e := engine.Abandoned(ctx)
		c.cancel(e)
		return nil, e
	}
}

// Prepare implements sandbox.Pool.
func (p *Pool) Prepare(ctx context.Context, t *sandbox.Task) error {
	unit, e := p.unit(ctx, t)
	if e != nil {
		return e
	}
	defer p.done(t)
	return unit.Prepare()
}

// unit gives the engine's side of a task, loaded if need be.
func (p *Pool) unit(ctx context.Context, t *sandbox.Task) (*engine.Unit, *sandbox.Error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, engine.ErrClosed
	}
	l, ok := p.tasks[t]
	if !ok {
		l = &loading{ready: make(chan struct{})}
		p.tasks[t] = l
		go p.load(context.WithoutCancel(ctx), t, l) // others wait for it too
	}
	p.mu.Unlock()
	select {
	case <-l.ready:
		return l.unit, l.err
	case <-ctx.Done():
		return nil, engine.Abandoned(ctx)
	}
}

// load takes a definition. A failure is not kept: the next call tries again.
func (p *Pool) load(ctx context.Context, t *sandbox.Task, l *loading) {
	defer close(l.ready)
	def, err := t.Load(ctx)
	if err == nil {
		own := *def // the engine drops the code that it has compiled
		l.unit = p.engine.Load(&own)
		return
	}
	l.err = &sandbox.Error{Kind: sandbox.ErrLoad, Message: err.Error(), Err: err}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tasks[t] == l {
		delete(p.tasks, t)
	}
}

// Forget implements sandbox.Pool.
func (p *Pool) Forget(t *sandbox.Task) {
	t.MarkForgotten()
	p.forget(t)
}

// done lets go of a task that was called although it is forgotten.
func (p *Pool) done(t *sandbox.Task) {
	if t.Forgotten() {
		p.forget(t)
	}
}

func (p *Pool) forget(t *sandbox.Task) {
	p.mu.Lock()
	l, ok := p.tasks[t]
	delete(p.tasks, t)
	p.mu.Unlock()
	if !ok {
		return
	}
	go func() {
		if <-l.ready; l.unit != nil {
			p.engine.Unload(l.unit)
		}
	}()
}

// Idle is how long no call has been under way; 0 while one is.
func (p *Pool) Idle() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) > 0 {
		return 0
	}
	return time.Since(p.lastUse)
}

// Warm does nothing: there is nothing to start.
func (p *Pool) Warm() {}

// Rest does nothing: there is no process to end.
func (p *Pool) Rest() {}

// Close implements sandbox.Pool. It is an error if a script could not be stopped.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	if len(p.calls) == 0 {
		close(p.empty)
	}
	calls := make([]*call, 0, len(p.calls))
	for c := range p.calls {
		calls = append(calls, c)
	}
	p.mu.Unlock()
	for _, c := range calls {
		c.cancel(engine.ErrClosed)
	}
	defer p.engine.Close()
	select {
	case <-p.empty:
		return nil
	case <-time.After(p.limits.Grace):
		return fmt.Errorf("sandbox: of %d calls some could not be stopped", len(calls))
	}
}
