package engine

import (
	"errors"
	"slices"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// What follows a job: what its errors mean, and which calls have ended.

// verdict is what the end of a job means. The zero verdict is a good end.
type verdict struct {
	call *Call // whose failure it is
	err  *sandbox.Error
	// taints says that something threw where nothing catches it: who shares the
	// instance may finish, new calls get another one.
	taints bool
	// fatal says that the engine was stopped in the middle of something: the
	// instance ends, and with it the calls that share it.
	fatal bool
}

// judge says what a job's end means. Describing what was thrown may run code of
// the script, so this is a part of the job.
func (in *Instance) judge(c *Call, err error) (v verdict) {
	if owner, rejected := in.unhandled(); err == nil && rejected != nil {
		c, err = owner, rejected
	}
	if err == nil {
		return v
	}
	if e, ok := err.(*sandbox.Error); ok { // foreseen: nothing was left half done
		return verdict{call: c, err: e, fatal: !in.loaded}
	}
	v = verdict{call: c, taints: true, fatal: !isThrown(err)}
	if stopped := in.protect(func() error { v.err = in.asError(err); return nil }); stopped != nil {
		v.fatal, err = true, stopped
		v.err = &sandbox.Error{Kind: sandbox.ErrUncaught, Message: "The script threw something that cannot be read."}
		if !isThrown(err) {
			v.err = in.asError(err)
		}
	}
	if v.fatal {
		v.call = in.victim(c, v.err)
	}
	return v
}

// isThrown reports whether err is a value that a script threw, and not what
// stopped the engine.
func isThrown(err error) bool {
	var ex *goja.Exception
	var t *thrown
	return errors.As(err, &ex) || errors.As(err, &t)
}

// victim is the call that an uncatchable end belongs to: the one that was
// cancelled with e, or else the one whose code was running.
func (in *Instance) victim(c *Call, e *sandbox.Error) *Call {
	for _, one := range in.calls {
		if one.cancel.Load() == e {
			return one
		}
	}
	if in.current != nil {
		return in.current
	}
	return c
}

// end finishes a call with an error, after the answer that it may have given.
func (in *Instance) end(c *Call, e *sandbox.Error) {
	if c.state == over {
		return
	}
	if c.isAnswered() || c.ended() {
		if e.Kind != sandbox.ErrCancelled {
			c.log(effect.Error, "after the answer: "+e.Message)
		}
		c.conclude(false)
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
	in.unit.finished(in, !in.unit.def.Fresh)
}

// retire gives the instance no further calls. Those that had not started move on.
func (in *Instance) retire() {
	in.mu.Lock()
	in.retired = true
	var waiting []*Call
	in.queue = slices.DeleteFunc(in.queue, func(j job) bool {
		if j.start {
			waiting = append(waiting, j.call)
		}
		return j.start
	})
	in.mu.Unlock()
	in.unit.discard(in)
	for _, c := range waiting {
		in.unit.restart(c)
	}
}

// die ends the instance and every call in it, c with e.
func (in *Instance) die(c *Call, e *sandbox.Error) {
	in.mu.Lock()
	in.dead = true
	rest := in.queue
	in.queue = nil
	in.mu.Unlock()
	in.unit.discard(in)
	in.end(c, e)
	for _, other := range slices.Clone(in.calls) {
		in.end(other, &sandbox.Error{Kind: sandbox.ErrInternal,
			Message: "The sandbox ended because another request that shared it failed; try again."})
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
		if c.isAnswered() || c.ended() {
			c.conclude(c.pending > 0)
			if c.state == over {
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
			c.conclude(false)
			in.remove(c)
			continue
		}
		in.end(c, &sandbox.Error{Kind: sandbox.ErrNoAnswer,
			Message: "The task ended without an answer: nothing is left to wait for, and it neither called its callback nor ended its response."})
	}
}
