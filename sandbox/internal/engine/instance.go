package engine

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/wthost/wt/sandbox"
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
	running *Call // the call whose code runs, for interrupts
	turn    int   // counts jobs
	retired bool  // no call starts here any more
	dead    bool  // no job runs any more

	assigned atomic.Int32 // calls that were given to it; changes under unit.mu

	// What follows belongs to the goroutine that runs the queue.
	job        *Call // the call whose job runs
	current    *Call // the call that running code belongs to
	calls      []*Call
	loaded     bool
	handler    handler
	http       goja.Callable                      // makes req and res; see httpObjects
	parse      func(goja.FunctionCall) goja.Value // JSON.parse
	rejected   map[*goja.Promise]rejection
	rejections int
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
	if in.dead || in.retired && j.start {
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
	in.unit.engine.begin()
	defer in.unit.engine.end()
	for {
		in.mu.Lock()
		if len(in.queue) == 0 || in.dead {
			in.active = false
			in.mu.Unlock()
			return
		}
		j := in.queue[0]
		in.queue = slices.Delete(in.queue, 0, 1)
		if j.call.inst.Load() != in { // it moved on before it started, and its cancel with it
			in.mu.Unlock()
			continue
		}
		in.running = j.call
		in.turn++
		if e := j.call.cancel.Load(); e != nil {
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
	var v verdict
	if j.call.state != over {
		in.job, in.current = j.call, j.call
		v = in.judge(j.call, in.protect(j.fn))
	}
	in.rest()
	switch {
	case v.fatal:
		in.die(v.call, v.err)
		return
	case v.taints:
		in.retire()
	}
	if v.err != nil {
		in.end(v.call, v.err)
	}
	in.settle()
}

// rest marks the end of a job.
func (in *Instance) rest() {
	in.mu.Lock()
	in.running = nil
	in.vm.ClearInterrupt()
	in.mu.Unlock()
	in.job, in.current = nil, nil
}

// hurry interrupts the job of that turn if it goes on for long: a call whose time
// is over waits behind it.
func (in *Instance) hurry(turn int) {
	time.AfterFunc(in.unit.engine.limits.Grace/2, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.turn == turn && in.running != nil {
			in.vm.Interrupt(&sandbox.Error{Kind: sandbox.ErrTimeout,
				Message: "The task held the processor while another request that shared its sandbox had to end; try again."})
		}
	})
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
