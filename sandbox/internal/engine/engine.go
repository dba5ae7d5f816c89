package engine

import (
	"maps"
	"sync"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web"
)

func merge(all ...realm.Builtins) realm.Builtins {
	out := realm.Builtins{}
	for _, b := range all {
		maps.Copy(out, b)
	}
	return out
}

// Engine runs the tasks of one trust domain within one set of limits.
type Engine struct {
	limits sandbox.Limits
	// globals and modules are the built-ins of every instance.
	globals, modules realm.Builtins

	runners runners

	mu    sync.Mutex
	units map[*Unit]struct{}

	memory
}

// New makes an engine. What the process has on its heap by now does not count
// as memory of scripts.
func New(limits sandbox.Limits) *Engine {
	e := &Engine{limits: limits.WithDefaults(), units: map[*Unit]struct{}{}, runners: newRunners()}
	e.base = heapInUse()
	e.globals = merge(web.Globals, node.Globals, timerGlobals())
	e.modules = node.Modules
	return e
}

// Close lets the goroutines go that wait for work. No call may start any more.
func (e *Engine) Close() { e.runners.close() }

// Load takes a task in. The engine keeps it until Unload.
func (e *Engine) Load(def *sandbox.Definition) *Unit {
	u := &Unit{engine: e, def: def}
	e.mu.Lock()
	e.units[u] = struct{}{}
	e.mu.Unlock()
	return u
}

// Unload forgets a task. Its calls go on to their end.
func (e *Engine) Unload(u *Unit) {
	e.mu.Lock()
	delete(e.units, u)
	e.mu.Unlock()
	u.shed()
}
