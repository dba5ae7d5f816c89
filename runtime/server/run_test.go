package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

func TestAnswers(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	for i, c := range []struct{ code, body string }{
		{`module.exports = function (cb) { cb(null, {a: [1, 'x']}) }`, `{"a":[1,"x"]}`},
		{`module.exports = function (cb) { cb(null, 'OK') }`, `"OK"`},
		{`module.exports = function (cb) { cb(null, 0) }`, `{}`},
		{`module.exports = function (cb) { cb() }`, `{}`},
		{`return function (ctx, cb) { cb(null, ctx.query) }`, `{"a":"1","b":["2","3"]}`},
		{`module.exports = async function (ctx) { return ctx.query.a }`, `"1"`},
		{`module.exports = function (cb) { cb(null, 'first'); cb(null, 'second'); cb(new Error('third')) }`, `"first"`},
		{`module.exports = function (ctx, cb) { cb(null, [ctx.headers['x-own'], ctx.headers['x-wt-params'], ctx.headers.host !== undefined]) }`, `["1",null,true]`},
	} {
		name := fmt.Sprint("t", i)
		f.PutCode(name, c.code)
		a := f.do("GET", "/api/run/c/"+name+"?a=1&b=2&b=3&key=hush&webtask_x=1", "", "X-Own", "1", "X-Wt-Params", "e30=")
		if a.status != 200 || a.body != c.body || a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Wt-Response-Source") != "webtask" ||
			a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Expose-Headers") != "*" {
			t.Errorf("%s\n%d %v %s", c.code, a.status, a.header, a.body)
		}
	}
	if !strings.Contains(f.Log.String(), "answered more than once") {
		t.Error("the log does not say that a task answered twice")
	}
}

// A key is for the host: neither the query nor the URL that a task sees has it.
func TestKeyIsTakenOut(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("u", `module.exports = function (ctx, req, res) { res.end(req.url + ' ' + JSON.stringify(req.query)) }`)
	for query, want := range map[string]string{
		"": "", "?": "?", "?a=1": "?a=1", "?key=hush": "", "?a=1&key=hush&b=2": "?a=1&b=2", "?%6bey=hush&a": "?a",
		"?webtask_pb=1&a=%20": "?webtask_pb=1&a=%20", "?a=key%3Dhush": "?a=key%3Dhush",
	} {
		if a := f.do("GET", "/api/run/c/u/sub"+query, ""); !strings.HasPrefix(a.body, "/api/run/c/u/sub"+want+" ") {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}

func TestHead(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("json", `module.exports = function (cb) { cb(null, 'four') }`)
	f.PutCode("own", `module.exports = function (ctx, req, res) { res.setHeader('Content-Length', '1234'); res.setHeader('X-Own', req.method); res.end() }`)
	for name, length := range map[string]string{"json": "6", "own": "1234"} {
		a := f.do("HEAD", "/api/run/c/"+name, "")
		if a.status != 200 || a.body != "" || a.header.Get("Content-Length") != length {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
	}
	if a := f.do("HEAD", "/api/run/c/nothing", ""); a.status != 404 || a.header.Get("X-Wt-Request-Id") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
}

func TestCORS(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("own", `module.exports = function (ctx, req, res) {
		res.setHeader('Access-Control-Allow-Origin', 'https://own.example'); res.end(req.method) }`)
	headers := "x-api-key," + strings.Repeat("x-long-header-name,", 50) + "content-type"
	a := f.do("OPTIONS", "/api/run/c/own", "", "Origin", "https://page.example", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", headers)
	if a.status != 204 || a.body != "" || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Methods") != "PUT" ||
		a.header.Get("Access-Control-Allow-Headers") != headers || a.header.Get("Access-Control-Max-Age") == "" {
		t.Errorf("preflight: %d %v", a.status, a.header)
	}
	a = f.do("GET", "/api/run/c/own", "", "Origin", "https://page.example")
	if got := a.header.Values("Access-Control-Allow-Origin"); len(got) != 1 || got[0] != "https://own.example" || a.header.Get("Access-Control-Expose-Headers") != "" {
		t.Errorf("the task's own: %v", a.header)
	}
	if a = f.do("OPTIONS", "/api/run/c/own", ""); a.status != 200 || a.body != "OPTIONS" {
		t.Errorf("OPTIONS that is no preflight: %d %q", a.status, a.body)
	}
}

func TestStatusAndHeaders(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("s", `module.exports = function (ctx, req, res) {
		if (ctx.query.h) res.setHeader(ctx.query.h, ctx.query.v || 'v');
		res.statusCode = Number(ctx.query.s || 200);
		if (ctx.query.stream) res.write(ctx.query.stream);
		res.end(ctx.query.body);
	}`)
	for _, c := range []struct {
		query  string
		status int
		body   string
		header string // name: value, or name: for none
	}{
		{"s=204&body=x", 204, "", "Content-Length:"},
		{"s=304&body=x", 304, "", "Content-Length:"},
		{"s=204&stream=x", 204, "", "Content-Length:"},
		{"s=404&body=x", 404, "x", "Content-Length: 1"},
		{"s=999&body=x", 999, "x", ""},
		{"body=%3Chtml%3E", 200, "<html>", "Content-Type:"},
		{"h=Content-Type&v=text/x&body=x", 200, "x", "Content-Type: text/x"},
		{"h=Content-Length&v=99&body=x", 200, "x", "Content-Length: 1"},
		{"h=Connection&v=close&body=x", 200, "x", "Connection:"},
		{"h=Transfer-Encoding&v=chunked&body=x", 200, "x", "Transfer-Encoding:"},
		{"h=Upgrade&v=h2c&body=x", 200, "x", "Upgrade:"},
		{"h=X-Wt-Request-Id&v=fake&body=x", 200, "x", ""},
		{"h=X-Wt-Response-Source&v=fake&body=x", 200, "x", "X-Wt-Response-Source: webtask"},
		{"h=X-Wt-Stale&v=fake&body=x", 200, "x", "X-Wt-Stale:"},
		{"h=service-worker-allowed&v=/&body=x", 200, "x", "Service-Worker-Allowed:"},
		{"h=Alt-Svc&v=x&body=x", 200, "x", "Alt-Svc:"},
		{"h=Strict-Transport-Security&v=max-age=0&body=x", 200, "x", "Strict-Transport-Security:"},
		{"h=Clear-Site-Data&v=*&stream=x", 200, "x", "Clear-Site-Data:"},
		{"h=Public-Key-Pins&v=x&body=x", 200, "x", "Public-Key-Pins:"},
		{"h=Content-Length&v=-1&stream=x", 200, "x", ""},
		{"h=Content-Length&v=a&stream=x", 200, "x", ""},
	} {
		a := f.do("GET", "/api/run/c/s?"+c.query, "")
		name, value, _ := strings.Cut(c.header, ":")
		if a.status != c.status || a.body != c.body || name != "" && a.header.Get(name) != strings.TrimSpace(value) || len(a.header.Values("X-Wt-Response-Source")) != 1 ||
			a.header.Get("X-Wt-Request-Id") == "fake" {
			t.Errorf("%s: %d %v %q", c.query, a.status, a.header, a.body)
		}
	}
	for _, query := range []string{"s=99", "s=1000", "s=100&body=x", "s=101", "s=103&stream=x", "s=-1", "s=NaN", "h=X%20Y", "h=X&v=a%0d%0aInjected:%201", "h=X%0d%0aInjected:1"} {
		a := f.do("GET", "/api/run/c/s?"+query, "")
		if e := a.errorOf(t); a.status != 500 || e.Message == "" || a.header.Get("Injected") != "" {
			t.Errorf("%s: %d %v %s", query, a.status, a.header, a.body)
		}
	}
	// A length that is not true cannot be mended: the connection ends.
	for _, query := range []string{"v=99&stream=x", "v=1&stream=xyz"} {
		resp, err := http.Get(f.server.URL + "/api/run/c/s?h=Content-Length&" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, err := io.ReadAll(resp.Body); err != io.ErrUnexpectedEOF {
			t.Errorf("%s: %q, %v", query, b, err)
		}
	}
}

func TestWaysToSupplyCode(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	key := f.Sign(webtask.Claims{Container: "c"})
	const code = `module.exports = function (ctx, req, res) { res.end('ran ' + req.headers.authorization + ' ' + (ctx.token === undefined)) }`
	for _, c := range []struct {
		name, query, want string
		header            []string
	}{
		{"key", "?key=" + key, "ran undefined true", nil},
		{"bearer", "", "ran undefined true", []string{"Authorization", "bearer " + key}},
		{"shared", "?webtask_share_token", "ran bearer " + key + " false", []string{"Authorization", "bearer " + key}},
		{"own", "?key=" + key, "ran Basic x true", []string{"Authorization", "Basic x"}},
	} {
		if a := f.do("POST", "/api/run/c"+c.query, code, c.header...); a.status != 200 || a.body != c.want {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
	}
	f.PutCode("bearer", `module.exports = function (ctx, cb) { cb(null, ctx.headers.authorization) }`)
	if a := f.do("GET", "/api/run/c/bearer", "", "Authorization", "Bearer own"); a.body != `"Bearer own"` {
		t.Errorf("a named task's own header: %s", a.body)
	}
	if a := f.do("GET", "/api/run/c?key="+key, ""); a.status != 400 || a.errorOf(t).Hint == "" {
		t.Errorf("no code: %d %s", a.status, a.body)
	}
	if a := f.do("POST", "/api/run/c?key="+key, strings.Repeat(" ", 10<<20)+"x"); a.status != 413 || !strings.Contains(a.errorOf(t).Message, "10485760") {
		t.Errorf("too much code: %d %s", a.status, a.body)
	}
}

func TestBodies(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("parse", `module.exports = function (ctx, cb) { cb(null, [ctx.body === undefined ? 'none' : ctx.body, (ctx.body_raw || '').length]) }`)
	f.PutCode("echo", `module.exports = function (ctx, req, res) { req.on('data', function (d) { res.write(d) }); req.on('end', function () { res.end() }) }`)
	a := f.do("POST", "/api/run/c/parse", `{"a":`, "Content-Type", "application/json")
	if a.status != 200 || a.body != `["none",5]` {
		t.Errorf("JSON that is none: %d %s", a.status, a.body)
	}
	one := webtask.Int(1)
	echo := `module.exports = function (ctx, req, res) { res.end(JSON.stringify([ctx.body, req.headers['transfer-encoding']])) }`
	f.Put("pb", tasks.PutRequest{Code: &echo, ParseBody: tasks.Some(&one)})
	a = f.send("POST", "/api/run/c/pb", io.MultiReader(strings.NewReader(`{"a":1}`)), "Content-Type", "application/json")
	if a.body != `[{"a":1},"chunked"]` {
		t.Errorf("parsed by pb, in chunks: %s", a.body)
	}
	if a = f.do("POST", "/api/run/c/pb", `{`, "Content-Type", "application/json"); a.status != 200 || a.body != `[null,null]` {
		t.Errorf("invalid JSON with pb: %d %s", a.status, a.body)
	}
	large := strings.Repeat("0123456789abcdef", 20<<20/16)
	a = f.do("POST", "/api/run/c/parse", large)
	if e := a.errorOf(t); a.status != 413 || e.Error != "Script exceeds the size limit." || !strings.Contains(e.Message, "10485760") {
		t.Errorf("20 MB: %d %s", a.status, a.body)
	}
	if a = f.do("POST", "/api/run/c/echo", large); a.status != 200 || a.body != large {
		t.Errorf("20 MB of echo: %d, %d bytes", a.status, len(a.body))
	}
}

// Bodies that a task does not read must not harm what follows on the connection.
func TestUnreadBodies(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("ignores", `module.exports = function (ctx, req, res) { res.end('done') }`)
	conn, err := net.Dial("tcp", f.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "POST /api/run/c/ignores HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.Close {
		t.Fatalf("a small body costs the connection: %v, %v", resp, err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	fmt.Fprint(conn, "POST /api/run/c/ignores HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhello")
	resp, err = http.ReadResponse(in, nil)
	if err != nil || !resp.Close {
		t.Fatalf("the connection stays open within a body: %v, %v", resp, err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	fmt.Fprint(conn, "GET /api/run/c/ignores?smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, err := http.ReadResponse(in, nil); err == nil {
		t.Errorf("the rest of a body was taken for a request: %v", resp)
	}
}

// A caller who sends slowly is cut off with the call's time.
func TestSlowCallers(t *testing.T) {
	f := newFixture(t, sandbox.Limits{Duration: 300 * time.Millisecond}, func(c *host.Config) { c.Upload = 300 * time.Millisecond })
	f.PutCode("parse", `module.exports = function (ctx, cb) { cb(null, ctx.body) }`)
	f.PutCode("reads", `module.exports = function (ctx, req, res) { req.on('data', function () {}); req.on('end', function () { res.end() }) }`)
	key := f.Sign(webtask.Claims{Container: "c"})
	for _, path := range []string{"/api/run/c/parse", "/api/run/c/reads", "/api/run/c?key=" + key} {
		body, w := io.Pipe()
		go func() { _, _ = io.WriteString(w, "{") }()
		a := f.send("POST", path, body)
		if e := a.errorOf(t); a.status != 504 || e.Message == "" {
			t.Errorf("%.20s: %d %s", path, a.status, a.body)
		}
		w.Close()
	}
}

func TestTasksThatDoNotEnd(t *testing.T) {
	f := newFixture(t, sandbox.Limits{Duration: 200 * time.Millisecond})
	f.PutCode("waits", `module.exports = function (cb) { setTimeout(cb, 1e6) }`)
	f.PutCode("loops", `module.exports = function (cb) { for (;;); }`)
	for _, name := range []string{"waits", "loops"} {
		a := f.do("GET", "/api/run/c/"+name, "")
		if e := a.errorOf(t); a.status != 504 || e.Error != "Script exceeded its time limit." || a.header.Get("X-Wt-Response-Source") != "proxy" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestDisconnectCancelsTheRun(t *testing.T) {
	cancelled := make(chan struct{})
	arrived := make(chan struct{})
	upstream := newUpstream(t, func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done(); close(cancelled) })
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("asks", `module.exports = function (ctx, cb) { fetch(ctx.query.to).then(function () { cb() }, cb) }`)
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", f.server.URL+"/api/run/c/asks?to="+upstream, nil)
	go func() { <-arrived; cancel() }()
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("an answer came")
	}
	<-cancelled // the task's fetch ended with its caller
}

func TestStaleCodeSaysSo(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	site := hosttest.NewSite(t, `module.exports = function (cb) { cb(null, 'good') }`)
	f.PutURL("hosted", site.URL+"/x.js?key=hush")
	if a := f.do("GET", "/api/run/c/hosted", ""); a.body != `"good"` || a.header.Get("X-Wt-Stale") != "" {
		t.Errorf("%v %s", a.header, a.body)
	}
	site.Set(200, "module.exports = function (cb) {\n oh no")
	for {
		a := f.do("GET", "/api/run/c/hosted", "")
		if a.status != 200 || a.body != `"good"` {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if why := a.header.Get("X-Wt-Stale"); why != "" {
			if !strings.Contains(why, "x.js:2:") || strings.Contains(why, "hush") {
				t.Errorf("stale: %s", why)
			}
			return
		}
	}
}

// The address of the code may be what its reader must know.
func TestCodeURLStaysHidden(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	site := hosttest.NewSite(t, `module.exports = function (cb) { cb(null, 'good') }`)
	f.PutURL("hosted", site.URL+"/capability/x.js?key=hush")
	f.PutURL("never", site.URL+"/capability/y.js?key=hush")
	f.PutURL("nowhere", "http://capability.invalid/z.js")
	f.PutURL("refused", "http://10.0.0.1/capability.js")
	f.do("GET", "/api/run/c/hosted", "")
	site.Set(500, "")
	host, _ := strings.CutPrefix(site.URL, "http://")
	hidden := func(text string) bool {
		return !strings.Contains(text, "capability") && !strings.Contains(text, host) && !strings.Contains(text, "10.0.0.1")
	}
	for _, name := range []string{"never", "nowhere", "refused"} {
		a := f.do("GET", "/api/run/c/"+name, "")
		if e := a.errorOf(t); a.status != 502 || !strings.HasPrefix(e.Message, "the task's code URL fails: ") || !hidden(a.body) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for why := ""; why == ""; {
		if why = f.do("GET", "/api/run/c/hosted", "").header.Get("X-Wt-Stale"); !hidden(why) {
			t.Errorf("stale: %s", why)
		}
	}
	log := f.Log.String()
	if !strings.Contains(log, site.URL+"/capability/y.js") || !strings.Contains(log, "http://capability.invalid/z.js") || strings.Contains(log, "hush") {
		t.Errorf("log:\n%s", log)
	}
}
