//go:build linux

package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// process is the parent's side of a worker.
type process struct {
	pool   *Pool
	worker *spawned
	conn   *wire.Conn
	dead   chan struct{} // closed when the process has ended and its calls have failed

	mu       sync.Mutex
	calls    map[uint32]*call
	fetches  map[uint32]*fetching
	tasks    map[*sandbox.Task]*loading
	lastID   uint32
	watched  bool // watch runs
	retiring bool // no new calls; end with the last one
	ended    bool
	killed   *sandbox.Error // why we killed it, if we did
	lastUse  time.Time
}

// loading is a task on its way to the worker, or there.
type loading struct {
	ready  chan struct{} // closed when handle or err is set
	handle uint32
	err    *sandbox.Error
}

// startTimeout is how long a worker may take to be ready.
const startTimeout = 10 * time.Second

func startProcess(pool *Pool) (*process, error) {
	worker, err := pool.spawn()
	if err != nil {
		return nil, err
	}
	p := &process{pool: pool, worker: worker, conn: wire.NewConn(worker.conn), dead: make(chan struct{}),
		calls: map[uint32]*call{}, fetches: map[uint32]*fetching{}, tasks: map[*sandbox.Task]*loading{}, lastUse: time.Now()}
	p.conn.Send(wire.Config, 0, func(b []byte) []byte {
		return wire.AppendJSON(wire.AppendString(b, wire.Build), pool.limits)
	})
	_ = worker.conn.SetReadDeadline(time.Now().Add(startTimeout))
	f, err := p.conn.Read()
	if err == nil && (f.Type != wire.Ready || wire.Decode(f.Payload).String() != wire.Build) {
		err = fmt.Errorf("the worker is of another build")
	}
	if err != nil {
		worker.kill()
		_ = p.conn.Close()
		_ = worker.wait()
		return nil, fmt.Errorf("a worker process did not start: %w: %s", err, worker.stderr)
	}
	_ = worker.conn.SetReadDeadline(time.Time{})
	return p, nil
}

// read takes what the worker sends until it ends, however it ends.
func (p *process) read() {
	var err error
	for err == nil {
		var f wire.Frame
		if f, err = p.conn.Read(); err == nil {
			err = p.handle(f)
		}
	}
	_ = p.conn.Close()
	p.kill() // it has ended, or broke the rules
	waitErr := p.worker.wait()
	p.buryWith(err, waitErr)
}

// buryWith fails the calls of a worker that has ended.
func (p *process) buryWith(readErr, waitErr error) {
	p.mu.Lock()
	p.ended = true
	calls := p.calls
	p.calls, p.tasks = nil, nil
	verdict := p.killed
	expected := p.retiring && (len(calls) == 0 || verdict == errClosed)
	p.mu.Unlock()
	if verdict == nil {
		verdict = verdictOf(p.worker.stderr.String())
	}
	if !expected {
		p.pool.log.Warn("a worker ended", "pid", p.worker.pid, "reason", verdict.Message, "wait", fmt.Sprint(waitErr),
			"read", fmt.Sprint(readErr), "calls", len(calls), "stderr", p.worker.stderr.firstLines())
	}
	p.pool.died(p, expected, len(calls) > 0)
	for _, c := range calls {
		c.fail(verdict)
	}
	close(p.dead)
}

// lastCall is the last id of a worker: before the numbers come round again, a new
// worker takes over.
const lastCall = 1 << 31

// unfit reports that the worker takes no more calls. With p.mu held.
func (p *process) unfit() bool {
	return p.ended || p.retiring || p.killed != nil || p.lastID >= lastCall
}

func (p *process) fit() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.unfit()
}

// kill ends the worker at once.
func (p *process) kill() { p.worker.kill() }

// stop ends the worker at once; e is what its calls get.
func (p *process) stop(e *sandbox.Error) {
	p.mu.Lock()
	p.retiring = true
	if p.killed == nil {
		p.killed = e
	}
	p.mu.Unlock()
	p.kill()
}

// retire lets the worker finish its calls and end.
func (p *process) retire() {
	p.mu.Lock()
	p.retiring = true
	idle := len(p.calls) == 0
	p.mu.Unlock()
	if idle {
		_ = p.conn.Close()
	}
}

func (p *process) idle() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) > 0 || p.ended {
		return 0
	}
	return time.Since(p.lastUse)
}

// handleOf gives the worker's handle of a task, after having sent it if need be.
func (p *process) handleOf(ctx context.Context, t *sandbox.Task) (uint32, *sandbox.Error) {
	p.mu.Lock()
	if p.unfit() {
		p.mu.Unlock()
		return 0, errAgain
	}
	l, ok := p.tasks[t]
	if !ok {
		p.lastID++
		l = &loading{ready: make(chan struct{}), handle: p.lastID}
		p.tasks[t] = l
		go p.load(context.WithoutCancel(ctx), t, l) // others wait for it too
	}
	p.mu.Unlock()
	select {
	case <-l.ready:
		return l.handle, l.err
	case <-ctx.Done():
		return 0, cancelled(ctx)
	}
}

// load sends a task's definition. A failure is not kept: the next call tries again.
func (p *process) load(ctx context.Context, t *sandbox.Task, l *loading) {
	defer close(l.ready)
	def, err := t.Load(ctx)
	switch {
	case err != nil:
		l.err = &sandbox.Error{Kind: sandbox.ErrLoad, Message: err.Error(), Err: err}
	case !p.conn.Send(wire.Load, l.handle, func(b []byte) []byte { return wire.AppendJSON(b, def) }):
		l.err = &sandbox.Error{Kind: sandbox.ErrCompile, Message: "The code is too large."}
	default:
		return
	}
	p.mu.Lock()
	if p.tasks[t] == l {
		delete(p.tasks, t)
	}
	p.mu.Unlock()
}

func (p *process) forget(t *sandbox.Task) {
	p.mu.Lock()
	l, ok := p.tasks[t]
	delete(p.tasks, t)
	p.mu.Unlock()
	if !ok {
		return
	}
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

const (
	watchEvery = 25 * time.Millisecond
	// watchRests is how many looks without a call end the watch.
	watchRests = 40
)

// watch ends calls whose time is over, and the worker if it does not obey. It
// runs while there are calls.
func (p *process) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for rests := 0; ; {
		now := <-tick.C
		late, calls := p.overdue(now)
		for _, c := range late {
			c.timeOut()
		}
		if calls > 0 {
			rests = 0
			continue
		}
		if rests++; rests > watchRests && p.endWatch() {
			return
		}
	}
}

// overdue gives the calls whose time has just run out. A worker that has not ended
// one within the grace is stopped.
func (p *process) overdue(now time.Time) (late []*call, calls int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stuck := false
	for _, c := range p.calls {
		if !now.After(c.deadline) {
			continue
		}
		if !c.late {
			c.late = true
			late = append(late, c)
		}
		stuck = stuck || now.After(c.deadline.Add(p.pool.limits.Grace))
	}
	if stuck && p.killed == nil {
		p.killed = &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: "A request to this task's container could not be interrupted, so its worker was stopped; try again."}
		p.kill()
	}
	return late, len(p.calls)
}

// endWatch ends the watch if there is still nothing to watch.
func (p *process) endWatch() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) > 0 {
		return false
	}
	p.watched = false
	return true
}
