package node

import (
	"bytes"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func bufferCompare(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return r.VM.ToValue(bytes.Compare(needBytes(r, "buf1", c.Argument(0)), needBytes(r, "buf2", c.Argument(1))))
}

// bufferFind is find(haystack, needle, offset, last).
func bufferFind(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b, needle := needBytes(r, "buffer", c.Argument(0)), needBytes(r, "value", c.Argument(1))
	at := int(c.Argument(2).ToInteger())
	if at < 0 {
		at += len(b)
	}
	if c.Argument(3).ToBoolean() {
		if at < 0 {
			return r.VM.ToValue(-1)
		}
		return r.VM.ToValue(bytes.LastIndex(b[:min(at+len(needle), len(b))], needle))
	}
	at = min(max(at, 0), len(b))
	i := bytes.Index(b[at:], needle)
	if i >= 0 {
		i += at
	}
	return r.VM.ToValue(i)
}

// bufferFill is fill(buffer, pattern, start, end).
func bufferFill(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b, pattern := needBytes(r, "buffer", c.Argument(0)), needBytes(r, "value", c.Argument(1))
	from, to := bounds(c.Argument(2), c.Argument(3), len(b))
	b = b[from:to]
	for n := copy(b, pattern); n > 0 && n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
	return c.Argument(0)
}

// bufferWrite is write(buffer, string, offset, length, encoding) and returns the
// number of bytes written; it never writes half a character.
func bufferWrite(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b := needBytes(r, "buffer", c.Argument(0))
	at := min(max(c.Argument(2).ToInteger(), 0), int64(len(b)))
	room := min(max(c.Argument(3).ToInteger(), 0), int64(len(b))-at)
	e := encodingArg(r, c.Argument(4))
	data := e.Bytes(c.Argument(1))
	if int64(len(data)) > room {
		data = data[:room]
		switch e {
		case jsval.UTF8:
			data = wholeRunes(data)
		case jsval.UTF16:
			data = data[:len(data)&^1]
		}
	}
	return r.VM.ToValue(copy(b[at:], data))
}

// wholeRunes drops a character that was cut off at the end of valid UTF-8.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// bufferReadInt is readInt(buffer, offset, width, signed, little); width is at
// most 6, so that a number holds the result.
func bufferReadInt(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b := field(r, c)
	little := c.Argument(4).ToBoolean()
	var v uint64
	for i := range b {
		if little {
			v |= uint64(b[i]) << (8 * i)
		} else {
			v = v<<8 | uint64(b[i])
		}
	}
	if shift := 64 - 8*len(b); c.Argument(3).ToBoolean() {
		return r.VM.ToValue(int64(v<<shift) >> shift)
	}
	return r.VM.ToValue(v)
}

// bufferWriteInt is writeInt(buffer, offset, width, value, little).
func bufferWriteInt(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b := field(r, c)
	v := uint64(c.Argument(3).ToInteger())
	little := c.Argument(4).ToBoolean()
	for i := range b {
		if little {
			b[i] = byte(v >> (8 * i))
		} else {
			b[len(b)-1-i] = byte(v >> (8 * i))
		}
	}
	return goja.Undefined()
}

func field(r *realm.Realm, c goja.FunctionCall) []byte {
	b := needBytes(r, "buffer", c.Argument(0))
	at, width := c.Argument(1).ToInteger(), c.Argument(2).ToInteger()
	if at < 0 || width < 1 || width > 6 || at+width > int64(len(b)) {
		panic(jsval.Error(r, "RangeError", "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds"))
	}
	return b[at : at+width]
}

func bufferIsUTF8(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return r.VM.ToValue(utf8.Valid(needBytes(r, "input", c.Argument(0))))
}

func bufferIsASCII(r *realm.Realm, c goja.FunctionCall) goja.Value {
	for _, b := range needBytes(r, "input", c.Argument(0)) {
		if b >= utf8.RuneSelf {
			return r.VM.ToValue(false)
		}
	}
	return r.VM.ToValue(true)
}
