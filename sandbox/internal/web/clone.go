package web

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

var cloneFns = jsval.Fns{
	"kind": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(jsval.Kind(c.Argument(0)))
	},
}

var blobFns = jsval.Fns{
	"join": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		var all []byte
		r.VM.ForOf(c.Argument(0), func(part goja.Value) bool {
			b, ok := jsval.Bytes(r, part)
			if !ok {
				b = []byte(part.String())
			}
			all = append(all, b...)
			return true
		})
		return jsval.Uint8Array(r, all)
	},
	"text": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		b, _ := jsval.Bytes(r, c.Argument(0))
		return jsval.UTF8.String(b)
	},
}
