//go:build linux

package worker

import (
	"time"

	"github.com/wthost/wt/sandbox"
)

// watchEvery is how often a worker is looked at, at most.
const watchEvery = 25 * time.Millisecond

// watch makes the clock ring when the time of a call is over, so that a worker
// whose calls have all the time they need costs nothing. With p.mu held.
func (p *process) watch(deadline time.Time) {
	if !p.nextLook.IsZero() && !deadline.Before(p.nextLook) {
		return
	}
	p.nextLook = deadline
	wait := max(time.Until(deadline), 0)
	if p.clock == nil {
		p.clock = time.AfterFunc(wait, p.look)
	} else {
		p.clock.Reset(wait)
	}
}

// look ends calls whose time is over, and the worker if it does not obey.
func (p *process) look() {
	for _, c := range p.overdue(time.Now()) {
		c.timeOut()
	}
}

// overdue gives the calls whose time has just run out, and arranges for the next
// look. A worker that has not ended one within the grace is stopped.
func (p *process) overdue(now time.Time) (late []*call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nextLook = time.Time{}
	var next time.Time
	stuck := false
	for _, c := range p.calls {
		due := c.deadline
		if now.After(due) {
			if !c.late {
				c.late = true
				late = append(late, c)
				if p.late++; p.late == 1 {
					p.obeys = make(chan struct{})
				}
			}
			due = due.Add(p.pool.limits.Grace)
			stuck = stuck || now.After(due)
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	if stuck {
		p.endStuck()
		return late
	}
	if soon := now.Add(watchEvery); !next.IsZero() && next.Before(soon) {
		next = soon
	}
	if !next.IsZero() {
		p.watch(next)
	}
	return late
}

// doubt is open while a call's time is over and the worker has not ended it yet:
// until then it may be one that cannot be interrupted, and new calls wait. It is
// nil when there is no doubt.
func (p *process) doubt() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.obeys
}

// certain counts a late call that has ended, or all when the worker has. With p.mu
// held.
func (p *process) certain(ended int) {
	if p.late -= ended; p.late == 0 && p.obeys != nil {
		close(p.obeys)
		p.obeys = nil
	}
}

// endStuck kills a worker that cannot be interrupted. With p.mu held.
func (p *process) endStuck() {
	if p.killed == nil {
		p.killed = &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: "A request to this task's container could not be interrupted, so its worker was stopped; try again."}
		p.kill()
	}
}
