package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox"
)

func TestHTTP(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for _, tt := range []struct{ name, code, body, want string }{
		{"end", `res.end('hi')`, "", "200 [] hi"},
		{"end nothing", `res.end()`, "", "200 [] "},
		{"status and headers", `res.writeHead(201, 'Made', {'X-A': 1, 'Set-Cookie': ['a', 'b']}); res.end()`, "",
			"201 [[X-A 1] [Set-Cookie a] [Set-Cookie b]] "},
		{"raw headers", `res.writeHead(200, ['a', '1', 'b', '2']); res.end('x')`, "", "200 [[a 1] [b 2]] x"},
		{"setHeader replaces", `res.setHeader('X-a', 1); res.setHeader('x-A', 2); res.end(res.getHeader('X-A') + res.getHeaderNames())`, "", "200 [[x-A 2]] 2x-a"},
		{"removeHeader", `res.setHeader('a', 1); res.removeHeader('A'); res.end(String(res.hasHeader('a')))`, "", "200 [] false"},
		{"appendHeader", `res.appendHeader('a', 1); res.appendHeader('a', 2); res.end()`, "", "200 [[a 1] [a 2]] "},
		{"statusCode", `res.statusCode = 404; res.end('n')`, "", "404 [] n"},
		{"pieces", `res.write('a'); res.write(Buffer.from('b')); res.end('c')`, "", "HEAD 200 []\nDATA a\nDATA b\nDATA c\nEND\n"},
		{"flushHeaders", `res.flushHeaders(); setTimeout(() => res.end(), 1)`, "", "HEAD 200 []\nEND\n"},
		{"latin1", `res.end('é', 'latin1')`, "", "200 [] \xe9"},
		{"large answers are streamed", `res.end(Buffer.alloc(1.5 * 1024 * 1024))`, "", "HEAD 200 []\n" + strings.Repeat("DATA 65536 bytes\n", 24) + "END\n"},
		{"large pieces are cut", `res.write(Buffer.alloc(100000)); res.end()`, "", "HEAD 200 []\nDATA 65536 bytes\nDATA 34464 bytes\nEND\n"},
		{"callbacks", `res.write('a', () => res.end('b', () => console.log('flushed')))`, "", "HEAD 200 []\nDATA a\nDATA b\nEND\n"},
		{"finish", `res.on('finish', () => console.log('finished')); res.end('x')`, "", "200 [] x"},
		{"write after end", `res.on('error', e => console.log(e.code)); res.end('x'); res.write('y')`, "", "200 [] x"},
		{"headers sent", `res.write('a'); try { res.setHeader('a', 1) } catch (e) { res.end(e.code) }`, "", "HEAD 200 []\nDATA a\nDATA ERR_HTTP_HEADERS_SENT\nEND\n"},
		{"bad header value", `try { res.setHeader('a', 'x\r\ny') } catch (e) { res.end(e.code) }`, "", "200 [] ERR_INVALID_CHAR"},
		{"bad header name", `try { res.setHeader('a b', 'x') } catch (e) { res.end(e.code) }`, "", "200 [] ERR_INVALID_HTTP_TOKEN"},
		{"bad status", `try { res.writeHead(42) } catch (e) { res.end(e.code) }`, "", "200 [] ERR_HTTP_INVALID_STATUS_CODE"},
		{"bad chunk", `try { res.write({}) } catch (e) { res.end(e.code) }`, "", "200 [] ERR_INVALID_ARG_TYPE"},
		{"not ended", `res.write('a')`, "", "HEAD 200 []\nDATA a\nerror 8: The task ended"},
		{"throws", `res.write('a'); throw new Error('t')`, "", "HEAD 200 []\nDATA a\nerror 5: t"},
		{"rejects", `return Promise.reject(new Error('t'))`, "", "error 4: t"},
		{"rejects in the middle", `res.write('a'); return Promise.reject(new Error('t'))`, "", "HEAD 200 []\nDATA a\nerror 6: t"},
		{"error event", `res.emit('error', new Error('ee'))`, "", "error 5: ee"},
		{"request", `res.end([req.method, req.url, req.headers['x-a'], req.rawHeaders, req.query.a].join())`, "", "200 [] GET,/x?a=1&b=2&b=3,1,Host,h,X-A,1,1"},
		{"body", `req.on('data', d => res.write(d.toString().toUpperCase())); req.on('end', () => res.end())`, "a b", "HEAD 200 []\nDATA A\nDATA B\nEND\n"},
		{"encoding", `req.setEncoding('utf8'); let s = ''; req.on('data', d => s += typeof d + d).on('end', () => res.end(s))`, "\xc3 \xa9", "200 [] stringstringé"},
		{"pause and resume", `let n = 0; req.on('data', d => { req.pause(); n++; setTimeout(() => req.resume(), 1) }).on('end', () => res.end('' + n))`, "a b c", "200 [] 3"},
		{"pipe", `req.pipe(res)`, "a b", "HEAD 200 []\nDATA a\nDATA b\nEND\n"},
		{"for await", `return (async () => { let s = ''; for await (const d of req) s += d; res.end(s) })()`, "a b c", "200 [] abc"},
		{"no body", `req.on('end', () => res.end('e')); req.resume()`, "", "200 [] e"},
		{"listener throws", `req.on('data', () => { throw new Error('l') })`, "a", "error 6: l"},
		{"deep inside", `req._native.head('x', 5)`, "", "error 5: Invalid status code"},
		{"deeper inside", `req._native.drain(5)`, "", "error 5: not a function"},
		{"odd bytes", `const m = new Map(); m.set(m, m); res.flushHeaders(); req._native.write(m); res.end()`, "", "HEAD 200 []\nEND\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := e.Load(code("module.exports = (ctx, req, res) => {" + tt.code + "}"))
			var pieces []string
			if tt.body != "" {
				pieces = strings.Split(tt.body, " ")
			}
			if got := begin(u, pieces...).wait().String(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			settled(t, u)
		})
	}
}

func TestHeadHasNoBody(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	u := e.Load(code(`module.exports = (ctx, req, res) => { res.setHeader('a', 1); if (ctx.query.w) res.write('x'); res.end('y') }`))
	for q, want := range map[string]string{"": "200 [[a 1]] ", "w=1": "HEAD 200 [[a 1]]\nEND\n"} {
		w := beginWith(u, newWorld(), func(r *Request) { r.Method, r.Query = "HEAD", q }).wait()
		if w.String() != want {
			t.Errorf("%q: %q", q, w)
		}
	}
}

func TestBackpressure(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	u := e.Load(code(`module.exports = async (ctx, req, res) => {
		for (let i = 0; i < 3; i++) if (!res.write('p' + i)) await new Promise(r => res.once('drain', r));
		res.end() }`))
	w := newWorld()
	w.behind = func(w *world) { <-w.ready; w.call.Drained() }
	if got := beginWith(u, w, nil).wait().String(); got != "HEAD 200 []\nDATA p0\nDATA p1\nDATA p2\nEND\n" {
		t.Error(got)
	}
	settled(t, u)
	// A receiver that never catches up: the call waits until it is cancelled.
	w = newWorld()
	stalled := make(chan struct{}, 10)
	w.behind = func(*world) { stalled <- struct{}{} }
	beginWith(u, w, nil)
	<-stalled
	w.call.Cancel(timeUp)
	if w.wait(); w.err == nil || w.err.Kind != sandbox.ErrTimeout {
		t.Errorf("got %v", w)
	}
	settled(t, u)
}

func TestAnUnreadableBody(t *testing.T) {
	e := New(sandbox.Limits{Body: 10})
	defer e.Close()
	u := e.Load(code(`module.exports = (ctx, cb) => cb(null, ctx.body_raw)`))
	if got := begin(u, "123456", "789012").wait().String(); !strings.HasPrefix(got, "error 13: The request body exceeds the limit of 10 bytes") {
		t.Error(got)
	}
	w := newWorld()
	w.broken = errors.New("connection reset")
	if got := beginWith(u, w, nil, "x").wait().String(); !strings.HasPrefix(got, "error 16: The request body could not be read") {
		t.Error(got)
	}
	settled(t, u)
}
