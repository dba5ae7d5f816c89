package web

import (
	"encoding/base64"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// btoa encodes a string of bytes; a character above U+00FF is an error.
func btoa(r *realm.Realm, c goja.FunctionCall) goja.Value {
	if len(c.Arguments) == 0 {
		panic(jsval.Error(r, "TypeError", "ERR_MISSING_ARGS", `The "data" argument must be specified`))
	}
	s := c.Argument(0).ToString()
	for _, u := range s.String() {
		if u > 0xff {
			panic(jsval.Exception(r, "InvalidCharacterError", "Invalid character"))
		}
	}
	return r.VM.ToValue(base64.StdEncoding.EncodeToString(jsval.Latin1.Bytes(s)))
}

// atob decodes as the Infra standard says: white space and padding may be left
// out, anything else is an error.
func atob(r *realm.Realm, c goja.FunctionCall) goja.Value {
	if len(c.Arguments) == 0 {
		panic(jsval.Error(r, "TypeError", "ERR_MISSING_ARGS", `The "data" argument must be specified`))
	}
	s := strings.Map(func(u rune) rune {
		if strings.ContainsRune(" \t\n\f\r", u) {
			return -1
		}
		return u
	}, c.Argument(0).String())
	if len(s)%4 == 0 {
		s = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	}
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		panic(jsval.Exception(r, "InvalidCharacterError", "The string to be decoded is not correctly encoded."))
	}
	return jsval.Latin1.String(b)
}
