package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox"
)

func TestScriptErrors(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	for i, c := range []struct {
		code    string
		status  int
		source  string
		error   string
		details any
		name    string
		message string
	}{
		{`module.exports = function (cb) { cb(new Error('bad')) }`, 400, "webtask", "Script returned an error.", "Error: bad", "Error", "bad"},
		{`module.exports = function (cb) { cb('oops') }`, 400, "webtask", "Script returned an error.", "oops", "", "oops"},
		{`module.exports = function (cb) { cb({a: 1, name: 'n', message: 'm'}) }`, 400, "webtask", "Script returned an error.",
			map[string]any{"a": 1.0, "name": "n", "message": "m"}, "n", "m"},
		{`module.exports = function (cb) { var e = new TypeError('teapot'); e.statusCode = 418; cb(e) }`, 418, "webtask", "Script returned an error.", "TypeError: teapot", "TypeError", "teapot"},
		{`module.exports = function (cb) { var e = new Error('x'); e.statusCode = 200; cb(e) }`, 400, "webtask", "Script returned an error.", "Error: x", "Error", "x"},
		{`module.exports = function (cb) { var e = new Error('x'); e.statusCode = 1000; cb(e) }`, 400, "webtask", "Script returned an error.", "Error: x", "Error", "x"},
		{`module.exports = async function (ctx) { throw new Error('async') }`, 400, "webtask", "Script returned an error.", "Error: async", "Error", "async"},
		{`module.exports = function (cb) { throw new Error('sync') }`, 500, "webtask", "Script generated an unhandled synchronous exception.", "Error: sync", "Error", "sync"},
		{`module.exports = function (cb) { throw 'a string' }`, 500, "webtask", "Script generated an unhandled synchronous exception.", "a string", "", "a string"},
		{`module.exports = function (cb) { setTimeout(function () { throw new Error('later') }, 1) }`, 500, "webtask", "Script generated an unhandled asynchronous exception.", "Error: later", "Error", "later"},
		{`module.exports = function (ctx, cb) { Promise.reject(new Error('rejected')) }`, 500, "webtask", "Script generated an unhandled asynchronous exception.", "Error: rejected", "Error", "rejected"},
		{`module.exports = function (cb) { var a = {}; a.a = a; cb(null, a) }`, 400, "webtask", "Error when JSON serializing the result of the JavaScript code.", nil, "TypeError", ""},
		{`module.exports = function (cb) { cb(null, 10n) }`, 400, "webtask", "Error when JSON serializing the result of the JavaScript code.", nil, "TypeError", ""},
		{`module.exports = function (cb) { }`, 500, "webtask", "Script ended without an answer.", nil, "", ""},
		{`module.exports = function () { return 1 }`, 400, "compiler", "Unable to compile submitted JavaScript: The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res).",
			"Unable to compile submitted JavaScript. Error: The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res).", "", "The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res)."},
		{`module.exports = function (a, b, c, d) { }`, 400, "compiler", "Unable to compile submitted JavaScript: The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res).",
			"Unable to compile submitted JavaScript. Error: The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res).", "", "The JavaScript function must have one of the following signatures: ([ctx], callback) or (ctx, req, res)."},
		{`module.exports = {}`, 400, "compiler", "Unable to compile submitted JavaScript: Supplied code must return or export a function.",
			"Unable to compile submitted JavaScript. Error: Supplied code must return or export a function.", "", "Supplied code must return or export a function."},
		{`throw new Error('at load')`, 400, "compiler", "Unable to compile submitted JavaScript: Error: at load", "Error: at load", "Error", "at load"},
	} {
		name := fmt.Sprint("t", i)
		f.PutCode(name, c.code)
		a := f.do("GET", "/api/run/c/"+name, "")
		e := a.errorOf(t)
		if a.status != c.status || e.Error != c.error || e.Name != c.name || c.message != "" && e.Message != c.message ||
			a.header.Get("X-Wt-Response-Source") != c.source || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s\n%d %v\n%s", c.code, a.status, a.header, a.body)
		}
		if c.details != nil && fmt.Sprint(e.Details) != fmt.Sprint(c.details) {
			t.Errorf("%s\ndetails %v, want %v", c.code, e.Details, c.details)
		}
	}
}

func TestSyntaxErrorSaysWhere(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("broken", "module.exports = function (cb) {\n  cb(null, 1 +);\n}\n")
	a := f.do("GET", "/api/run/c/broken", "")
	e := a.errorOf(t)
	if a.status != 400 || !strings.HasPrefix(e.Error, "Unable to compile submitted JavaScript: SyntaxError: ") || e.Name != "SyntaxError" ||
		!strings.Contains(e.Message, "broken.js:2:") || !strings.Contains(e.Stack, "cb(null, 1 +);") || !strings.HasPrefix(fmt.Sprint(e.Details), "SyntaxError: ") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestStackNamesTheTasksOwnLines(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("deep", "// one\nfunction inner() {\n  throw new Error('here')\n}\nmodule.exports = function (cb) {\n  inner()\n}\n")
	e := f.do("GET", "/api/run/c/deep", "").errorOf(t)
	for _, want := range []string{"Error: here\n", "at inner (deep.js:3:", "at deep.js:6:"} {
		if !strings.Contains(e.Stack, want) {
			t.Errorf("no %q in %s", want, e.Stack)
		}
	}
	if strings.Contains(e.Stack, ".go") || strings.Contains(e.Stack, "wt:") || strings.Contains(e.Stack, "native") {
		t.Errorf("the sandbox shows in %s", e.Stack)
	}
	f.PutCode("first", "module.exports = function (cb) { throw new Error('here') }")
	if e := f.do("GET", "/api/run/c/first", "").errorOf(t); !strings.Contains(e.Stack, "first.js:1:40") {
		t.Errorf("the column of the first line is off: %s", e.Stack)
	}
}

func TestRequestErrors(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("here", `module.exports = function (cb) { cb(null, 1) }`)
	long := strings.Repeat("n", 300)
	for _, c := range []struct {
		path   string
		status int
		error  string
		text   string
	}{
		{"/api/run/c/nothing", 404, "Not Found", `there is no webtask "nothing" in container "c"`},
		{"/api/run/other/here", 404, "Not Found", ""},
		{"/api/run/c", 401, "Unauthorized", "this URL needs a token"},
		{"/api/run/c/", 401, "Unauthorized", "this URL needs a token"},
		{"/api/run/c?key=", 401, "Unauthorized", "this URL needs a token"},
		{"/api/run/c?key=hush.hush.hush", 401, "Unauthorized", "the token is malformed"},
		{"/api/run/c/..", 400, "Bad Request", "task name"},
		{"/api/run/c/%2e%2e", 400, "Bad Request", "task name"},
		{"/api/run/%2E%2E/here", 400, "Bad Request", "container name"},
		{"/api/run/../../etc/passwd", 400, "Bad Request", "container name"},
		{"/api/run/c/a%2fb", 400, "Bad Request", "task name"},
		{"/api/run/c%2fx/here", 400, "Bad Request", "container name"},
		{"/api/run/c/a%00b", 400, "Bad Request", "task name"},
		{"/api/run/c/%0d%0aX:%20y", 400, "Bad Request", "task name"},
		{"/api/run/c/%ff", 400, "Bad Request", "task name"},
		{"/api/run/c/" + long, 400, "Bad Request", "300 characters"},
		{"/api/run/" + long + "/here", 400, "Bad Request", "300 characters"},
		{"/api/run/c/caf%C3%A9", 400, "Bad Request", "task name"},
		{"/api/run/c/%3Cscript%3E", 400, "Bad Request", "task name"},
		{"/api/run/c/here?webtask_url=http://x/y.js", 400, "Bad Request", "webtask_url"},
	} {
		a := f.do("GET", c.path, "")
		e := a.errorOf(t)
		if a.status != c.status || e.Error != c.error || !strings.Contains(e.Message, c.text) || a.header.Get("X-Wt-Response-Source") != "proxy" {
			t.Errorf("%.60s: %d %s", c.path, a.status, a.body)
		}
		if strings.Contains(a.body, "hush") || strings.Contains(f.Log.String(), "hush") {
			t.Errorf("%s: the token shows", c.path)
		}
		if (a.status == 401) != (a.header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %v", c.path, a.header)
		}
	}
	for path, want := range map[string]int{"/api/run/c/here/": 200, "/api/run/c/here/sub/../%2e%2e/x//y": 200, "/api/run/c/h%65re": 200,
		"/api/run//here": 404, "/api/run/": 404, "/api/run": 404, "//api/run/c/here": 404, "/nothing": 404, "/": 404} {
		if a := f.do("GET", path, ""); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestRequestIDIsInTheLog(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("here", `module.exports = function (ctx, cb) { console.log('from the task'); cb(null, ctx.id) }`)
	seen := map[string]bool{}
	for _, path := range []string{"/api/run/c/here", "/api/run/c/nothing", "/healthz", "/api/tokens/inspect", "/nothing"} {
		a := f.do("GET", path, "")
		id := a.header.Get("X-Wt-Request-Id")
		line := fmt.Sprintf("msg=request request_id=%s method=GET path=%s status=%d", id, path, a.status)
		if seen[id] || !strings.Contains(f.Log.String(), line) {
			t.Errorf("%s: id %q is used twice or not logged", path, id)
		}
		if path == "/api/run/c/here" && (a.body != `"`+id+`"` || !strings.Contains(f.Log.String(), `msg="from the task" from=task container=c name=here request_id=`+id)) {
			t.Errorf("the task saw %s, the log is\n%s", a.body, f.Log)
		}
		if path == "/api/tokens/inspect" && !strings.Contains(a.body, id) {
			t.Errorf("the API answers with another id: %s", a.body)
		}
		seen[id] = true
	}
}

func TestInternalErrorsShowOnlyAnID(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("here", `module.exports = function (cb) { cb(null, 1) }`)
	f.Store.Close()
	a := f.do("GET", "/api/run/c/here", "")
	e := a.errorOf(t)
	if a.status != http.StatusInternalServerError || e.Error != "Server error" || strings.Contains(a.body, "sql") || e.Details != nil || e.Stack != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if log := f.Log.String(); !strings.Contains(log, `msg="internal error" request_id=`+e.RequestID) || !strings.Contains(log, "is closed") {
		t.Errorf("log:\n%s", log)
	}
}
