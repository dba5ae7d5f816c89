package node

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding"
	"hash"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// cryptoModule makes require("crypto"). All of it is Go: hashing a header or a
// body is what many small tasks do first, and nothing else need be evaluated.
func cryptoModule(r *realm.Realm) goja.Value {
	m := r.VM.NewObject()
	classes := &hashClasses{}
	classes.hash = classes.define(r, "Hash")
	classes.hmac = classes.define(r, "Hmac")
	jsval.Export(r, m, jsval.Fns{
		"createHash": classes.createHash,
		"createHmac": classes.createHmac,
	})
	jsval.Export(r, m, cryptoFns)
	_ = m.Set("Hash", classes.hash.ctor)
	_ = m.Set("Hmac", classes.hmac.ctor)
	getter := func(get func() goja.Value) goja.Value {
		return r.VM.ToValue(func(goja.FunctionCall) goja.Value { return get() })
	}
	webcrypto := func() goja.Value { return r.Global("crypto") }
	_ = m.DefineAccessorProperty("webcrypto", getter(webcrypto), nil, goja.FLAG_TRUE, goja.FLAG_TRUE)
	_ = m.DefineAccessorProperty("subtle", getter(func() goja.Value {
		return webcrypto().ToObject(r.VM).Get("subtle")
	}), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return m
}

var cryptoFns = jsval.Fns{
	"getHashes":       getHashes,
	"hash":            hashOnce,
	"timingSafeEqual": timingSafeEqual,
	"randomBytes":     randomBytes,
	"randomInt":       randomInt,
	"randomFillSync":  randomFill,
	"randomFill":      randomFillLater,
	"randomUUID":      randomUUID,
	"getRandomValues": getRandomValues,
	"pbkdf2Sync":      deriveNow(pbkdf2Args, wrapBuffer),
	"pbkdf2":          deriveLater(pbkdf2Args, wrapBuffer),
	"hkdfSync":        deriveNow(hkdfArgs, wrapArrayBuffer),
	"hkdf":            deriveLater(hkdfArgs, wrapArrayBuffer),
	"scryptSync":      deriveNow(scryptArgs, wrapBuffer),
	"scrypt":          deriveLater(scryptArgs, wrapBuffer),
}

// hasher is the state of a Hash or Hmac.
type hasher struct {
	hash.Hash
	name string
	done bool
}

// hashClasses are the Hash and Hmac classes of one realm.
type hashClasses struct{ hash, hmac hashClass }

type hashClass struct{ ctor, proto *goja.Object }

func (c *hashClasses) define(r *realm.Realm, name string) hashClass {
	class := &jsval.Class{Name: name, Methods: jsval.Fns{"update": hashUpdate, "digest": hashDigest}}
	if name == "Hash" {
		class.Methods["copy"] = c.copyHash
	}
	ctor := class.Builtin(r).(*goja.Object)
	return hashClass{ctor, ctor.Get("prototype").(*goja.Object)}
}

func (c *hashClasses) createHash(r *realm.Realm, call goja.FunctionCall) goja.Value {
	name := needString(r, "algorithm", call.Argument(0))
	h := newHash(name)
	if h == nil {
		panic(jsval.Error(r, "Error", "", "Digest method not supported"))
	}
	return jsval.Instance(r, c.hash.proto, &hasher{Hash: h(), name: name})
}

func (c *hashClasses) createHmac(r *realm.Realm, call goja.FunctionCall) goja.Value {
	name := needString(r, "hmac", call.Argument(0))
	h := newHash(name)
	if h == nil {
		panic(jsval.Error(r, "TypeError", "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: "+name))
	}
	key := keyBytes(r, "key", call.Argument(1))
	return jsval.Instance(r, c.hmac.proto, &hasher{Hash: hmac.New(h, key), name: name})
}

func hashUpdate(r *realm.Realm, call goja.FunctionCall) goja.Value {
	h := jsval.This[*hasher](r, call)
	if h.done {
		panic(jsval.Error(r, "Error", "ERR_CRYPTO_HASH_FINALIZED", "Digest already called"))
	}
	h.Write(dataBytes(r, "data", call.Argument(0), call.Argument(1)))
	return call.This
}

func hashDigest(r *realm.Realm, call goja.FunctionCall) goja.Value {
	h := jsval.This[*hasher](r, call)
	if h.done {
		panic(jsval.Error(r, "Error", "ERR_CRYPTO_HASH_FINALIZED", "Digest already called"))
	}
	h.done = true
	return output(r, h.Sum(nil), call.Argument(0))
}

// output is a digest as a string in an encoding, or as a Buffer.
func output(r *realm.Realm, b []byte, enc goja.Value) goja.Value {
	if goja.IsUndefined(enc) || goja.IsNull(enc) || enc.String() == "buffer" {
		return newBuffer(r, b)
	}
	e := jsval.EncodingOf(enc.String())
	if e == jsval.None {
		return newBuffer(r, b)
	}
	return e.String(b)
}

func (c *hashClasses) copyHash(r *realm.Realm, call goja.FunctionCall) goja.Value {
	h := jsval.This[*hasher](r, call)
	if h.done {
		panic(jsval.Error(r, "Error", "ERR_CRYPTO_HASH_FINALIZED", "Digest already called"))
	}
	fresh := newHash(h.name)()
	m, ok := h.Hash.(encoding.BinaryMarshaler)
	u, ok2 := fresh.(encoding.BinaryUnmarshaler)
	if !ok || !ok2 {
		panic(r.VM.NewTypeError("copy() is not available for %s", h.name))
	}
	state, err := m.MarshalBinary()
	if err == nil {
		err = u.UnmarshalBinary(state)
	}
	if err != nil {
		panic(r.VM.NewGoError(err))
	}
	return jsval.Instance(r, c.hash.proto, &hasher{Hash: fresh, name: h.name})
}

func timingSafeEqual(r *realm.Realm, call goja.FunctionCall) goja.Value {
	a, b := secretBytes(r, "buf1", call.Argument(0)), secretBytes(r, "buf2", call.Argument(1))
	if len(a) != len(b) {
		panic(jsval.Error(r, "RangeError", "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length"))
	}
	return r.VM.ToValue(subtle.ConstantTimeCompare(a, b) == 1)
}

// secretBytes reads an argument of timingSafeEqual. The error names no value:
// what is compared is a secret.
func secretBytes(r *realm.Realm, name string, v goja.Value) []byte {
	b, ok := jsval.Bytes(r, v)
	if !ok {
		panic(jsval.Error(r, "TypeError", "ERR_INVALID_ARG_TYPE",
			`The "`+name+`" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`))
	}
	return b
}
