// Package jsval is how Go code of the built-ins makes and reads JavaScript
// values: functions, classes with Go state behind them, bytes, strings in
// Node's encodings and errors with Node's codes. It must not know any single
// built-in.
package jsval

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
)

// Fn is a JavaScript function written in Go.
type Fn func(r *realm.Realm, call goja.FunctionCall) goja.Value

// Fns are functions by name.
type Fns map[string]Fn

// Func makes a function whose name is what a stack trace should show.
func Func(r *realm.Realm, name string, fn Fn) *goja.Object {
	f := r.VM.ToValue(func(call goja.FunctionCall) goja.Value { return fn(r, call) }).(*goja.Object)
	_ = f.DefineDataProperty("name", r.VM.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return f
}

// Put defines functions on an object as methods: writable, not enumerable.
func Put(r *realm.Realm, o *goja.Object, fns Fns) {
	for name, fn := range fns {
		Hide(o, name, Func(r, name, fn))
	}
}

// Export sets functions on an object as ordinary properties, as on a module.
func Export(r *realm.Realm, o *goja.Object, fns Fns) {
	for name, fn := range fns {
		_ = o.Set(name, Func(r, name, fn))
	}
}

// Hide defines a property that is writable and configurable but not listed.
func Hide(o *goja.Object, name string, v goja.Value) {
	_ = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// FromSource makes a Builtin of a JavaScript source. Its function gets one
// object: native functions fns, and module(name) and global(name), by which it
// reaches other built-ins even when a script has replaced them.
func FromSource(src *realm.Source, fns Fns) realm.Builtin {
	return func(r *realm.Realm) goja.Value {
		return src.Call(r, natives(r, fns))
	}
}

// common is what every source of ours may need.
var common = Fns{
	"global": func(r *realm.Realm, c goja.FunctionCall) goja.Value { return r.Global(c.Argument(0).String()) },
	"module": func(r *realm.Realm, c goja.FunctionCall) goja.Value { return Module(r, c.Argument(0).String()) },
	"argType": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return ArgType(r, c.Argument(0).String(), c.Argument(1).String(), c.Argument(2))
	},
	"fail": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return Error(r, c.Argument(0).String(), c.Argument(1).String(), c.Argument(2).String())
	},
}

func natives(r *realm.Realm, fns Fns) *goja.Object {
	o := r.VM.NewObject()
	Export(r, o, fns)
	Export(r, o, common)
	return o
}

// Module returns a built-in module that is known to exist.
func Module(r *realm.Realm, name string) *goja.Object {
	v, ok := r.Module(name)
	if !ok {
		panic(r.VM.NewTypeError("no built-in module %s", name))
	}
	return v.ToObject(r.VM)
}

// Member makes a Builtin that is one property of another module.
func Member(module, name string) realm.Builtin {
	return func(r *realm.Realm) goja.Value { return Module(r, module).Get(name) }
}
