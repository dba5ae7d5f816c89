package node

import (
	"bytes"
	"crypto/hkdf"
	"crypto/pbkdf2"
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

// derivation is a key derivation whose arguments have been read: it touches no
// JavaScript and may run beside the loop.
type derivation func() (key []byte, err error)

// pbkdf2Args reads pbkdf2(password, salt, iterations, keylen, digest).
func pbkdf2Args(r *realm.Realm, c goja.FunctionCall) derivation {
	password, salt := keyBytes(r, "password", c.Argument(0)), bytes.Clone(keyBytes(r, "salt", c.Argument(1)))
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
	text := string(password)
	return func() ([]byte, error) { return pbkdf2.Key(h, text, salt, int(count), n) }
}

// hkdfArgs reads hkdf(digest, key, salt, info, keylen).
func hkdfArgs(r *realm.Realm, c goja.FunctionCall) derivation {
	h := digestArg(r, c.Argument(0))
	secret, salt := bytes.Clone(keyBytes(r, "ikm", c.Argument(1))), bytes.Clone(keyBytes(r, "salt", c.Argument(2)))
	info := string(keyBytes(r, "info", c.Argument(3)))
	n := keyLength(r, c.Argument(4))
	if n > 255*h().Size() {
		panic(jsval.Error(r, "RangeError", "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length"))
	}
	return func() ([]byte, error) { return hkdf.Key(h, secret, salt, info, n) }
}

// scryptArgs reads scrypt(password, salt, keylen[, options]).
func scryptArgs(r *realm.Realm, c goja.FunctionCall) derivation {
	password, salt := bytes.Clone(keyBytes(r, "password", c.Argument(0))), bytes.Clone(keyBytes(r, "salt", c.Argument(1)))
	n := keyLength(r, c.Argument(2))
	cost := [3]int64{16384, 8, 1}
	options, ok := c.Argument(3).(*goja.Object)
	for i, names := range [3][2]string{{"N", "cost"}, {"r", "blockSize"}, {"p", "parallelization"}} {
		for _, name := range names {
			if ok && goja.IsNumber(jsval.Get(options, name)) {
				cost[i] = jsval.Get(options, name).ToInteger()
			}
		}
	}
	if problem := checkScrypt(cost); problem != "" {
		panic(jsval.Error(r, "RangeError", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", problem))
	}
	return func() ([]byte, error) { return scrypt.Key(password, salt, int(cost[0]), int(cost[1]), int(cost[2]), n) }
}

// checkScrypt says in Node's words what is wrong with a cost, if anything.
func checkScrypt(cost [3]int64) (problem string) {
	for _, c := range cost {
		if c < 1 || c > maxScryptWork {
			return "Invalid scrypt params"
		}
	}
	blocks := cost[0] * cost[1]
	if blocks > maxAlloc/128 || blocks*cost[2] > maxScryptWork || cost[0] == 1 || cost[0]&(cost[0]-1) != 0 {
		return "Invalid scrypt params: memory limit exceeded"
	}
	return ""
}
