// Package realm is what a built-in may use of the JavaScript world it lives in:
// the goja runtime, the event loop, the effects, and the other built-ins, each
// made when it is first asked for so that a fresh world stays cheap. It must not
// know what a task, a worker or a request is.
package realm

import (
	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
)

// Builtin makes the value of a global or of a module for a realm. It runs at
// most once per realm, on the realm's loop.
type Builtin func(r *Realm) goja.Value

// Builtins are makers by name. They are shared by all realms: never changed
// after the program started.
type Builtins map[string]Builtin

// Loop lets a built-in leave the JavaScript thread and come back.
type Loop interface {
	// Async says that something outside is under way for the current invocation.
	// The function that it returns may be called from any goroutine, once: it
	// queues fn, which then runs on the loop, unless the invocation is over. An
	// error that fn returns fails the invocation.
	Async() (resume func(fn func() error))
}

// Effects are the host's effects, bound to the invocation that is current when
// they are called. Callbacks run on the loop. None of them blocks.
type Effects interface {
	// Fetch starts a request; done is called once. cancel may be called at any
	// time on the loop, more than once; done then gets an error soon.
	Fetch(req *effect.FetchRequest, done func(*Response, error) error) (cancel func())
	// Log writes one line of console output.
	Log(level effect.Level, line string)
}

// Response is the answer to a fetch.
type Response struct {
	effect.FetchResponse // its Body is nil; use Next
	// Next asks for the next piece of the body; done gets io.EOF after the last
	// one. One call at a time.
	Next func(done func(piece []byte, err error) error)
	// Cancel gives the rest of the body up.
	Cancel func()
}

// Realm is one JavaScript world.
type Realm struct {
	VM      *goja.Runtime
	Loop    Loop
	Effects Effects

	globals, modules Builtins
	made             map[string]goja.Value // globals
	exports          map[string]goja.Value // modules
}

// New makes a realm of a runtime and puts the globals within reach of its code.
//
// They hang on a lazy object in the global object's prototype chain: looking a
// name up makes the value and stores it on the global object itself, where an
// ordinary property would be. A realm that uses none of them pays 100 bytes.
func New(vm *goja.Runtime, loop Loop, effects Effects, globals, modules Builtins) *Realm {
	r := &Realm{VM: vm, Loop: loop, Effects: effects, globals: globals, modules: modules}
	global := vm.GlobalObject()
	lazy := vm.NewDynamicObject(&lazyGlobals{r})
	_ = lazy.SetPrototype(global.Prototype())
	_ = global.SetPrototype(lazy)
	return r
}

// Global returns a global built-in's value, also if a script has replaced the
// global of that name. It panics if there is none: that is a mistake of ours.
func (r *Realm) Global(name string) goja.Value {
	if v, ok := r.made[name]; ok {
		return v
	}
	v := r.globals[name](r)
	if r.made == nil {
		r.made = map[string]goja.Value{}
	}
	r.made[name] = v
	return v
}

// Module returns a built-in module's exports; ok is false if there is none.
func (r *Realm) Module(name string) (exports goja.Value, ok bool) {
	if v, ok := r.exports[name]; ok {
		return v, true
	}
	build, ok := r.modules[name]
	if !ok {
		return nil, false
	}
	v := build(r)
	if r.exports == nil {
		r.exports = map[string]goja.Value{}
	}
	r.exports[name] = v
	return v, true
}

// lazyGlobals answers for the globals that have not been used yet.
type lazyGlobals struct{ r *Realm }

func (l *lazyGlobals) define(name string, v goja.Value) bool {
	err := l.r.VM.GlobalObject().DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return err == nil
}

func (l *lazyGlobals) Get(name string) goja.Value {
	if _, ok := l.r.globals[name]; !ok {
		return nil
	}
	v := l.r.Global(name)
	l.define(name, v)
	return v
}

func (l *lazyGlobals) Set(name string, v goja.Value) bool { return l.define(name, v) }

func (l *lazyGlobals) Has(name string) bool {
	_, ok := l.r.globals[name]
	return ok
}

func (l *lazyGlobals) Delete(string) bool { return true }

func (l *lazyGlobals) Keys() []string { return nil }
