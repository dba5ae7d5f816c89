package web

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// params is the state of a URLSearchParams.
type params struct {
	list  [][2]string
	owner *address // the URL whose query it is, or nil
}

// changed writes the query of the URL it belongs to.
func (p *params) changed() {
	if p.owner != nil {
		p.owner.SetSearch(p.String())
	}
}

var paramsClass = &jsval.Class{
	Name: "URLSearchParams",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		return &params{list: paramsInit(r, call.Argument(0))}
	},
	Iterator: "entries",
	Show:     showParams,
	Getters: jsval.Fns{"size": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(len(jsval.This[*params](r, c).list))
	}},
	Methods: jsval.Fns{
		"append": paramsChange(2, func(p *params, name string, value goja.Value) {
			p.list = append(p.list, [2]string{name, value.String()})
		}),
		"set":    paramsChange(2, func(p *params, name string, value goja.Value) { p.set(name, value.String()) }),
		"delete": paramsChange(1, (*params).remove),
		"sort":   paramsChange(0, func(p *params, _ string, _ goja.Value) { p.sort() }),
		"get": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			if all := jsval.This[*params](r, c).matches(needName(r, c, 1), goja.Undefined()); len(all) > 0 {
				return r.VM.ToValue(all[0])
			}
			return goja.Null()
		},
		"getAll": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.NewArray(jsval.This[*params](r, c).matches(needName(r, c, 1), goja.Undefined())...)
		},
		"has": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(len(jsval.This[*params](r, c).matches(needName(r, c, 1), c.Argument(1))) > 0)
		},
		"toString": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(jsval.This[*params](r, c).String())
		},
		"entries": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, pairs(r, jsval.This[*params](r, c).list))
		},
		"keys": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, column(r, jsval.This[*params](r, c).list, 0))
		},
		"values": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return iterate(r, column(r, jsval.This[*params](r, c).list, 1))
		},
		"forEach": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return forEach(r, c, slices.Clone(jsval.This[*params](r, c).list))
		},
	},
}

// paramsChange is a method of n arguments that changes the list.
func paramsChange(n int, change func(p *params, name string, value goja.Value)) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		p := jsval.This[*params](r, c)
		change(p, needName(r, c, n), c.Argument(1))
		p.changed()
		return goja.Undefined()
	}
}

// needName gives the first argument of a method that needs n of them.
func needName(r *realm.Realm, c goja.FunctionCall, n int) string {
	if len(c.Arguments) < n {
		names := `"name" argument`
		if n == 2 {
			names = `"name" and "value" arguments`
		}
		panic(jsval.Error(r, "TypeError", "ERR_MISSING_ARGS", "The "+names+" must be specified"))
	}
	return c.Argument(0).String()
}

func (p *params) matches(name string, value goja.Value) []any {
	all := []any{}
	for _, f := range p.list {
		if f[0] == name && (goja.IsUndefined(value) || f[1] == value.String()) {
			all = append(all, f[1])
		}
	}
	return all
}

func (p *params) set(name, value string) {
	i := slices.IndexFunc(p.list, func(f [2]string) bool { return f[0] == name })
	if i < 0 {
		p.list = append(p.list, [2]string{name, value})
		return
	}
	p.list[i][1] = value
	rest := slices.DeleteFunc(p.list[i+1:], func(f [2]string) bool { return f[0] == name })
	p.list = p.list[:i+1+len(rest)]
}

func (p *params) remove(name string, value goja.Value) {
	p.list = slices.DeleteFunc(p.list, func(f [2]string) bool {
		return f[0] == name && (goja.IsUndefined(value) || f[1] == value.String())
	})
}

// sort orders by UTF-16 units, as the standard asks.
func (p *params) sort() {
	sort.SliceStable(p.list, func(i, j int) bool {
		a, b := utf16.Encode([]rune(p.list[i][0])), utf16.Encode([]rune(p.list[j][0]))
		return slices.Compare(a, b) < 0
	})
}

// String is the application/x-www-form-urlencoded form.
func (p *params) String() string {
	var b strings.Builder
	for i, f := range p.list {
		if i > 0 {
			b.WriteByte('&')
		}
		formEscape(&b, f[0])
		b.WriteByte('=')
		formEscape(&b, f[1])
	}
	return b.String()
}
