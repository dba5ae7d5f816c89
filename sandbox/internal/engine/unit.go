package engine

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/redact"
)

// Unit is a task in an engine: its program and the instances that run it.
type Unit struct {
	engine *Engine
	def    *sandbox.Definition

	once    sync.Once
	program *program
	err     *sandbox.Error

	redactOnce sync.Once
	redact     redact.Redactor

	mu   sync.Mutex
	idle []*Instance // used last comes last
	busy []*Instance
	live int // calls under way
}

// compiled gives the unit's program, or why there is none.
func (u *Unit) compiled() (*program, *sandbox.Error) {
	u.once.Do(func() {
		p, err := compile(u.def.File, u.def.Code)
		if err != nil {
			u.err = err.(*sandbox.Error)
		}
		u.program = p
		u.def.Code = "" // only the program is needed from here on
	})
	return u.program, u.err
}

// Prepare compiles the code.
func (u *Unit) Prepare() error {
	if _, e := u.compiled(); e != nil {
		return e
	}
	return nil
}

// Start begins a call. Its answer, and every failure, goes to world.
func (u *Unit) Start(req *Request, world World) *Call {
	c := &Call{unit: u, req: req, world: world}
	u.mu.Lock()
	if u.live >= u.engine.limits.Calls {
		u.mu.Unlock()
		world.Fail(&sandbox.Error{Kind: sandbox.ErrOverloaded,
			Message: fmt.Sprintf("The task has %d requests under way already; try again later.", u.engine.limits.Calls)})
		return nil
	}
	u.live++
	u.mu.Unlock()
	u.restart(c)
	return c
}

// restart gives a call that has not run yet an instance.
func (u *Unit) restart(c *Call) {
	in := u.pick()
	c.inst.Store(in)
	in.post(job{call: c, start: true, fn: func() error { return in.invoke(c) }})
}

// pick chooses where a call runs: an instance at rest; a new one while there is
// room; of the others one whose calls all wait, the one that the fewest share.
func (u *Unit) pick() *Instance {
	u.mu.Lock()
	defer u.mu.Unlock()
	if n := len(u.idle); n > 0 {
		in := u.idle[n-1]
		u.idle = u.idle[:n-1]
		u.busy = append(u.busy, in)
		in.assign()
		return in
	}
	if u.def.Fresh || len(u.busy) == 0 || len(u.busy) < u.engine.limits.Instances && u.engine.roomy() {
		in := newInstance(u)
		in.assign()
		u.busy = append(u.busy, in)
		return in
	}
	least := slices.MinFunc(u.busy, func(a, b *Instance) int { return cmp.Compare(a.pressure(), b.pressure()) })
	least.assign()
	return least
}

// pressure is how much the instance has to do: one whose calls all wait is better
// than one that runs.
func (in *Instance) pressure() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := int(in.assigned.Load())
	if in.active {
		n += 1 << 20
	}
	return n
}

// assign counts a call that was given to the instance. Guarded by unit.mu.
func (in *Instance) assign() { in.assigned.Add(1) }

// finished counts a call that ended; at rest says that the instance has no other.
func (u *Unit) finished(in *Instance, atRest bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.live--
	if in.assigned.Add(-1) > 0 {
		return
	}
	if i := slices.Index(u.busy, in); i >= 0 {
		u.busy = slices.Delete(u.busy, i, i+1)
		if atRest {
			u.idle = append(u.idle, in)
		}
	}
}

// discard takes an instance out of use.
func (u *Unit) discard(in *Instance) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.Index(u.busy, in); i >= 0 {
		u.busy = slices.Delete(u.busy, i, i+1)
	}
	if i := slices.Index(u.idle, in); i >= 0 {
		u.idle = slices.Delete(u.idle, i, i+1)
	}
}

// shed drops the instances at rest, to give their memory back.
func (u *Unit) shed() {
	u.mu.Lock()
	u.idle = nil
	u.mu.Unlock()
}
