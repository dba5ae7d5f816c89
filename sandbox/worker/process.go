package worker

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// process is the parent's side of a worker.
type process struct {
	pool   *Pool
	cmd    *exec.Cmd
	conn   *wire.Conn
	stderr *crashNote
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
	err    error
}

// startTimeout is how long a worker may take to be ready.
const startTimeout = 10 * time.Second

func startProcess(pool *Pool) (*process, error) {
	stderr := &crashNote{}
	cmd, conn, err := spawn(stderr)
	if err != nil {
		return nil, err
	}
	p := &process{pool: pool, cmd: cmd, conn: wire.NewConn(conn), stderr: stderr, dead: make(chan struct{}),
		calls: map[uint32]*call{}, fetches: map[uint32]*fetching{}, tasks: map[*sandbox.Task]*loading{}, lastUse: time.Now()}
	p.conn.Send(wire.Config, 0, func(b []byte) []byte {
		return wire.AppendJSON(wire.AppendString(b, wire.Build), pool.limits)
	})
	_ = conn.SetReadDeadline(time.Now().Add(startTimeout))
	f, err := p.conn.Read()
	if err == nil && (f.Type != wire.Ready || wire.Decode(f.Payload).String() != wire.Build) {
		err = fmt.Errorf("the worker is of another build")
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = p.conn.Close()
		_ = cmd.Wait()
		return nil, fmt.Errorf("a worker process did not start: %w: %s", err, stderr.String())
	}
	_ = conn.SetReadDeadline(time.Time{})
	go p.read()
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
	_ = p.cmd.Process.Kill() // it has ended, or broke the rules
	waitErr := p.cmd.Wait()
	p.buryWith(err, waitErr)
}

// buryWith fails the calls of a worker that has ended.
func (p *process) buryWith(readErr, waitErr error) {
	p.mu.Lock()
	p.ended = true
	calls := p.calls
	p.calls, p.tasks = nil, nil
	verdict := p.killed
	expected := p.retiring && len(calls) == 0
	p.mu.Unlock()
	if verdict == nil {
		verdict = verdictOf(p.stderr.String())
	}
	if !expected {
		p.pool.log.Warn("a worker ended", "pid", p.cmd.Process.Pid, "reason", verdict.Message, "wait", fmt.Sprint(waitErr),
			"read", fmt.Sprint(readErr), "calls", len(calls), "stderr", p.stderr.firstLines())
	}
	close(p.dead)
	for _, c := range calls {
		c.fail(verdict)
	}
	p.pool.died(p, len(calls) > 0)
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended || p.retiring || p.killed != nil
}

// kill ends the worker at once.
func (p *process) kill() { _ = p.cmd.Process.Kill() }

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
func (p *process) handleOf(ctx context.Context, t *sandbox.Task) (uint32, error) {
	p.mu.Lock()
	if p.tasks == nil {
		p.mu.Unlock()
		return 0, &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: diedMessage}
	}
	l, ok := p.tasks[t]
	if !ok {
		p.lastID++
		l = &loading{ready: make(chan struct{}), handle: p.lastID}
		p.tasks[t] = l
	}
	p.mu.Unlock()
	if !ok {
		p.load(ctx, t, l)
	}
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
	def, err := t.Load(context.WithoutCancel(ctx))
	if err != nil {
		l.err = &sandbox.Error{Kind: sandbox.ErrLoad, Message: err.Error(), Err: err}
		p.mu.Lock()
		delete(p.tasks, t)
		p.mu.Unlock()
		return
	}
	p.conn.Send(wire.Load, l.handle, func(b []byte) []byte { return wire.AppendJSON(b, def) })
}

func (p *process) forget(t *sandbox.Task) {
	p.mu.Lock()
	l, ok := p.tasks[t]
	delete(p.tasks, t)
	p.mu.Unlock()
	if ok {
		<-l.ready
		p.conn.Send(wire.Unload, l.handle, nil)
	}
}

// watch ends calls whose time is over, and the worker if it does not obey. It
// runs while there are calls.
func (p *process) watch() {
	const every = 25 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for quiet := 0; ; {
		now := <-tick.C
		p.mu.Lock()
		if len(p.calls) == 0 {
			if quiet++; quiet > 40 || p.ended {
				p.watched = false
				p.mu.Unlock()
				return
			}
			p.mu.Unlock()
			continue
		}
		quiet = 0
		var late []*call
		stuck := false
		for _, c := range p.calls {
			if now.After(c.deadline) {
				if !c.late {
					c.late = true
					late = append(late, c)
				}
				stuck = stuck || now.After(c.deadline.Add(p.pool.limits.Grace))
			}
		}
		if stuck && p.killed == nil {
			p.killed = &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: "A request to this task's container could not be interrupted, so its worker was stopped; try again."}
			p.kill()
		}
		p.mu.Unlock()
		for _, c := range late {
			go c.timeOut() // the worker may not be reading
		}
	}
}
