package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/sandbox"
)

// TestOddResults gives callbacks and promises what is hard to digest.
func TestOddResults(t *testing.T) {
	e := New(sandbox.Limits{StackDepth: 500})
	defer e.Close()
	for _, tt := range []struct{ name, code, want string }{
		{"toJSON", `cb(null, {toJSON: () => ({a: 1})})`, `200 {"a":1}`},
		{"toJSON throws", `cb(null, {toJSON() { throw new Error('j') }})`, "error 7: j"},
		{"toJSON of nothing", `cb(null, {toJSON() {}})`, "200 {}"},
		{"toJSON recurses", `cb(null, {toJSON() { return this.toJSON() }})`, "error 11"},
		{"getter throws", `cb(null, {get a() { throw 1 }})`, "error 7: 1"},
		{"proxy throws", `cb(null, new Proxy({}, {ownKeys() { throw new Error('p') }}))`, "error 7: p"},
		{"bigint", `cb(null, {a: 1n})`, "error 7: "},
		{"bare bigint", `cb(null, 1n)`, "error 7: "},
		{"symbol", `cb(null, Symbol('s'))`, "200 "},
		{"function", `cb(null, () => 1)`, "200 {}"},
		{"date", `cb(null, new Date(0))`, `200 "1970-01-01T00:00:00.000Z"`},
		{"nan", `cb(null, [NaN, -0, 1e21])`, "200 [null,0,1e+21]"},
		{"map of itself", `const m = new Map(); m.set(m, m); cb(null, m)`, "200 {}"},
		{"lone surrogate", `cb(null, '\ud800')`, `200 "\ud800"`},
		{"error is a map of itself", `const m = new Map(); m.set(m, m); cb(m)`, "error 4: "},
		{"error is a set of itself", `const m = new Set(); m.add(m); throw m`, "error 5: "},
		{"error is a proxy", `cb(new Proxy(new Error('x'), {get() { throw 1 }}))`, "error 4: "},
		{"error with a getter that throws", `cb({get message() { throw 1 }, statusCode: 418})`, "error 4: "},
		{"late error with a getter that logs", `setTimeout(() => { throw {get message() { console.log('got'); return 'm' }} }, 1)`, "error 6: m"},
		{"late error that recurses", `setTimeout(() => { throw {get message() { const f = () => f(); return f() }} }, 1)`, "error 11"},
		{"late error whose toString recurses", `setTimeout(() => { throw {toString() { const f = () => f(); return f() }} }, 1)`, "error 11"},
		{"late error without words", `setTimeout(() => { throw Object.create(null) }, 1)`, "error 6: "},
		{"null", `cb(null)`, "200 {}"},
		{"throws null", `throw null`, "error 5: null"},
		{"throws undefined", `throw undefined`, "error 5: undefined"},
		{"rejects nothing", `return Promise.reject()`, "error 4: undefined"},
		{"thenable", `return {then(f) { f(3) }}`, "200 3"},
		{"thenable whose then throws", `return {then() { throw new Error('t') }}`, "error 4: t"},
		{"thenable whose getter throws", `return {get then() { throw new Error('g') }}`, "error 4: g"},
		{"thenable that resolves and throws", `return {then(f) { f(1); throw new Error('t') }}`, "200 1"},
		{"thenable that resolves twice", `return {then(f, r) { f(1); f(2); r(3) }}`, "200 1"},
		{"thenable that does nothing", `return {then() {}}`, "error 8: "},
		{"then is no function", `cb(null, 2); return {then: 5}`, "200 2"},
		{"then recurses", `return {get then() { return this.then }}`, "error 11"},
		{"callback with both", `cb('e', 1)`, "error 4: e"},
		{"callback then throw", `cb(null, 1); throw new Error('t')`, "200 1"},
		{"callback of an earlier answer", `cb(null, 1); cb(new Error('x'))`, "200 1"},
		{"huge error", `cb(new Error('x'.repeat(1e7)))`, "error 4: xxx"},
		{"status", `const e = new Error('s'); e.statusCode = 404; cb(e)`, "error 4: s"},
		{"status that recurses", `cb({get statusCode() { const f = () => f(); return f() }})`, "error 11"},
		{"clearTimeout of odd things", `const m = new Map(); m.set(m, m); for (const x of [m, null, 5, {}, 'x', new Proxy({}, {get() { throw 1 }})]) clearTimeout(x); cb(null, 'c')`, `200 "c"`},
		{"deep JSON", `try { JSON.parse('['.repeat(1e7)) } catch (e) { cb(null, e.name) }`, `200 "SyntaxError"`},
		{"deep JSON of a buffer", `try { JSON.parse(Buffer.from('['.repeat(1e6))) } catch (e) { cb(null, e.name) }`, `200 "SyntaxError"`},
		{"JSON.parse is as before", `cb(null, [JSON.parse('{"a":[1,"x",null]}'), JSON.parse('[1,2]', (k, v) => v === 2 ? 3 : v), JSON.parse.name])`, `200 [{"a":[1,"x",null]},[1,3],"parse"]`},
		{"bad JSON", `try { JSON.parse('{') } catch (e) { cb(null, e instanceof SyntaxError) }`, `200 true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := e.Load(code("module.exports = (ctx, cb) => {" + tt.code + "}"))
			w := begin(u).wait()
			if !strings.HasPrefix(w.String(), tt.want) {
				t.Errorf("got  %.300s\nwant %s", w, tt.want)
			}
			if w.err != nil && len(w.err.Message)+len(w.err.Stack)+len(w.err.Details) > 4*maxText {
				t.Errorf("the error is of %d bytes", len(w.err.Message))
			}
			settled(t, u)
		})
	}
}

// TestLoopsWhereTheSandboxReads: code of the script that runs because the sandbox
// looks at a value is interrupted as any other.
func TestLoopsWhereTheSandboxReads(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	const spin = `console.log('begun'); for (;;);`
	for name, text := range map[string]string{
		"toJSON":           `cb(null, {toJSON() {` + spin + `}})`,
		"getter":           `cb(null, {get a() {` + spin + `}})`,
		"message":          `cb({get message() {` + spin + `}})`,
		"thrown message":   `throw {get message() {` + spin + `}}`,
		"late message":     `setTimeout(() => { throw {get message() {` + spin + `}} }, 1)`,
		"rejected message": `setTimeout(() => {}, 1e6); Promise.reject({get message() {` + spin + `}})`,
		"then":             `return {get then() {` + spin + `}}`,
		"calling then":     `return {then() {` + spin + `}}`,
		"after the answer": `cb(null, 1); setTimeout(() => {` + spin + `}, 1)`,
		"array of getters": `cb(null, Array.from({length: 100}, () => ({get a() {` + spin + `}})))`,
		"swallowed by Try": `cb({get message() {` + spin + `}, get statusCode() {` + spin + `}, get stack() {` + spin + `}})`,
		"finally":          `try {` + spin + `} finally {` + spin + `}`,
		"catch":            `for (;;) try {` + spin + `} catch (e) {}`,
		"microtasks":       `(async () => { console.log('begun'); for (;;) await 0 })()`,
	} {
		t.Run(name, func(t *testing.T) {
			u := e.Load(code("module.exports = (ctx, cb) => {" + text + "}"))
			w := begin(u)
			<-w.began
			w.call.Cancel(timeUp)
			if w.wait(); name != "after the answer" && (w.err == nil || w.err.Kind != sandbox.ErrTimeout) {
				t.Errorf("got %v", w)
			}
			settled(t, u)
		})
	}
}

func TestMemoryIsLimited(t *testing.T) {
	e := New(sandbox.Limits{Memory: 48 << 20})
	defer e.Close()
	idle := e.Load(code(`module.exports = cb => cb(null, 1)`))
	begin(idle).wait()
	u := e.Load(code(`module.exports = cb => { const a = []; for (;;) a.push({x: [a.length]}) }`))
	if w := begin(u).wait(); w.err == nil || w.err.Kind != sandbox.ErrMemory {
		t.Fatalf("got %v", w)
	}
	settled(t, u)
	idle.mu.Lock()
	defer idle.mu.Unlock()
	if len(idle.idle) != 0 {
		t.Error("an instance at rest was kept")
	}
}

func TestNothingTicksAtRest(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	u := e.Load(code(`module.exports = cb => cb(null, 1)`))
	for range 2 {
		begin(u).wait()
		for e.watching.Load() {
			time.Sleep(time.Millisecond)
		}
	}
}

func TestNothingTicksWhileACallWaits(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	u := e.Load(code(`module.exports = cb => setTimeout(cb, 1e6)`))
	w := begin(u)
	for range 5000 {
		if !e.watching.Load() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if e.watching.Load() {
		t.Error("the watch goes on")
	}
	w.call.Cancel(&sandbox.Error{Kind: sandbox.ErrCancelled})
	w.wait()
}
