package jsval

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
)

// Class describes a JavaScript class whose instances carry Go state.
type Class struct {
	Name string
	// New makes the state for `new Name(...)`; nil means only Go makes instances.
	New     func(r *realm.Realm, call goja.ConstructorCall) any
	Methods Fns
	Getters Fns
	Setters Fns
	Statics Fns
	// Iterator names the method that is also Symbol.iterator; may be empty.
	Iterator string
	// Show gives what util.inspect shows of an instance; may be nil.
	Show func(r *realm.Realm, this *goja.Object) goja.Value
}

// symState keys the Go state on an instance.
var symState = goja.NewSymbol("state")

// Builtin defines the class in a realm and returns its constructor.
func (c *Class) Builtin(r *realm.Realm) goja.Value {
	ctor := r.VM.ToValue(func(call goja.ConstructorCall) *goja.Object {
		if c.New == nil {
			panic(r.VM.NewTypeError("Illegal constructor"))
		}
		attach(r, call.This, c.New(r, call))
		return nil
	}).(*goja.Object)
	_ = ctor.DefineDataProperty("name", r.VM.ToValue(c.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	proto := ctor.Get("prototype").(*goja.Object)
	// Go makes instances by this property: it must stay.
	_ = ctor.DefineDataProperty("prototype", proto, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	Put(r, proto, c.Methods)
	Put(r, ctor, c.Statics)
	for name, get := range c.Getters {
		var set goja.Value
		if fn := c.Setters[name]; fn != nil {
			set = Func(r, "set "+name, fn)
		}
		_ = proto.DefineAccessorProperty(name, Func(r, "get "+name, get), set, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	_ = proto.DefineDataPropertySymbol(goja.SymToStringTag, r.VM.ToValue(c.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	c.inspectable(r, proto)
	if c.Iterator != "" {
		_ = proto.DefineDataPropertySymbol(goja.SymIterator, proto.Get(c.Iterator), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return ctor
}

// Make makes an instance of the class that is the realm's global of that name.
func Make(r *realm.Realm, name string, state any) *goja.Object {
	proto, _ := r.Global(name).(*goja.Object).Get("prototype").(*goja.Object)
	return Instance(r, proto, state)
}

func attach(r *realm.Realm, o *goja.Object, state any) {
	h := r.VM.NewDynamicObject(&handle{state})
	_ = o.DefineDataPropertySymbol(symState, h, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}

// State returns the Go state of an instance, if it has one of type T.
func State[T any](v goja.Value) (state T, ok bool) {
	o, isObject := v.(*goja.Object)
	if !isObject {
		return state, false
	}
	s, isObject := o.GetSymbol(symState).(*goja.Object)
	if !isObject {
		return state, false
	}
	h, isHandle := Exported[*handle](s)
	if !isHandle {
		return state, false
	}
	state, ok = h.state.(T)
	return state, ok
}

// This is State of a call's receiver; another receiver is a TypeError.
func This[T any](r *realm.Realm, call goja.FunctionCall) T {
	state, ok := State[T](call.This)
	if !ok {
		panic(r.VM.NewTypeError("Illegal invocation"))
	}
	return state
}

// handle holds Go state in a JavaScript value that shows a script nothing.
type handle struct{ state any }

func (*handle) Get(string) goja.Value       { return nil }
func (*handle) Set(string, goja.Value) bool { return false }
func (*handle) Has(string) bool             { return false }
func (*handle) Delete(string) bool          { return false }
func (*handle) Keys() []string              { return nil }

// Instance makes an object of a prototype with Go state.
func Instance(r *realm.Realm, proto *goja.Object, state any) *goja.Object {
	o := r.VM.CreateObject(proto)
	attach(r, o, state)
	return o
}
