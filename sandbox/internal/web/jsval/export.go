package jsval

import (
	"reflect"

	"github.com/dop251/goja"
)

// Exported is v.Export() for a value whose Go type is known to be T. Nothing else
// may export a script's value: exporting a Map that holds itself recurses until
// the process dies, and exporting any object runs its getters.
func Exported[T any](v goja.Value) (x T, ok bool) {
	if v == nil || v.ExportType() != reflect.TypeFor[T]() {
		return x, false
	}
	x, ok = v.Export().(T)
	return x, ok
}
