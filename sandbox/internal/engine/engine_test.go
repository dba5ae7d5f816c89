package engine

import (
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox"
)

func TestHandlers(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for _, tt := range []struct{ name, code, want string }{
		{"cb", `module.exports = function (cb) { cb(null, 1) }`, "200 1"},
		{"ctx cb", `module.exports = (ctx, cb) => cb(null, {a: ctx.query.a, b: ctx.query.b, s: ctx.secrets.k})`, `200 {"a":"1","b":["2","3"],"s":"s3cret"}`},
		{"return", `return function (cb) { cb(null, 'x"y') }`, `200 "x\"y"`},
		{"falsy", `module.exports = cb => cb(null, 0)`, "200 {}"},
		{"async ctx", `module.exports = async (ctx) => ({q: ctx.query.a})`, `200 {"q":"1"}`},
		{"async destructured", `module.exports = async ({query, secrets}) => query.a + secrets.k`, `200 "1s3cret"`},
		{"async cb", `module.exports = async (cb) => { cb(null, 5) }`, `200 5`},
		{"async no parameter", `module.exports = async () => 7`, `200 7`},
		{"promise", `module.exports = (ctx, cb) => Promise.resolve(4)`, "200 4"},
		{"late callback of async", `module.exports = async (ctx, cb) => { setTimeout(() => cb(null, 'late'), 5) }`, `200 "late"`},
		{"async undefined", `module.exports = async (ctx) => { ctx.query }`, "200 {}"},
		{"esm", `export default async function (ctx) { return 'esm' }`, `200 "esm"`},
		{"cb error", `module.exports = cb => cb(new Error('bad'))`, "error 4: bad"},
		{"cb string", `module.exports = cb => cb('oops')`, "error 4: oops"},
		{"throws", `module.exports = cb => { throw new TypeError('t') }`, "error 5: t"},
		{"throws string", `module.exports = cb => { throw 'str' }`, "error 5: str"},
		{"rejects", `module.exports = async () => { throw new Error('r') }`, "error 4: r"},
		{"timer throws", `module.exports = cb => { setTimeout(() => { throw new Error('tt') }, 1) }`, "error 6: tt"},
		{"unhandled", `module.exports = cb => { Promise.reject(new Error('u')); setTimeout(cb, 50) }`, "error 6: u"},
		{"handled", `module.exports = cb => { Promise.reject(new Error('u')).catch(() => cb(null, 'ok')) }`, `200 "ok"`},
		{"circular", `module.exports = cb => { const a = {}; a.a = a; cb(null, a) }`, "error 7: Converting circular structure to JSON"},
		{"never", `module.exports = cb => {}`, "error 8: The task ended without an answer"},
		{"never settles", `module.exports = async cb => { await new Promise(() => {}) }`, "error 8: The task ended without an answer"},
		{"no function", `module.exports = 5`, "error 2: Supplied code must return or export a function."},
		{"arity", `module.exports = (a,b,c,d) => 1`, "error 3: The JavaScript function must have"},
		{"arity 0", `module.exports = () => 1`, "error 3: The JavaScript function must have"},
		{"syntax", "var a = 1;\nvar b = ;", "error 1: SyntaxError: task.js:2:9: Unexpected \";\""},
		{"load throws", `throw new Error('at load')`, "error 1: at load"},
		{"recursion", `module.exports = cb => { (function f() { f() })() }`, "error 11: Maximum call stack"},
		{"module.webtask", `const s = module.webtask.secrets.k; module.exports = cb => cb(null, s)`, `200 "s3cret"`},
		{"data", `module.exports = (ctx, cb) => cb(null, ctx.data)`, `200 {"a":"1","b":["2","3"],"p":"1","k":"s3cret"}`},
		{"keys", `module.exports = (ctx, cb) => cb(null, Object.keys(ctx))`, `200 ["data","query","params","secrets","meta","headers","id"]`},
		{"headers", `module.exports = (ctx, cb) => cb(null, ctx.headers)`, `200 {"host":"h","x-a":"1"}`},
		{"twice", `module.exports = cb => { cb(null, 1); cb(null, 2) }`, "200 1"},
		{"after", `module.exports = cb => { cb(null, 1); setTimeout(() => {}, 5) }`, "200 1"},
		{"immediate", `module.exports = cb => { setImmediate((a) => cb(null, a), 9) }`, "200 9"},
		{"interval", `let n = 0; module.exports = cb => { const i = setInterval(() => { if (++n == 3) { clearInterval(i); cb(null, n) } }, 1) }`, "200 3"},
		{"unref", `module.exports = cb => { setTimeout(() => {}, 1e6).unref(); cb(null, 'u') }`, `200 "u"`},
		{"hashbang", "#!/usr/bin/env node\nmodule.exports = cb => cb(null, 1)", "200 1"},
		{"proto in query", `module.exports = (ctx, cb) => cb(null, ctx.query.__proto__ === Object.prototype)`, "200 true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(e, tt.code).String(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestStackNamesTheTasksLines(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for _, tt := range []struct{ name, code, want string }{
		{"native", "module.exports = function task(cb) {\n  throw new Error('x');\n}", "task (task.js:2:9)"},
		{"lowered", "async function* g() {}\nmodule.exports = function task(cb) {\n\n\n  throw new Error('x');\n}", "task (task.js:5:"},
		{"line 1", "module.exports = function task(cb) { throw new Error('x'); }", "task (task.js:1:44)"},
	} {
		w := run(e, tt.code)
		if w.err == nil || !strings.Contains(w.err.Stack, tt.want) {
			t.Errorf("%s: stack %q lacks %q", tt.name, w.err.Stack, tt.want)
		}
	}
}

func TestCancelEndsCode(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for name, code := range map[string]string{
		"loop":       `module.exports = cb => { for (;;); }`,
		"microtasks": `module.exports = async cb => { for (;;) await 0 }`,
		"waits":      `module.exports = cb => { setInterval(() => {}, 1000) }`,
		"at load":    `for (;;);`,
	} {
		t.Run(name, func(t *testing.T) {
			w := begin(e.Load(&sandbox.Definition{File: "t.js", Code: code}))
			w.call.Cancel(&sandbox.Error{Kind: sandbox.ErrTimeout, Message: "too long"})
			<-w.done
			if w.err == nil || w.err.Kind != sandbox.ErrTimeout {
				t.Errorf("got %v", w)
			}
		})
	}
}

func benchmark(b *testing.B, fresh bool) {
	e := New(sandbox.Limits{})
	defer e.Close()
	u := e.Load(&sandbox.Definition{Fresh: fresh, File: "t.js", Code: `module.exports = function (ctx, cb) { cb(null, { hello: ctx.query.a }); };`})
	b.ReportAllocs()
	for b.Loop() {
		start(u)
	}
}

func BenchmarkHello(b *testing.B) { benchmark(b, false) }
func BenchmarkFresh(b *testing.B) { benchmark(b, true) }

func TestErrorsAndLogsShowNoSecret(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for _, code := range []string{
		`module.exports = (ctx, cb) => cb(new Error('key ' + ctx.secrets.k))`,
		`module.exports = (ctx, cb) => cb({ key: ctx.secrets.k })`,
		`module.exports = (ctx, cb) => { throw ctx.secrets.k }`,
		`module.exports = (ctx, cb) => { console.log(ctx.secrets); setTimeout(() => { throw new Error(btoa(ctx.secrets.k)) }, 1) }`,
		`const k = module.webtask.secrets.k; throw new Error(encodeURIComponent(k))`,
	} {
		w := run(e, code)
		all := w.err.Message + w.err.Stack + string(w.err.Details) + strings.Join(w.logs, "\n")
		if strings.Contains(all, "s3cret") || strings.Contains(all, "czNjcmV0") {
			t.Errorf("%s shows it: %s", code, all)
		}
		if !strings.Contains(all, "[redacted]") {
			t.Errorf("%s: nothing was redacted in %s", code, all)
		}
	}
}
