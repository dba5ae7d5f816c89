package node

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

var encodingNames = map[jsval.Encoding]string{
	jsval.UTF8: "utf8", jsval.UTF16: "utf16le", jsval.Latin1: "latin1", jsval.ASCII: "ascii",
	jsval.Base64: "base64", jsval.Base64URL: "base64url", jsval.Hex: "hex",
}

var decoderFns = jsval.Fns{
	"encodingName": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(encodingNames[encodingArg(r, c.Argument(0))])
	},
	"decode": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return encodingArg(r, c.Argument(1)).String(needBytes(r, "buf", c.Argument(0)))
	},
	"complete": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		b := needBytes(r, "buf", c.Argument(0))
		return r.VM.ToValue(len(b) - jsval.Partial(b, encodingArg(r, c.Argument(1))))
	},
}
