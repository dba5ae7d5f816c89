package node

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// part is a native function that runs another file of this package, with the
// natives it was called on as the first argument. It splits long built-ins.
func part(name string) jsval.Fn {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	src := realm.NewSource("node/"+name, string(text))
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return src.Call(r, append([]goja.Value{c.This}, c.Arguments...)...)
	}
}

func globalThis(r *realm.Realm) goja.Value { return r.VM.GlobalObject() }

// processModule is require("process"): the global itself.
func processModule(r *realm.Realm) goja.Value { return r.Global("process") }
