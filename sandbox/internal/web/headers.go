package web

import (
	"slices"
	"sort"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// headers is the state of a Headers object: names in lower case, in order.
type headers struct{ list effect.Header }

var headersClass = &jsval.Class{
	Name: "Headers",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		return newHeaders(r, call.Argument(0))
	},
	Iterator: "entries",
	Show: func(r *realm.Realm, this *goja.Object) goja.Value {
		h, _ := jsval.State[*headers](this)
		o := r.VM.CreateObject(this.Prototype())
		for _, f := range h.sorted() {
			_ = o.DefineDataProperty(f[0], r.VM.ToValue(f[1]), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		return o
	},
	Methods: jsval.Fns{
		"append": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			h, name, value := jsval.This[*headers](r, c), headerName(r, c.Argument(0)), headerValue(r, c.Argument(1))
			h.list = append(h.list, [2]string{name, value})
			return goja.Undefined()
		},
		"set": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			h := jsval.This[*headers](r, c)
			h.set(headerName(r, c.Argument(0)), headerValue(r, c.Argument(1)))
			return goja.Undefined()
		},
		"delete": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			h := jsval.This[*headers](r, c)
			h.remove(headerName(r, c.Argument(0)))
			return goja.Undefined()
		},
		"get": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			v, ok := jsval.This[*headers](r, c).get(headerName(r, c.Argument(0)))
			if !ok {
				return goja.Null()
			}
			return r.VM.ToValue(v)
		},
		"has": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			_, ok := jsval.This[*headers](r, c).get(headerName(r, c.Argument(0)))
			return r.VM.ToValue(ok)
		},
		"getSetCookie": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			cookies := []any{}
			for _, f := range jsval.This[*headers](r, c).list {
				if f[0] == "set-cookie" {
					cookies = append(cookies, f[1])
				}
			}
			return r.VM.NewArray(cookies...)
		},
		"entries": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, pairs(r, jsval.This[*headers](r, c).sorted()))
		},
		"keys": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, column(r, jsval.This[*headers](r, c).sorted(), 0))
		},
		"values": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, column(r, jsval.This[*headers](r, c).sorted(), 1))
		},
		"forEach": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return forEach(r, c, jsval.This[*headers](r, c).sorted())
		},
	},
}

func (h *headers) clone() *headers { return &headers{slices.Clone(h.list)} }

func (h *headers) set(name, value string) {
	for i, f := range h.list {
		if f[0] == name {
			h.list[i][1] = value
			rest := slices.DeleteFunc(h.list[i+1:], func(f [2]string) bool { return f[0] == name })
			h.list = h.list[:i+1+len(rest)]
			return
		}
	}
	h.list = append(h.list, [2]string{name, value})
}

func (h *headers) remove(name string) {
	h.list = slices.DeleteFunc(h.list, func(f [2]string) bool { return f[0] == name })
}

// get joins the values of a name by ", ", as the Fetch standard does.
func (h *headers) get(name string) (value string, ok bool) {
	for _, f := range h.list {
		switch {
		case f[0] != name:
		case ok:
			value += ", " + f[1]
		default:
			value, ok = f[1], true
		}
	}
	return value, ok
}

// sorted gives what iteration shows: names in order, values joined, but each
// set-cookie on its own.
func (h *headers) sorted() effect.Header {
	out := make(effect.Header, 0, len(h.list))
	at := make(map[string]int, len(h.list))
	for _, f := range h.list {
		if i, ok := at[f[0]]; ok && f[0] != "set-cookie" {
			out[i][1] += ", " + f[1]
			continue
		}
		at[f[0]] = len(out)
		out = append(out, f)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i][0] < out[j][0] })
	return out
}

// newHeaders reads a HeadersInit: Headers, pairs or a plain object.
func newHeaders(r *realm.Realm, init goja.Value) *headers {
	h := &headers{}
	if init == nil || goja.IsUndefined(init) {
		return h
	}
	o, ok := init.(*goja.Object)
	if !ok {
		panic(r.VM.NewTypeError("Headers constructor: init is neither a sequence nor a record"))
	}
	if other, ok := jsval.State[*headers](o); ok {
		return other.clone()
	}
	if it := o.GetSymbol(goja.SymIterator); it != nil && !goja.IsUndefined(it) {
		r.VM.ForOf(o, func(item goja.Value) bool {
			name, value := pair(r, item, "Headers constructor")
			h.list = append(h.list, [2]string{headerName(r, name), headerValue(r, value)})
			return true
		})
		return h
	}
	keys := o.Keys()
	h.list = make(effect.Header, 0, len(keys))
	for _, key := range keys {
		name := headerName(r, r.VM.ToValue(key))
		h.list = append(h.list, [2]string{name, headerValue(r, jsval.Get(o, key))})
	}
	return h
}

// responseHeaders reads what a server sent; nothing there is a script's mistake.
func responseHeaders(list effect.Header) *headers {
	h := &headers{list: make(effect.Header, len(list))}
	for i, f := range list {
		h.list[i] = [2]string{strings.ToLower(f[0]), f[1]}
	}
	return h
}

func headerName(r *realm.Realm, v goja.Value) string {
	s := v.String()
	for i := range len(s) {
		if !tokenChar(s[i]) {
			panic(r.VM.NewTypeError("Headers: %q is an invalid header name.", s))
		}
	}
	if s == "" {
		panic(r.VM.NewTypeError("Headers: \"\" is an invalid header name."))
	}
	return strings.ToLower(s)
}

func tokenChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func headerValue(r *realm.Realm, v goja.Value) string {
	s := strings.Trim(v.String(), " \t\r\n")
	for _, c := range s {
		if c == 0 || c == '\r' || c == '\n' {
			panic(r.VM.NewTypeError("Headers: %q is an invalid header value.", s))
		}
		if c > 0xff {
			panic(r.VM.NewTypeError("Cannot convert argument to a ByteString because a character has a value of %d which is greater than 255.", c))
		}
	}
	return s
}
