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
	"layout":      part("inspect_layout.js"),
	"equal":       part("equal.js"),
	"kind":        kindFn,
	"promise":     promiseState,
	"proxyTarget": proxyTarget,
	"isPlain":     isPlain,
	"namedKeys":   namedKeys,
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

// isPlain tells strings that need no escape between single quotes.
func isPlain(r *realm.Realm, c goja.FunctionCall) goja.Value {
	for _, u := range []byte(c.Argument(0).String()) {
		if u < ' ' || u > '~' || u == '\'' || u == '\\' {
			return r.VM.ToValue(false)
		}
	}
	return r.VM.ToValue(true)
}

// namedKeys gives the enumerable keys of an array or string that are no index.
func namedKeys(r *realm.Realm, c goja.FunctionCall) goja.Value {
	names := []any{}
	for _, key := range c.Argument(0).ToObject(r.VM).Keys() {
		if strings.Trim(key, "0123456789") != "" || key == "" {
			names = append(names, key)
		}
	}
	return r.VM.NewArray(names...)
}
