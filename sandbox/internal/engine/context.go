package engine

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// contextObject is the ctx of a call. Its properties are made when they are
// first looked at: most handlers use one or two of them.
type contextObject struct {
	in      *Instance
	call    *Call
	values  map[string]goja.Value
	keys    []string // names that the script added
	gone    []string // names that the script deleted
	hasBody bool
	raw     []byte // the body, when it was read
	self    *goja.Object
}

func newContext(in *Instance, c *Call) *contextObject {
	return &contextObject{in: in, call: c}
}

func (x *contextObject) object() *goja.Object {
	if x.self == nil {
		x.self = x.in.vm.NewDynamicObject(x)
	}
	return x.self
}

// setBody keeps the request's body for body, body_raw and data.
func (x *contextObject) setBody(body []byte) { x.hasBody, x.raw = true, body }

var contextKeys = []string{"data", "query", "params", "secrets", "meta", "headers", "body", "body_raw", "id", "token"}

// Get implements goja.DynamicObject.
func (x *contextObject) Get(name string) goja.Value {
	if v, ok := x.values[name]; ok {
		return v
	}
	if slices.Contains(x.gone, name) {
		return nil
	}
	v := x.make(name)
	if v != nil {
		x.keep(name, v)
	}
	return v
}

func (x *contextObject) keep(name string, v goja.Value) {
	if x.values == nil {
		x.values = map[string]goja.Value{}
	}
	x.values[name] = v
}

// make builds a property, or nil where the call has none of that name.
func (x *contextObject) make(name string) goja.Value {
	vm, def := x.in.vm, x.in.unit.def
	switch name {
	case "query":
		return parseQuery(vm, x.call.req.Query)
	case "secrets":
		return object(vm, def.Secrets)
	case "params":
		return object(vm, def.Params)
	case "meta":
		return toJS(vm, stringMap(def.Meta))
	case "headers":
		return headerObject(vm, x.call.headers())
	case "data":
		return x.data()
	case "body":
		return x.body()
	case "body_raw":
		if x.hasBody {
			return vm.ToValue(jsval.ValidUTF8(x.raw))
		}
	case "id":
		return vm.ToValue(x.call.req.ID)
	case "token":
		if def.Token != "" {
			return vm.ToValue(def.Token)
		}
	}
	return nil
}

func object(vm *goja.Runtime, m map[string]any) goja.Value {
	if m == nil {
		return vm.NewObject()
	}
	return toJS(vm, m)
}

// data overlays the query with the parameters and those with the secrets. A body
// only fills gaps: a caller must not be able to replace a secret.
func (x *contextObject) data() goja.Value {
	vm, def := x.in.vm, x.in.unit.def
	o := parseQuery(vm, x.call.req.Query)
	for _, m := range []map[string]any{def.Params, def.Secrets} {
		for k, v := range m {
			define(o, k, toJS(vm, v))
		}
	}
	body, ok := x.Get("body").(*goja.Object)
	if !def.MergeBody && !x.call.req.Merge || !ok || body.ClassName() != "Object" {
		return o
	}
	for _, k := range body.Keys() {
		if have := o.Get(k); k != "__proto__" && (have == nil || !have.ToBoolean()) {
			define(o, k, body.Get(k))
		}
	}
	return o
}

// body parses the body by its content type; what cannot be parsed has none, and
// body_raw still holds it.
func (x *contextObject) body() goja.Value {
	if !x.hasBody || len(x.raw) == 0 {
		return nil
	}
	kind := "application/json"
	for _, f := range x.call.headers() {
		if f[0] == "content-type" {
			kind = f[1]
		}
	}
	switch {
	case strings.Contains(kind, "application/x-www-form-urlencoded"):
		return parseQuery(x.in.vm, string(x.raw))
	case strings.Contains(kind, "json"):
		return x.in.parseJSON(string(x.raw))
	}
	return nil
}

// Set implements goja.DynamicObject.
func (x *contextObject) Set(name string, v goja.Value) bool {
	if !slices.Contains(contextKeys, name) && !slices.Contains(x.keys, name) {
		x.keys = append(x.keys, name)
	}
	x.gone = slices.DeleteFunc(x.gone, func(g string) bool { return g == name })
	x.keep(name, v)
	return true
}

// Has implements goja.DynamicObject.
func (x *contextObject) Has(name string) bool { return x.Get(name) != nil }

// Delete implements goja.DynamicObject.
func (x *contextObject) Delete(name string) bool {
	delete(x.values, name)
	x.gone = append(x.gone, name)
	x.keys = slices.DeleteFunc(x.keys, func(k string) bool { return k == name })
	return true
}

// Keys implements goja.DynamicObject.
func (x *contextObject) Keys() []string {
	var keys []string
	for _, k := range contextKeys {
		if x.Has(k) {
			keys = append(keys, k)
		}
	}
	return append(keys, x.keys...)
}

var _ goja.DynamicObject = (*contextObject)(nil)
