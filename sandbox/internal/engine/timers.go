package engine

import (
	"fmt"
	"time"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// timer is one setTimeout, setInterval or setImmediate of a call.
type timer struct {
	in     *Instance
	call   *Call
	clock  *time.Timer
	object *goja.Object
	fn     goja.Callable
	args   []goja.Value
	delay  time.Duration
	repeat bool
	refed  bool // it keeps the call waiting
	gone   bool
}

// timerGlobals are the functions of the timers.
func timerGlobals() realm.Builtins {
	return realm.Builtins{
		"setTimeout":     func(r *realm.Realm) goja.Value { return setter(r, "setTimeout", 1, false) },
		"setInterval":    func(r *realm.Realm) goja.Value { return setter(r, "setInterval", 1, true) },
		"setImmediate":   func(r *realm.Realm) goja.Value { return setter(r, "setImmediate", 0, false) },
		"clearTimeout":   clearer,
		"clearInterval":  clearer,
		"clearImmediate": clearer,
	}
}

// timeout is the native part of a Timeout object, Node's handle of a timer.
type timeout struct{ t *timer }

// setter makes one of the functions; delayAt is the index of the delay among its
// arguments, or 0 where it has none.
func setter(r *realm.Realm, name string, delayAt int, repeat bool) goja.Value {
	in := (*Instance)(r.Loop.(*loop))
	return r.VM.ToValue(func(call goja.FunctionCall) goja.Value {
		fn, ok := goja.AssertFunction(call.Argument(0))
		if !ok {
			panic(r.VM.NewTypeError(`The "callback" argument must be of type function. Received ` + call.Argument(0).String()))
		}
		delay := time.Duration(0)
		if delayAt > 0 {
			delay = delayOf(call.Argument(delayAt))
		}
		var args []goja.Value
		if len(call.Arguments) > delayAt+1 {
			args = call.Arguments[delayAt+1:]
		}
		return in.addTimer(name, fn, args, delay, repeat)
	})
}

// delayOf reads milliseconds as browsers and Node do: what is no number from 1 to
// 2**31-1 means 1.
func delayOf(v goja.Value) time.Duration {
	ms := v.ToFloat()
	if !(ms >= 1 && ms <= 1<<31-1) {
		ms = 1
	}
	return time.Duration(ms * float64(time.Millisecond))
}

func (in *Instance) addTimer(name string, fn goja.Callable, args []goja.Value, delay time.Duration, repeat bool) goja.Value {
	c := in.current
	if limit := in.unit.engine.limits.Timers; len(c.timers) >= limit {
		panic(in.vm.NewTypeError(fmt.Sprintf("%s: a request can have %d timers at most", name, limit)))
	}
	t := &timer{in: in, call: c, fn: fn, args: args, delay: delay, repeat: repeat, refed: true}
	if c.timers == nil {
		c.timers = map[*timer]struct{}{}
	}
	c.timers[t] = struct{}{}
	c.pending++
	t.object = in.timeoutObject(t)
	t.clock = time.AfterFunc(delay, t.due)
	return t.object
}

// due is called by the clock, on a goroutine of its own.
func (t *timer) due() {
	t.in.post(job{call: t.call, fn: t.fire})
}

// fire calls the function. Its error fails the call.
func (t *timer) fire() error {
	if t.gone {
		return nil
	}
	if !t.repeat {
		t.stop()
	}
	_, err := t.fn(t.object, t.args...)
	if t.repeat && !t.gone {
		t.clock.Reset(t.delay)
	}
	return err
}

func (t *timer) stop() {
	if t.gone {
		return
	}
	t.gone = true
	t.clock.Stop()
	t.ref(false)
	delete(t.call.timers, t)
}

func (t *timer) ref(on bool) {
	if t.refed == on {
		return
	}
	t.refed = on
	if on {
		t.call.pending++
	} else {
		t.call.pending--
	}
}

func clearer(r *realm.Realm) goja.Value {
	return r.VM.ToValue(func(call goja.FunctionCall) goja.Value {
		if t := timerOf(call.Argument(0)); t != nil {
			t.stop()
		}
		return goja.Undefined()
	})
}

func timerOf(v goja.Value) *timer {
	h, ok := jsval.Exported[*timeout](v)
	if !ok {
		return nil
	}
	return h.t
}
