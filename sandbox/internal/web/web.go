// Package web holds the Web platform's globals that a script may use: fetch and
// its classes, URL, text encoding, events, console and so on. It must not know
// Node's modules in Go: what it needs of them it asks the realm for by name.
package web

import (
	"embed"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

//go:embed *.js
var files embed.FS

// source makes a Builtin of one of this package's JavaScript files.
func source(name string, fns jsval.Fns) realm.Builtin {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return jsval.FromSource(realm.NewSource("web/"+name, string(text)), fns)
}

// function makes a Builtin of a Go function.
func function(name string, fn jsval.Fn) realm.Builtin {
	return func(r *realm.Realm) goja.Value { return jsval.Func(r, name, fn) }
}

func globalThis(r *realm.Realm) goja.Value { return r.VM.GlobalObject() }

// Globals are the Web platform's globals.
var Globals = realm.Builtins{
	"AbortController": source("abort_controller.js", nil),
	"AbortSignal":     source("abort_signal.js", nil),
	"Blob":            source("blob.js", blobFns),
	"DOMException":    source("exception.js", nil),
	"Event":           source("event.js", nil),
	"CustomEvent":     source("custom_event.js", nil),
	"EventTarget":     source("event_target.js", nil),
	"Headers":         headersClass.Builtin,
	"Request":         requestClass.Builtin,
	"Response":        responseClass.Builtin,
	"TextDecoder":     decoderClass.Builtin,
	"TextEncoder":     encoderClass.Builtin,
	"URL":             urlClass.Builtin,
	"URLSearchParams": paramsClass.Builtin,
	"atob":            function("atob", atob),
	"btoa":            function("btoa", btoa),
	"console":         newConsole,
	"crypto":          newCrypto,
	"fetch":           function("fetch", fetch),
	"navigator":       newNavigator,
	"performance":     newPerformance,
	"queueMicrotask":  source("queue_microtask.js", nil),
	"self":            globalThis,
	"structuredClone": source("structured_clone.js", cloneFns),
}
