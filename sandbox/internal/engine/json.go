package engine

import (
	"fmt"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// maxJSONDepth is how deep JSON may nest that is parsed. The engine's own parser
// calls itself for each level: a body of a few megabytes of brackets, which any
// caller can send, would end the process.
const maxJSONDepth = 5000

// replaceParse gives scripts a JSON.parse that is quick and bounded. Making it
// costs as much as a small task's whole instance, so those that do not speak of
// JSON go without.
func (in *Instance) replaceParse() {
	object := jsval.GlobalOf(in.realm, "JSON").ToObject(in.vm)
	native, ok := goja.AssertFunction(object.Get("parse"))
	if !ok {
		panic(in.vm.NewTypeError("JSON.parse is not a function"))
	}
	in.parse = func(call goja.FunctionCall) goja.Value {
		s := call.Argument(0).ToString()
		text := s.String()
		if len(call.Arguments) < 2 {
			if v, ok := jsval.ParseJSON(in.vm, text); ok {
				return v
			}
		}
		if tooDeep(text) {
			panic(jsval.Error(in.realm, "SyntaxError", "", fmt.Sprintf("JSON nests deeper than %d levels", maxJSONDepth)))
		}
		v, err := native(goja.Undefined(), append([]goja.Value{s}, call.Arguments[min(1, len(call.Arguments)):]...)...)
		if err != nil {
			panic(err)
		}
		return v
	}
	jsval.Hide(object, "parse", jsval.Func(in.realm, "parse", func(_ *realm.Realm, call goja.FunctionCall) goja.Value {
		return in.parse(call)
	}))
}

// parseJSON parses a request's body, and gives nil for bad text.
func (in *Instance) parseJSON(text string) (v goja.Value) {
	_ = in.vm.Try(func() {
		if in.parse == nil {
			in.replaceParse()
		}
		v = in.parse(goja.FunctionCall{Arguments: []goja.Value{in.vm.ToValue(text)}})
	})
	return v
}

// tooDeep reports whether brackets nest too deep. It need not know JSON: in text
// that is none, it may err.
func tooDeep(text string) bool {
	if len(text) <= maxJSONDepth {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxJSONDepth {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}
