package jsval

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
)

// Error makes an error of a class (Error, TypeError, RangeError) with Node's
// code on it, if code is not empty. The caller panics with it.
func Error(r *realm.Realm, class, code, message string) *goja.Object {
	e := newError(r, class, message)
	if code != "" {
		_ = e.Set("code", code)
	}
	return e
}

func newError(r *realm.Realm, class, message string) *goja.Object {
	if class != "TypeError" {
		if e, err := r.VM.New(GlobalOf(r, class), r.VM.ToValue(message)); err == nil {
			return e
		}
	}
	return r.VM.NewTypeError("%s", message)
}

// ArgType makes Node's ERR_INVALID_ARG_TYPE; expected reads like "of type string".
func ArgType(r *realm.Realm, name, expected string, got goja.Value) *goja.Object {
	what := `"` + name + `" argument`
	if strings.Contains(name, ".") {
		what = `"` + name + `" property`
	} else if name == "first argument" {
		what = name
	}
	return Error(r, "TypeError", "ERR_INVALID_ARG_TYPE",
		"The "+what+" must be "+expected+". Received "+received(r, got))
}

// OutOfRange makes Node's ERR_OUT_OF_RANGE.
func OutOfRange(r *realm.Realm, name, want string, got goja.Value) *goja.Object {
	return Error(r, "RangeError", "ERR_OUT_OF_RANGE",
		fmt.Sprintf("The value of %q is out of range. It must be %s. Received %s", name, want, got.String()))
}

// Exception makes a DOMException.
func Exception(r *realm.Realm, name, message string) *goja.Object {
	e, err := r.VM.New(r.Global("DOMException"), r.VM.ToValue(message), r.VM.ToValue(name))
	if err != nil {
		panic(err)
	}
	return e
}

// received describes a value as Node's argument errors do.
func received(r *realm.Realm, v goja.Value) string {
	switch {
	case v == nil || goja.IsUndefined(v) || goja.IsNull(v):
		return fmt.Sprint(orUndefined(v))
	}
	o, isObject := v.(*goja.Object)
	switch {
	case !isObject && goja.IsString(v):
		s := v.String()
		if len(s) > 28 {
			s = s[:25] + "..."
		}
		return "type string ('" + s + "')"
	case !isObject:
		kind := "symbol"
		text := v.String()
		switch {
		case goja.IsNumber(v):
			kind = "number"
		case goja.IsBigInt(v):
			kind, text = "bigint", text+"n"
		case text == "true" || text == "false":
			kind = "boolean"
		}
		return "type " + kind + " (" + text + ")"
	}
	if _, ok := goja.AssertFunction(v); ok {
		return "function " + Get(o, "name").String()
	}
	if c, ok := o.Get("constructor").(*goja.Object); ok {
		if name := c.Get("name"); name != nil && name.String() != "" {
			return "an instance of " + name.String()
		}
	}
	return "[Object: null prototype] {}"
}

func orUndefined(v goja.Value) goja.Value {
	if v == nil {
		return goja.Undefined()
	}
	return v
}
