//go:build linux

package worker

import (
	"context"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// loading is a task on its way to the worker, or there.
type loading struct {
	task   *sandbox.Task
	ready  chan struct{} // closed when handle or err is set
	handle uint32
	err    *sandbox.Error
	users  int // calls that are about to be sent; guarded by process.mu
}

// use gives the worker's side of a task, after having sent it if need be. It stays
// there until done, whatever is forgotten.
func (p *process) use(ctx context.Context, t *sandbox.Task) (*loading, *sandbox.Error) {
	p.mu.Lock()
	if p.unfit() {
		p.mu.Unlock()
		return nil, errAgain
	}
	l, ok := p.tasks[t]
	if !ok {
		p.lastID++
		l = &loading{task: t, ready: make(chan struct{}), handle: p.lastID}
		p.tasks[t] = l
		go p.load(context.WithoutCancel(ctx), l) // others wait for it too
	}
	l.users++
	p.mu.Unlock()
	var err *sandbox.Error
	select {
	case <-l.ready:
		err = l.err
	case <-ctx.Done():
		err = engine.Abandoned(ctx)
	}
	if err != nil {
		p.done(l)
		return nil, err
	}
	return l, nil
}

// done ends a use: the call has been sent, and goes on without the task.
func (p *process) done(l *loading) {
	p.mu.Lock()
	l.users--
	p.mu.Unlock()
	if l.task.Forgotten() {
		p.forget(l.task)
	}
}

// load sends a task's definition. A failure is not kept: the next call tries again.
func (p *process) load(ctx context.Context, l *loading) {
	defer close(l.ready)
	def, err := l.task.Load(ctx)
	if err != nil {
		l.err = &sandbox.Error{Kind: sandbox.ErrLoad, Message: err.Error(), Err: err}
	} else {
		l.err = refusal(p.conn.Send(wire.Load, l.handle, func(b []byte) []byte { return wire.AppendJSON(b, def) }), errCodeTooLarge)
	}
	if l.err == nil {
		return
	}
	p.mu.Lock()
	if p.tasks[l.task] == l {
		delete(p.tasks, l.task)
	}
	p.mu.Unlock()
}

// forget makes the worker drop a task, unless a call is about to be sent to it:
// then done does it.
func (p *process) forget(t *sandbox.Task) {
	p.mu.Lock()
	l, ok := p.tasks[t]
	if !ok || l.users > 0 {
		p.mu.Unlock()
		return
	}
	delete(p.tasks, t)
	p.mu.Unlock()
	unload := func() {
		if <-l.ready; l.err == nil {
			p.conn.Send(wire.Unload, l.handle, nil)
		}
	}
	select {
	case <-l.ready:
		unload()
	default:
		go unload() // it is being loaded, which may take its time
	}
}
