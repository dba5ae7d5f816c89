package node_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/realmtest"
)

// A realm is made per request: it must make no more than what a script uses.
func TestMakesOnlyWhatIsUsed(t *testing.T) {
	for script, want := range map[string]string{
		``:                                    ``,
		`Buffer.from("x").toString("hex")`:    `Buffer buffer`,
		`require("crypto").createHash("md5")`: `crypto`,
		`require("crypto").createHash("md5").update("a").digest()`: `Buffer buffer crypto`,
		`console.log("plain", 1)`:                                  `console`,
		`console.log({})`:                                          `console util`,
		`new Headers({ a: "b" }).get("a")`:                         `Headers`,
		`new URL("http://a/?b").href`:                              `URL`,
		`new URL("http://a/?b").searchParams`:                      `URL URLSearchParams`,
		`fetch("http://a/", { headers: {} }).catch(() => {})`:      `fetch`,
		`require("util").promisify(() => {})`:                      `util`,
		`require("path").join("a")`:                                `path path/posix`,
		`process.env.A`:                                            `process`,
		`new AbortController()`:                                    `AbortController`,
		`new AbortController().signal`:                             `AbortController AbortSignal EventTarget`,
	} {
		var made []string
		record := func(all realm.Builtins) realm.Builtins {
			out := realm.Builtins{}
			for name, build := range all {
				out[name] = func(r *realm.Realm) goja.Value {
					made = append(made, name)
					return build(r)
				}
			}
			return out
		}
		w := realmtest.New(record(globals()), record(node.Modules))
		if err := w.Run("lazy.js", script); err != nil {
			t.Fatal(script, err)
		}
		slices.Sort(made)
		if diff := cmp.Diff(strings.Fields(want), slices.Compact(made)); len(made) > 0 && diff != "" {
			t.Errorf("%s made (-want +have):\n%s", script, diff)
		}
	}
}
