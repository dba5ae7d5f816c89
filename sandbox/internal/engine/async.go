package engine

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
)

// asyncContext keeps Instance.current right across promise reactions, so that an
// effect is charged to the call whose code asked for it.
type asyncContext Instance

func (a *asyncContext) Grab() any { return a.current }

func (a *asyncContext) Resumed(c any) {
	if c, ok := c.(*Call); ok && c != nil && c != a.current {
		(*Instance)(a).enter(c)
	}
}

// Exited leaves it at that: the reaction's own promise is settled after it.
func (a *asyncContext) Exited() {}

// enter makes c the call that running code belongs to.
func (in *Instance) enter(c *Call) {
	in.current = c
	in.mu.Lock()
	in.running = c
	in.mu.Unlock()
}

// rejection is a rejected promise that nobody handles.
type rejection struct {
	call *Call
	seq  int
}

// trackRejection notes rejected promises that nobody handles, until somebody does.
func (in *Instance) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionHandle {
		delete(in.rejected, p)
		return
	}
	if in.rejected == nil {
		in.rejected = map[*goja.Promise]rejection{}
	}
	in.rejections++
	in.rejected[p] = rejection{in.current, in.rejections}
}

// unhandled gives the first rejection that was left alone when a job had ended,
// with the call that it belongs to. What is left is forgotten: the next job must
// not answer for it.
func (in *Instance) unhandled() (*Call, error) {
	if len(in.rejected) == 0 {
		return nil, nil
	}
	var first *goja.Promise
	for p, r := range in.rejected {
		if first == nil || r.seq < in.rejected[first].seq {
			first = p
		}
	}
	owner := in.rejected[first].call
	clear(in.rejected)
	return owner, &thrown{first.Result()}
}

// loop is the realm's view of the event loop.
type loop Instance

// Async implements realm.Loop.
func (l *loop) Async() func(func() error) {
	in, c := (*Instance)(l), l.current
	c.pending++
	return func(fn func() error) {
		in.post(job{call: c, fn: func() error {
			c.pending--
			return fn()
		}})
	}
}

// effects is the realm's view of the world of the current call.
type effects Instance

// Log implements realm.Effects.
func (e *effects) Log(level effect.Level, line string) { e.current.log(level, line) }

// Fetch implements realm.Effects.
func (e *effects) Fetch(req *effect.FetchRequest, done func(*realm.Response, error) error) func() {
	in, c := (*Instance)(e), e.current
	resume := (*loop)(in).Async()
	if len(c.aborts) >= in.unit.engine.limits.Fetches {
		resume(func() error { return done(nil, errTooManyFetches) })
		return func() {}
	}
	c.lastID++
	id := c.lastID
	if c.aborts == nil {
		c.aborts = map[int]func(){}
	}
	c.aborts[id] = func() {}
	cancel := c.world.Fetch(req, func(r *FetchResult, err error) {
		resume(func() error {
			if err != nil {
				delete(c.aborts, id)
				return done(nil, err)
			}
			return done(in.response(c, id, r), nil)
		})
	})
	c.aborts[id] = cancel
	return cancel
}

// response turns the callbacks of a fetch's body into jobs of the loop. The fetch
// is under way until its body has ended or was given up.
func (in *Instance) response(c *Call, id int, r *FetchResult) *realm.Response {
	if r.Whole {
		delete(c.aborts, id)
	}
	return &realm.Response{
		FetchResponse: r.FetchResponse,
		Cancel: func() {
			delete(c.aborts, id)
			r.Cancel()
		},
		Next: func(done func([]byte, error) error) {
			resume := (*loop)(in).Async()
			r.Next(func(piece []byte, err error) {
				resume(func() error {
					if err != nil {
						delete(c.aborts, id)
					}
					return done(piece, err)
				})
			})
		},
	}
}

var errTooManyFetches = &sandbox.Error{Kind: sandbox.ErrOverloaded,
	Message: "too many fetches are under way in this request; read their bodies or cancel them"}
