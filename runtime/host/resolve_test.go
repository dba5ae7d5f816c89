package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

func TestNamedTask(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	code := `module.exports = function (ctx, cb) { cb(null, [ctx.secrets, ctx.params, ctx.meta, ctx.token.length > 20]) }`
	n.Put("all", tasks.PutRequest{Code: &code, Secrets: tasks.Some(map[string]any{"k": "v"}), Params: tasks.Some(map[string]any{"p": "q"}),
		Meta: tasks.Some(map[string]string{"m": "n"})})
	for range 2 {
		if got, _, err := run(t, n, host.Call{Name: "all"}, ""); got != `[{"k":"v"},{"p":"q"},{"m":"n"},true]` || err != nil {
			t.Errorf("%s, %v", got, err)
		}
	}
	if err := n.Tasks.Delete(t.Context(), n.Master, "c", "all"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := run(t, n, host.Call{Name: "all"}, ""); webtask.CodeOf(err) != webtask.NotFound {
		t.Errorf("after it was deleted: %v", err)
	}
}

func TestTokens(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	now := webtask.Int(time.Now().Unix())
	site := hosttest.NewSite(t, says("site"))
	inline := says("inline")
	issued, _, err := n.Tasks.Issue(t.Context(), n.Master, webtask.IssueRequest{Claims: webtask.Claims{Container: "c"}, Code: &inline})
	if err != nil {
		t.Fatal(err)
	}
	open := n.Sign(webtask.Claims{Container: "c"})
	revoked := n.Sign(webtask.Claims{ID: "r", Container: "c"})
	ofRevoked := n.Sign(webtask.Claims{Container: "c", Ancestors: []string{"r"}})
	for _, token := range []string{revoked, ofRevoked} {
		if got, _, err := run(t, n, host.Call{Token: token}, says("body")); got != `"body"` {
			t.Errorf("%s, %v", got, err)
		}
	}
	if err := n.Tokens.Revoke(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		call host.Call
		body string
		want string
		code webtask.ErrorCode
	}{
		{"code in the store", host.Call{Token: issued}, "", `"inline"`, ""},
		{"code in the store, with a body", host.Call{Token: issued}, "input", `"inline"`, ""},
		{"url claim", host.Call{Token: n.Sign(webtask.Claims{Container: "c", URL: site.URL})}, "", `"site"`, ""},
		{"code in the body", host.Call{Token: open}, says("body"), `"body"`, ""},
		{"webtask_url", host.Call{Token: open, CodeURL: site.URL}, "", `"site"`, ""},
		{"webtask_url, with a body", host.Call{Token: open, CodeURL: site.URL}, "input", `"site"`, ""},
		{"master token", host.Call{Token: n.Sign(n.Master), Container: "any"}, says("body"), `"body"`, ""},
		{"one of several containers", host.Call{Token: n.Sign(webtask.Claims{Container: "a,c"})}, says("body"), `"body"`, ""},
		{"no code", host.Call{Token: open}, "", "", webtask.BadRequest},
		{"no token", host.Call{}, says("x"), "", webtask.Unauthorized},
		{"malformed token", host.Call{Token: "x.y.z"}, says("x"), "", webtask.Unauthorized},
		{"truncated token", host.Call{Token: open[:len(open)-3]}, says("x"), "", webtask.Unauthorized},
		{"expired", host.Call{Token: n.Sign(webtask.Claims{Container: "c", Expires: now - 5})}, says("x"), "", webtask.Unauthorized},
		{"not yet valid", host.Call{Token: n.Sign(webtask.Claims{Container: "c", NotBefore: now + 1000})}, says("x"), "", webtask.Unauthorized},
		{"revoked", host.Call{Token: revoked}, says("x"), "", webtask.Unauthorized},
		{"descends from a revoked one", host.Call{Token: ofRevoked}, says("x"), "", webtask.Unauthorized},
		{"another container's", host.Call{Token: open, Container: "d"}, says("x"), "", webtask.Forbidden},
		{"url claim and webtask_url", host.Call{Token: issued, CodeURL: site.URL}, "", "", webtask.BadRequest},
		{"name and webtask_url", host.Call{Name: "x", CodeURL: site.URL}, "", "", webtask.BadRequest},
		{"webtask_url that is none", host.Call{Token: open, CodeURL: "file:///etc/passwd"}, "", "", webtask.BadRequest},
		{"webtask_url into the store", host.Call{Token: open, CodeURL: webtask.CodeURL("c", "x")}, "", "", webtask.BadRequest},
		{"stored code of another container", host.Call{Token: n.Sign(webtask.Claims{Container: "c", URL: webtask.CodeURL("d", "x")})}, "", "", webtask.Forbidden},
		{"stored code that is gone", host.Call{Token: n.Sign(webtask.Claims{Container: "c", URL: webtask.CodeURL("c", "x")})}, "", "", webtask.NotFound},
		{"url that does not answer", host.Call{Token: n.Sign(webtask.Claims{Container: "c", URL: "http://127.0.0.1:1/x.js"})}, "", "", webtask.BadGateway},
		{"url inside", host.Call{Token: open, CodeURL: "http://127.0.0.2:1/x.js"}, "", "", webtask.BadGateway},
		{"odd container", host.Call{Token: n.Sign(n.Master), Container: "../x"}, says("x"), "", webtask.BadRequest},
	} {
		got, _, err := run(t, n, c.call, c.body)
		var we *webtask.Error
		if c.code == "" && (err != nil || got != c.want) || c.code != "" && (!errors.As(err, &we) || we.Code != c.code) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if err != nil && c.call.Token != "" && strings.Contains(err.Error(), c.call.Token) {
			t.Errorf("%s: %v repeats the token", c.name, err)
		}
	}
}

// Whether a call shares its token must not depend on the calls before it.
func TestShareTokenIsPerCall(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	site := hosttest.NewSite(t, `module.exports = function (ctx, cb) { cb(null, [typeof ctx.token]) }`)
	token := n.Sign(webtask.Claims{Container: "c"})
	for i := range 4 {
		want := []string{`["undefined"]`, `["string"]`}[i%2]
		if got, _, err := run(t, n, host.Call{Token: token, CodeURL: site.URL, ShareToken: i%2 == 1}, ""); got != want {
			t.Errorf("%d: %s, %v", i, got, err)
		}
	}
}

func TestSecretsOfAnotherTaskDoNotOpen(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	sealed, err := n.Tokens.Seal([]byte(`{"k":"hush"}`), webtask.Scope{Container: "c", Name: "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	site := hosttest.NewSite(t, `module.exports = function (ctx, cb) { cb(null, ctx.secrets) }`)
	for _, c := range []webtask.Claims{
		{Container: "c", Name: "mine", URL: site.URL, Sealed: sealed},
		{Container: "d", Name: "theirs", URL: site.URL, Sealed: sealed},
		{Container: "c", URL: site.URL, Sealed: sealed},
		{Container: "c", Name: "theirs", URL: site.URL, Sealed: sealed + "A"},
	} {
		got, _, err := run(t, n, host.Call{Token: n.Sign(c), Container: string(c.Container)}, "")
		if kindOf(err) != sandbox.ErrLoad || strings.Contains(fmt.Sprint(got, err), "hush") {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
	if got, _, err := run(t, n, host.Call{Token: n.Sign(webtask.Claims{Container: "c", Name: "theirs", URL: site.URL, Sealed: sealed})}, ""); got != `{"k":"hush"}` {
		t.Errorf("its own: %s, %v", got, err)
	}
}

// A task is updated while 32 call it: no call fails, and once an update has
// returned, no call that starts then gets older code.
func TestUpdateUnderLoad(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	n.PutCode("busy", says("0"))
	var version, calls atomic.Int64
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := version.Load()
				got, _, err := run(t, n, host.Call{Name: "busy"}, "")
				var v int64
				if _, scanErr := fmt.Sscanf(got, `"%d"`, &v); err != nil || scanErr != nil || v < least {
					t.Errorf("%q, %v; want at least %d", got, err, least)
					return
				}
				calls.Add(1)
			}
		})
	}
	for v := int64(1); v <= 30; v++ {
		n.PutCode("busy", says(fmt.Sprint(v)))
		version.Store(v)
		for before := calls.Load(); calls.Load() < before+64 && !t.Failed(); {
			_, _, _ = run(t, n, host.Call{Name: "busy"}, "")
		}
	}
	close(stop)
	callers.Wait()
	if got, _, err := run(t, n, host.Call{Name: "busy"}, ""); got != `"30"` || err != nil {
		t.Errorf("at the end: %s, %v", got, err)
	}
}

// goneStore loses code between the look-up of a task and the loading of its code.
type goneStore struct {
	webtask.Store
	gone  atomic.Int32 // so often
	moves func()
}

func (s *goneStore) Code(ctx context.Context, container, id string) (webtask.Code, error) {
	if s.gone.Add(-1) >= 0 {
		s.moves()
		return webtask.Code{}, webtask.Errorf(webtask.NotFound, "gone")
	}
	return s.Store.Code(ctx, container, id)
}

func TestCodeGoneBetweenLookUpAndLoad(t *testing.T) {
	s := &goneStore{moves: func() {}}
	n := hosttest.New(t, sandbox.Limits{}, func(c *host.Config) { s.Store = c.Store; c.Store = s })
	n.PutCode("moving", says("old"))
	s.moves = func() { n.PutCode("moving", says("new")) }
	s.gone.Store(2)
	if got, _, err := run(t, n, host.Call{Name: "moving"}, ""); got != `"new"` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	n.PutCode("moving", says("newer"))
	s.moves = func() {}
	s.gone.Store(1000)
	if _, _, err := run(t, n, host.Call{Name: "moving"}, ""); kindOf(err) != sandbox.ErrLoad {
		t.Errorf("gone for ever: %v", err)
	}
}

func TestClosedHost(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	site := hosttest.NewSite(t, says("x"))
	n.PutCode("a", says("x"))
	n.PutURL("b", site.URL)
	n.Host.Close()
	token := n.Sign(webtask.Claims{Container: "c"})
	for _, c := range []host.Call{{Name: "a"}, {Name: "b"}, {Token: token}} {
		if _, _, err := run(t, n, c, says("x")); webtask.CodeOf(err) != webtask.Unavailable {
			t.Errorf("%+v: %v", c, err)
		}
	}
	n.Host.Close() // twice is once
}

// A caller that sends its code slowly, or goes away, is not waited for.
func TestSlowCode(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, func(c *host.Config) { c.Upload = time.Millisecond })
	body, w := io.Pipe()
	defer w.Close()
	c := host.Call{Container: "c", Token: n.Sign(webtask.Claims{Container: "c"}), Request: &sandbox.Request{ID: "r", Method: "POST", Body: body}}
	if _, err := n.Host.Run(t.Context(), c); webtask.CodeOf(err) != webtask.Timeout {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Host.Run(ctx, c); err == nil {
		t.Error("a cancelled call ran")
	}
}
