package web_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

func TestKind(t *testing.T) {
	for script, want := range map[string]string{
		"new Map": "Map", "new Set": "Set", "new WeakMap": "WeakMap", "new WeakSet": "WeakSet",
		"new Date": "Date", "/x/": "RegExp", "new TypeError": "Error", "[]": "Array", "({})": "Object",
		"Promise.resolve()": "Promise", "new Uint8Array(2)": "TypedArray", "new Float64Array(2)": "TypedArray",
		"new ArrayBuffer(2)": "ArrayBuffer", "new DataView(new ArrayBuffer(2))": "DataView",
		"Object(1)": "Number", "Object('')": "String", "Object(true)": "Boolean", "Object(1n)": "BigInt",
		"Object(Symbol())": "Symbol", "(() => 1)": "Function", "(class {})": "Function", "new Proxy({}, {})": "Proxy",
		"(function*(){})()": "Generator", "(function(){return arguments})()": "Arguments",
		"new Map().keys()": "Map Iterator", "new Set().keys()": "Set Iterator", "1": "", "null": "",
		"({[Symbol.toStringTag]: 'Map'})": "Object", "[1][Symbol.iterator]()": "Array Iterator",
		"(async () => 1)": "Function", "new Uint8ClampedArray(1)": "TypedArray", "new BigInt64Array(1)": "TypedArray",
	} {
		v, err := goja.New().RunString(script)
		if err != nil {
			t.Fatal(err)
		}
		if got := jsval.Kind(v); got != want {
			t.Errorf("Kind(%s) = %q, want %q", script, got, want)
		}
	}
}
