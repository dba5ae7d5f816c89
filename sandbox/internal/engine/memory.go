package engine

import (
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/wthost/wt/sandbox"
)

// memory watches how much of it the scripts use, while any runs: one that waits
// takes none.
type memory struct {
	base     int64        // what was in use before the first script
	heap     atomic.Int64 // bytes in use since, as last measured
	running  atomic.Int64 // instances whose code may run
	watching atomic.Bool
}

const (
	watchEvery = 20 * time.Millisecond
	// watchClosely is for scripts that have taken half of what they may.
	watchClosely = 2 * time.Millisecond
	// watchRests is how many measurements while nothing runs end the watch.
	watchRests = 5
)

// heapInUse is the size of the objects on the heap, with those that the
// collector has not freed yet.
func heapInUse() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// begin counts an instance that runs, and watches from the first one on.
func (e *Engine) begin() {
	e.running.Add(1)
	if !e.watching.Load() && e.watching.CompareAndSwap(false, true) {
		go e.watch()
	}
}

// end undoes begin.
func (e *Engine) end() { e.running.Add(-1) }

// watch measures the heap until nothing ran for a while.
func (e *Engine) watch() {
	for rests := 0; ; {
		if e.measure() > e.limits.Memory/2 {
			time.Sleep(watchClosely)
		} else {
			time.Sleep(watchEvery)
		}
		if e.running.Load() > 0 {
			rests = 0
			continue
		}
		if rests++; rests < watchRests {
			continue
		}
		e.watching.Store(false)
		// An instance that began meanwhile has seen that the watch was on.
		if e.running.Load() == 0 || !e.watching.CompareAndSwap(false, true) {
			return
		}
	}
}

// measure acts on the heap's size: at the soft limit it drops what rests, at the
// limit it ends what runs.
func (e *Engine) measure() int64 {
	used := heapInUse() - e.base
	e.heap.Store(used)
	switch {
	case used > e.limits.Memory:
		e.shed()
		e.interruptRunning()
	case used > e.limits.Memory*3/4:
		e.shed()
	}
	return used
}

// roomy reports whether there is memory for more instances.
func (e *Engine) roomy() bool { return e.heap.Load() < e.limits.Memory/2 }

func (e *Engine) all() []*Unit {
	e.mu.Lock()
	defer e.mu.Unlock()
	units := make([]*Unit, 0, len(e.units))
	for u := range e.units {
		units = append(units, u)
	}
	return units
}

// shed drops the instances at rest.
func (e *Engine) shed() {
	for _, u := range e.all() {
		u.shed()
	}
}

// interruptRunning ends the calls whose code is running: one of them allocates.
func (e *Engine) interruptRunning() {
	for _, u := range e.all() {
		u.mu.Lock()
		busy := append([]*Instance(nil), u.busy...)
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
