package jsval

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
)

// inspectable gives a class's prototype the method by which util.inspect, and so
// console.log, shows an instance.
func (c *Class) inspectable(r *realm.Realm, proto *goja.Object) {
	if c.Show == nil {
		return
	}
	symbols, ok := GlobalOf(r, "Symbol").(*goja.Object)
	if !ok {
		return
	}
	sym, ok := Call(r, symbols.Get("for"), symbols, r.VM.ToValue("nodejs.util.inspect.custom")).(*goja.Symbol)
	if !ok {
		return
	}
	show := Func(r, "inspect", func(r *realm.Realm, call goja.FunctionCall) goja.Value {
		this, ok := call.This.(*goja.Object)
		if !ok || this.GetSymbol(symState) == nil {
			return call.This // not an instance, or what Fields made: as it is
		}
		return c.Show(r, this)
	})
	_ = proto.DefineDataPropertySymbol(sym, show, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// Fields is a Show that lists some getters of the instance.
func Fields(names ...string) func(*realm.Realm, *goja.Object) goja.Value {
	return func(r *realm.Realm, this *goja.Object) goja.Value {
		o := r.VM.CreateObject(this.Prototype())
		for _, name := range names {
			_ = o.DefineDataProperty(name, Get(this, name), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		return o
	}
}
