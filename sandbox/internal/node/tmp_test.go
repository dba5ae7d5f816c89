package node_test

import (
	"testing"
	"fmt"
	"github.com/wthost/wt/sandbox/internal/node"
	"github.com/wthost/wt/sandbox/internal/web/realmtest"
)

func TestTmp(t *testing.T) {
	for _, s := range []string{
		`'use strict'; const b = Buffer.from('x'); b.foo = 1; console.log(b.foo, b.length); Buffer.prototype.bar = 2; console.log(b.bar, 'readInt8' in b, Object.getPrototypeOf(Buffer.prototype) === Uint8Array.prototype)`,
		`'use strict'; Buffer.prototype.readInt8 = () => 'mine'; console.log(Buffer.from('x').readInt8(), Buffer.from('x').readUInt8())`,
		`try { null.x } catch (e) { console.log(e) }`,
		`console.log(new Error('boom', {cause: 5}), {e: new TypeError('in')}); console.error(new Error('q'))`,
		`try { new URL('x') } catch (e) { console.log(e) }`,
		`console.table([{a:1,b:'x'},{a:2}]); console.group('G'); console.log('in\nner'); console.groupEnd(); console.count(); console.count('q'); console.time('t'); console.timeEnd('t'); console.trace('tr'); console.assert(false, 'no %s', 1); console.dir({a:{b:{c:{}}}}, {depth:0})`,
		`console.log('%', 5); console.log(); console.log(true, null, -0, 'x')`,
		`console.log(new Response('x'), new Headers({a:'1'}), new URL('http://a/?b'), new URLSearchParams('q=1'), new AbortController(), new Event('x'), new TextDecoder())`,
		`console.log(process.env, process.exit)`,
		`process.exit(1)`,
		`Response()`,
		`console.log(Object.getOwnPropertyNames(globalThis).length, 'fetch' in globalThis, typeof fetch, globalThis.fetch === fetch, delete globalThis.fetch, typeof fetch)`,
		`Headers = 5; console.log((await fetch('http://x/').catch(e => e.message)))`,
		`class A extends Response { foo() { return 1 } }; console.log(new A('x').foo(), await new A('q').text())`,
		`console.log(Buffer.from('a').toString.name, Headers.name, fetch.name, URL.prototype.toString.name, atob.name, console.log.name)`,
		`let s = ''; for (let i = 0; i < 300; i++) s += String.fromCharCode(i); console.log(Buffer.from(s,'latin1').length, btoa(atob(btoa('\x00\x7f\xff'))))`,
		`console.log(crypto.randomUUID().length, crypto.subtle, require('crypto').subtle)`,
		`const m = new Map(); m.set(m, {m}); console.log(m); console.log([undefined, null], [[],[[]]], 'a', ['a\'b'])`,
		`require('crypto').randomBytes(1e9)`,
		`const r = new Response('{"a":'); await r.json()`,
		`Buffer.alloc(1e9)`,
		`Buffer.from({length: 1e9})`,
	} {
		w := realmtest.New(globals(), node.Modules)
		err := w.Run("tmp.js", s)
		fmt.Println("---", s)
		for _, l := range w.Lines { fmt.Println(l) }
		for _, l := range w.Warnings { fmt.Println("W", l) }
		if err != nil { fmt.Println("ERR", err) }
	}
}
