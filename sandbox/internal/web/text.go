package web

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

type textEncoder struct{}

var encoderClass = &jsval.Class{
	Name: "TextEncoder",
	New:  func(*realm.Realm, goja.ConstructorCall) any { return textEncoder{} },
	Methods: jsval.Fns{
		"encode": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			if goja.IsUndefined(c.Argument(0)) {
				return jsval.Uint8Array(r, nil)
			}
			return jsval.Uint8Array(r, []byte(c.Argument(0).String()))
		},
		"encodeInto": encodeInto,
	},
	Getters: jsval.Fns{"encoding": func(r *realm.Realm, _ goja.FunctionCall) goja.Value { return r.VM.ToValue("utf-8") }},
}

// encodeInto writes the whole characters that fit.
func encodeInto(r *realm.Realm, c goja.FunctionCall) goja.Value {
	dst, ok := jsval.Bytes(r, c.Argument(1))
	if !ok {
		panic(jsval.ArgType(r, "dest", "an instance of Uint8Array", c.Argument(1)))
	}
	read, written := 0, 0
	for _, c := range c.Argument(0).String() {
		n := utf8.RuneLen(c)
		if written+n > len(dst) {
			break
		}
		utf8.EncodeRune(dst[written:], c)
		written += n
		if read++; c > 0xffff {
			read++
		}
	}
	o := r.VM.NewObject()
	_ = o.Set("read", read)
	_ = o.Set("written", written)
	return o
}

// textDecoder is the state of a TextDecoder; pending is the start of a
// character whose rest a streaming caller still owes.
type textDecoder struct {
	label            string
	encoding         jsval.Encoding
	fatal, ignoreBOM bool
	pending          []byte
	started          bool
}

// labels are the Encoding standard's names for what is supported. latin1 means
// windows-1252 there.
var labels = map[string]string{
	"utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
	"utf-16le": "utf-16le", "utf-16": "utf-16le", "ucs-2": "utf-16le", "unicode": "utf-16le",
	"latin1": "windows-1252", "iso-8859-1": "windows-1252", "ascii": "windows-1252", "us-ascii": "windows-1252",
	"windows-1252": "windows-1252", "l1": "windows-1252", "cp1252": "windows-1252",
}

var decoderClass = &jsval.Class{
	Name: "TextDecoder",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		name := "utf-8"
		if v := call.Argument(0); !goja.IsUndefined(v) {
			name = v.String()
		}
		d := &textDecoder{label: labels[strings.ToLower(strings.TrimSpace(name))]}
		if d.label == "" {
			panic(jsval.Error(r, "RangeError", "ERR_ENCODING_NOT_SUPPORTED", `The "`+name+`" encoding is not supported`))
		}
		d.encoding = jsval.EncodingOf(d.label)
		if o, ok := call.Argument(1).(*goja.Object); ok {
			d.fatal, d.ignoreBOM = truthy(o.Get("fatal")), truthy(o.Get("ignoreBOM"))
		}
		return d
	},
	Methods: jsval.Fns{"decode": decodeMethod},
	Getters: jsval.Fns{
		"encoding": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(jsval.This[*textDecoder](r, c).label)
		},
		"fatal": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(jsval.This[*textDecoder](r, c).fatal)
		},
		"ignoreBOM": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(jsval.This[*textDecoder](r, c).ignoreBOM)
		},
	},
}

func truthy(v goja.Value) bool { return v != nil && v.ToBoolean() }

func decodeMethod(r *realm.Realm, c goja.FunctionCall) goja.Value {
	d := jsval.This[*textDecoder](r, c)
	var b []byte
	if v := c.Argument(0); !goja.IsUndefined(v) {
		var ok bool
		if b, ok = jsval.Bytes(r, v); !ok {
			panic(jsval.ArgType(r, "list", "an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView", v))
		}
	}
	stream := false
	if o, ok := c.Argument(1).(*goja.Object); ok {
		stream = truthy(o.Get("stream"))
	}
	if len(d.pending) > 0 {
		b = append(d.pending, b...)
		d.pending = nil
	}
	if stream {
		n := len(b) - jsval.Partial(b, d.encoding)
		d.pending = bytes.Clone(b[n:])
		b = b[:n]
	}
	b = d.stripBOM(b)
	if !stream {
		d.started = false
	}
	if d.fatal && !d.valid(b) {
		panic(jsval.Error(r, "TypeError", "ERR_ENCODING_INVALID_ENCODED_DATA", "The encoded data was not valid for encoding "+d.label))
	}
	return d.text(b)
}

func (d *textDecoder) stripBOM(b []byte) []byte {
	if d.started || len(b) == 0 {
		return b
	}
	d.started = true
	switch {
	case d.ignoreBOM:
	case d.encoding == jsval.UTF8:
		b = bytes.TrimPrefix(b, bom)
	case d.encoding == jsval.UTF16:
		b = bytes.TrimPrefix(b, []byte{0xff, 0xfe})
	}
	return b
}
