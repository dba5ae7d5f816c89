package node_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/web/realmtest"
)

// first measures a script in a realm that has run nothing before, without the
// realm itself.
func first(b *testing.B, script string) {
	all := globals()
	program := goja.MustCompile("bench.js", script, false)
	b.ReportAllocs()
	for b.Loop() {
		w := realmtest.New(all, node.Modules)
		if _, err := w.Realm.VM.RunProgram(program); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmptyRealm(b *testing.B)  { first(b, `1`) }
func BenchmarkFirstBuffer(b *testing.B) { first(b, `Buffer.from("hello").toString("base64")`) }
func BenchmarkFirstHmac(b *testing.B) {
	first(b, `require("crypto").createHmac("sha256", "k").update("d").digest("hex")`)
}
func BenchmarkFirstEvents(b *testing.B)  { first(b, `new (require("events"))().emit("x")`) }
func BenchmarkFirstUtil(b *testing.B)    { first(b, `require("util").inspect({ a: [1, "x"] })`) }
func BenchmarkFirstURL(b *testing.B)     { first(b, `new URL("https://a.b/c?d=e").searchParams.get("d")`) }
func BenchmarkFirstConsole(b *testing.B) { first(b, `console.log("plain", 1)`) }
func BenchmarkFirstProcess(b *testing.B) { first(b, `process.env.X`) }

// again measures a script in a realm that has run it before.
func again(b *testing.B, script string) {
	w := realmtest.New(globals(), node.Modules)
	program := goja.MustCompile("bench.js", script, false)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Realm.VM.RunProgram(program); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuffer(b *testing.B) { again(b, `Buffer.from("hello").toString("base64")`) }
func BenchmarkHmac(b *testing.B) {
	again(b, `require("crypto").createHmac("sha256", "k").update("d").digest("hex")`)
}
func BenchmarkInspect(b *testing.B) {
	again(b, `require("util").inspect({ a: [1, "x"], b: { c: 1 } })`)
}
