package exampletest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// Recorder keeps every byte that its callers were sent, from the status line to the
// end of the body.
type Recorder struct{ logBuffer }

// Tap gives the address of a relay to target, a http:// URL, that records what
// comes back.
func (r *Recorder) Tap(t *testing.T, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go r.accept(ln, u.Host)
	u.Host = ln.Addr().String()
	return u.String()
}

func (r *Recorder) accept(ln net.Listener, target string) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		go r.relay(conn, target)
	}
}

// relay ends when either side does.
func (r *Recorder) relay(caller net.Conn, target string) {
	defer func() { _ = caller.Close() }()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	go func() {
		defer func() { _ = server.Close() }()
		_, _ = io.Copy(server, caller)
	}()
	_, _ = io.Copy(io.MultiWriter(&r.logBuffer, caller), server)
}

// Serve runs a stand-in until the test ends and gives its address.
func Serve(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}
