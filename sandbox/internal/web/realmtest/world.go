// Package realmtest runs JavaScript in a realm with a small loop and made-up
// effects, for the tests of built-ins. It must not be used outside tests.
package realmtest

import (
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
)

// World is a realm with what it needs around it.
type World struct {
	Realm *realm.Realm
	// Respond answers fetch; nil refuses all.
	Respond func(*effect.FetchRequest) (*realm.Response, error)
	// Lines is what Node.js would print to stdout, Warnings what to stderr.
	Lines, Warnings []string

	mu      sync.Mutex
	wake    *sync.Cond
	queue   []func() error
	pending int
}

// New makes a world with the given built-ins, timers and require.
func New(globals, modules realm.Builtins) *World {
	w := &World{}
	w.wake = sync.NewCond(&w.mu)
	vm := goja.New()
	vm.SetParserOptions(parser.WithDisableSourceMaps)
	w.Realm = realm.New(vm, w, w, globals, modules)
	_ = vm.Set("require", func(c goja.FunctionCall) goja.Value {
		v, ok := w.Realm.Module(c.Argument(0).String())
		if !ok {
			panic(vm.NewTypeError("no module %s", c.Argument(0)))
		}
		return v
	})
	_ = vm.Set("setTimeout", w.setTimeout)
	_ = vm.Set("setImmediate", func(c goja.FunctionCall) goja.Value { return w.after(0, c.Argument(0), nil) })
	_ = vm.Set("clearTimeout", func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	return w
}

func (w *World) setTimeout(c goja.FunctionCall) goja.Value {
	return w.after(time.Duration(c.Argument(1).ToInteger())*time.Millisecond, c.Argument(0), c.Arguments[min(2, len(c.Arguments)):])
}

func (w *World) after(d time.Duration, fn goja.Value, args []goja.Value) goja.Value {
	args = append([]goja.Value(nil), args...)
	resume := w.Async()
	time.AfterFunc(d, func() {
		resume(func() error {
			f, _ := goja.AssertFunction(fn)
			_, err := f(goja.Undefined(), args...)
			return err
		})
	})
	return w.Realm.VM.ToValue(1)
}

// Async is realm.Loop.
func (w *World) Async() func(fn func() error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending++
	return func(fn func() error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = append(w.queue, fn)
		w.pending--
		w.wake.Signal()
	}
}

// Log is realm.Effects.
func (w *World) Log(level effect.Level, line string) {
	if level >= effect.Warn {
		w.Warnings = append(w.Warnings, line)
		return
	}
	w.Lines = append(w.Lines, line)
}

// Fetch is realm.Effects: it answers in a later turn.
func (w *World) Fetch(req *effect.FetchRequest, done func(*realm.Response, error) error) func() {
	resume := w.Async()
	answered := false
	answer := func(res *realm.Response, err error) {
		if !answered {
			answered = true
			resume(func() error { return done(res, err) })
		}
	}
	if w.Respond == nil {
		answer(nil, fmt.Errorf("connect ECONNREFUSED %s", req.URL))
		return func() {}
	}
	if res, err := w.Respond(req); res != nil || err != nil {
		answer(res, err)
	}
	return func() { answer(nil, fmt.Errorf("cancelled")) }
}

// Run runs a script as the body of an async function until nothing is left to
// do, and returns what it threw.
func (w *World) Run(name, script string) error {
	program, err := goja.Compile(name, "(async () => {"+script+"\n})()", false)
	if err != nil {
		return err
	}
	return w.RunProgram(program)
}

// RunProgram is Run for a program that evaluates to a promise.
func (w *World) RunProgram(program *goja.Program) error {
	v, err := w.Realm.VM.RunProgram(program)
	if err != nil {
		return err
	}
	for {
		fn := w.next()
		if fn == nil {
			break
		}
		if err := fn(); err != nil {
			return err
		}
	}
	p := v.Export().(*goja.Promise)
	switch p.State() {
	case goja.PromiseStateRejected:
		return fmt.Errorf("%s", describe(p.Result()))
	case goja.PromiseStatePending:
		return fmt.Errorf("the script waits for something that never comes")
	}
	return nil
}

func describe(v goja.Value) string {
	if o, ok := v.(*goja.Object); ok && o.Get("stack") != nil {
		return v.String() + "\n" + o.Get("stack").String()
	}
	return v.String()
}

func (w *World) next() func() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 {
		if w.pending == 0 {
			return nil
		}
		w.wake.Wait()
	}
	fn := w.queue[0]
	w.queue = w.queue[1:]
	return fn
}
