package engine

import (
	"github.com/dop251/goja"
)

// A Timeout object answers for itself: its methods are made when they are asked
// for, so that a timer costs little.

// Get implements goja.DynamicObject.
func (h *timeout) Get(name string) goja.Value {
	t, vm := h.t, h.t.in.vm
	chain := func(fn func()) goja.Value {
		return vm.ToValue(func(goja.FunctionCall) goja.Value {
			fn()
			return t.object
		})
	}
	switch name {
	case "ref":
		return chain(func() {
			if !t.gone {
				t.ref(true)
			}
		})
	case "unref":
		return chain(func() { t.ref(false) })
	case "close":
		return chain(t.stop)
	case "refresh":
		return chain(func() {
			if !t.gone {
				t.clock.Reset(t.delay)
			}
		})
	case "hasRef":
		return vm.ToValue(func(goja.FunctionCall) goja.Value { return vm.ToValue(t.refed) })
	}
	return nil
}

// Set implements goja.DynamicObject; a handle takes no properties.
func (h *timeout) Set(string, goja.Value) bool { return false }

// Has implements goja.DynamicObject.
func (h *timeout) Has(name string) bool {
	switch name {
	case "ref", "unref", "close", "refresh", "hasRef":
		return true
	}
	return false
}

// Delete implements goja.DynamicObject.
func (h *timeout) Delete(string) bool { return false }

// Keys implements goja.DynamicObject.
func (h *timeout) Keys() []string { return nil }

func (in *Instance) timeoutObject(t *timer) *goja.Object {
	return in.vm.NewDynamicObject(&timeout{t})
}
