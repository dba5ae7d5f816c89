package code

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// failures are what can be wrong with an answer.
var failures = []struct {
	name string
	want string
	set  func(s *site)
}{
	{"500", "it answers 500 Internal Server Error", func(s *site) { s.status = 500 }},
	{"404", "it answers 404 Not Found", func(s *site) { s.status = 404 }},
	{"206", "it answers 206", func(s *site) { s.status = 206 }},
	{"refused", "the task's code URL fails: the connection was refused", func(s *site) { s.err = errors.New("the connection was refused") }},
	{"no such host", "there is no host of its name", func(s *site) { s.err = &net.DNSError{Name: "example.com", IsNotFound: true} }},
	{"look-up", "could not be looked up", func(s *site) { s.err = &net.DNSError{Name: "example.com", Err: "x"} }},
	{"certificate", "its certificate is not accepted", func(s *site) {
		s.err = &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "example.com"}}
	}},
	{"timeout", "did not answer in time", func(s *site) { s.err = errors.New("it did not answer in time") }},
	{"html", "answers an HTML page", func(s *site) { s.header = http.Header{"Content-Type": {"text/html; charset=utf-8"}} }},
	{"html by another name", "answers an HTML page", func(s *site) { s.text = "\ufeff\n <!DOCTYPE html><p>Sign in" }},
	{"too large", "larger than 10485760 bytes", func(s *site) { s.text = strings.Repeat("x", MaxSize+1) }},
	{"not UTF-8", "not UTF-8", func(s *site) { s.text = "\xff\xfe" }},
}

func TestFailureWithoutKnownCode(t *testing.T) {
	for _, c := range failures {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &site{text: "one"}
				c.set(s)
				f, log := newFetcher(s, nil)
				src, stale, err := f.Get(t.Context(), at)
				if src != nil || stale != nil || webtask.CodeOf(err) != webtask.BadGateway || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, %v, %v", src, stale, err)
				}
				if strings.Contains(fmt.Sprint(err), "hush") || strings.Contains(fmt.Sprint(err), "example") {
					t.Errorf("%v shows the address", err)
				}
				if !strings.Contains(log.String(), short(at)) || strings.Contains(log.String(), "hush") {
					t.Errorf("log: %s", log)
				}
				_, _, again := f.Get(t.Context(), at)
				if again == nil || s.count() != 1 {
					t.Errorf("a failure is asked for again at once: %d requests", s.count())
				}
			})
		})
	}
}

func TestFailureWithKnownCode(t *testing.T) {
	for _, c := range failures {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &site{text: "one"}
				f, log := newFetcher(s, nil)
				get(t, f, "one", false)
				s.set(c.set)
				time.Sleep(time.Second)
				_, stale, _ := f.Get(t.Context(), at)
				get(t, f, "one", true)
				if stale == nil || !strings.Contains(stale.Error(), c.want) {
					t.Errorf("stale says %v", stale)
				}
				time.Sleep(MaxStale - time.Minute)
				get(t, f, "one", true)
				time.Sleep(2 * time.Minute)
				if _, _, err := f.Get(t.Context(), at); webtask.CodeOf(err) != webtask.BadGateway {
					t.Errorf("after a day: %v", err)
				}
				if n := strings.Count(log.String(), "the last good code runs"); n != 1 || strings.Contains(log.String(), "hush") {
					t.Errorf("the log says it %d times:\n%s", n, log)
				}
				s.set(func(s *site) { s.text, s.status, s.err, s.header = "two", 0, nil, nil })
				time.Sleep(time.Second)
				get(t, f, "two", false)
				if !strings.Contains(log.String(), "works again") {
					t.Errorf("log:\n%s", log)
				}
			})
		})
	}
}

// brokenBody ends in the middle.
type brokenBody struct{ io.Reader }

func (brokenBody) Close() error { return nil }

type doer func(*http.Request, int) (*http.Response, error)

func (d doer) Do(r *http.Request, n int) (*http.Response, error) { return d(r, n) }

func TestBodyThatBreaks(t *testing.T) {
	f, _ := newFetcher(doer(func(*http.Request, int) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: brokenBody{io.MultiReader(strings.NewReader("modu"), failing{})}}, nil
	}), nil)
	if src, _, err := f.Get(t.Context(), at); src != nil || webtask.CodeOf(err) != webtask.BadGateway {
		t.Errorf("%v, %v", src, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the connection was reset") }

func TestNotModifiedWithoutKnownCode(t *testing.T) {
	f, _ := newFetcher(&site{status: http.StatusNotModified}, nil)
	if src, _, err := f.Get(t.Context(), at); src != nil || webtask.CodeOf(err) != webtask.BadGateway {
		t.Errorf("%v, %v", src, err)
	}
}

func TestAtMostFiveRedirects(t *testing.T) {
	f, _ := newFetcher(doer(func(_ *http.Request, most int) (*http.Response, error) {
		return nil, fmt.Errorf("it redirects more than %d times", most)
	}), nil)
	if _, _, err := f.Get(t.Context(), at); err == nil || !strings.Contains(err.Error(), "more than 5 times") {
		t.Error(err)
	}
}

func TestURLsThatCannotBeAsked(t *testing.T) {
	f, _ := newFetcher(&site{}, nil)
	for _, url := range []string{"", "task.js", "ftp://x/hush", "file:///etc/passwd", "http://", "http://:80/", "http://a b/hush",
		"http://[::1/hush", "webtask://code/c/1", "http://x/" + strings.Repeat("hush", 1024), "javascript:1", "http:x"} {
		_, _, err := f.Get(t.Context(), url)
		if webtask.CodeOf(err) != webtask.BadRequest || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.30q: %v", url, err)
		}
	}
	if len(f.entries) != 0 {
		t.Errorf("%d entries are kept", len(f.entries))
	}
}

func TestShort(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h/x.js?k=1#f": "https://h/x.js", "https://h/a@b": "https://h/a@b", "http://h?x": "http://h", "x": "x",
		"http://a@b@h/": "http://h/", "https://h#@x/": "https://h",
	} {
		if got := short(in); got != want {
			t.Errorf("short(%q) = %q", in, got)
		}
	}
}
