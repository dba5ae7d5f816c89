package server_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/runtime/server"
	"github.com/wthost/wt/sandbox"
)

// Callers without a token who send a body drop by drop, or never, are cut off.
func TestSlowSendersAreCutOff(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	s := httptest.NewServer(server.New(server.Config{Host: n.Host, Tasks: n.Tasks, Version: "test",
		Logger: slog.New(slog.DiscardHandler), Slow: 50 * time.Millisecond}))
	t.Cleanup(s.Close)
	for _, target := range []string{"POST /api/tokens/issue", "POST /api/webtask/c/n", "POST /healthz", "POST /nowhere", "OPTIONS /api/run/c/n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: PUT\r\nContent-Length: 200000\r\n\r\n{", target)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("%s: the connection stays open: %v", target, err)
		}
		_ = conn.Close()
	}
}
