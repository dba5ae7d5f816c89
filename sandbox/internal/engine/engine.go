package engine

import (
	"maps"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

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

	heap atomic.Int64 // bytes in use, as last measured
	stop chan struct{}
}

// New makes an engine, which watches its memory until Close.
func New(limits sandbox.Limits) *Engine {
	e := &Engine{limits: limits.WithDefaults(), units: map[*Unit]struct{}{}, runners: newRunners(), stop: make(chan struct{})}
	e.globals = merge(web.Globals, node.Globals, timerGlobals(), realm.Builtins{httpBuiltin: makeHTTP})
	e.modules = node.Modules
	go e.watch()
	return e
}

// Close ends the watch. No call may be under way or start any more.
func (e *Engine) Close() {
	close(e.stop)
	e.runners.close()
}

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

// roomy reports whether there is memory for more instances.
func (e *Engine) roomy() bool { return e.heap.Load() < e.limits.Memory/2 }

// watch measures the heap. At the soft limit it drops what rests; at the limit it
// ends what runs.
func (e *Engine) watch() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		metrics.Read(sample)
		used := int64(sample[0].Value.Uint64())
		e.heap.Store(used)
		switch {
		case used > e.limits.Memory:
			e.interruptRunning()
		case used > e.limits.Memory*3/4:
			for _, u := range e.all() {
				u.shed()
			}
		}
	}
}

const watchEvery = 20 * time.Millisecond

func (e *Engine) all() []*Unit {
	e.mu.Lock()
	defer e.mu.Unlock()
	units := make([]*Unit, 0, len(e.units))
	for u := range e.units {
		units = append(units, u)
	}
	return units
}

// interruptRunning ends the calls whose code is running: one of them allocates.
func (e *Engine) interruptRunning() {
	for _, u := range e.all() {
		u.mu.Lock()
		busy := append([]*Instance(nil), u.busy...)
		u.idle = nil
		u.mu.Unlock()
		for _, in := range busy {
			in.mu.Lock()
			if in.running != nil {
				in.vm.Interrupt(&sandbox.Error{Kind: sandbox.ErrMemory, Message: "The task used more memory than its limit allows."})
			}
			in.mu.Unlock()
		}
	}
}
