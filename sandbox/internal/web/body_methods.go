package web

import (
	"bytes"
	"errors"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// errAborted marks a body that a signal gave up.
var errAborted = errors.New("aborted")

// hasBody is the state of a Request or a Response.
type hasBody interface{ content() *body }

// bodyMethods adds the reading methods to a class's own.
func bodyMethods[T hasBody](own jsval.Fns) jsval.Fns {
	for name, convert := range map[string]func(*realm.Realm, goja.FunctionCall, []byte) goja.Value{
		"text":        toText,
		"json":        toJSON,
		"arrayBuffer": toArrayBuffer,
		"bytes":       toBytes,
		"blob":        toBlob,
	} {
		own[name] = func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return consume(r, c, jsval.This[T](r, c).content(), convert)
		}
	}
	return own
}

// consume reads a body once and resolves with what convert makes of it.
func consume(r *realm.Realm, c goja.FunctionCall, b *body, convert func(*realm.Realm, goja.FunctionCall, []byte) goja.Value) goja.Value {
	promise, resolve, reject := r.VM.NewPromise()
	if b.used {
		_ = reject(r.VM.NewTypeError("Body is unusable: Body has already been read"))
		return r.VM.ToValue(promise)
	}
	b.used = !b.null
	b.read(func(err error) {
		if err != nil {
			_ = reject(b.failure(r))
			return
		}
		var v goja.Value
		if ex := r.VM.Try(func() { v = convert(r, c, b.held) }); ex != nil {
			_ = reject(ex.Value())
			return
		}
		_ = resolve(v)
	})
	return r.VM.ToValue(promise)
}

func (b *body) failure(r *realm.Realm) goja.Value {
	if b.failed == errAborted {
		return b.reason
	}
	return networkError(r, "terminated", b.failed)
}

// networkError is the TypeError of a failed fetch, with the reason as cause.
func networkError(r *realm.Realm, message string, err error) goja.Value {
	e := jsval.Error(r, "TypeError", "", message)
	jsval.Hide(e, "cause", jsval.Error(r, "Error", "", err.Error()))
	return e
}

var bom = []byte("\xef\xbb\xbf")

func decodeText(b []byte) string { return jsval.ValidUTF8(bytes.TrimPrefix(b, bom)) }

func toText(r *realm.Realm, _ goja.FunctionCall, b []byte) goja.Value {
	return r.VM.ToValue(decodeText(b))
}

func toJSON(r *realm.Realm, _ goja.FunctionCall, b []byte) goja.Value {
	return parseJSON(r, decodeText(b))
}

// parseJSON parses text as JSON.parse does.
func parseJSON(r *realm.Realm, text string) goja.Value {
	if v, ok := jsval.ParseJSON(r.VM, text); ok {
		return v
	}
	json := jsval.GlobalOf(r, "JSON").ToObject(r.VM)
	return jsval.Call(r, json.Get("parse"), json, r.VM.ToValue(text))
}

func toArrayBuffer(r *realm.Realm, _ goja.FunctionCall, b []byte) goja.Value {
	return r.VM.ToValue(r.VM.NewArrayBuffer(bytes.Clone(b)))
}

func toBytes(r *realm.Realm, _ goja.FunctionCall, b []byte) goja.Value {
	return jsval.Uint8Array(r, bytes.Clone(b))
}

func toBlob(r *realm.Realm, c goja.FunctionCall, b []byte) goja.Value {
	options := r.VM.NewObject()
	if h, ok := jsval.State[*headers](c.This.ToObject(r.VM).Get("headers")); ok {
		contentType, _ := h.get("content-type")
		_ = options.Set("type", contentType)
	}
	return jsval.Construct(r, r.Global("Blob"), r.VM.NewArray(jsval.Uint8Array(r, b)), options)
}
