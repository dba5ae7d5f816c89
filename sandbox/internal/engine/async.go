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
	if c, ok := c.(*Call); ok && c != nil {
		a.current = c
	}
}

func (a *asyncContext) Exited() {}

// trackRejection notes rejected promises that nobody handles, until somebody does.
func (in *Instance) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionHandle {
		delete(in.rejected, p)
		return
	}
	if in.rejected == nil {
		in.rejected = map[*goja.Promise]*Call{}
	}
	in.rejected[p] = in.current
}

// unhandled reports a rejection that was left alone when a job of c had ended,
// with the call that it belongs to.
func (in *Instance) unhandled(c *Call) (*Call, error) {
	for p, owner := range in.rejected {
		clear(in.rejected)
		if owner != nil {
			c = owner
		}
		return c, &thrown{p.Result()}
	}
	return c, nil
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
	if c.fetches >= in.unit.engine.limits.Fetches {
		resume := (*loop)(in).Async()
		resume(func() error { return done(nil, errTooManyFetches) })
		return func() {}
	}
	c.fetches++
	c.lastID++
	id := c.lastID
	resume := (*loop)(in).Async()
	cancel := c.world.Fetch(req, func(r *FetchResult, err error) {
		resume(func() error {
			c.fetches--
			delete(c.aborts, id)
			if err != nil {
				return done(nil, err)
			}
			return done(in.response(c, r), nil)
		})
	})
	if c.aborts == nil {
		c.aborts = map[int]func(){}
	}
	c.aborts[id] = cancel
	return cancel
}

// response turns the callbacks of a fetch's body into jobs of the loop.
func (in *Instance) response(c *Call, r *FetchResult) *realm.Response {
	return &realm.Response{
		FetchResponse: r.FetchResponse,
		Cancel:        r.Cancel,
		Next: func(done func([]byte, error) error) {
			resume := (*loop)(in).Async()
			r.Next(func(piece []byte, err error) {
				resume(func() error { return done(piece, err) })
			})
		},
	}
}

var errTooManyFetches = &sandbox.Error{Kind: sandbox.ErrOverloaded, Message: "too many fetches are under way in this request"}
