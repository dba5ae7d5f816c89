// Package hosttest puts a whole host together for tests: a store in a temporary
// folder, keys, tokens, egress and workers. A test program that uses it must begin
// with the worker's Main, as Main here does.
package hosttest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/wthost/wt/runtime/egress"
	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/store"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/token"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/worker"
	"github.com/wthost/wt/secrets"
)

// Main runs a package's tests, or is a worker if this process was started as one.
func Main(m *testing.M) {
	if worker.IsChild() {
		worker.Main()
	}
	os.Exit(m.Run())
}

// Node is a host and what it stands on.
type Node struct {
	Host   *host.Host
	Tasks  *tasks.Service
	Tokens *token.Authority
	Store  *store.Store
	Log    *Log
	Master webtask.Claims

	t   testing.TB
	dir string
	cfg host.Config
}

// Log is a log that can be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// New makes a node. limits are its workers'; change may alter the configuration.
func New(t testing.TB, limits sandbox.Limits, change func(c *host.Config)) *Node {
	t.Helper()
	if limits.Memory == 0 {
		limits.Memory = 2 << 30 // the race detector's own memory counts too
	}
	n := &Node{t: t, dir: t.TempDir(), Log: &Log{}}
	log := slog.New(slog.NewTextHandler(n.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if n.Store, err = store.Open(context.Background(), "sqlite:"+filepath.Join(n.dir, "wt.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Store.Close() })
	ring, err := secrets.New()
	if err != nil {
		t.Fatal(err)
	}
	if n.Tokens, err = token.New(context.Background(), ring, n.Store); err != nil {
		t.Fatal(err)
	}
	policy, err := egress.ParsePolicy([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	out := egress.New(policy)
	t.Cleanup(out.Close)
	n.cfg = host.Config{Store: n.Store, Tokens: n.Tokens, Sealer: n.Tokens, Egress: out, Logger: log,
		NewPool: func(string) host.Pool { return worker.New(worker.Options{Limits: limits, Logger: log}) }}
	if change != nil {
		change(&n.cfg)
	}
	n.Host = host.New(n.cfg)
	t.Cleanup(func() { n.Host.Close() })
	n.Tasks = &tasks.Service{Store: n.Store, Tokens: n.Tokens, Sealer: n.Tokens, PublicURL: "https://wt.example", FetchCode: n.Host.FetchCode}
	n.Master = webtask.Claims{ID: webtask.NewTokenID(), Depth: tasks.MasterDepth}
	return n
}

// Restart closes the host and starts another one on the same store.
func (n *Node) Restart() {
	n.Host.Close()
	n.Host = host.New(n.cfg)
}

// Put creates or updates a task of the container c.
func (n *Node) Put(name string, r tasks.PutRequest) {
	n.t.Helper()
	if _, err := n.Tasks.Put(context.Background(), n.Master, "c", name, r); err != nil {
		n.t.Fatal(err)
	}
}

// PutCode creates or updates a task of the container c.
func (n *Node) PutCode(name, code string) {
	n.t.Helper()
	n.Put(name, tasks.PutRequest{Code: &code})
}

// PutURL creates or updates a task of the container c.
func (n *Node) PutURL(name, url string) {
	n.t.Helper()
	n.Put(name, tasks.PutRequest{URL: &url})
}

// Sign makes a token of claims that the API may not give.
func (n *Node) Sign(c webtask.Claims) string {
	n.t.Helper()
	if c.ID == "" {
		c.ID = webtask.NewTokenID()
	}
	s, err := n.Tokens.Sign(c)
	if err != nil {
		n.t.Fatal(err)
	}
	return s
}

// Site is a web server with one text.
type Site struct {
	*httptest.Server
	mu     sync.Mutex
	text   string
	status int
}

// NewSite starts a site.
func NewSite(t testing.TB, text string) *Site {
	s := &Site{text: text, status: 200}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "text/javascript")
		w.WriteHeader(s.status)
		_, _ = w.Write([]byte(s.text))
	}))
	t.Cleanup(s.Close)
	return s
}

// Set changes what the site answers.
func (s *Site) Set(status int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.text = status, text
}
