package host_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/sandbox"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// run performs a call and gives its answer's text.
func run(t testing.TB, n *hosttest.Node, c host.Call, body string) (string, host.Outcome, error) {
	t.Helper()
	if c.Container == "" {
		c.Container = "c"
	}
	c.Request = &sandbox.Request{ID: "r1", Method: "GET", URL: "/api/run/c/x", Header: sandbox.Header{{"Host", "x"}}}
	if body != "" {
		c.Request.Method, c.Request.Body = "POST", strings.NewReader(body)
	}
	out, err := n.Host.Run(context.Background(), c)
	if err != nil {
		return "", out, err
	}
	if out.Response.Stream == nil {
		return string(out.Response.Body), out, nil
	}
	defer out.Response.Stream.Close()
	b, err := io.ReadAll(out.Response.Stream)
	return string(b), out, err
}

func kindOf(err error) sandbox.ErrorKind {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 255
}

// says is a task that answers with a text.
func says(text string) string { return "module.exports = function (cb) { cb(null, '" + text + "') }" }
