package engine

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
)

// handler is what a module exports, by its form.
type handler struct {
	call  goja.Callable
	arity int
	async bool
}

// load evaluates the module and finds its handler. Its errors are *sandbox.Error.
func (in *Instance) load() error {
	if in.loaded {
		return nil
	}
	prog, e := in.unit.compiled()
	if e != nil {
		return e
	}
	if prog.json {
		in.replaceParse()
	}
	wrapper, err := in.vm.RunProgram(prog.code)
	if err != nil {
		return in.loadError(err)
	}
	fn, ok := goja.AssertFunction(wrapper)
	if !ok {
		return &sandbox.Error{Kind: sandbox.ErrCompile, Message: "SyntaxError: the code closes a block that it did not open"}
	}
	module := newModule(in)
	exports := module.Get("exports")
	returned, err := fn(exports, exports, in.vm.ToValue(in.require), in.vm.NewDynamicObject(module),
		in.vm.ToValue("/"+in.unit.def.File), in.vm.ToValue("/"))
	if err != nil {
		return in.loadError(err)
	}
	if goja.IsUndefined(returned) {
		returned = module.Get("exports")
	}
	in.handler, e = in.handlerOf(returned)
	if e != nil {
		return e
	}
	in.loaded = true
	return nil
}

// loadError passes on what ended the engine, and describes what a script threw.
func (in *Instance) loadError(err error) error {
	if _, ok := err.(*goja.Exception); !ok {
		return err
	}
	return in.scriptError(sandbox.ErrCompile, err)
}

// handlerOf finds the function in what a module gave, and checks its form. The
// default export of an ES module counts.
func (in *Instance) handlerOf(v goja.Value) (h handler, e *sandbox.Error) {
	if obj, ok := v.(*goja.Object); ok {
		if es := obj.Get("__esModule"); es != nil && es.ToBoolean() {
			v = obj.Get("default")
		}
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		return h, &sandbox.Error{Kind: sandbox.ErrNoFunction, Message: "Supplied code must return or export a function."}
	}
	obj := v.(*goja.Object)
	h = handler{call: fn, arity: int(obj.Get("length").ToInteger())}
	if tag := obj.GetSymbol(goja.SymToStringTag); tag != nil {
		h.async = tag.String() == "AsyncFunction"
	}
	if h.arity > 3 || h.arity == 0 && !h.async {
		return h, &sandbox.Error{Kind: sandbox.ErrArity,
			Message: "The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res)."}
	}
	return h, nil
}

// require is the script's require: built-in modules, with or without node:.
func (in *Instance) require(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	if exports, ok := in.realm.Module(strings.TrimPrefix(name, "node:")); ok {
		return exports
	}
	err := in.vm.NewGoError(nil)
	_ = err.Set("message", "Cannot find module '"+name+"'")
	_ = err.Set("name", "Error")
	_ = err.Set("code", "MODULE_NOT_FOUND")
	panic(err)
}

// invoke is a call's first job: it loads the module if that is still to be done,
// reads the body if the handler wants it, and calls the handler.
func (in *Instance) invoke(c *Call) error {
	if err := in.load(); err != nil {
		return err
	}
	def := in.unit.def
	parse := c.req.Parse || def.ParseBody == sandbox.ParseAlways || def.ParseBody == sandbox.ParseOnArity && in.handler.arity < 3
	c.body = &bodyReader{call: c, in: in}
	if !parse || !c.req.HasBody {
		return in.callHandler(c, newContext(in, c))
	}
	return c.body.collect(in.unit.engine.limits.Body, func(body []byte) error {
		ctx := newContext(in, c)
		ctx.setBody(body)
		c.body.replay(body)
		return in.callHandler(c, ctx)
	})
}

func (in *Instance) callHandler(c *Call, ctx *contextObject) error {
	var result goja.Value
	var err error
	switch in.handler.arity {
	case 0, 1:
		// One parameter is the callback by the protocol, and the context in what
		// people write for other platforms. It gets both in one.
		cb := in.callback(c)
		object := ctx.object()
		_ = object.SetPrototype(cb.Prototype())
		_ = cb.SetPrototype(object)
		result, err = in.handler.call(goja.Undefined(), cb)
	case 2:
		result, err = in.handler.call(goja.Undefined(), ctx.object(), in.callback(c))
	default:
		req, res := in.httpObjects(c)
		result, err = in.handler.call(goja.Undefined(), ctx.object(), req, res)
	}
	if err == nil || isThrown(err) {
		in.enter(c) // reactions of other calls may have run
	}
	if err != nil {
		return in.threw(err)
	}
	return in.await(c, result)
}

// threw turns an exception of the handler into the call's failure. After that the
// instance can go on: the handler is the one place where throwing is foreseen.
func (in *Instance) threw(err error) error {
	if _, ok := err.(*goja.Exception); !ok {
		return err
	}
	return in.scriptError(sandbox.ErrThrown, err)
}

// callback makes the cb of a call.
func (in *Instance) callback(c *Call) *goja.Object {
	return in.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		if err := call.Argument(0); err.ToBoolean() {
			c.fail(in, err)
		} else {
			c.succeed(in, call.Argument(1))
		}
		return goja.Undefined()
	}).(*goja.Object)
}

// await lets the promise of an async handler answer for it. One that is fulfilled
// with undefined may have handed the callback on, so it answers only when nothing
// else can.
func (in *Instance) await(c *Call, result goja.Value) error {
	obj, ok := result.(*goja.Object)
	if !ok {
		return nil
	}
	var then goja.Callable
	ex := in.vm.Try(func() { then, ok = goja.AssertFunction(obj.Get("then")) })
	if ex != nil {
		c.reject(in, ex.Value())
		return nil
	}
	if !ok {
		return nil
	}
	done := false // the first outcome counts, as it does for a promise
	once := func(fn func(goja.Value)) goja.Value {
		return in.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			if !done {
				done = true
				fn(call.Argument(0))
			}
			return goja.Undefined()
		})
	}
	streams := in.handler.arity == 3
	_, err := then(obj, once(func(v goja.Value) {
		if goja.IsUndefined(v) || streams {
			c.settled = !streams
		} else {
			c.succeed(in, v)
		}
	}), once(func(v goja.Value) { c.reject(in, v) }))
	if thrown, ok := err.(*goja.Exception); ok {
		if done {
			return nil
		}
		c.reject(in, thrown.Value())
		return nil
	}
	return err
}

// reject takes a rejection as the answer. After an answer it is an error that
// nobody handles.
func (c *Call) reject(in *Instance, v goja.Value) {
	if c.isAnswered() || c.state != waiting {
		panic(v)
	}
	c.fail(in, v)
}
