package jsval

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is one of Node's string encodings.
type Encoding uint8

// The encodings; None is an unknown name.
const (
	None Encoding = iota
	UTF8
	UTF16
	Latin1
	ASCII
	Base64
	Base64URL
	Hex
)

var encodings = map[string]Encoding{
	"utf8": UTF8, "utf-8": UTF8, "ucs2": UTF16, "ucs-2": UTF16, "utf16le": UTF16, "utf-16le": UTF16,
	"latin1": Latin1, "binary": Latin1, "ascii": ASCII, "base64": Base64, "base64url": Base64URL, "hex": Hex,
}

// EncodingOf returns an encoding by Node's name for it.
func EncodingOf(name string) Encoding {
	if e, ok := encodings[name]; ok {
		return e
	}
	return encodings[strings.ToLower(name)]
}

// String makes a string of bytes.
func (e Encoding) String(b []byte) goja.Value {
	switch e {
	case UTF16:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	case Latin1, ASCII:
		return narrow(b, e == ASCII)
	case Base64:
		return text(base64.StdEncoding.EncodeToString(b))
	case Base64URL:
		return text(base64.RawURLEncoding.EncodeToString(b))
	case Hex:
		return text(hex.EncodeToString(b))
	}
	return text(ValidUTF8(b))
}

// text makes a JavaScript string without a runtime.
func text(s string) goja.Value {
	var b goja.StringBuilder
	b.WriteUTF8String(s)
	return b.String()
}

func narrow(b []byte, seven bool) goja.Value {
	out := make([]byte, 0, len(b)+8)
	for _, c := range b {
		if seven {
			c &= 0x7f
		}
		out = utf8.AppendRune(out, rune(c))
	}
	return text(string(out))
}

// ValidUTF8 decodes as the Encoding standard does: each maximal bad part
// becomes one replacement character.
func ValidUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out, _ := unicode.UTF8.NewDecoder().Bytes(b)
	return string(out)
}

// Bytes encodes a string; what is not valid in the encoding is dropped as Node
// drops it.
func (e Encoding) Bytes(v goja.Value) []byte {
	switch e {
	case UTF16, Latin1, ASCII:
		return units(v, e == UTF16)
	case Base64, Base64URL:
		return lenientBase64(v.String())
	case Hex:
		return lenientHex(v.String())
	}
	return []byte(v.String())
}

func units(v goja.Value, wide bool) []byte {
	s, ok := v.ToString().(goja.String)
	if !ok {
		return nil
	}
	n := s.Length()
	if !wide {
		out := make([]byte, n)
		for i := range out {
			out[i] = byte(s.CharAt(i))
		}
		return out
	}
	out := make([]byte, 0, 2*n)
	for i := range n {
		c := s.CharAt(i)
		out = append(out, byte(c), byte(c>>8))
	}
	return out
}

func lenientHex(s string) []byte {
	out := make([]byte, len(s)/2)
	n, _ := hex.Decode(out, []byte(s[:len(s)&^1]))
	return out[:n]
}

// lenientBase64 takes both alphabets, skips what is in neither and stops at "=".
func lenientBase64(s string) []byte {
	if b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=")); err == nil {
		return b
	}
	out := make([]byte, 0, len(s)*3/4)
	var acc uint32
	bits := 0
	for i := 0; i < len(s) && s[i] != '='; i++ {
		d := digit(s[i])
		if d < 0 {
			continue
		}
		acc = acc<<6 | uint32(d)
		if bits += 6; bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out
}

func digit(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}
