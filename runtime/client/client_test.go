package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/webtask"
)

// serve makes a client of a host that answers with h.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return connect(t, Config{URL: server.URL + "/", Token: "master"})
}

func connect(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIssueOnTheWire(t *testing.T) {
	t.Parallel()
	var got map[string]any
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/tokens/issue" || r.Header.Get("Authorization") != "Bearer master" {
			t.Errorf("%s %s", r.URL, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", "/somewhere")
		_, _ = io.WriteString(w, "a.b.c\n")
	})
	code := "x"
	issued, err := c.Issue(context.Background(), webtask.IssueRequest{
		Claims: webtask.Claims{Container: "c1", Name: "hello", MergeBody: 1, NoSelfRevoke: 1},
		Code:   &code, Secrets: map[string]any{"a": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"ten": "c1", "dd": 0.0, "code": "x", "ectx": map[string]any{"a": "b"}, "mb": 1.0, "dr": 1.0, "jtn": "hello",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if issued.Token != "a.b.c" || issued.URL != c.URL()+"/somewhere" {
		t.Errorf("%+v", issued)
	}
}

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status     int
		kind, body string
		want       webtask.Error
	}{
		{404, "application/json", `{"code":"not_found","message":"gone","hint":"look"}`, webtask.Error{Code: webtask.NotFound, Message: "gone", Hint: "look"}},
		{403, "application/json", `{"code":403,"error":"Forbidden","message":"no"}`, webtask.Error{Code: webtask.Forbidden, Message: "no"}},
		{400, "application/json", `{"code":400,"error":"Script error"}`, webtask.Error{Code: webtask.BadRequest, Message: "Script error"}},
		{429, "text/plain", "slow down\n", webtask.Error{Code: webtask.RateLimited, Message: "slow down"}},
		{502, "text/html", "<html>nginx</html>", webtask.Error{Code: webtask.BadGateway, Message: "the host answered 502 Bad Gateway"}},
		{500, "", "", webtask.Error{Code: webtask.Internal, Message: "the host answered 500 Internal Server Error"}},
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", x.kind)
			w.WriteHeader(x.status)
			_, _ = io.WriteString(w, x.body)
		})
		err := c.DeleteTask(context.Background(), "c", "n")
		var got *webtask.Error
		if !errors.As(err, &got) || got.Code != x.want.Code || got.Message != x.want.Message || got.Hint != x.want.Hint {
			t.Errorf("%d %q: %#v", x.status, x.body, err)
		}
	}
}

func TestUnreachableHidesTheToken(t *testing.T) {
	t.Parallel()
	c := connect(t, Config{URL: "http://127.0.0.1:1", Token: "t"})
	_, err := c.Inspect(context.Background(), "very-secret-token", InspectOptions{})
	if webtask.CodeOf(err) != webtask.Unavailable || strings.Contains(err.Error(), "very-secret") {
		t.Error(err)
	}
}

func TestTimeoutAndCancel(t *testing.T) {
	t.Parallel()
	never := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer never.Close()
	c := connect(t, Config{URL: never.URL, Timeout: time.Millisecond})
	_, err := c.Tasks(context.Background(), "c", TaskQuery{})
	if webtask.CodeOf(err) != webtask.Timeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timeout: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = c.Tasks(ctx, "c", TaskQuery{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancel: %v", err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 40 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if _, err := c.Tasks(context.Background(), "c", TaskQuery{}); webtask.CodeOf(err) != webtask.BadGateway {
		t.Error(err)
	}
}

func TestSecretsDoNotFollowRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request went to another host")
	}))
	defer other.Close()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	if _, err := c.Issue(context.Background(), webtask.IssueRequest{}); err == nil {
		t.Error("no error")
	}
}

func TestNamesNeverLeaveTheirPath(t *testing.T) {
	t.Parallel()
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Error("a request was sent:", r.URL) })
	ctx := context.Background()
	for _, name := range []string{"", ".", "..", "a/b", "a?b", "a#b", "ä", strings.Repeat("x", 300)} {
		_, get := c.Task(ctx, "c", name, InspectOptions{})
		_, put := c.PutTask(ctx, name, "n", TaskPut{})
		_, list := c.Tasks(ctx, name, TaskQuery{})
		_, run := c.Run(ctx, RunRequest{Container: name})
		for _, err := range []error{get, put, list, run, c.DeleteTask(ctx, "c", name)} {
			if webtask.CodeOf(err) != webtask.BadRequest {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
}

func TestTasksPaging(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Encode(); got != "limit=2&meta=a%3Ab&meta=c%3Ad&offset=4" {
			t.Error(got)
		}
		_, _ = io.WriteString(w, `[{"name":"n","token":"a.b.c"}]`)
	})
	tasks, err := c.Tasks(context.Background(), "c1", TaskQuery{Offset: 4, Limit: 2, Meta: map[string]string{"a": "b", "c": "d"}})
	if err != nil || len(tasks) != 1 || tasks[0].Container != "c1" || tasks[0].URL != c.URL()+"/api/run/c1/n" {
		t.Errorf("%+v %v", tasks, err)
	}
}

func TestTaskPutKeepsAndDrops(t *testing.T) {
	t.Parallel()
	code := ""
	b, err := json.Marshal(TaskPut{Code: &code, Drop: []string{"pin", "host"}})
	if err != nil || string(b) != `{"code":"","host":null,"pin":null}` {
		t.Errorf("%s %v", b, err)
	}
}

func TestInspectReadsBothFormsOfSecrets(t *testing.T) {
	t.Parallel()
	sealed, err := parseInspection([]byte(`{"jtn":"n","ectx":"x.y","url":"u"}`))
	if err != nil || sealed.Secrets != nil || sealed.Name != "n" || sealed.URL != "u" {
		t.Errorf("%+v %v", sealed, err)
	}
	open, err := parseInspection([]byte(`{"ectx":{"a":"b"},"code":"x"}`))
	if err != nil || open.Secrets["a"] != "b" || open.Code == nil {
		t.Errorf("%+v %v", open, err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/run/c/n/a b" || r.URL.RawQuery != "q=1" || r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s", r.URL, r.Header)
		}
		w.WriteHeader(http.StatusTeapot)
	})
	resp, err := c.Run(context.Background(), RunRequest{
		Container: "c", Name: "n", Path: "/a b", Query: map[string][]string{"q": {"1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Error(resp.Status)
	}
}

func TestTaskURL(t *testing.T) {
	t.Parallel()
	c := connect(t, Config{URL: "https://wt.example.org:8443/"})
	for want, a := range map[string]TaskAddress{
		"https://wt.example.org:8443/api/run/c/n":       {Container: "c", Name: "n"},
		"https://wt.example.org:8443/api/run/c?key=t.t": {Container: "c", Token: "t.t"},
		"https://a.example.org:8443/c/n":                {Host: "a.example.org", Container: "c", Name: "n"},
	} {
		if got := c.TaskURL(a); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestNewRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "x", "ftp://x", "http://", "http://a b", "://"} {
		if _, err := New(Config{URL: u}); err == nil {
			t.Errorf("%q was accepted", u)
		}
	}
}
