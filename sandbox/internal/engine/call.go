package engine

import (
	"sync/atomic"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// Call is one call of a task, from its start to its answer and what goes on
// after it. Cancel, Body and Drained may be called from any goroutine; the rest
// belongs to the loop of its instance.
type Call struct {
	unit  *Unit
	req   *Request
	world World
	// inst changes while the call has not started. cancel is why the call has to
	// end. Whoever stores the one loads the other afterwards: Cancel and restart
	// cannot miss each other.
	inst   atomic.Pointer[Instance]
	cancel atomic.Pointer[sandbox.Error]

	state   callState
	pending int  // timers, fetches and reads that can still wake the script
	settled bool // it was fulfilled with undefined: an answer, unless one follows

	answer  *sandbox.Response // given, not yet sent
	failure *sandbox.Error    // given, not yet sent

	timers map[*timer]struct{}
	aborts map[int]func() // cancels the fetches under way
	lastID int
	logged int // bytes of log lines

	header  sandbox.Header // see headers
	body    *bodyReader
	res     *responder
	drained func() error // waits for Drained
}

// callState is how far the answer is.
type callState uint8

const (
	waiting   callState = iota // nothing was answered
	streaming                  // the head has been sent
	answered                   // the answer was given; the call may linger
	over                       // nothing of the call is left
)

// Cancel ends the call with e, whatever its script does: at once when it waits,
// by an interrupt when it runs. An interrupt ends the instance, so a caller that
// went away does not cause one while others share it.
func (c *Call) Cancel(e *sandbox.Error) {
	c.cancel.CompareAndSwap(nil, e)
	in := c.inst.Load()
	alone := in.assigned.Load() == 1
	in.mu.Lock()
	if in.running == c && (alone || e.Kind != sandbox.ErrCancelled) {
		in.vm.Interrupt(e)
		in.mu.Unlock()
		return
	}
	busy := in.running != nil && in.running != c
	turn := in.turn
	in.mu.Unlock()
	in.post(job{call: c, fn: func() error { return e }})
	if busy && e.Kind == sandbox.ErrTimeout {
		in.hurry(turn)
	}
}

// Body brings the next piece of the request's body; err is io.EOF at its end.
func (c *Call) Body(piece []byte, err error) {
	c.inst.Load().post(job{call: c, fn: func() error { return c.body.deliver(piece, err) }})
}

// Drained says that the receiver of the answer keeps up again.
func (c *Call) Drained() {
	c.inst.Load().post(job{call: c, fn: func() error {
		resume := c.drained
		if resume == nil {
			return nil
		}
		c.drained = nil
		c.pending--
		return resume()
	}})
}

// headers gives the request's headers, decoded once, names in lower case.
func (c *Call) headers() sandbox.Header {
	if c.header == nil {
		c.header = lowerNames(c.req.Header())
	}
	return c.header
}

// succeed takes a callback's value as the answer.
func (c *Call) succeed(in *Instance, v goja.Value) {
	if c.state != waiting || c.failure != nil || c.answer != nil {
		c.again()
		return
	}
	text, err := in.stringify(v)
	if err != nil {
		c.failure = in.scriptError(sandbox.ErrSerialize, err)
		return
	}
	if limit := c.unit.engine.limits.Answer; int64(len(text)) > limit {
		c.failure = tooLarge(limit)
		return
	}
	c.answer = &sandbox.Response{Status: 200, JSON: true, Body: text}
}

// fail takes a callback's error, or a rejection, as the answer.
func (c *Call) fail(in *Instance, v goja.Value) {
	if c.state != waiting || c.failure != nil || c.answer != nil {
		c.again()
		return
	}
	c.failure = in.describe(sandbox.ErrCallback, v)
}

func (c *Call) again() {
	c.log(effect.Warn, "the task answered more than once; the first answer counts")
}

// isAnswered reports whether the script has done its part.
func (c *Call) isAnswered() bool {
	return c.answer != nil || c.failure != nil || c.state >= answered
}

// ended reports whether a streamed answer is complete.
func (c *Call) ended() bool { return c.res != nil && c.res.ended }

// conclude sends what the script has given; lingers says that the call goes on
// after it. A call that failed does not.
func (c *Call) conclude(lingers bool) {
	switch {
	case c.failure != nil && c.state < answered:
		c.failWith(c.failure)
		lingers = false
	case c.answer != nil:
		c.world.Answer(c.answer, lingers)
		c.state = answered
	case c.state == streaming:
		c.world.End(lingers)
		c.state = answered
	case !lingers: // its answer was given before
		c.world.Done()
	}
	c.failure, c.answer = nil, nil
	if !lingers {
		c.state = over
	}
}

// release gives up whatever the call still waits for.
func (c *Call) release() {
	for t := range c.timers {
		t.stop()
	}
	for _, abort := range c.aborts {
		abort()
	}
	c.timers, c.aborts, c.pending = nil, nil, 0
}
