//go:build linux

package worker

import (
	"context"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
)

// starting is the start of a worker that calls wait for.
type starting struct {
	done chan struct{} // closed when it has ended
	err  *sandbox.Error
}

// process gives the live worker, and starts one if there is none.
func (p *Pool) process(ctx context.Context) (*process, *sandbox.Error) {
	for {
		p.mu.Lock()
		switch {
		case p.closed:
			p.mu.Unlock()
			return nil, engine.ErrClosed
		case p.proc != nil && p.proc.fit():
			proc := p.proc
			p.mu.Unlock()
			doubt := proc.doubt()
			if doubt == nil {
				return proc, nil
			}
			select {
			case <-doubt:
			case <-ctx.Done():
				return nil, engine.Abandoned(ctx)
			}
			continue
		}
		s := p.next
		if s == nil {
			s = &starting{done: make(chan struct{})}
			p.next = s
			go p.start(s, p.crashes.delay(time.Now()))
		}
		p.mu.Unlock()
		select {
		case <-s.done:
			if s.err != nil {
				return nil, s.err
			}
		case <-ctx.Done():
			return nil, engine.Abandoned(ctx)
		}
	}
}

// start starts a worker after a delay.
func (p *Pool) start(s *starting, delay time.Duration) {
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-p.quit:
		}
	}
	proc, err := startProcess(p)
	if err != nil && p.spares != nil { // the spare may have died while it waited
		proc, err = startProcess(p)
	}
	p.mu.Lock()
	if err == nil {
		p.procs[proc] = struct{}{}
	} else {
		p.crashes.add(time.Now())
	}
	closed, old := p.closed, p.proc
	if err == nil && !closed {
		p.proc = proc
	}
	p.next = nil
	p.mu.Unlock()
	switch {
	case err != nil:
		s.err = &sandbox.Error{Kind: sandbox.ErrInternal, Message: "The sandbox could not be started.", Err: err}
	case closed:
		go proc.read()
		proc.stop(engine.ErrClosed)
		<-proc.dead
	default:
		go proc.read()
		if old != nil {
			old.retire()
		}
	}
	close(s.done)
}

// died is told of a worker that has ended. A new one takes over at once if there
// was anything to do.
func (p *Pool) died(proc *process, expected, busy bool) {
	p.mu.Lock()
	delete(p.procs, proc)
	if !expected {
		p.crashes.add(time.Now())
	}
	again := p.proc == proc && !p.closed && busy
	p.mu.Unlock()
	if again {
		p.Warm()
	}
}

// crashes slows down the restarts of a worker that ends, or does not start, again
// and again.
type crashes struct {
	n    int
	last time.Time
}

const (
	freeCrashes  = 3 // so many restarts are immediate
	firstDelay   = 100 * time.Millisecond
	longestDelay = 2 * time.Second
	// forgiven is the time without a crash after which all is well again.
	forgiven = 10 * time.Second
)

func (c *crashes) add(now time.Time) {
	if now.Sub(c.last) > forgiven {
		c.n = 0
	}
	c.n, c.last = c.n+1, now
}

// delay is how long the next start waits.
func (c *crashes) delay(now time.Time) time.Duration {
	if c.n <= freeCrashes || now.Sub(c.last) > forgiven {
		return 0
	}
	return min(firstDelay<<min(c.n-freeCrashes-1, 10), longestDelay)
}
