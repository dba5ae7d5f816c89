package engine

import (
	"github.com/dop251/goja"
)

// moduleObject is the script's module: CommonJS's, and module.webtask with what
// belongs to the task. Values are made when they are asked for.
type moduleObject struct {
	in     *Instance
	values map[string]goja.Value
}

func newModule(in *Instance) *moduleObject {
	m := &moduleObject{in: in, values: map[string]goja.Value{}}
	m.values["exports"] = in.vm.NewObject()
	return m
}

var moduleKeys = []string{"exports", "id", "filename", "loaded", "children", "paths", "webtask"}

// Get implements goja.DynamicObject.
func (m *moduleObject) Get(name string) goja.Value {
	if v, ok := m.values[name]; ok {
		return v
	}
	vm, def := m.in.vm, m.in.unit.def
	var v goja.Value
	switch name {
	case "id":
		v = vm.ToValue(".")
	case "filename":
		v = vm.ToValue("/" + def.File)
	case "loaded":
		return vm.ToValue(m.in.loaded)
	case "children", "paths":
		v = vm.NewArray()
	case "webtask":
		o := vm.NewObject()
		_ = o.Set("meta", toJS(vm, stringMap(def.Meta)))
		_ = o.Set("params", toJS(vm, def.Params))
		_ = o.Set("secrets", toJS(vm, def.Secrets))
		v = o
	default:
		return nil
	}
	m.values[name] = v
	return v
}

// Set implements goja.DynamicObject.
func (m *moduleObject) Set(name string, v goja.Value) bool {
	m.values[name] = v
	return true
}

// Has implements goja.DynamicObject.
func (m *moduleObject) Has(name string) bool { return m.Get(name) != nil }

// Delete implements goja.DynamicObject.
func (m *moduleObject) Delete(name string) bool {
	delete(m.values, name)
	return true
}

// Keys implements goja.DynamicObject.
func (m *moduleObject) Keys() []string { return moduleKeys }
