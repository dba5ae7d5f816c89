package web

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// paramsInit reads what URLSearchParams is made of: another one, pairs, a plain
// object or a query.
func paramsInit(r *realm.Realm, v goja.Value) [][2]string {
	o, ok := v.(*goja.Object)
	switch {
	case goja.IsUndefined(v) || goja.IsNull(v):
		return nil
	case !ok:
		return parseParams(strings.TrimPrefix(v.String(), "?"))
	}
	if p, ok := jsval.State[*params](o); ok {
		return append([][2]string(nil), p.list...)
	}
	var list [][2]string
	if it := o.GetSymbol(goja.SymIterator); it != nil && !goja.IsUndefined(it) {
		r.VM.ForOf(o, func(item goja.Value) bool {
			name, value := pair(r, item, "URLSearchParams")
			list = append(list, [2]string{name.String(), value.String()})
			return true
		})
		return list
	}
	for _, key := range o.Keys() {
		list = append(list, [2]string{key, jsval.Get(o, key).String()})
	}
	return list
}

func parseParams(query string) [][2]string {
	var list [][2]string
	for field := range strings.SplitSeq(query, "&") {
		if field != "" {
			name, value, _ := strings.Cut(field, "=")
			list = append(list, [2]string{formUnescape(name), formUnescape(value)})
		}
	}
	return list
}

func formUnescape(s string) string {
	if !strings.ContainsAny(s, "+%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		}
		out = append(out, c)
	}
	return jsval.ValidUTF8(out)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func formEscape(b *strings.Builder, s string) {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("*-._", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
}

// showParams is what util.inspect shows, in Node's way.
func showParams(r *realm.Realm, this *goja.Object) goja.Value {
	p, _ := jsval.State[*params](this)
	if len(p.list) == 0 {
		return r.VM.ToValue("URLSearchParams {}")
	}
	fields := make([]string, len(p.list))
	for i, f := range p.list {
		fields[i] = "'" + f[0] + "' => '" + f[1] + "'"
	}
	return r.VM.ToValue("URLSearchParams { " + strings.Join(fields, ", ") + " }")
}
