package web

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func newCrypto(r *realm.Realm) goja.Value {
	o := r.VM.NewObject()
	jsval.Export(r, o, jsval.Fns{"getRandomValues": getRandomValues, "randomUUID": randomUUID})
	_ = o.DefineDataPropertySymbol(goja.SymToStringTag, r.VM.ToValue("Crypto"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return o
}

func getRandomValues(r *realm.Realm, c goja.FunctionCall) goja.Value {
	b, ok := jsval.Bytes(r, c.Argument(0))
	if ok && jsval.Kind(c.Argument(0)) != "TypedArray" {
		ok = false
	}
	if !ok {
		panic(jsval.Exception(r, "TypeMismatchError", "The data argument must be an integer-type TypedArray"))
	}
	if len(b) > 65536 {
		panic(jsval.Exception(r, "QuotaExceededError", "The requested length exceeds 65,536 bytes; it is "+strconv.Itoa(len(b))))
	}
	_, _ = rand.Read(b)
	return c.Argument(0)
}

func randomUUID(r *realm.Realm, _ goja.FunctionCall) goja.Value {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b[:])
	return r.VM.ToValue(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:])
}
