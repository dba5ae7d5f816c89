package node

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// deriveNow is the Sync form of a derivation.
func deriveNow(read func(*realm.Realm, goja.FunctionCall) derivation, wrap func(*realm.Realm, []byte) goja.Value) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		key, err := read(r, c)()
		if err != nil {
			panic(jsval.Error(r, "Error", "ERR_CRYPTO_OPERATION_FAILED", err.Error()))
		}
		return wrap(r, key)
	}
}

// deriveLater is the form whose last argument is a callback. The work runs on
// its own goroutine: a password hash takes as long as a whole request should.
func deriveLater(read func(*realm.Realm, goja.FunctionCall) derivation, wrap func(*realm.Realm, []byte) goja.Value) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		last := max(len(c.Arguments)-1, 0)
		callback, ok := goja.AssertFunction(c.Argument(last))
		if !ok {
			panic(jsval.ArgType(r, "callback", "of type function", c.Argument(last)))
		}
		c.Arguments = c.Arguments[:last]
		work := read(r, c)
		resume := r.Loop.Async()
		go func() {
			key, err := work()
			resume(func() error {
				if err != nil {
					_, err = callback(goja.Undefined(), jsval.Error(r, "Error", "ERR_CRYPTO_OPERATION_FAILED", err.Error()))
					return err
				}
				var v goja.Value
				if ex := r.VM.Try(func() { v = wrap(r, key) }); ex != nil {
					return ex
				}
				_, err = callback(goja.Undefined(), goja.Null(), v)
				return err
			})
		}()
		return goja.Undefined()
	}
}

func wrapBuffer(r *realm.Realm, b []byte) goja.Value { return newBuffer(r, b) }

func wrapArrayBuffer(r *realm.Realm, b []byte) goja.Value {
	return r.VM.ToValue(r.VM.NewArrayBuffer(b))
}
