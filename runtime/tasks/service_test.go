package tasks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/store"
	"github.com/wthost/wt/runtime/token"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox/redact"
	"github.com/wthost/wt/secrets"
)

const hush = "correct-horse-battery"

// newService is a service on a real store in dir, and a master's claims.
func newService(t *testing.T) (s *Service, master claims, dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "wt.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	ring, err := secrets.New()
	if err != nil {
		t.Fatal(err)
	}
	authority, err := token.New(t.Context(), ring, db)
	if err != nil {
		t.Fatal(err)
	}
	s = &Service{Store: db, Tokens: authority, Sealer: authority, PublicURL: "https://wt.example/"}
	text, err := s.MasterToken()
	if err != nil {
		t.Fatal(err)
	}
	if master, err = s.Authenticate(text); err != nil {
		t.Fatal(err)
	}
	return s, master, dir
}

func text(s string) *string { return &s }

// issue issues a token and gives its claims as well.
func issue(t *testing.T, s *Service, caller claims, req webtask.IssueRequest) (string, claims) {
	t.Helper()
	tok, _, err := s.Issue(t.Context(), caller, req)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Authenticate(tok)
	if err != nil {
		t.Fatal(err)
	}
	return tok, c
}

func owner(t *testing.T, s *Service, master claims, container string) claims {
	t.Helper()
	_, c := issue(t, s, master, webtask.IssueRequest{Claims: claims{Container: webtask.Containers(container), Depth: 5}})
	return c
}

func TestIssueNamed(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	tok, location, err := s.Issue(t.Context(), acme, webtask.IssueRequest{
		Claims: claims{Name: "a!b", Params: map[string]any{"p": "q"}}, Code: text(""),
		Secrets: map[string]any{"K": hush}, Meta: map[string]string{"m": "n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://wt.example/api/run/acme/a%21b"; location != want {
		t.Errorf("location %q, want %q", location, want)
	}
	got, err := s.Get(t.Context(), acme, "acme", "a!b", GetOptions{Decrypt: true, FetchCode: true})
	if err != nil {
		t.Fatal(err)
	}
	want := Info{Container: "acme", Name: "a!b", Token: tok, Meta: map[string]string{"m": "n"},
		Secrets: map[string]any{"K": hush}, Code: text(""), URL: location}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("task differs (-want +got):\n%s", diff)
	}
}

func TestIssueUnnamed(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	tok, location, err := s.Issue(t.Context(), acme, webtask.IssueRequest{Code: text("1")})
	if err != nil || location != "https://wt.example/api/run/acme?key="+tok {
		t.Fatalf("location %q, %v", location, err)
	}
	if _, location, err = s.Issue(t.Context(), master, webtask.IssueRequest{}); err != nil || location != "" {
		t.Errorf("a token for all containers: location %q, %v", location, err)
	}
}

func TestIssueRefuses(t *testing.T) {
	const bad, no = webtask.BadRequest, webtask.Forbidden
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	_, other := issue(t, s, owner(t, s, master, "other"), webtask.IssueRequest{Code: text("1")})
	_, running := issue(t, s, acme, webtask.IssueRequest{Claims: claims{Depth: 1}, Code: text("1"),
		Secrets: map[string]any{"K": hush}})
	tests := map[string]struct {
		caller claims
		req    webtask.IssueRequest
		want   webtask.ErrorCode
	}{
		"named without code":  {acme, webtask.IssueRequest{Claims: claims{Name: "x"}}, bad},
		"code and url":        {acme, webtask.IssueRequest{Claims: claims{URL: "https://x"}, Code: text("1")}, bad},
		"code, no container":  {master, webtask.IssueRequest{Code: text("1")}, bad},
		"secrets for all":     {master, webtask.IssueRequest{Secrets: map[string]any{"K": hush}}, bad},
		"file url":            {acme, webtask.IssueRequest{Claims: claims{URL: "file:///etc/passwd"}}, bad},
		"no host":             {acme, webtask.IssueRequest{Claims: claims{URL: "https:///x"}}, bad},
		"broken url":          {acme, webtask.IssueRequest{Claims: claims{URL: "https://x/%zz"}}, bad},
		"password in url":     {acme, webtask.IssueRequest{Claims: claims{URL: "https://u:p@x/"}}, bad},
		"broken reference":    {acme, webtask.IssueRequest{Claims: claims{URL: "webtask://code/acme"}}, bad},
		"missing reference":   {acme, webtask.IssueRequest{Claims: claims{URL: webtask.CodeURL("acme", "0")}}, bad},
		"other's reference":   {acme, webtask.IssueRequest{Claims: claims{URL: other.URL}}, no},
		"pin without url":     {acme, webtask.IssueRequest{Claims: claims{Pin: strings.Repeat("0", 64)}}, bad},
		"pin of other code":   {acme, webtask.IssueRequest{Claims: claims{Pin: strings.Repeat("0", 64)}, Code: text("1")}, bad},
		"code of a running":   {running, webtask.IssueRequest{Code: text("2")}, no},
		"secret of a running": {running, webtask.IssueRequest{Secrets: map[string]any{"K": "x"}}, no},
		"too large": {acme, webtask.IssueRequest{Code: text("1"),
			Secrets: map[string]any{"K": strings.Repeat("x", token.MaxSize)}}, webtask.TooLarge},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := s.Issue(t.Context(), test.caller, test.req); code(err) != test.want {
				t.Errorf("Issue: %v, want %q", err, test.want)
			} else if strings.Contains(err.Error(), "u:p") {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

// Clients send our own reference to code back, as part of what inspect showed.
func TestOwnReferenceComesBack(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	_, first := issue(t, s, acme, webtask.IssueRequest{Claims: claims{Name: "x"}, Code: text("1")})
	issue(t, s, acme, webtask.IssueRequest{Claims: claims{Name: "x", URL: first.URL}})
	tok, _ := issue(t, s, acme, webtask.IssueRequest{Claims: claims{URL: first.URL}})
	if err := s.Delete(t.Context(), acme, "acme", "x"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Inspect(t.Context(), acme, tok, InspectOptions{FetchCode: true})
	if err != nil || got.Code == nil || *got.Code != "1" {
		t.Errorf("code %v, %v", got, err)
	}
}

// A bearer can only narrow: code and secrets go on, sealed for the new token.
func TestIssueFromARunningToken(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	_, named := issue(t, s, acme, webtask.IssueRequest{Claims: claims{Name: "x", Depth: 1}, Code: text("1"),
		Secrets: map[string]any{"K": hush}})
	_, child := issue(t, s, named, webtask.IssueRequest{})
	if child.URL != named.URL || child.Name != "" || child.Sealed == named.Sealed {
		t.Errorf("claims %+v", child)
	}
	got, err := s.open(&child)
	if err != nil || got["K"] != hush {
		t.Errorf("secrets %v, %v", got, err)
	}
	moved := child
	moved.Sealed = named.Sealed
	if _, err := s.open(&moved); err == nil {
		t.Error("secrets open in a token that they were not sealed for")
	}
}

func TestInspect(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	tok, c := issue(t, s, acme, webtask.IssueRequest{Claims: claims{Name: "x"}, Code: text("1"),
		Secrets: map[string]any{"K": hush}, Meta: map[string]string{"m": "n"}})
	plain, err := s.Inspect(t.Context(), acme, tok, InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := &Inspection{Claims: c, Ectx: c.Sealed, URL: "https://wt.example/api/run/acme/x"}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("inspection differs (-want +got):\n%s", diff)
	}
	full, err := s.Inspect(t.Context(), acme, tok, InspectOptions{Decrypt: true, FetchCode: true, Meta: true})
	if err != nil {
		t.Fatal(err)
	}
	opened := map[string]any{"K": hush}
	want = &Inspection{Claims: c, Ectx: opened, Secrets: opened, Code: text("1"), Meta: map[string]string{"m": "n"}, URL: want.URL}
	if diff := cmp.Diff(want, full); diff != "" {
		t.Errorf("inspection differs (-want +got):\n%s", diff)
	}
	for _, broken := range []string{"", "x", tok + "x"} {
		if _, err := s.Inspect(t.Context(), acme, broken, InspectOptions{}); code(err) != webtask.BadRequest {
			t.Errorf("inspect %.10q: %v, want BadRequest", broken, err)
		}
	}
}

func TestFetchCode(t *testing.T) {
	s, master, _ := newService(t)
	acme := owner(t, s, master, "acme")
	tok, _ := issue(t, s, acme, webtask.IssueRequest{Claims: claims{URL: "https://x/a.js"}})
	if _, err := s.Inspect(t.Context(), acme, tok, InspectOptions{FetchCode: true}); code(err) != webtask.Unavailable {
		t.Errorf("without FetchCode: %v", err)
	}
	s.FetchCode = func(_ context.Context, url string) (string, error) { return "// " + url, nil }
	got, err := s.Inspect(t.Context(), acme, tok, InspectOptions{FetchCode: true})
	if err != nil || *got.Code != "// https://x/a.js" {
		t.Errorf("code %v, %v", got, err)
	}
}

func TestRevokeCascades(t *testing.T) {
	s, master, _ := newService(t)
	acmeText, acme := issue(t, s, master, webtask.IssueRequest{Claims: claims{Container: "acme", Depth: 5}})
	child, _ := issue(t, s, acme, webtask.IssueRequest{Code: text("1")})
	sibling, _ := issue(t, s, master, webtask.IssueRequest{Claims: claims{Container: "acme"}})
	if err := s.Revoke(t.Context(), acme, acmeText); err != nil {
		t.Fatal(err)
	}
	for tok, want := range map[string]webtask.ErrorCode{acmeText: webtask.Unauthorized, child: webtask.Unauthorized, sibling: ""} {
		if _, err := s.Authenticate(tok); code(err) != want {
			t.Errorf("Authenticate: %v, want %q", err, want)
		}
	}
	if err := s.Revoke(t.Context(), master, child); err != nil { // again is no error
		t.Error(err)
	}
}

func TestAuthenticateWindow(t *testing.T) {
	s, master, _ := newService(t)
	now := time.Now()
	s.Now = func() time.Time { return now }
	tok, _ := issue(t, s, master, webtask.IssueRequest{Claims: claims{Expires: webtask.Int(now.Unix() + 10)}})
	now = now.Add(10 * time.Second)
	if _, err := s.Authenticate(tok); code(err) != webtask.Unauthorized {
		t.Errorf("an expired token: %v", err)
	}
}

// Nothing that the store writes holds a secret or the sealing key in the clear.
func TestNoSecretOnDisk(t *testing.T) {
	s, master, dir := newService(t)
	req := PutRequest{Code: text("1"), Secrets: Some(map[string]any{"K": hush})}
	if _, err := s.Put(t.Context(), master, "acme", "x", req); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	var redactor redact.Redactor
	redactor.Add(hush) // knows the encoded forms as well
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if redactor.Redact(string(b)) != string(b) {
			t.Errorf("%s holds the secret", f.Name())
		}
	}
}

func TestConcurrentPutsLoseNothing(t *testing.T) {
	s, master, _ := newService(t)
	puts := []PutRequest{
		{Secrets: Some(map[string]any{"K": hush})}, {Meta: Some(map[string]string{"m": "n"})},
		{Params: Some(map[string]any{"p": "q"})}, {Host: Some("example.com")}, {MergeBody: Some[webtask.Int](1)},
	}
	var wg sync.WaitGroup
	for _, req := range puts {
		req.Code = text("1")
		wg.Go(func() {
			if _, err := s.Put(t.Context(), master, "acme", "x", req); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := s.existing(t.Context(), "acme", "x")
	if err != nil {
		t.Fatal(err)
	}
	if got.Claims.Host == "" || got.MergeBody == 0 || len(got.Params) == 0 || len(got.Secrets) == 0 || len(got.Meta) == 0 {
		t.Errorf("lost something: %+v", got)
	}
}

var errDisk = errors.New("disk full")

// failing is a store whose writes fail.
type failing struct{ webtask.Store }

func (failing) PutTask(context.Context, webtask.Task, *webtask.Code) error { return errDisk }
func (failing) PutCode(context.Context, webtask.Code) error                { return errDisk }

func TestStoreErrors(t *testing.T) {
	s, master, _ := newService(t)
	s.Store = failing{s.Store}
	for _, req := range []webtask.IssueRequest{
		{Claims: claims{Container: "acme"}, Code: text("1")}, {Claims: claims{Container: "acme", Name: "x"}, Code: text("1")},
	} {
		if tok, _, err := s.Issue(t.Context(), master, req); !errors.Is(err, errDisk) || tok != "" {
			t.Errorf("Issue = %q, %v; want no token and the store's error", tok, err)
		}
	}
}
