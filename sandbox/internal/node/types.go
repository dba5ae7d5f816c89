package node

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func kindFn(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return r.VM.ToValue(jsval.Kind(c.Argument(0)))
}

var typesFns = jsval.Fns{"kind": kindFn, "isProxy": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return r.VM.ToValue(jsval.Kind(c.Argument(0)) == "Proxy")
}}

var utilFns = jsval.Fns{
	"inspect":     part("inspect.js"),
	"raw":         part("inspect_raw.js"),
	"equal":       part("equal.js"),
	"kind":        kindFn,
	"promise":     promiseState,
	"proxyTarget": proxyTarget,
	"coded":       isCoded,
}

// promiseState gives [state, result] of a promise.
func promiseState(r *realm.Realm, c goja.FunctionCall) goja.Value {
	p, ok := jsval.Exported[*goja.Promise](c.Argument(0))
	if !ok {
		return goja.Undefined()
	}
	state := "pending"
	switch p.State() {
	case goja.PromiseStateFulfilled:
		state = "fulfilled"
	case goja.PromiseStateRejected:
		state = "rejected"
	}
	return r.VM.NewArray(state, p.Result())
}

// proxyTarget gives what is behind a proxy, undefined for anything else.
func proxyTarget(r *realm.Realm, c goja.FunctionCall) goja.Value {
	p, ok := jsval.Exported[goja.Proxy](c.Argument(0))
	if !ok || p.Target() == nil {
		return goja.Undefined()
	}
	return p.Target()
}

// isCoded tells errors that Node's own code made, whose code shows in the stack.
func isCoded(r *realm.Realm, c goja.FunctionCall) goja.Value {
	o := c.Argument(0).ToObject(r.VM)
	code := o.Get("code")
	return r.VM.ToValue(code != nil && strings.HasPrefix(code.String(), "ERR_"))
}
