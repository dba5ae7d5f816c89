package web

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func (d *textDecoder) valid(b []byte) bool {
	switch d.encoding {
	case jsval.UTF8:
		return utf8.Valid(b)
	case jsval.UTF16:
		units := utf16Units(b)
		for i := 0; i < len(units); i++ {
			if !utf16.IsSurrogate(rune(units[i])) {
				continue
			}
			if i+1 == len(units) || utf16.DecodeRune(rune(units[i]), rune(units[i+1])) == utf8.RuneError {
				return false
			}
			i++
		}
		return len(b)%2 == 0
	}
	return true
}

func (d *textDecoder) text(b []byte) goja.Value {
	switch d.encoding {
	case jsval.UTF16:
		text := string(utf16.Decode(utf16Units(b)))
		if len(b)%2 == 1 {
			text += "\ufffd"
		}
		return jsval.UTF8.String([]byte(text))
	case jsval.UTF8:
		return jsval.UTF8.String(b)
	}
	// Node 20 reads latin1 byte by byte, not as windows-1252 as the standard says.
	return jsval.Latin1.String(b)
}

func utf16Units(b []byte) []uint16 {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return units
}
