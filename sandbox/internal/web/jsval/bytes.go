package jsval

import (
	"reflect"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
)

// Bytes returns the memory behind an ArrayBuffer, typed array or DataView,
// shared with the script.
func Bytes(r *realm.Realm, v goja.Value) ([]byte, bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	switch x := o.ExportType(); {
	case x == bytesType:
		return Exported[[]byte](o)
	case x == arrayBufferType:
		buffer, ok := Exported[goja.ArrayBuffer](o)
		return buffer.Bytes(), ok
	case isTyped(x):
		var b []byte
		err := r.VM.ExportTo(o, &b)
		return b, err == nil
	}
	return dataView(o)
}

var (
	bytesType       = reflect.TypeFor[[]byte]()
	arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()
)

// dataView reads a DataView by its properties, for goja does not export it. An
// object that only looks like one gets no further than its own buffer.
func dataView(o *goja.Object) ([]byte, bool) {
	if tag := o.GetSymbol(goja.SymToStringTag); tag == nil || tag.String() != "DataView" {
		return nil, false
	}
	ab, ok := Exported[goja.ArrayBuffer](o.Get("buffer"))
	if !ok {
		return nil, false
	}
	data := ab.Bytes()
	from, n := Get(o, "byteOffset").ToInteger(), Get(o, "byteLength").ToInteger()
	if from < 0 || n < 0 || from > int64(len(data)) || n > int64(len(data))-from {
		return nil, false
	}
	return data[from : from+n], true
}

// Uint8Array makes a Uint8Array over b, without copying.
func Uint8Array(r *realm.Realm, b []byte) *goja.Object {
	return Construct(r, GlobalOf(r, "Uint8Array"), r.VM.ToValue(r.VM.NewArrayBuffer(b)))
}

// Construct is `new ctor(...args)`; what it throws goes on to the script.
func Construct(r *realm.Realm, ctor goja.Value, args ...goja.Value) *goja.Object {
	o, err := r.VM.New(ctor, args...)
	if err != nil {
		panic(err)
	}
	return o
}

// Call calls a function value; what it throws goes on to the script.
func Call(r *realm.Realm, fn goja.Value, this goja.Value, args ...goja.Value) goja.Value {
	f, ok := goja.AssertFunction(fn)
	if !ok {
		panic(r.VM.NewTypeError("not a function"))
	}
	v, err := f(this, args...)
	if err != nil {
		panic(err)
	}
	return v
}

// Get is o.Get(name), with undefined for what is not there.
func Get(o *goja.Object, name string) goja.Value {
	return orUndefined(o.Get(name))
}

// GlobalOf returns a global of the engine's own, such as JSON. A script may have
// replaced it, which harms nobody else, or deleted it: then it is undefined.
func GlobalOf(r *realm.Realm, name string) goja.Value { return Get(r.VM.GlobalObject(), name) }
