package api

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
)

// What wt create sends, and what the old client needs to find in the answer.
func TestIssue(t *testing.T) {
	f := newFixture(t)
	a := f.want(200, "POST", "/api/tokens/issue", f.master,
		`{"ten":"c1","dd":0,"code":"module.exports = 1","ectx":{"a":"`+hush+`"},"pctx":{"c":"d"},"meta":{"m":"n"},"mb":1,"dr":1,"jtn":"x"}`)
	if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain") {
		t.Errorf("Content-Type %q", ct)
	}
	if got := a.header.Get("Location"); got != "https://wt.example/api/run/c1/x" {
		t.Errorf("Location %q", got)
	}
	if strings.TrimSpace(a.body) != a.body || strings.Count(a.body, ".") != 2 {
		t.Errorf("token %q", a.body)
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(a.body, ".")[0])
	if err != nil || strings.Contains(string(header), "typ") {
		t.Errorf("header %s, %v", header, err)
	}
	got := decoded[map[string]any](t, f.want(200, "GET", "/api/webtask/c1/x?decrypt=true&fetch_code=true", f.master, ""))
	want := map[string]any{"container": "c1", "name": "x", "token": a.body, "meta": map[string]any{"m": "n"},
		"secrets": map[string]any{"a": hush}, "code": "module.exports = 1", "webtask_url": "https://wt.example/api/run/c1/x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record differs (-want +got):\n%s", diff)
	}
}

func TestLargeLocationIsLeftOut(t *testing.T) {
	f := newFixture(t)
	a := f.want(200, "POST", "/api/tokens/issue", f.master, `{"ten":"c1","code":"1","ectx":{"a":"`+strings.Repeat("x", 8000)+`"}}`)
	if got := a.header.Get("Location"); got != "" {
		t.Errorf("Location of %d bytes", len(got))
	}
}

// wt update: inspect, then issue all of what it showed again, with other meta.
func TestInspectAndIssueAgain(t *testing.T) {
	f := newFixture(t)
	first := f.want(200, "POST", "/api/tokens/issue", f.master,
		`{"ten":"c1","jtn":"x","code":"1","ectx":{"a":"b"},"pb":1,"exp":"4000000000","ls":"5"}`).body
	got := decoded[map[string]any](t, f.want(200, "GET", "/api/tokens/inspect?decrypt=true&meta=1&fetch_code=1&token="+first, f.master, ""))
	for key, want := range map[string]any{"ectx": map[string]any{"a": "b"}, "secrets": map[string]any{"a": "b"}, "meta": map[string]any{},
		"code": "1", "ten": "c1", "jtn": "x", "dd": 0.0, "pb": 1.0, "exp": 4e9, "ls": 5.0, "webtask_url": "https://wt.example/api/run/c1/x"} {
		if diff := cmp.Diff(want, got[key]); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", key, diff)
		}
	}
	closed := decoded[map[string]any](t, f.want(200, "GET", "/api/tokens/inspect?token="+first, f.master, ""))
	if s, ok := closed["ectx"].(string); !ok || s == "" || closed["secrets"] != nil || closed["meta"] != nil {
		t.Errorf("without decrypt: %v", closed)
	}
	ref, _ := got["url"].(string)
	f.want(200, "POST", "/api/tokens/issue", f.master, `{"ten":"c1","jtn":"x","dd":0,"url":"`+ref+`","ectx":{"a":"b"},"secrets":{"a":"b"}}`)
	// The sealed form cannot come back: it is no object.
	f.want(400, "POST", "/api/tokens/issue", f.master, `{"ten":"c1","jtn":"x","url":"`+ref+`","ectx":"opaque"}`)
}

func TestRevokeForms(t *testing.T) {
	f := newFixture(t)
	send := func(contentType, query, body string) answer {
		req, err := http.NewRequest("POST", f.server.URL+"/api/tokens/revoke"+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+f.master)
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		return f.send(req)
	}
	fresh := func() string { return f.token(claims{Container: "c1", Depth: 1}) }
	for name, do := range map[string]func(token string) answer{
		"query": func(tok string) answer { return send("", "?token="+tok, "") },
		"json":  func(tok string) answer { return send("application/json", "", `{"token":"`+tok+`"}`) },
		"form":  func(tok string) answer { return send("application/x-www-form-urlencoded", "", "a=b&token="+tok) },
	} {
		tok := fresh()
		if a := do(tok); a.status != 200 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		f.want(401, "GET", "/api/webtask/c1", tok, "")
	}
	for name, a := range map[string]answer{
		"none": send("", "", ""), "broken": send("", "?token=x", ""), "bad JSON": send("application/json", "", "{"),
		"bad form": send("application/x-www-form-urlencoded", "", "token=%zz"),
	} {
		if a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	self := f.token(claims{Container: "c1", NoSelfRevoke: 1})
	f.want(403, "POST", "/api/tokens/revoke?token="+self, self, "")
	self = fresh()
	f.want(200, "POST", "/api/tokens/revoke?token="+self, self, "")
}

// Clients do not encode names; others encode them all.
func TestOddNames(t *testing.T) {
	f := newFixture(t)
	const name = "a.b_c~d!e$f+g=h:i@j-k"
	for _, path := range []string{"/api/webtask/acme/" + name, "/api/webtask/acme/" + url.QueryEscape(name)} {
		got := decoded[tasks.Info](t, f.want(200, "PUT", path, f.master, `{"code":"1"}`))
		u, err := url.Parse(got.URL)
		if err != nil || got.Name != name || u.Path != "/api/run/acme/"+name {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
		f.want(200, "GET", path, f.master, "")
		f.want(204, "DELETE", path, f.master, "")
		f.want(404, "GET", path, f.master, "")
		f.want(404, "DELETE", path, f.master, "")
	}
	for _, bad := range []string{"a%20b", "%C3%A4", "a%00", "a%0Ab", strings.Repeat("a", 129)} {
		f.want(400, "PUT", "/api/webtask/acme/"+bad, f.master, `{"code":"1"}`)
		f.want(400, "GET", "/api/webtask/"+bad, f.master, "")
	}
}

func TestListPages(t *testing.T) {
	f := newFixture(t)
	for _, task := range []string{"a", "b", "c"} {
		f.want(200, "PUT", "/api/webtask/acme/"+task, f.master, `{"code":"1","meta":{"k":"v:w","t":"`+task+`"}}`)
	}
	f.want(200, "PUT", "/api/webtask/other/d", f.master, `{"code":"1"}`)
	for query, want := range map[string][]string{
		"/acme":                         {"a", "b", "c"},
		"":                              {"a", "b", "c", "d"},
		"/acme?limit=2":                 {"a", "b"},
		"/acme?limit=0&offset=1":        {"b", "c"},
		"/acme?limit=5000":              {"a", "b", "c"},
		"/acme?meta=k%3Av%3Aw&meta=t:b": {"b"},
		"?meta=k:v:w&offset=2":          {"c"},
		"/acme?meta=k:other":            {},
		"/empty":                        {},
	} {
		list := decoded[[]map[string]any](t, f.want(200, "GET", "/api/webtask"+query, f.master, ""))
		got := []string{}
		for _, item := range list {
			got = append(got, item["name"].(string))
			if item["token"] == "" || item["container"] == "" || item["webtask_url"] == "" || item["secrets"] != nil {
				t.Errorf("item %v", item)
			}
			if _, ok := item["meta"]; ok == (item["name"] == "d") {
				t.Errorf("meta of %v", item)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", query, diff)
		}
	}
	for _, bad := range []string{"limit=-1", "limit=x", "offset=-1", "meta=k", "meta=k:a&meta=k:b"} {
		f.want(400, "GET", "/api/webtask/acme?"+bad, f.master, "")
	}
}

func TestBadBodies(t *testing.T) {
	f := newFixture(t)
	tests := map[string]struct{ body, want string }{
		"syntax":      {"{\n \"code\": x}", "line 2, column 10"},
		"cut":         {`{"code":"1"`, "line 1, column 11"},
		"two":         {`{"code":"1"}{}`, "line 1, column 13"},
		"list":        {`["` + hush + `"]`, "JSON object"},
		"text":        {`"` + hush + `"`, "JSON object"},
		"code":        {`{"code":5}`, `"code" has the wrong type: a number`},
		"secrets":     {`{"code":"1","secrets":"` + hush + `"}`, `"secrets" has the wrong type`},
		"meta number": {`{"code":"1","meta":{"k":5}}`, `"meta`},
		"not a whole": {`{"code":"1","pb":"x"}`, "whole number"},
		"empty":       {``, "either code or url"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.t = t
			a := f.want(400, "PUT", "/api/webtask/acme/x", f.master, test.body)
			if e := decoded[errorBody](t, a); !strings.Contains(e.Message, test.want) || strings.Contains(e.Message, hush) {
				t.Errorf("message %q, want %q", e.Message, test.want)
			}
		})
	}
	f.want(400, "POST", "/api/tokens/issue", f.master, `{"ten":"acme","dd":{}}`)
	f.want(200, "POST", "/api/tokens/issue", f.master, ``)
}

func TestBodyLimit(t *testing.T) {
	f := newFixture(t)
	code := strings.Repeat("x", MaxBody)
	a := f.want(413, "PUT", "/api/webtask/acme/x", f.master, `{"code":"`+code+`"}`)
	if e := decoded[errorBody](t, a); !strings.Contains(e.Message, "20 MiB") || e.Code != webtask.TooLarge {
		t.Errorf("error %+v", e)
	}
	f.want(200, "PUT", "/api/webtask/acme/x", f.master, `{"code":"`+code[:MaxBody-100]+`"}`)
}

func TestUnknownRoutes(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/api", "/api/", "/api/none", "/api/webtask/a/b/c", "/api/webtask/a%2Fb/c/d"} {
		a := f.want(404, "GET", path, "", "")
		checkAnswer(t, a, "")
	}
	if a := f.want(404, "GET", "/elsewhere", "", ""); strings.Contains(a.body, "statusCode") {
		t.Errorf("outside of the API: %s", a.body)
	}
	for path, want := range map[string]string{
		"/api/webtask/a/b": "DELETE, GET, HEAD, PUT", "/api/webtask/a": "GET, HEAD", "/api/tokens/issue": "POST",
	} {
		a := f.want(405, "PATCH", path, f.master, "")
		e := decoded[errorBody](t, a)
		if a.header.Get("Allow") != want || e.StatusCode != 405 || e.Error != "Method Not Allowed" || e.RequestID == "" {
			t.Errorf("%s: Allow %q, %+v", path, a.header.Get("Allow"), e)
		}
	}
	if a := f.want(200, "HEAD", "/api/webtask", f.master, ""); a.body != "" {
		t.Errorf("HEAD: %q", a.body)
	}
}

// Routes that others add later are not hidden.
func TestRegisterLeavesOtherRoutes(t *testing.T) {
	r := mux.NewRouter()
	Register(r, &tasks.Service{}, nil)
	r.HandleFunc("/api/run/{container}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/api/run/acme", nil))
	if w.Code != http.StatusTeapot {
		t.Errorf("status %d", w.Code)
	}
}

// brokenTasks is a store that cannot read.
type brokenTasks struct{ webtask.Store }

func (brokenTasks) Task(context.Context, string, string) (webtask.Task, error) {
	return webtask.Task{}, errors.New("table tasks is on fire")
}

func TestInternalErrors(t *testing.T) {
	f := newFixture(t)
	f.tasks.Store = brokenTasks{f.tasks.Store}
	a := f.want(500, "GET", "/api/webtask/acme/x?key="+f.master, "", "")
	e := decoded[errorBody](t, a)
	if strings.Contains(a.body, "fire") || !strings.Contains(e.Message, e.RequestID) || e.Code != webtask.Internal {
		t.Errorf("answer %s", a.body)
	}
	log := f.log.String()
	if !strings.Contains(log, "on fire") || !strings.Contains(log, e.RequestID) || strings.Contains(log, f.master) {
		t.Errorf("log %s", log)
	}
}

func TestWriteErrorKeepsTheRequestID(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set(RequestIDHeader, "given")
	WriteError(w, httptest.NewRequest("GET", "/", nil), webtask.Errorf(webtask.Conflict, "taken").WithHint("use another"))
	want := errorBody{409, "Conflict", "taken", webtask.Conflict, "use another", "given"}
	if diff := cmp.Diff(want, decoded[errorBody](t, answer{body: w.Body.String()})); diff != "" {
		t.Errorf("error differs (-want +got):\n%s", diff)
	}
}

// A secret goes in, and comes out only where decrypt asks for it.
func TestSecretsStayHidden(t *testing.T) {
	f := newFixture(t)
	put := f.want(200, "PUT", "/api/webtask/acme/x", f.master, `{"code":"1","secrets":{"K":"`+hush+`"}}`)
	tok := decoded[tasks.Info](t, put).Token
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tok, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	seen := []string{put.body, string(payload), f.log.String()}
	for _, path := range []string{"/api/webtask", "/api/webtask/acme?decrypt=true", "/api/webtask/acme/x", "/api/tokens/inspect?meta=1&token=" + tok} {
		seen = append(seen, f.want(200, "GET", path, f.master, "").body)
	}
	for _, text := range seen {
		if strings.Contains(text, hush) {
			t.Errorf("the secret is in %s", text)
		}
	}
	if a := f.want(200, "GET", "/api/webtask/acme/x?decrypt=true", f.master, ""); !strings.Contains(a.body, hush) {
		t.Errorf("decrypt does not show it: %s", a.body)
	}
}
