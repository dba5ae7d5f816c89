package engine

import (
	"fmt"
	"slices"
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
)

// Instance is a goja runtime with a task's module evaluated in it, and its event
// loop. The loop is a queue of jobs: whoever posts to an instance that is at rest
// starts a goroutine, which ends with the last job. So an instance that waits
// costs its heap and nothing else.
type Instance struct {
	unit  *Unit
	vm    *goja.Runtime
	realm *realm.Realm

	mu      sync.Mutex
	queue   []job
	active  bool  // a goroutine runs the queue
	running *Call // the call whose job runs
	dead    bool  // no job runs any more

	assigned int // calls that were given to it; guarded by unit.mu

	// What follows belongs to the goroutine that runs the queue.
	current  *Call // the call that running code belongs to
	calls    []*Call
	loaded   bool
	handler  handler
	rejected map[*goja.Promise]*Call
}

// job is a piece of work on the loop for a call. Its error fails the call.
type job struct {
	call  *Call
	fn    func() error
	start bool // the call has not run yet, and can start on another instance
}

func newInstance(u *Unit) *Instance {
	in := &Instance{unit: u, vm: goja.New()}
	in.vm.SetMaxCallStackSize(u.engine.limits.StackDepth)
	in.vm.SetParserOptions(parser.WithDisableSourceMaps)
	in.vm.SetAsyncContextTracker((*asyncContext)(in))
	in.vm.SetPromiseRejectionTracker(in.trackRejection)
	in.realm = realm.New(in.vm, (*loop)(in), (*effects)(in), u.engine.globals, u.engine.modules)
	return in
}

// post queues a job.
func (in *Instance) post(j job) {
	in.mu.Lock()
	if in.dead {
		in.mu.Unlock()
		if j.start {
			j.call.unit.restart(j.call)
		}
		return
	}
	in.queue = append(in.queue, j)
	start := !in.active
	in.active = true
	in.mu.Unlock()
	if start {
		in.unit.engine.runners.run(in)
	}
}

// drain runs jobs until there are none.
func (in *Instance) drain() {
	for {
		in.mu.Lock()
		if len(in.queue) == 0 || in.dead {
			in.active = false
			in.mu.Unlock()
			return
		}
		j := in.queue[0]
		in.queue = slices.Delete(in.queue, 0, 1)
		in.running = j.call
		if e := j.call.cancel.Load(); e != nil && j.start {
			j.fn = func() error { return e }
		}
		in.mu.Unlock()
		in.run(j)
	}
}

// run runs one job and settles what it changed.
func (in *Instance) run(j job) {
	if j.start {
		in.calls = append(in.calls, j.call)
	}
	if j.call.state == over {
		in.rest()
		return
	}
	in.current = j.call
	err := in.protect(j.fn)
	in.rest()
	c := j.call
	if err == nil {
		c, err = in.unhandled(c)
	}
	in.current = nil
	if err != nil {
		in.failed(c, err)
		return
	}
	in.settle()
}

// rest marks the end of a job.
func (in *Instance) rest() {
	in.mu.Lock()
	in.running = nil
	in.vm.ClearInterrupt()
	in.mu.Unlock()
}

// protect runs fn and turns what panics into an error: exceptions of scripts
// thrown through our own code, and mistakes of the engine.
func (in *Instance) protect(fn func() error) (err error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *goja.InterruptedError:
			err = x
		case *goja.StackOverflowError:
			err = x
		case *goja.Exception:
			err = x
		case goja.Value:
			err = &thrown{x}
		case error:
			err = fmt.Errorf("the JavaScript engine failed: %w", x)
		default:
			err = fmt.Errorf("the JavaScript engine failed: %v", x)
		}
	}()
	return fn()
}

// failed ends a call whose job failed. Unless only that call was cancelled while
// it waited, the instance is not to be trusted any more: it ends, and with it the
// calls that share it.
func (in *Instance) failed(c *Call, err error) {
	own, waits := err.(*sandbox.Error)
	if !waits {
		own = in.asError(err)
	}
	in.end(c, own)
	if waits && own.Kind != sandbox.ErrCompile {
		in.settle()
		return
	}
	in.die()
}

// end finishes a call with an error, after the answer that it may have given.
func (in *Instance) end(c *Call, e *sandbox.Error) {
	if c.state == over {
		return
	}
	if c.isAnswered() {
		c.flush(false)
		if e.Kind != sandbox.ErrCancelled {
			c.log(effect.Error, "after the answer: "+e.Message)
		}
		if c.state == answered {
			c.world.Done()
		}
	} else {
		c.failWith(e)
	}
	c.state = over
	in.remove(c)
}

func (in *Instance) remove(c *Call) {
	c.release()
	if i := slices.Index(in.calls, c); i >= 0 {
		in.calls = slices.Delete(in.calls, i, i+1)
	}
	in.unit.finished(in, !in.dead && !in.unit.def.Fresh)
}

// die takes the instance out of use. Calls that had not started move on.
func (in *Instance) die() {
	in.mu.Lock()
	in.dead = true
	rest := in.queue
	in.queue = nil
	in.mu.Unlock()
	in.unit.discard(in)
	for _, c := range slices.Clone(in.calls) {
		in.end(c, &sandbox.Error{Kind: sandbox.ErrInternal,
			Message: "the sandbox ended because another request that shared it failed; try again"})
	}
	for _, j := range rest {
		if j.start {
			in.unit.restart(j.call)
		}
	}
}

// settle finishes the calls that have answered, and those that never will.
func (in *Instance) settle() {
	alive := false
	for i := 0; i < len(in.calls); {
		c := in.calls[i]
		if c.isAnswered() || c.res != nil && c.res.ended {
			lingers := c.pending > 0
			already := c.state == answered
			c.flush(lingers)
			if !lingers {
				if already && c.state == answered {
					c.world.Done()
				}
				c.state = over
				in.remove(c)
				continue
			}
		}
		alive = alive || c.pending > 0
		i++
	}
	if alive || len(in.calls) == 0 {
		return
	}
	in.mu.Lock()
	idle := len(in.queue) == 0
	in.mu.Unlock()
	if idle {
		in.giveUp()
	}
}

// giveUp answers for calls in which nothing can happen any more.
func (in *Instance) giveUp() {
	for _, c := range slices.Clone(in.calls) {
		if c.settled {
			c.answer = &sandbox.Response{Status: 200, JSON: true, Body: []byte("{}")}
			c.flush(false)
			c.state = over
			in.remove(c)
			continue
		}
		in.end(c, &sandbox.Error{Kind: sandbox.ErrNoAnswer,
			Message: "The task ended without an answer: nothing is left to wait for, and it neither called its callback nor ended its response."})
	}
}
