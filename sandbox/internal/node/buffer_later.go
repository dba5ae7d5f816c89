package node

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// hideAll is hide(target, methods): it defines each as a class would, not
// enumerable.
func hideAll(r *realm.Realm, c goja.FunctionCall) goja.Value {
	target, methods := c.Argument(0).ToObject(r.VM), c.Argument(1).ToObject(r.VM)
	for _, name := range methods.Keys() {
		jsval.Hide(target, name, methods.Get(name))
	}
	return goja.Undefined()
}

var bufferRare = part("buffer_rare.js")

// bufferLater is later(proto): most of Buffer's hundred methods, the readers and
// writers of numbers, are made when a script first looks one of them up. Until
// then an object stands in the prototype chain that answers for them.
func bufferLater(r *realm.Realm, c goja.FunctionCall) goja.Value {
	proto := c.Argument(0).ToObject(r.VM)
	after := proto.Prototype()
	lazy := &lazyMethods{load: func() *goja.Object {
		_ = proto.SetPrototype(after)
		bufferRare(r, goja.FunctionCall{This: c.This, Arguments: []goja.Value{proto}})
		return proto
	}}
	stand := r.VM.NewDynamicObject(lazy)
	_ = stand.SetPrototype(after)
	_ = proto.SetPrototype(stand)
	return goja.Undefined()
}

// lazyMethods answers for methods that have not been made yet.
type lazyMethods struct {
	load   func() *goja.Object
	loaded bool
}

// rare tells the names that buffer_rare.js defines.
func rare(key string) bool {
	return strings.HasPrefix(key, "read") || strings.HasPrefix(key, "write") || strings.HasPrefix(key, "swap") ||
		strings.HasSuffix(key, "Slice") || strings.HasSuffix(key, "Write")
}

func (l *lazyMethods) Get(key string) goja.Value {
	if l.loaded || !rare(key) {
		return nil
	}
	l.loaded = true
	return l.load().Get(key)
}

func (l *lazyMethods) Has(key string) bool { return l.Get(key) != nil }

func (l *lazyMethods) Set(string, goja.Value) bool { return false }

func (l *lazyMethods) Delete(string) bool { return true }

func (l *lazyMethods) Keys() []string { return nil }
