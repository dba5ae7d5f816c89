package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox/effect"
)

// newClient makes a client that may reach what is allowed.
func newClient(t *testing.T, allow ...string) *Client {
	t.Helper()
	p, err := ParsePolicy(allow)
	if err != nil {
		t.Fatal(err)
	}
	c := New(p)
	t.Cleanup(c.Close)
	return c
}

func fetch(t *testing.T, c *Client, r effect.FetchRequest) (*effect.FetchResponse, string, error) {
	t.Helper()
	if r.Method == "" {
		r.Method = "GET"
	}
	resp, err := c.Fetch(t.Context(), &r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

func TestInsideIsRefused(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	c := newClient(t)
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]",
		"10.255.255.1", "169.254.169.254", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]"} {
		_, _, err := fetch(t, c, effect.FetchRequest{URL: "http://" + host + ":" + port + "/"})
		var refused *Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "--allow-egress") {
			t.Errorf("%s: %v", host, err)
		}
	}
	// How these are resolved depends on the system; none may come through.
	for _, host := range []string{"localhost.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "0", "①②⑦.0.0.1"} {
		if _, _, err := fetch(t, c, effect.FetchRequest{URL: "http://" + host + ":" + port + "/"}); err == nil {
			t.Errorf("%s came through", host)
		}
	}
}

// A name's address is not told: tasks must not be able to map the network.
func TestRefusalDoesNotTellAddresses(t *testing.T) {
	_, _, err := fetch(t, newClient(t), effect.FetchRequest{URL: "http://localhost:1/"})
	if err == nil || strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "::1") || !strings.Contains(err.Error(), "localhost leads to a loopback address") {
		t.Error(err)
	}
	_, _, err = fetch(t, newClient(t), effect.FetchRequest{URL: "http://127.0.0.1:1/"})
	if err == nil || !strings.HasPrefix(err.Error(), "127.0.0.1 is a loopback address") {
		t.Error(err)
	}
}

func TestAllowedByAddressRangeAndName(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") }))
	defer s.Close()
	named := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for _, c := range []struct {
		allow, url string
		ok         bool
	}{
		{"127.0.0.1", s.URL, true}, {"127.0.0.0/8", s.URL, true}, {"localhost", named, true}, {"LOCALHOST.", named, true},
		{"localhost", s.URL, false}, {"10.0.0.0/8", s.URL, false}, {"other", named, false}, {"127.0.0.1", named, true},
	} {
		_, body, err := fetch(t, newClient(t, c.allow), effect.FetchRequest{URL: c.url})
		if c.ok != (err == nil && body == "in") {
			t.Errorf("%s for %s: %q, %v", c.allow, c.url, body, err)
		}
	}
}

func TestNoProxyOfTheEnvironment(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	if c := newClient(t, "127.0.0.0/8"); c.transport.Proxy != nil {
		t.Error("the transport has a proxy")
	} else if _, _, err := fetch(t, c, effect.FetchRequest{URL: "http://127.0.0.9:1/"}); err == nil {
		t.Error("something answered")
	}
}

func TestHeadersOfTheConnectionStay(t *testing.T) {
	var got http.Header
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		got.Set("X-Host", r.Host)
		got.Set("X-Length", fmt.Sprint(r.ContentLength))
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("X-Own", "1")
	}))
	defer s.Close()
	c := newClient(t, "127.0.0.1")
	resp, _, err := fetch(t, c, effect.FetchRequest{Method: "POST", URL: s.URL, Body: []byte("abc"), Header: effect.Header{
		{"connection", "close, X-Hop"}, {"x-hop", "1"}, {"Host", "evil.example"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "1"},
		{"Upgrade", "h2c"}, {"TE", "trailers"}, {"Trailer", "x"}, {"Keep-Alive", "1"}, {"Proxy-Authorization", "Basic x"}, {"expect", "100-continue"},
		{"x-kept", "1"}, {"X-Kept", "2"}, {"Authorization", "Bearer mine"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Get("X-Host") == "evil.example" || got.Get("X-Length") != "3" || got.Get("Authorization") != "Bearer mine" || !slices.Equal(got["X-Kept"], []string{"1", "2"}) {
		t.Errorf("header: %v", got)
	}
	for _, name := range []string{"X-Hop", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive", "Proxy-Authorization", "Expect"} {
		if got.Get(name) != "" {
			t.Errorf("%s: %q was passed on", name, got.Get(name))
		}
	}
	for _, f := range resp.Header {
		if f[0] == "Keep-Alive" || f[0] == "Connection" {
			t.Errorf("the answer has %v", f)
		}
	}
}

// Compressed answers arrive decoded, also when the task has passed on what its own
// caller accepts.
func TestAnswersAreDecoded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || strings.Contains(r.Header.Get("Accept-Encoding"), "br") {
			t.Errorf("Accept-Encoding: %s", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcb\xcf\x06\x00\x47\xdd\xdc\x79\x02\x00\x00\x00"))
	}))
	defer s.Close()
	resp, body, err := fetch(t, newClient(t, "127.0.0.1"), effect.FetchRequest{URL: s.URL, Header: effect.Header{{"Accept-Encoding", "br"}}})
	if err != nil || body != "ok" || resp.Length != -1 {
		t.Errorf("%q, %v", body, err)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1234") }))
	defer s.Close()
	resp, body, err := fetch(t, newClient(t, "127.0.0.1"), effect.FetchRequest{Method: "HEAD", URL: s.URL + "/#part"})
	if err != nil || body != "" || resp.Length != 0 || resp.URL != s.URL+"/" {
		t.Errorf("%+v, %v", resp, err)
	}
}

// Errors say what a user can use, and nothing of how this host is built.
func TestErrorsAreForUsers(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
	}))
	defer broken.Close()
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	secure.Config.ErrorLog = nil
	odd, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer odd.Close()
	go func() {
		for {
			conn, err := odd.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			fmt.Fprint(conn, "SSH-2.0-hello\r\n\r\n")
			conn.Close()
		}
	}()
	c := newClient(t, "127.0.0.0/8")
	for _, x := range []struct{ url, want string }{
		{closed.URL + "/?key=hush", "the connection was refused"},
		{broken.URL, "the connection ended before the answer did"},
		{secure.URL, "its certificate is not accepted: certificate signed by unknown authority"},
		{"https" + strings.TrimPrefix(broken.URL, "http"), "no secure connection could be made with it"},
		{"http://" + odd.Addr().String(), "its answer is not HTTP"},
		{"http://nothing.invalid/?key=hush", `"nothing.invalid"`},
		{"ftp://h/?key=hush", `the scheme "ftp" is not http or https`},
		{"http://h h/?key=hush", "the URL or the method of the request is not valid"},
		{"http:///x", "the URL has no host"},
	} {
		_, _, err := fetch(t, c, effect.FetchRequest{URL: x.url})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.url, err)
			continue
		}
		for _, hidden := range []string{"hush", "127.0.0.1:", "127.0.0.53", "->", "dial", "lookup", "/etc", "x509", "net/http", "read tcp"} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%s: %q shows %q", x.url, err, hidden)
			}
		}
	}
	for _, method := range []string{"CONNECT", "trace", "TRACK", "B AD", "G\r\nET"} {
		if _, _, err := fetch(t, c, effect.FetchRequest{Method: method, URL: broken.URL}); err == nil {
			t.Errorf("method %q was sent", method)
		}
	}
	for _, f := range [][2]string{{"X", "a\r\nY: b"}, {"X Y", "1"}, {"", "1"}} {
		if _, _, err := fetch(t, c, effect.FetchRequest{URL: broken.URL, Header: effect.Header{f}}); err == nil || !strings.HasPrefix(err.Error(), "invalid header field") {
			t.Errorf("header %q: %v", f, err)
		}
	}
}

func TestWordsNeverRepeatTheUnknown(t *testing.T) {
	for _, err := range []error{
		errors.New("open /home/wt/.wt/keys.json: permission denied"),
		&url.Error{Op: "Get", URL: "http://h/?key=hush", Err: errors.New("10.0.0.7:5353 said no")},
		&net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7)}, Err: errors.New("x")},
	} {
		if got := explain(err).Error(); got != "the request failed" {
			t.Errorf("%v: %q", err, got)
		}
	}
	if explain(nil) != nil || explain(io.EOF) != io.EOF || !errors.Is(explain(context.DeadlineExceeded), context.DeadlineExceeded) {
		t.Error("the causes are lost")
	}
	if err := explain(explain(context.DeadlineExceeded)); err.Error() != "it did not answer in time" {
		t.Error(err)
	}
}

func TestCancelEndsAFetch(t *testing.T) {
	waits := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { close(waits); <-r.Context().Done() }))
	defer s.Close()
	c := newClient(t, "127.0.0.1")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waits; cancel() }()
	if _, err := c.Fetch(ctx, &effect.FetchRequest{Method: "GET", URL: s.URL}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
