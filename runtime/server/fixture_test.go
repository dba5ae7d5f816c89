package server_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/runtime/server"
	"github.com/wthost/wt/sandbox"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// fixture is a server on a whole host.
type fixture struct {
	*hosttest.Node
	t      *testing.T
	server *httptest.Server
}

func newFixture(t *testing.T, limits sandbox.Limits, change ...func(*host.Config)) *fixture {
	t.Helper()
	var f func(*host.Config)
	if len(change) > 0 {
		f = change[0]
	}
	n := hosttest.New(t, limits, f)
	log := slog.New(slog.NewTextHandler(n.Log, nil))
	s := httptest.NewServer(server.New(server.Config{Host: n.Host, Tasks: n.Tasks, Logger: log, Version: "test"}))
	t.Cleanup(s.Close)
	return &fixture{Node: n, t: t, server: s}
}

// answer is an answer that was read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; header is name, value, name, value …
func (f *fixture) do(method, path, body string, header ...string) answer {
	f.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	return f.send(method, path, in, header...)
}

func (f *fixture) send(method, path string, body io.Reader, header ...string) answer {
	f.t.Helper()
	req, err := http.NewRequest(method, f.server.URL+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatalf("%s %s: %v after %d bytes", method, path, err, len(b))
	}
	if resp.Header.Get("X-Wt-Request-Id") == "" {
		f.t.Errorf("%s %s: no request id", method, path)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// errorOf decodes an error.
func (a answer) errorOf(t *testing.T) (e struct {
	Code                              int
	Error, Name, Message, Stack, Hint string
	Details                           any
	RequestID                         string `json:"request_id"`
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	if e.RequestID != a.header.Get("X-Wt-Request-Id") || e.Code != a.status || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("the error does not fit its answer: %d %v %s", a.status, a.header, a.body)
	}
	if strings.Contains(a.body, `"code":`) && !strings.HasPrefix(a.body, "{\n  \"code\": ") {
		t.Errorf("not pretty-printed: %s", a.body)
	}
	return e
}
