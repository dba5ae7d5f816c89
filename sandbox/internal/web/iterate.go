package web

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// iterate gives an array's iterator: of a copy, so that a change under way is
// not seen.
func iterate(r *realm.Realm, array *goja.Object) goja.Value {
	return jsval.Call(r, array.GetSymbol(goja.SymIterator), array)
}

func pairs(r *realm.Realm, list [][2]string) *goja.Object {
	out := make([]any, len(list))
	for i, f := range list {
		out[i] = r.VM.NewArray(f[0], f[1])
	}
	return r.VM.NewArray(out...)
}

func column(r *realm.Realm, list [][2]string, i int) *goja.Object {
	out := make([]any, len(list))
	for j, f := range list {
		out[j] = f[i]
	}
	return r.VM.NewArray(out...)
}

// forEach is forEach(callback, thisArg) over name and value pairs.
func forEach(r *realm.Realm, c goja.FunctionCall, list [][2]string) goja.Value {
	if _, ok := goja.AssertFunction(c.Argument(0)); !ok {
		panic(jsval.ArgType(r, "callback", "of type function", c.Argument(0)))
	}
	for _, f := range list {
		jsval.Call(r, c.Argument(0), c.Argument(1), r.VM.ToValue(f[1]), r.VM.ToValue(f[0]), c.This)
	}
	return goja.Undefined()
}

// pair reads one [name, value] of an init sequence.
func pair(r *realm.Realm, item goja.Value, who string) (name, value goja.Value) {
	var parts []goja.Value
	if o, ok := item.(*goja.Object); ok {
		if it := o.GetSymbol(goja.SymIterator); it != nil && !goja.IsUndefined(it) {
			r.VM.ForOf(item, func(v goja.Value) bool {
				parts = append(parts, v)
				return len(parts) < 3
			})
		}
	}
	if len(parts) != 2 {
		panic(jsval.Error(r, "TypeError", "ERR_INVALID_TUPLE", who+": each item must be an iterable [name, value] tuple"))
	}
	return parts[0], parts[1]
}
