package server_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox"
)

func newUpstream(t *testing.T, h http.HandlerFunc) (url string) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// open sends a request whose body is written while its answer is read.
func (f *fixture) open(path string) (out *io.PipeWriter, in *bufio.Reader, resp *http.Response) {
	f.t.Helper()
	body, out := io.Pipe()
	req, err := http.NewRequest("POST", f.server.URL+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { resp.Body.Close(); out.Close() })
	return out, bufio.NewReader(resp.Body), resp
}

// The task writes a piece, and waits for the body's next piece before it goes on:
// each side only goes on when it has what the other side wrote.
func TestPiecesArriveAsTheyAreWritten(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("talk", `module.exports = function (ctx, req, res) {
		res.setHeader('Content-Type', 'text/plain');
		res.write('hello\n');
		req.on('data', function (d) { res.write('got ' + d) });
		req.on('end', function () { res.end('bye\n') });
	}`)
	out, in, resp := f.open("/api/run/c/talk")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/plain" {
		t.Fatalf("%v", resp)
	}
	expect := func(want string) {
		t.Helper()
		if line, err := in.ReadString('\n'); line != want || err != nil {
			t.Fatalf("%q, %v; want %q", line, err, want)
		}
	}
	expect("hello\n")
	for _, s := range []string{"one\n", "two\n"} {
		_, _ = io.WriteString(out, s)
		expect("got " + s)
	}
	out.Close()
	expect("bye\n")
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the answer's end: %v", err)
	}
}

func TestServerSentEvents(t *testing.T) {
	next := make(chan string)
	upstream := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case s := <-next:
			_, _ = io.WriteString(w, s)
		case <-r.Context().Done():
		}
	})
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("events", `module.exports = async function (ctx, req, res) {
		res.writeHead(200, {'Content-Type': 'text/event-stream'});
		res.flushHeaders();
		for (;;) {
			const text = await (await fetch(ctx.query.from)).text();
			if (text === 'end') break;
			res.write('data: ' + text + '\n\n');
		}
		res.end();
	}`)
	resp, err := http.Get(f.server.URL + "/api/run/c/events?from=" + upstream)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%v", resp.Header)
	}
	in := bufio.NewReader(resp.Body)
	for _, s := range []string{"one", "two"} {
		next <- s
		if line, err := in.ReadString('\n'); line != "data: "+s+"\n" || err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		_, _ = in.ReadString('\n')
	}
	next <- "end"
	if b, err := io.ReadAll(in); len(b) > 0 || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// An answer that fails in its middle must not look whole, and is logged.
func TestFailureInTheMiddle(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("breaks", `module.exports = function (ctx, req, res) {
		res.write('half'); req.on('data', function () { throw new Error('in the middle') }) }`)
	out, in, resp := f.open("/api/run/c/breaks")
	piece := make([]byte, 4)
	if _, err := io.ReadFull(in, piece); string(piece) != "half" || err != nil {
		t.Fatalf("%q, %v", piece, err)
	}
	_, _ = io.WriteString(out, "go on")
	if _, err := in.ReadByte(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the answer looks whole: %v", err)
	}
	f.server.Close() // waits for the handler
	id := resp.Header.Get("X-Wt-Request-Id")
	log := f.Log.String()
	if !strings.Contains(log, "failed in the middle of its answer\" request_id="+id) || !strings.Contains(log, "in the middle") ||
		!strings.Contains(log, "msg=request request_id="+id) {
		t.Errorf("log:\n%s", log)
	}
}

func TestUploadIsReadAsItComes(t *testing.T) {
	f := newFixture(t, sandbox.Limits{})
	f.PutCode("counts", `module.exports = function (ctx, req, res) {
		var n = 0; req.on('data', function (d) { n += d.length }); req.on('end', function () { res.end(String(n)) }) }`)
	const size = 40 << 20
	a := f.send("PUT", "/api/run/c/counts", io.LimitReader(zeros{}, size))
	if a.status != 200 || a.body != "41943040" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
