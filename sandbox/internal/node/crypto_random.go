package node

import (
	"crypto/rand"
	"math/big"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func randomBytes(r *realm.Realm, call goja.FunctionCall) goja.Value {
	b := make([]byte, allocSize(r, "size", call.Argument(0)))
	_, _ = rand.Read(b)
	return give(r, call.Argument(1), newBuffer(r, b))
}

// allocSize reads a size in Node's limits and then in ours.
func allocSize(r *realm.Realm, name string, v goja.Value) int {
	if !goja.IsNumber(v) {
		panic(jsval.ArgType(r, name, "of type number", v))
	}
	n := v.ToFloat()
	if !(n >= 0 && n <= 1<<31-1) {
		panic(jsval.OutOfRange(r, name, ">= 0 && <= 2147483647", v))
	}
	if n > maxAlloc {
		panic(jsval.OutOfRange(r, name, "<= 67108864 in a task", v))
	}
	return int(n)
}

// give returns v, or hands it to a Node callback in a later turn. What the
// callback throws fails the invocation.
func give(r *realm.Realm, callback, v goja.Value) goja.Value {
	fn, ok := goja.AssertFunction(callback)
	if !ok {
		return v
	}
	r.Loop.Async()(func() error {
		_, err := fn(goja.Undefined(), goja.Null(), v)
		return err
	})
	return goja.Undefined()
}

func randomInt(r *realm.Realm, call goja.FunctionCall) goja.Value {
	lowArg, highArg, callback := call.Argument(0), call.Argument(1), call.Argument(2)
	if _, isFn := goja.AssertFunction(highArg); isFn || goja.IsUndefined(highArg) {
		lowArg, highArg, callback = r.VM.ToValue(0), call.Argument(0), call.Argument(1)
	}
	low, high := safeInteger(r, "min", lowArg), safeInteger(r, "max", highArg)
	if high <= low {
		panic(jsval.OutOfRange(r, "max", "greater than the value of \"min\" ("+lowArg.String()+")", highArg))
	}
	if high-low > 1<<48-1 {
		panic(jsval.OutOfRange(r, "max - min", "<= 281474976710655", r.VM.ToValue(high-low)))
	}
	n, err := rand.Int(rand.Reader, big.NewInt(high-low))
	if err != nil {
		panic(r.VM.NewGoError(err))
	}
	return give(r, callback, r.VM.ToValue(low+n.Int64()))
}

func safeInteger(r *realm.Realm, name string, v goja.Value) int64 {
	const limit = 1<<53 - 1
	f := v.ToFloat()
	if !goja.IsNumber(v) || f != float64(int64(f)) || f > limit || f < -limit {
		panic(jsval.ArgType(r, name, "a safe integer", v))
	}
	return int64(f)
}

func randomFill(r *realm.Realm, call goja.FunctionCall) goja.Value {
	b := needBytes(r, "buf", call.Argument(0))
	from, to := 0, len(b)
	if v := call.Argument(1); goja.IsNumber(v) {
		from = int(min(max(v.ToInteger(), 0), int64(len(b))))
		if v.ToInteger() != int64(from) {
			panic(jsval.OutOfRange(r, "offset", ">= 0 && <= "+r.VM.ToValue(len(b)).String(), v))
		}
	}
	if v := call.Argument(2); goja.IsNumber(v) {
		n := v.ToInteger()
		if n < 0 || n > int64(len(b)-from) {
			panic(jsval.OutOfRange(r, "size + offset", "<= "+r.VM.ToValue(len(b)).String(), v))
		}
		to = from + int(n)
	}
	_, _ = rand.Read(b[from:to])
	return call.Argument(0)
}

// randomFillLater is randomFill(buf[, offset][, size], callback).
func randomFillLater(r *realm.Realm, call goja.FunctionCall) goja.Value {
	n := len(call.Arguments)
	if n == 0 {
		panic(jsval.ArgType(r, "buf", "an instance of ArrayBuffer or ArrayBufferView", goja.Undefined()))
	}
	callback := call.Arguments[n-1]
	call.Arguments = call.Arguments[:n-1]
	return give(r, callback, randomFill(r, call))
}

func randomUUID(r *realm.Realm, call goja.FunctionCall) goja.Value {
	web := r.Global("crypto").ToObject(r.VM)
	return jsval.Call(r, web.Get("randomUUID"), web)
}

func getRandomValues(r *realm.Realm, call goja.FunctionCall) goja.Value {
	web := r.Global("crypto").ToObject(r.VM)
	return jsval.Call(r, web.Get("getRandomValues"), web, call.Arguments...)
}
