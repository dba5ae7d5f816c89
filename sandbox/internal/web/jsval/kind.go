package jsval

import (
	"reflect"
	"slices"

	"github.com/dop251/goja"
)

// Kind names what a value is by the engine's own record where there is one:
// "Map", "Date", "TypedArray", "Function", "Proxy" and so on; "" for a primitive.
func Kind(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	t := o.ExportType()
	switch t {
	case reflect.TypeFor[goja.Proxy]():
		return "Proxy"
	case reflect.TypeFor[*goja.Promise]():
		return "Promise"
	case arrayBufferType:
		return "ArrayBuffer"
	case reflect.TypeFor[[][2]any]():
		return "Map"
	}
	if _, ok := goja.AssertFunction(v); ok {
		return "Function"
	}
	class := o.ClassName()
	switch {
	case isTyped(t):
		return "TypedArray"
	case class == "Object" && t == reflect.TypeFor[[]any]():
		return "Set"
	case class == "Object":
		return tagged(o)
	}
	return class
}

// isTyped tells the Go types of typed arrays.
func isTyped(t reflect.Type) bool {
	return t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() >= reflect.Int && t.Elem().Kind() <= reflect.Float64
}

// taggedKinds are kinds of which the engine shows nothing but their tag. A script
// can fake those; nothing that uses Kind trusts it with more than its own memory.
var taggedKinds = []string{"WeakMap", "WeakSet", "DataView", "Generator", "Map Iterator", "Set Iterator", "Array Iterator", "Symbol", "BigInt"}

func tagged(o *goja.Object) string {
	tag := o.GetSymbol(goja.SymToStringTag)
	if tag == nil || !slices.Contains(taggedKinds, tag.String()) || slices.Contains(o.Symbols(), goja.SymToStringTag) {
		return "Object"
	}
	return tag.String()
}
