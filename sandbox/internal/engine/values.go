package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// toJS makes plain JavaScript values of what encoding/json decodes into. Objects
// get their own copies, keys in order: a script may change what it is given.
func toJS(vm *goja.Runtime, v any) goja.Value {
	switch v := v.(type) {
	case nil:
		return goja.Null()
	case map[string]any:
		o := vm.NewObject()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			define(o, k, toJS(vm, v[k]))
		}
		return o
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = toJS(vm, item)
		}
		return vm.NewArray(items...)
	}
	return vm.ToValue(v)
}

func stringMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// define sets an own property. A name such as __proto__ must not reach a setter.
func define(o *goja.Object, name string, v goja.Value) {
	if name == "__proto__" {
		_ = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		return
	}
	_ = o.Set(name, v)
}

// parseQuery makes an object of a query string by the rules of Node's
// querystring: a repeated key becomes an array, what cannot be decoded stays, and
// what comes after a thousand pairs is left out.
func parseQuery(vm *goja.Runtime, query string) *goja.Object {
	o := vm.NewObject()
	if query == "" {
		return o
	}
	var keys []string // few, nearly always
	pairs := 0
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		if pairs++; pairs > maxPairs {
			break
		}
		k, v, _ := strings.Cut(pair, "=")
		k, value := unescape(k), vm.ToValue(unescape(v))
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
			define(o, k, value)
			continue
		}
		if list, ok := o.Get(k).(*goja.Object); ok {
			_ = list.Set(list.Get("length").String(), value)
		} else {
			define(o, k, vm.NewArray(o.Get(k), value))
		}
	}
	return o
}

// maxPairs is Node's default for querystring.parse.
const maxPairs = 1000

// unescape decodes + and %XX; an escape that is none stays as it is.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return jsval.ValidUTF8(out)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// lowerNames gives a header lower-case names, as Node's are.
func lowerNames(h sandbox.Header) sandbox.Header {
	out := make(sandbox.Header, len(h))
	for i, f := range h {
		out[i] = [2]string{strings.ToLower(f[0]), f[1]}
	}
	return out
}

// headerObject is Node's req.headers: repeated fields are joined, except for
// set-cookie, which is an array.
func headerObject(vm *goja.Runtime, h sandbox.Header) *goja.Object {
	o := vm.NewObject()
	joined := make(map[string]string, len(h))
	var cookies []any
	for _, f := range h {
		name, value := f[0], f[1]
		if name == "set-cookie" {
			cookies = append(cookies, value)
			define(o, name, vm.NewArray(cookies...))
			continue
		}
		if before, ok := joined[name]; ok {
			sep := ", "
			if name == "cookie" {
				sep = "; "
			}
			value = before + sep + value
		}
		joined[name] = value
		define(o, name, vm.ToValue(value))
	}
	return o
}
