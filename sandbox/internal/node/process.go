package node

import (
	"runtime"
	"time"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// Version is the Node.js version that scripts see. Packages choose code by it.
const Version = "v20.18.0"

// started is what hrtime and uptime count from: process-wide, so that it says
// nothing of other tasks and costs nothing per realm.
var started = time.Now()

var processFns = jsval.Fns{
	"version": func(r *realm.Realm, _ goja.FunctionCall) goja.Value { return r.VM.ToValue(Version) },
	"arch":    func(r *realm.Realm, _ goja.FunctionCall) goja.Value { return r.VM.ToValue(arch()) },
	"uptime": func(r *realm.Realm, _ goja.FunctionCall) goja.Value {
		return r.VM.ToValue(time.Since(started).Seconds())
	},
	"hrtime": func(r *realm.Realm, _ goja.FunctionCall) goja.Value {
		d := time.Since(started)
		return r.VM.NewArray(int64(d/time.Second), int64(d%time.Second))
	},
	"memory": func(r *realm.Realm, _ goja.FunctionCall) goja.Value {
		// Constants: what the process really uses would tell one task about others.
		o := r.VM.NewObject()
		for _, name := range []string{"rss", "heapTotal", "heapUsed", "external", "arrayBuffers"} {
			_ = o.Set(name, maxAlloc)
		}
		return o
	},
	"log": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		r.Effects.Log(effect.Level(c.Argument(0).ToInteger()), c.Argument(1).String())
		return goja.Undefined()
	},
}

// arch is Node's name for the machine.
func arch() string {
	if runtime.GOARCH == "amd64" {
		return "x64"
	}
	return runtime.GOARCH
}
