package engine

import (
	_ "embed"
	"io"
	"slices"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

//go:embed http.js
var httpText string

// httpSource makes, once per realm, a function (native) => [req, res].
var httpSource = realm.NewSource("http.js", httpText)

// responder is the native side of a response object.
type responder struct {
	ended bool
}

// httpObjects makes the req and res of a call.
func (in *Instance) httpObjects(c *Call) (req, res goja.Value) {
	if in.http == nil {
		events, _ := in.realm.Module("events")
		buffer, _ := in.realm.Module("buffer")
		in.http, _ = goja.AssertFunction(httpSource.Call(in.realm, events, buffer))
	}
	c.res = &responder{}
	v, err := in.http(goja.Undefined(), in.nativeHTTP(c))
	if err != nil {
		panic(err)
	}
	pair := v.ToObject(in.vm)
	return pair.Get("0"), pair.Get("1")
}

// nativeHTTP is what http.js needs of the engine. A script can reach it, so it
// checks what it is given.
func (in *Instance) nativeHTTP(c *Call) *goja.Object {
	vm, o := in.vm, in.vm.NewObject()
	set := func(name string, v any) { _ = o.Set(name, v) }
	set("method", c.req.Method)
	set("url", c.req.URL)
	set("headers", func(goja.FunctionCall) goja.Value { return headerObject(vm, c.headers()) })
	set("rawHeaders", func(goja.FunctionCall) goja.Value {
		var raw []any
		for _, f := range c.req.Header() {
			raw = append(raw, f[0], f[1])
		}
		return vm.NewArray(raw...)
	})
	set("query", func(goja.FunctionCall) goja.Value { return parseQuery(vm, c.req.Query) })
	set("x_wt", func(goja.FunctionCall) goja.Value { return in.xwt(c) })
	set("read", func(call goja.FunctionCall) goja.Value { return in.jsRead(c, in.function(call)) })
	set("head", func(call goja.FunctionCall) goja.Value {
		in.sendHead(c, in.status(call.Argument(0)), exportHeader(vm, call.Argument(1)))
		return goja.Undefined()
	})
	set("write", func(call goja.FunctionCall) goja.Value {
		return vm.ToValue(c.state != streaming || c.send(in.exportBytes(call.Argument(0))))
	})
	set("end", func(goja.FunctionCall) goja.Value {
		c.res.ended = true
		return goja.Undefined()
	})
	set("whole", func(call goja.FunctionCall) goja.Value {
		in.sendWhole(c, &sandbox.Response{Status: in.status(call.Argument(0)),
			Header: exportHeader(vm, call.Argument(1)), Body: in.exportBytes(call.Argument(2))})
		return goja.Undefined()
	})
	set("drain", func(call goja.FunctionCall) goja.Value {
		in.awaitDrain(c, in.function(call))
		return goja.Undefined()
	})
	return o
}

// function is the first argument, which must be one.
func (in *Instance) function(call goja.FunctionCall) goja.Callable {
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(in.vm.NewTypeError("not a function"))
	}
	return fn
}

func (in *Instance) status(v goja.Value) int {
	n := v.ToInteger()
	if n < 100 || n > 999 {
		panic(in.vm.NewTypeError("Invalid status code: " + v.String()))
	}
	return int(n)
}

func (in *Instance) sendHead(c *Call, status int, h sandbox.Header) {
	if c.state == waiting && !c.isAnswered() {
		c.world.Head(status, h)
		c.state = streaming
	}
}

// maxPiece is how much of an answer is sent at once.
const maxPiece = 64 << 10

// maxWhole is the largest answer that travels in one message; what is larger is
// streamed.
const maxWhole = 1 << 20

func (in *Instance) sendWhole(c *Call, r *sandbox.Response) {
	switch {
	case c.state != waiting || c.isAnswered():
	case len(r.Body) <= maxWhole:
		c.answer = r
	default:
		in.sendHead(c, r.Status, r.Header)
		c.send(r.Body)
		c.res.ended = true
	}
}

// send writes a piece of the answer; false means that the receiver is behind.
func (c *Call) send(data []byte) (keepsUp bool) {
	keepsUp = true
	for piece := range slices.Chunk(data, maxPiece) {
		keepsUp = c.world.Data(piece)
	}
	return keepsUp
}

// awaitDrain calls fn when the receiver keeps up again. The call waits for that.
func (in *Instance) awaitDrain(c *Call, fn goja.Callable) {
	if c.drained != nil || c.state != streaming {
		return
	}
	c.pending++
	c.drained = func() error {
		_, err := fn(goja.Undefined())
		return err
	}
}

// jsRead gives (error, piece) to a callback; piece is null at the end.
func (in *Instance) jsRead(c *Call, fn goja.Callable) goja.Value {
	err := c.body.read(func(piece []byte, err error) error {
		var args []goja.Value
		switch err {
		case nil:
			args = []goja.Value{goja.Null(), in.vm.ToValue(in.vm.NewArrayBuffer(piece))}
		case io.EOF:
			args = []goja.Value{goja.Null(), goja.Null()}
		default:
			args = []goja.Value{in.vm.ToValue(err.Error())}
		}
		_, err = fn(goja.Undefined(), args...)
		return err
	})
	if err != nil {
		panic(err)
	}
	return goja.Undefined()
}

// xwt is req.x_wt, which libraries made for webtasks read.
func (in *Instance) xwt(c *Call) goja.Value {
	vm, def := in.vm, in.unit.def
	o := vm.NewObject()
	set := func(name string, v any) { _ = o.Set(name, v) }
	set("container", def.Container)
	if def.Name != "" {
		set("jtn", def.Name)
	}
	set("url_format", c.req.URLFormat)
	set("ectx", object(vm, def.Secrets))
	set("pctx", object(vm, def.Params))
	set("meta", toJS(vm, stringMap(def.Meta)))
	set("pb", int(def.ParseBody))
	set("mb", def.MergeBody)
	set("req_id", c.req.ID)
	if def.Token != "" {
		set("token", def.Token)
	}
	return o
}

const maxHeader = 256 << 10

// exportHeader reads [[name, value], …].
func exportHeader(vm *goja.Runtime, v goja.Value) (h sandbox.Header) {
	list, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	n, size := int(list.Get("length").ToInteger()), 0
	for i := range min(n, 500) {
		pair := list.Get(vm.ToValue(i).String()).ToObject(vm)
		field := [2]string{pair.Get("0").String(), pair.Get("1").String()}
		if size += len(field[0]) + len(field[1]); size > maxHeader {
			panic(vm.NewTypeError("The answer's headers exceed %d bytes", maxHeader))
		}
		h = append(h, field)
	}
	return h
}

// exportBytes copies what a script wrote: it may go on and change its buffer.
func (in *Instance) exportBytes(v goja.Value) []byte {
	if b, ok := jsval.Bytes(in.realm, v); ok {
		return slices.Clone(b)
	}
	return nil
}
