package engine

import (
	_ "embed"
	"io"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/realm"
)

//go:embed http.js
var httpText string

// httpSource makes, once per realm, a function (native) => [req, res].
var httpSource = realm.NewSource("http.js", httpText)

// responder is the native side of a response object.
type responder struct {
	ended bool
}

// httpBuiltin is the maker of req and res, kept among the realm's globals under a
// name that no script can spell as an identifier.
const httpBuiltin = "wt:http"

func makeHTTP(r *realm.Realm) goja.Value {
	events, _ := r.Module("events")
	buffer, _ := r.Module("buffer")
	return httpSource.Call(r, events, buffer)
}

// httpObjects makes the req and res of a call.
func (in *Instance) httpObjects(c *Call) (req, res goja.Value) {
	create, _ := goja.AssertFunction(in.realm.Global(httpBuiltin))
	c.res = &responder{}
	v, err := create(goja.Undefined(), in.nativeHTTP(c))
	if err != nil {
		panic(err)
	}
	pair := v.ToObject(in.vm)
	return pair.Get("0"), pair.Get("1")
}

// nativeHTTP is what http.js needs of the engine.
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
	set("read", func(call goja.FunctionCall) goja.Value { return in.jsRead(c, call) })
	set("head", func(call goja.FunctionCall) goja.Value {
		in.sendHead(c, int(call.Argument(0).ToInteger()), exportHeader(vm, call.Argument(1)))
		return goja.Undefined()
	})
	set("write", func(call goja.FunctionCall) goja.Value {
		return vm.ToValue(c.state != streaming || c.world.Data(exportBytes(call.Argument(0))))
	})
	set("end", func(goja.FunctionCall) goja.Value {
		c.res.ended = true
		return goja.Undefined()
	})
	set("whole", func(call goja.FunctionCall) goja.Value {
		if c.state == waiting && c.answer == nil && c.failure == nil {
			c.answer = &sandbox.Response{Status: int(call.Argument(0).ToInteger()),
				Header: exportHeader(vm, call.Argument(1)), Body: exportBytes(call.Argument(2))}
		}
		return goja.Undefined()
	})
	set("drain", func(call goja.FunctionCall) goja.Value {
		fn, _ := goja.AssertFunction(call.Argument(0))
		c.drained = func() { _, _ = fn(goja.Undefined()) }
		return goja.Undefined()
	})
	return o
}

func (in *Instance) sendHead(c *Call, status int, h sandbox.Header) {
	if c.state == waiting {
		c.world.Head(status, h)
		c.state = streaming
	}
}

// jsRead gives (error, piece) to a callback; piece is null at the end.
func (in *Instance) jsRead(c *Call, call goja.FunctionCall) goja.Value {
	fn, _ := goja.AssertFunction(call.Argument(0))
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

// exportHeader reads [[name, value], …].
func exportHeader(vm *goja.Runtime, v goja.Value) (h sandbox.Header) {
	list, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	n := int(list.Get("length").ToInteger())
	for i := range min(n, 500) {
		pair := list.Get(vm.ToValue(i).String()).ToObject(vm)
		h = append(h, [2]string{pair.Get("0").String(), pair.Get("1").String()})
	}
	return h
}

// exportBytes copies what a script wrote: it may go on and change its buffer.
func exportBytes(v goja.Value) []byte {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	switch b := v.Export().(type) {
	case []byte:
		return append([]byte(nil), b...)
	case goja.ArrayBuffer:
		return append([]byte(nil), b.Bytes()...)
	}
	return []byte(v.String())
}
