package web_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/realmtest"
)

// echo answers with what it was asked.
func echo(req *effect.FetchRequest) (*realm.Response, error) {
	switch {
	case strings.HasSuffix(req.URL, "/refuse"):
		return nil, errors.New("connect ECONNREFUSED")
	case strings.HasSuffix(req.URL, "/hang"):
		return nil, nil
	case strings.HasSuffix(req.URL, "/slow-body"):
		res := realmtest.Text(200, nil, "")
		res.Next = func(func([]byte, error) error) {}
		return res, nil
	case strings.HasSuffix(req.URL, "/broken"):
		res := realmtest.Text(200, nil, "")
		res.Next = func(done func([]byte, error) error) { _ = done(nil, io.ErrUnexpectedEOF) }
		return res, nil
	}
	var b strings.Builder
	b.WriteString(req.Method + " " + req.URL + " " + req.Redirect)
	for _, f := range req.Header {
		b.WriteString(" " + f[0] + "=" + f[1])
	}
	b.WriteString(" body=" + string(req.Body))
	res := realmtest.Text(201, effect.Header{{"X-One", "1"}, {"x-one", "2"}, {"Set-Cookie", "a=b"}, {"Set-Cookie", "c"}}, b.String())
	res.URL, res.Redirected, res.StatusText = req.URL+"#end", true, "Created"
	return res, nil
}

func TestFetch(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"get", `console.log(await (await fetch("http://h")).text())`, "GET http://h/ follow body="},
		{"post", `console.log(await (await fetch("http://h/p?q", { method: "post", body: "x", headers: { A: "b" }, redirect: "manual" })).text())`,
			"POST http://h/p?q manual a=b content-type=text/plain;charset=UTF-8 body=x"},
		{"form", `console.log(await (await fetch(new URL("http://h/"), { method: "PUT", body: new URLSearchParams({ a: "b c" }) })).text())`,
			"PUT http://h/ follow content-type=application/x-www-form-urlencoded;charset=UTF-8 body=a=b+c"},
		{"bytes", `console.log(await (await fetch("http://h/", { method: "POST", body: Buffer.from("hi"), headers: new Headers([["k", "v"]]) })).text())`,
			"POST http://h/ follow k=v body=hi"},
		{"request", `console.log(await (await fetch(new Request("http://h/r", { method: "DELETE", headers: { z: "1" } }))).text())`,
			"DELETE http://h/r follow z=1 body="},
		{"response", `const r = await fetch("http://h/"); console.log(r.status, r.statusText, r.ok, r.url, r.redirected, r.type, r.headers.get("X-ONE"), r.headers.getSetCookie().length, r instanceof Response)`,
			"201 Created true http://h/#end true basic 1, 2 2 true"},
		{"clone", `const r = await fetch("http://h/"); const c = r.clone(); console.log(await c.text() === await r.text(), r.bodyUsed, c.bodyUsed)`, "true true true"},
		{"too many headers", `const h = {}; for (let i = 0; i < 1001; i++) h["h" + i] = ""; try { await fetch("http://h/", { headers: h }) } catch (e) { console.log(e instanceof TypeError, e.message) }`,
			"true fetch: the request's headers exceed 1000 fields or 262144 bytes."},
		{"too large headers", `try { await fetch("http://h/", { headers: { a: "x".repeat(262144) } }) } catch (e) { console.log(e instanceof TypeError, e.message) }`,
			"true fetch: the request's headers exceed 1000 fields or 262144 bytes."},
		{"refused", `try { await fetch("http://h/refuse") } catch (e) { console.log(e instanceof TypeError, e.message, e.cause.message) }`,
			"true fetch failed connect ECONNREFUSED"},
		{"no URL", `try { await fetch("/x") } catch (e) { console.log(e instanceof TypeError, e.message) }`, "true Failed to parse URL from /x"},
		{"broken body", `try { await (await fetch("http://h/broken")).text() } catch (e) { console.log(e.message, e.cause.message) }`, "terminated unexpected EOF"},
		{"aborted before", `try { await fetch("http://h/", { signal: AbortSignal.abort() }) } catch (e) { console.log(e.name) }`, "AbortError"},
		{"aborted", `const c = new AbortController(); setTimeout(() => c.abort(), 1); try { await fetch("http://h/hang", { signal: c.signal }) } catch (e) { console.log(e.name, e instanceof DOMException) }`,
			"AbortError true"},
		{"aborted body", `const c = new AbortController(); const r = await fetch("http://h/slow-body", { signal: c.signal }); setTimeout(() => c.abort("why"), 1); try { await r.text() } catch (e) { console.log(e) }`,
			"why"},
		{"timeout", `try { await fetch("http://h/hang", { signal: AbortSignal.timeout(2) }) } catch (e) { console.log(e.name) }`, "TimeoutError"},
		{"abort after the end", `const c = new AbortController(); const r = await fetch("http://h/", { signal: c.signal }); await r.text(); c.abort(); console.log("fine")`, "fine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := realmtest.New(globals(), node.Modules)
			w.Respond = echo
			if err := w.Run("fetch.js", c.script); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, strings.Join(w.Lines, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A script can replace or delete anything; that must end in a JavaScript error,
// never in a panic of Go.
func TestHostileScripts(t *testing.T) {
	for _, script := range []string{
		`delete globalThis.JSON; await new Response("1").json()`,
		`delete globalThis.JSON; Response.json(1)`,
		`fetch("http://h/", { signal: {} })`,
		`delete AbortSignal.prototype.aborted; await fetch("http://h/", { signal: new AbortController().signal })`,
		`const s = new AbortController().signal; s.removeEventListener = () => { throw 1 }; await (await fetch("http://h/", { signal: s })).text()`,
		`Headers.prototype = null`,
		`delete globalThis.Uint8Array; new TextEncoder().encode("x")`,
		`delete globalThis.RangeError; new TextDecoder("nope")`,
		`Headers.prototype.get.call({}, "x")`,
		`Headers.prototype.get.call(new URL("http://a"), "x")`,
		`Response.prototype.json.call(5)`,
		`new Headers({ get a() { throw new Error("getter") } })`,
		`new Headers({ get a() { delete this.b; return "1" }, b: "2" })`,
		`new URLSearchParams({ get a() { delete this.b; return "1" }, b: "2" }).toString()`,
		`console.table({ get a() { delete this.b; return "1" }, b: "2" })`,
		`const m = new Map(); m.set(m, m); console.log(m); structuredClone(m); new Response(m); Buffer.isBuffer(m)`,
		`const s = new Set(); s.add(s); try { Buffer.from(s) } catch {} require("crypto").createHash("md5").update(s)`,
		`Object.setPrototypeOf(Buffer, null); require("crypto").randomBytes(1)`,
		`Buffer.prototype.toString.call({})`,
		`Buffer.prototype.readInt8.call({ length: 9 }, 0)`,
		`atob(Symbol())`, `new URL(Symbol())`, `new Headers([[1]])`, `btoa({ toString() { throw 1 } })`,
		`const f = () => {}; delete f.name; require("path").join(f)`,
		`require("crypto").createHash.call(undefined, Object.create(null))`,
		`require("crypto").scryptSync("a", "b", 10, { N: 1 << 30 })`,
		`require("crypto").pbkdf2Sync("a", "b", 1e9, 1e6, "sha512")`,
		`new Response(new Proxy({}, { get() { throw new Error("trap") } }))`,
		`Object.defineProperty(Error, Symbol.hasInstance, { value() { throw 2 } }); require("util").inspect(new Error("x"))`,
	} {
		w := realmtest.New(globals(), node.Modules)
		w.Respond = echo
		_ = w.Run("hostile.js", script) // what it throws is its own affair
	}
}

func fetchJSON(b *testing.B, fresh bool) {
	const script = `const u = await (await fetch("https://api.example.com/users/1", { headers: { authorization: "Bearer x", accept: "application/json" } })).json(); if (u.id !== 1) throw u;`
	respond := func(*effect.FetchRequest) (*realm.Response, error) {
		return realmtest.Text(200, effect.Header{{"Content-Type", "application/json"}}, `{"id":1,"name":"Ann","tags":["a","b"],"address":{"city":"X"}}`), nil
	}
	w := realmtest.New(globals(), node.Modules)
	w.Respond = respond
	program := goja.MustCompile("fetch.js", "(async () => {"+script+"})()", false)
	b.ReportAllocs()
	for b.Loop() {
		if fresh {
			w = realmtest.New(globals(), node.Modules)
			w.Respond = respond
		}
		if err := w.RunProgram(program); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFetchJSON(b *testing.B)      { fetchJSON(b, false) }
func BenchmarkFirstFetchJSON(b *testing.B) { fetchJSON(b, true) }
