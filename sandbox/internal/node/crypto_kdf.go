package node

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"errors"
	"hash"

	"github.com/dop251/goja"
	"golang.org/x/crypto/scrypt"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// The engine cannot interrupt Go code, so that what one call may cost is bounded
// here: a little over a second for pbkdf2, 64 MiB for scrypt.
const (
	maxRounds     = 5_000_000 // hash blocks: iterations times blocks of output
	maxKey        = 1 << 20
	maxScryptWork = 1 << 22 // N*r*p, at most
)

func digestArg(r *realm.Realm, v goja.Value) func() hash.Hash {
	name := needString(r, "digest", v)
	h := newHash(name)
	if h == nil {
		panic(jsval.Error(r, "TypeError", "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: "+name))
	}
	return h
}

func keyLength(r *realm.Realm, v goja.Value) int {
	n := allocSize(r, "keylen", v)
	if n > maxKey {
		panic(jsval.OutOfRange(r, "keylen", "<= 1048576 in a task", v))
	}
	return n
}

// derived returns a key as a Buffer, or throws.
func derived(r *realm.Realm, key []byte, err error) goja.Value {
	if err != nil {
		panic(jsval.Error(r, "Error", "ERR_CRYPTO_OPERATION_FAILED", err.Error()))
	}
	return newBuffer(r, key)
}

// pbkdf2Sync is pbkdf2Sync(password, salt, iterations, keylen, digest).
func pbkdf2Sync(r *realm.Realm, c goja.FunctionCall) goja.Value {
	password, salt := keyBytes(r, "password", c.Argument(0)), keyBytes(r, "salt", c.Argument(1))
	rounds := c.Argument(2)
	if !goja.IsNumber(rounds) {
		panic(jsval.ArgType(r, "iterations", "of type number", rounds))
	}
	n := keyLength(r, c.Argument(3))
	h := digestArg(r, c.Argument(4))
	count := rounds.ToInteger()
	if count < 1 || count > 1<<31-1 {
		panic(jsval.OutOfRange(r, "iterations", ">= 1 && <= 2147483647", rounds))
	}
	if blocks := int64(n/h().Size() + 1); count > maxRounds/blocks {
		panic(jsval.OutOfRange(r, "iterations", "smaller in a task", rounds))
	}
	key, err := pbkdf2.Key(h, string(password), salt, int(count), n)
	return derived(r, key, err)
}

// hkdfSync is hkdfSync(digest, key, salt, info, keylen); it gives an ArrayBuffer.
func hkdfSync(r *realm.Realm, c goja.FunctionCall) goja.Value {
	h := digestArg(r, c.Argument(0))
	secret, salt, info := keyBytes(r, "ikm", c.Argument(1)), keyBytes(r, "salt", c.Argument(2)), keyBytes(r, "info", c.Argument(3))
	n := keyLength(r, c.Argument(4))
	if n > 255*h().Size() {
		panic(jsval.Error(r, "RangeError", "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length"))
	}
	key, err := hkdf.Key(h, secret, salt, string(info), n)
	if err != nil {
		return derived(r, nil, err)
	}
	return r.VM.ToValue(r.VM.NewArrayBuffer(key))
}

// scryptSync is scryptSync(password, salt, keylen[, options]).
func scryptSync(r *realm.Realm, c goja.FunctionCall) goja.Value {
	password, salt := keyBytes(r, "password", c.Argument(0)), keyBytes(r, "salt", c.Argument(1))
	n := keyLength(r, c.Argument(2))
	cost := [3]int64{16384, 8, 1}
	for i, names := range [3][2]string{{"N", "cost"}, {"r", "blockSize"}, {"p", "parallelization"}} {
		o, ok := c.Argument(3).(*goja.Object)
		for _, name := range names {
			if !ok {
				break
			}
			if v := o.Get(name); v != nil && goja.IsNumber(v) {
				cost[i] = v.ToInteger()
			}
		}
	}
	if err := checkScrypt(cost); err != nil {
		panic(jsval.Error(r, "RangeError", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", err.Error()))
	}
	key, err := scrypt.Key(password, salt, int(cost[0]), int(cost[1]), int(cost[2]), n)
	return derived(r, key, err)
}

func checkScrypt(cost [3]int64) error {
	for _, c := range cost {
		if c < 1 || c > maxScryptWork {
			return errors.New("Invalid scrypt params")
		}
	}
	blocks := cost[0] * cost[1]
	if blocks > maxAlloc/128 || blocks*cost[2] > maxScryptWork || cost[0] == 1 || cost[0]&(cost[0]-1) != 0 {
		return errors.New("Invalid scrypt params: memory limit exceeded")
	}
	return nil
}

// later is the callback form of a function whose callback is argument n.
func later(fn jsval.Fn, n int) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return callLater(r, fn, c, n-1)
	}
}

// scryptLater is scrypt(password, salt, keylen[, options], callback).
func scryptLater(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return callLater(r, scryptSync, c, max(len(c.Arguments)-1, 0))
}

func callLater(r *realm.Realm, fn jsval.Fn, c goja.FunctionCall, at int) goja.Value {
	callback := c.Argument(at)
	c.Arguments = append([]goja.Value(nil), c.Arguments[:min(at, len(c.Arguments))]...)
	giveLater(r, callback, func() (v goja.Value, err error) {
		if ex := r.VM.Try(func() { v = fn(r, c) }); ex != nil {
			return nil, ex
		}
		return v, nil
	})
	return goja.Undefined()
}
