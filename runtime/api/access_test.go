package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// TestAccess is who may call which route, and what they get.
func TestAccess(t *testing.T) {
	routes := []struct {
		name, method, path, body string
		ok                       int
	}{
		{"issue", "POST", "/api/tokens/issue", `{"ten":"acme","code":"1"}`, 200},
		{"issue x", "POST", "/api/tokens/issue", `{"ten":"acme","jtn":"x","code":"1"}`, 200},
		{"inspect", "GET", "/api/tokens/inspect?decrypt=true&token=", "", 200},
		{"revoke", "POST", "/api/tokens/revoke?token=", "", 200},
		{"put", "PUT", "/api/webtask/acme/x", `{"code":"2"}`, 200},
		{"get", "GET", "/api/webtask/acme/x?decrypt=true", "", 200},
		{"list", "GET", "/api/webtask/acme", "", 200},
		{"list all", "GET", "/api/webtask", "", 200},
		{"delete", "DELETE", "/api/webtask/acme/x", "", 204},
	}
	all := func(status int) map[string]int {
		m := map[string]int{}
		for _, r := range routes {
			m[r.name] = status
		}
		return m
	}
	but := func(status int, names ...string) map[string]int {
		m := map[string]int{}
		for _, n := range names {
			m[n] = status
		}
		return m
	}
	f := newFixture(t)
	f.want(200, "POST", "/api/tokens/revoke", f.master, `{"token":"`+f.token(claims{ID: "gone"})+`"}`)
	holder := f.want(200, "POST", "/api/tokens/issue", f.master, `{"ten":"acme","dd":9,"ectx":{"K":"v"}}`).body
	now := webtask.Int(time.Now().Unix())
	callers := []struct {
		name   string
		claims *claims // nil: text is sent as it is
		text   string
		// differs is where the answer is not the route's own.
		differs map[string]int
	}{
		{"no token", nil, "", all(401)},
		{"malformed", nil, "sesame", all(401)},
		{"another host's", nil, "eyJhbGciOiJIUzI1NiIsImtpZCI6Ind0In0.e30.c2lnbmF0dXJl", all(401)},
		{"expired", &claims{Expires: now - 1, Depth: 9}, "", all(401)},
		{"not yet valid", &claims{NotBefore: now + 60, Depth: 9}, "", all(401)},
		{"revoked", &claims{ID: "gone", Depth: 9}, "", all(401)},
		{"descends from revoked", &claims{Ancestors: []string{"gone"}, Depth: 9}, "", all(401)},
		{"wrong container", &claims{Container: "other", Depth: 9}, "", all(403)},
		{"wrong name", &claims{Container: "acme", Names: []string{"y"}, Depth: 9}, "",
			but(403, "issue x", "inspect", "revoke", "put", "get", "list all", "delete")},
		{"right name", &claims{Container: "acme", Names: []string{"x"}, Depth: 9}, "", but(403, "revoke", "list all")},
		{"depth 0", &claims{Container: "acme"}, "", but(403, "issue", "issue x", "put", "revoke", "list all")},
		{"owner", &claims{Container: "acme", Depth: 1}, "", but(403, "revoke", "list all")},
		{"owner by pattern", &claims{Container: "/acme|x/", Depth: 1}, "", but(403, "revoke", "list all")},
		{"issuer", &claims{ID: "issuer", Container: "acme", Depth: 1}, "", but(403, "list all")},
		{"runs code", &claims{Container: "acme", URL: "https://x", Depth: 9}, "", all(403)},
		{"holds secrets", nil, holder, but(403, "issue x", "inspect", "revoke", "put", "get", "list", "list all", "delete")},
		{"master", &claims{Depth: 9}, "", nil},
	}
	for _, caller := range callers {
		t.Run(caller.name, func(t *testing.T) {
			f := *f
			f.t = t
			text := caller.text
			if caller.claims != nil {
				text = f.token(*caller.claims)
			}
			for _, route := range routes {
				f.want(200, "PUT", "/api/webtask/acme/x", f.master, `{"code":"1"}`)
				path := route.path
				if strings.HasSuffix(path, "token=") {
					path += f.token(claims{Ancestors: []string{"issuer"}, Container: "acme", Name: "x"})
				}
				want := route.ok
				if status, ok := caller.differs[route.name]; ok {
					want = status
				}
				got := f.do(route.method, path, text, route.body)
				if got.status != want {
					t.Errorf("%s: %d %s, want %d", route.name, got.status, got.body, want)
				}
				checkAnswer(t, got, text)
			}
		})
	}
}

// checkAnswer checks what holds of every answer.
func checkAnswer(t *testing.T, a answer, token string) {
	t.Helper()
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", a.header.Get("Cache-Control"))
	}
	if a.status < 400 {
		return
	}
	e := decoded[errorBody](t, a)
	if e.StatusCode != a.status || e.Error != http.StatusText(a.status) || e.Message == "" || e.RequestID == "" ||
		e.Code.HTTPStatus() != a.status || e.RequestID != a.header.Get(RequestIDHeader) {
		t.Errorf("error %+v", e)
	}
	if len(token) > 0 && strings.Contains(a.body, token) {
		t.Errorf("the error repeats the token: %s", a.body)
	}
	if (a.status == 401) != (a.header.Get("WWW-Authenticate") != "") {
		t.Errorf("WWW-Authenticate %q", a.header.Get("WWW-Authenticate"))
	}
}

func TestTokenInTheQuery(t *testing.T) {
	f := newFixture(t)
	f.want(200, "GET", "/api/webtask?key="+f.master, "", "")
	f.want(401, "GET", "/api/webtask?key="+f.master, "sesame", "") // the header wins
	req, _ := http.NewRequest("GET", f.server.URL+"/api/webtask", nil)
	req.Header.Set("Authorization", "bearer "+f.master)
	if a := f.send(req); a.status != 200 {
		t.Errorf("scheme in lower case: %d", a.status)
	}
	req.Header.Set("Authorization", "Basic "+f.master)
	if a := f.send(req); a.status != 401 {
		t.Errorf("scheme Basic: %d", a.status)
	}
}
