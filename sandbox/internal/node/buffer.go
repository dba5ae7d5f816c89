package node

import (
	"bytes"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// maxAlloc bounds what one call may make Go allocate for a script. goja bounds
// nothing, and an allocation that fails ends the process.
const maxAlloc = 64 << 20

var bufferFns = jsval.Fns{
	"methods":          part("buffer_methods.js"),
	"later":            bufferLater,
	"hide":             hideAll,
	"numbers":          part("buffer_numbers.js"),
	"encode":           bufferEncode,
	"toString":         bufferToString,
	"isEncoding":       func(r *realm.Realm, c goja.FunctionCall) goja.Value { return r.VM.ToValue(isEncoding(c.Argument(0))) },
	"isAnyArrayBuffer": isArrayBuffer,
	"byteLength":       bufferByteLength,
	"compare":          bufferCompare,
	"find":             bufferFind,
	"fill":             bufferFill,
	"write":            bufferWrite,
	"readInt":          bufferReadInt,
	"writeInt":         bufferWriteInt,
	"isUtf8":           bufferIsUTF8,
	"isAscii":          bufferIsASCII,
}

func isEncoding(v goja.Value) bool {
	return goja.IsString(v) && jsval.EncodingOf(v.String()) != jsval.None
}

// encodingArg reads an optional encoding; a name that is unknown is Node's error.
func encodingArg(r *realm.Realm, v goja.Value) jsval.Encoding {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return jsval.UTF8
	}
	e := jsval.EncodingOf(v.String())
	if e == jsval.None {
		panic(jsval.Error(r, "TypeError", "ERR_UNKNOWN_ENCODING", "Unknown encoding: "+v.String()))
	}
	return e
}

// newBuffer makes a Buffer over b. Buffer's prototype chain leads to the real
// Uint8Array, whatever the script did to the global of that name.
func newBuffer(r *realm.Realm, b []byte) *goja.Object {
	buffer := r.Global("Buffer").(*goja.Object)
	parent := buffer.Prototype()
	if parent == nil {
		panic(r.VM.NewTypeError("Buffer has lost its prototype"))
	}
	construct, ok := goja.AssertConstructor(parent)
	if !ok {
		panic(r.VM.NewTypeError("Buffer has lost its prototype"))
	}
	o, err := construct(buffer, r.VM.ToValue(r.VM.NewArrayBuffer(b)))
	if err != nil {
		panic(err)
	}
	return o
}

func isArrayBuffer(r *realm.Realm, c goja.FunctionCall) goja.Value {
	_, ok := jsval.Exported[goja.ArrayBuffer](c.Argument(0))
	return r.VM.ToValue(ok)
}

func bufferEncode(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b := encodingArg(r, c.Argument(1)).Bytes(c.Argument(0))
	return r.VM.ToValue(r.VM.NewArrayBuffer(b))
}

func bufferByteLength(r *realm.Realm, c goja.FunctionCall) goja.Value {
	s := c.Argument(0).String()
	units := int64(0)
	if js, ok := c.Argument(0).ToString().(goja.String); ok {
		units = int64(js.Length())
	}
	e := jsval.UTF8
	if isEncoding(c.Argument(1)) {
		e = jsval.EncodingOf(c.Argument(1).String())
	}
	switch e {
	case jsval.UTF16:
		return r.VM.ToValue(2 * units)
	case jsval.Latin1, jsval.ASCII:
		return r.VM.ToValue(units)
	case jsval.Hex:
		return r.VM.ToValue(units / 2)
	case jsval.Base64, jsval.Base64URL:
		n := len(bytes.TrimRight([]byte(s), "="))
		return r.VM.ToValue(n * 3 / 4)
	}
	return r.VM.ToValue(len(s))
}

func bufferToString(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b := needBytes(r, "this", c.This)
	from, to := bounds(c.Argument(1), c.Argument(2), len(b))
	e := encodingArg(r, c.Argument(0))
	return e.String(b[from:to])
}

// bounds reads optional start and end arguments as toString clamps them.
func bounds(start, end goja.Value, n int) (from, to int) {
	to = n
	if !goja.IsUndefined(start) {
		from = int(min(max(start.ToInteger(), 0), int64(n)))
	}
	if !goja.IsUndefined(end) {
		to = int(min(max(end.ToInteger(), 0), int64(n)))
	}
	return from, max(from, to)
}

func needBytes(r *realm.Realm, name string, v goja.Value) []byte {
	b, ok := jsval.Bytes(r, v)
	if !ok {
		panic(jsval.ArgType(r, name, "an instance of Buffer, TypedArray, or DataView", v))
	}
	return b
}
