//go:build linux

package worker

import (
	"fmt"
	"sync"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// process is the parent's side of a worker.
type process struct {
	pool   *Pool
	worker *spawned
	conn   *wire.Conn
	dead   chan struct{} // closed when the process has ended and its calls have failed

	mu      sync.Mutex
	calls   map[uint32]*call
	fetches map[uint32]*fetching
	// fetchBytes is what the fetches under way hold.
	fetchBytes int
	tasks      map[*sandbox.Task]*loading
	lastID     uint32
	clock      *time.Timer // of the next look; see watch
	nextLook   time.Time   // zero when there is none
	retiring   bool        // no new calls; end with the last one
	ended      bool
	killed     *sandbox.Error // why we killed it, if we did
	late       int            // calls whose time is over
	obeys      chan struct{}  // see doubt
	lastUse    time.Time
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
	p.certain(p.late)
	calls := p.calls
	p.calls, p.tasks = nil, nil
	if p.clock != nil {
		p.clock.Stop()
	}
	verdict := p.killed
	expected := p.retiring && (len(calls) == 0 || verdict == engine.ErrClosed)
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
