package node

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 scripts ask for it by name

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// hashes are by OpenSSL's lower-case names. The weak ones stay because services
// that tasks talk to still sign with them.
var hashes = map[string]func() hash.Hash{
	"md5":        md5.New,
	"sha1":       sha1.New,
	"sha224":     sha256.New224,
	"sha256":     sha256.New,
	"sha384":     sha512.New384,
	"sha512":     sha512.New,
	"sha512-224": sha512.New512_224,
	"sha512-256": sha512.New512_256,
	"ripemd160":  ripemd160.New,
	"rmd160":     ripemd160.New,
	"sha3-224":   func() hash.Hash { return sha3.New224() },
	"sha3-256":   func() hash.Hash { return sha3.New256() },
	"sha3-384":   func() hash.Hash { return sha3.New384() },
	"sha3-512":   func() hash.Hash { return sha3.New512() },
}

// newHash takes the spellings that OpenSSL takes: any case, "RSA-SHA256", "SHA-256".
func newHash(name string) func() hash.Hash {
	if h, ok := hashes[name]; ok {
		return h
	}
	name = strings.TrimPrefix(strings.ToLower(name), "rsa-")
	if rest, ok := strings.CutPrefix(name, "sha-"); ok {
		name = "sha" + rest
	}
	name = strings.Replace(name, "sha512/", "sha512-", 1)
	return hashes[name]
}

func getHashes(r *realm.Realm, _ goja.FunctionCall) goja.Value {
	names := []any{}
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		names = append(names, name)
	}
	return r.VM.NewArray(names...)
}

// hashOnce is crypto.hash(algorithm, data, outputEncoding = "hex").
func hashOnce(r *realm.Realm, call goja.FunctionCall) goja.Value {
	name := needString(r, "algorithm", call.Argument(0))
	h := newHash(name)
	if h == nil {
		panic(jsval.Error(r, "Error", "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: "+name))
	}
	sum := h()
	sum.Write(dataBytes(r, "input", call.Argument(1), goja.Undefined()))
	if goja.IsUndefined(call.Argument(2)) {
		return jsval.Hex.String(sum.Sum(nil))
	}
	return output(r, sum.Sum(nil), call.Argument(2))
}

func needString(r *realm.Realm, name string, v goja.Value) string {
	if !goja.IsString(v) {
		panic(jsval.ArgType(r, name, "of type string", v))
	}
	return v.String()
}

// dataBytes reads text in an encoding, or bytes.
func dataBytes(r *realm.Realm, name string, v, enc goja.Value) []byte {
	if goja.IsString(v) {
		e := jsval.UTF8
		if isEncoding(enc) {
			e = jsval.EncodingOf(enc.String())
		}
		return e.Bytes(v)
	}
	b, ok := jsval.Bytes(r, v)
	if _, whole := jsval.Exported[goja.ArrayBuffer](v); !ok || whole {
		panic(jsval.ArgType(r, name, "of type string or an instance of Buffer, TypedArray, or DataView", v))
	}
	return b
}

// keyBytes reads a secret: text or bytes, an ArrayBuffer too.
func keyBytes(r *realm.Realm, name string, v goja.Value) []byte {
	if goja.IsString(v) {
		return []byte(v.String())
	}
	b, ok := jsval.Bytes(r, v)
	if !ok {
		panic(jsval.ArgType(r, name, "of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey", v))
	}
	return b
}
