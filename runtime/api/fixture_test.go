package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/wthost/wt/runtime/store"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/token"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/secrets"
)

type claims = webtask.Claims

const hush = "correct-horse-battery"

// fixture is an API on a real store.
type fixture struct {
	t      *testing.T
	tasks  *tasks.Service
	sign   func(claims) (string, error)
	server *httptest.Server
	log    *lockedBuffer
	master string
}

// lockedBuffer is written by the server and read by the test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "wt.db"))
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
	f := &fixture{t: t, sign: authority.Sign, log: &lockedBuffer{}}
	f.tasks = &tasks.Service{Store: db, Tokens: authority, Sealer: authority, PublicURL: "https://wt.example"}
	if f.master, err = f.tasks.MasterToken(); err != nil {
		t.Fatal(err)
	}
	r := mux.NewRouter().UseEncodedPath().SkipClean(true) // as the server's
	Register(r, f.tasks, &Options{Log: slog.New(slog.NewTextHandler(f.log, nil))})
	f.server = httptest.NewServer(r)
	t.Cleanup(f.server.Close)
	return f
}

// token signs claims that no API call would give, such as expired ones.
func (f *fixture) token(c claims) string {
	f.t.Helper()
	if c.ID == "" {
		c.ID = webtask.NewTokenID()
	}
	s, err := f.sign(c)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (f *fixture) do(method, path, token, body string) answer {
	f.t.Helper()
	req, err := http.NewRequest(method, f.server.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	return f.send(req)
}

func (f *fixture) send(req *http.Request) answer {
	f.t.Helper()
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

// want does a request that must have the status.
func (f *fixture) want(status int, method, path, token, body string) answer {
	f.t.Helper()
	a := f.do(method, path, token, body)
	if a.status != status {
		f.t.Fatalf("%s %.80s: %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

// decoded is the JSON of an answer.
func decoded[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return v
}
