package web

import (
	"time"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// UserAgent is navigator.userAgent.
const UserAgent = "wt"

func newNavigator(r *realm.Realm) goja.Value {
	o := r.VM.NewObject()
	_ = o.Set("userAgent", UserAgent)
	_ = o.Set("language", "en-US")
	_ = o.Set("hardwareConcurrency", 1)
	return o
}

// newPerformance counts from its first use: a realm has no birthday to keep.
func newPerformance(r *realm.Realm) goja.Value {
	start := time.Now()
	millis := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
	o := r.VM.NewObject()
	_ = o.Set("timeOrigin", float64(start.UnixNano()/1000)/1000)
	jsval.Export(r, o, jsval.Fns{
		"now":    func(r *realm.Realm, _ goja.FunctionCall) goja.Value { return r.VM.ToValue(millis(time.Since(start))) },
		"mark":   func(*realm.Realm, goja.FunctionCall) goja.Value { return goja.Undefined() },
		"toJSON": func(r *realm.Realm, _ goja.FunctionCall) goja.Value { return r.VM.NewObject() },
	})
	return o
}
