package web

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// fetching is one fetch that is under way.
type fetching struct {
	r               *realm.Realm
	signal          *goja.Object
	listener        goja.Value
	resolve, reject func(any) error
	cancel          func()
	settled         bool
	body            *body // of the response, once there is one
}

// fetch is fetch(input, init). It makes no Request object: most calls give an
// address and a plain object.
func fetch(r *realm.Realm, c goja.FunctionCall) goja.Value {
	promise, resolve, reject := r.VM.NewPromise()
	f := &fetching{r: r, resolve: resolve, reject: reject}
	if ex := r.VM.Try(func() { f.start(newRequest(r, c.Argument(0), c.Argument(1))) }); ex != nil {
		_ = reject(ex.Value())
	}
	return r.VM.ToValue(promise)
}

func (f *fetching) start(q *request) {
	if q.signal != nil {
		if jsval.Get(q.signal, "aborted").ToBoolean() {
			panic(jsval.Get(q.signal, "reason"))
		}
		f.listen(q.signal)
	}
	if q.body.used {
		panic(f.r.VM.NewTypeError("Cannot construct a Request with a Request object that has already been used."))
	}
	if !q.headers.list.Fits() {
		panic(f.r.VM.NewTypeError("fetch: the request's headers exceed %d fields or %d bytes.", effect.MaxHeaderFields, effect.MaxHeaderSize))
	}
	req := &effect.FetchRequest{Method: q.method, URL: q.url, Header: q.headers.list, Body: q.body.held, Redirect: q.redirect}
	f.cancel = f.r.Effects.Fetch(req, f.done)
}

func (f *fetching) done(res *realm.Response, err error) error {
	if f.settled {
		if res != nil {
			res.Cancel()
		}
		return nil
	}
	f.settled = true
	if err != nil {
		f.unlisten(err)
		return f.reject(networkError(f.r, "fetch failed", err))
	}
	f.body = &body{remote: res, null: res.Status == 204 || res.Status == 304}
	f.body.waiting = append(f.body.waiting, f.unlisten)
	s := &response{FetchResponse: res.FetchResponse, kind: "basic", body: f.body}
	var made goja.Value
	if ex := f.r.VM.Try(func() { made = jsval.Make(f.r, "Response", s) }); ex != nil {
		return ex
	}
	return f.resolve(made)
}

// listen makes the signal's abort end the fetch or the reading of its body.
func (f *fetching) listen(signal *goja.Object) {
	f.signal = signal
	f.listener = f.r.VM.ToValue(func(goja.FunctionCall) goja.Value {
		f.abort(jsval.Get(signal, "reason"))
		return goja.Undefined()
	})
	jsval.Call(f.r, signal.Get("addEventListener"), signal, f.r.VM.ToValue("abort"), f.listener)
}

// unlisten runs when the fetch is over. It runs outside any JavaScript, where
// what a script's own removeEventListener throws has nowhere to go.
func (f *fetching) unlisten(error) {
	if f.signal == nil {
		return
	}
	_ = f.r.VM.Try(func() {
		jsval.Call(f.r, f.signal.Get("removeEventListener"), f.signal, f.r.VM.ToValue("abort"), f.listener)
	})
	f.signal = nil
}

func (f *fetching) abort(reason goja.Value) {
	if f.body != nil {
		f.body.abort(reason)
		return
	}
	if f.settled {
		return
	}
	f.settled = true
	if f.cancel != nil {
		f.cancel()
	}
	f.signal = nil
	_ = f.reject(reason)
}
