package jsval

import (
	"testing"

	"github.com/dop251/goja"
)

// sameAsEngine checks text against the engine's JSON.parse, by what
// JSON.stringify makes of both.
func sameAsEngine(t *testing.T, text string) {
	t.Helper()
	vm := goja.New()
	v, ok := ParseJSON(vm, text)
	parse, _ := goja.AssertFunction(vm.Get("JSON").ToObject(vm).Get("parse"))
	show, _ := goja.AssertFunction(vm.Get("JSON").ToObject(vm).Get("stringify"))
	want, err := parse(goja.Undefined(), vm.ToValue(text))
	if !ok {
		return // the engine decides
	}
	if err != nil {
		t.Errorf("%q is taken; the engine says %v", text, err)
		return
	}
	got, err1 := show(goja.Undefined(), v)
	exp, err2 := show(goja.Undefined(), want)
	if err1 != nil || err2 != nil || got.String() != exp.String() {
		t.Errorf("%q: %v, want %v (%v, %v)", text, got, exp, err1, err2)
	}
}

var jsonTexts = []string{
	`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `-1.5e3`, `1E+2`, `123456789012345678`, `"a"`, `"\u00e9\ud83d\ude00\n\/"`,
	`{"a":1,"b":[1,2,{"c":null}],"a":2}`, " \t\n{ \"x\" : [ ] } ", `{"1":1,"0":2,"b":3,"a":4}`, `"\ud800"`, `{"__proto__":1}`,
	`[1,]`, `{"a":}`, `{a:1}`, `01`, `1.`, `.5`, `+1`, `1e`, `"\x"`, `"a`, `nul`, `[1 2]`, `{} {}`, ``, `"` + "\x01" + `"`, `1e400`, `"zoë"`,
}

func TestParseJSONIsTheEngines(t *testing.T) {
	taken := 0
	for _, text := range jsonTexts {
		sameAsEngine(t, text)
		if _, ok := ParseJSON(goja.New(), text); ok {
			taken++
		}
	}
	if taken < 15 {
		t.Errorf("only %d texts are parsed here", taken)
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add(text)
	}
	f.Fuzz(sameAsEngine)
}
