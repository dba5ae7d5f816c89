package egress

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wthost/wt/sandbox/effect"
)

// hop redirects /N to /N-1, and /0 tells what came.
func hop(w http.ResponseWriter, r *http.Request) {
	var n, status int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d/%d", &n, &status); err != nil {
		status = 302
		fmt.Sscanf(r.URL.Path, "/%d", &n)
	}
	if to := r.URL.Query().Get("to"); to != "" {
		http.Redirect(w, r, to, status)
		return
	}
	if n > 0 {
		http.Redirect(w, r, fmt.Sprintf("/%d/%d", n-1, status), status)
		return
	}
	b, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s auth=%s cookie=%s referer=%s type=%s", r.Method, b, r.Header.Get("Authorization"), r.Header.Get("Cookie"),
		r.Header.Get("Referer"), r.Header.Get("Content-Type"))
}

func TestRedirectModes(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(hop))
	defer s.Close()
	c := newClient(t, "127.0.0.1")
	get := func(path, mode string) (*effect.FetchResponse, string, error) {
		return fetch(t, c, effect.FetchRequest{URL: s.URL + path, Redirect: mode})
	}
	resp, body, err := get("/3", "follow")
	if err != nil || !resp.Redirected || resp.URL != s.URL+"/0/302" || !strings.HasPrefix(body, "GET ") {
		t.Errorf("follow: %+v, %q, %v", resp, body, err)
	}
	if resp, _, err = get("/3", "manual"); err != nil || resp.Status != 302 || resp.Redirected || resp.URL != s.URL+"/3" {
		t.Errorf("manual: %+v, %v", resp, err)
	}
	if _, _, err = get("/3", "error"); !errors.Is(err, errRedirect) {
		t.Errorf("error: %v", err)
	}
	if resp, _, err = get("/0", "error"); err != nil || resp.Redirected {
		t.Errorf("error without a redirect: %+v, %v", resp, err)
	}
	if _, _, err = get("/20", ""); err != nil {
		t.Errorf("20 redirects: %v", err)
	}
	if _, _, err = get("/21", ""); err == nil || err.Error() != "it redirects more than 20 times" {
		t.Errorf("21 redirects: %v", err)
	}
	for _, to := range []string{"ftp://h/", "file:///etc/passwd", "http://", "javascript:1", "http://[bad/"} {
		if _, _, err = get("/1?to="+to, ""); err == nil || !strings.HasPrefix(err.Error(), "it redirects to a place that cannot be asked") {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

func TestFiveRedirectsOfCode(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(hop))
	defer s.Close()
	c := newClient(t, "127.0.0.1")
	for path, ok := range map[string]bool{"/5": true, "/6": false, "/1?to=/1%3Fto%3D/1": true} {
		req, _ := http.NewRequest("GET", s.URL+path, nil)
		resp, err := c.Do(req, 5)
		if ok != (err == nil) {
			t.Errorf("%s: %v", path, err)
		}
		if err == nil {
			resp.Body.Close()
		}
	}
}

func TestRedirectInsideIsRefused(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
	defer inside.Close()
	out := httptest.NewServer(http.HandlerFunc(hop))
	defer out.Close()
	c := newClient(t, "127.0.0.1")
	to := strings.Replace(inside.URL, "127.0.0.1", "127.0.0.2", 1)
	_, _, err := fetch(t, c, effect.FetchRequest{URL: out.URL + "/1?to=" + to})
	var refused *Refused
	if !errors.As(err, &refused) || refused.Addr.String() != "127.0.0.2" {
		t.Error(err)
	}
}

func TestRedirectKeepsAndDropsMethodAndBody(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(hop))
	defer s.Close()
	c := newClient(t, "127.0.0.1")
	for status, want := range map[int]string{302: "GET  ", 303: "GET  ", 307: "POST data ", 308: "POST data "} {
		_, body, err := fetch(t, c, effect.FetchRequest{Method: "POST", URL: fmt.Sprintf("%s/2/%d", s.URL, status), Body: []byte("data"),
			Header: effect.Header{{"Content-Type", "text/x"}}})
		if err != nil || !strings.HasPrefix(body, want) || strings.Contains(body, "type=text/x") != (want[0] == 'P') {
			t.Errorf("%d: %q, %v", status, body, err)
		}
	}
}

// Another port of the same host is another origin, and so gets no credentials; a
// way back does not give them back.
func TestCredentialsStayAtTheirOrigin(t *testing.T) {
	a, b := httptest.NewServer(http.HandlerFunc(hop)), httptest.NewServer(http.HandlerFunc(hop))
	defer a.Close()
	defer b.Close()
	c := newClient(t, "127.0.0.1")
	header := effect.Header{{"Authorization", "Bearer hush"}, {"Cookie", "s=hush"}}
	for _, x := range []struct {
		path string
		kept bool
	}{
		{"/2", true},
		{"/1?to=" + b.URL + "/0", false},
		{"/1?to=" + b.URL + "/1?to=" + a.URL + "/0", false},
	} {
		_, body, err := fetch(t, c, effect.FetchRequest{URL: a.URL + x.path, Header: header})
		if err != nil || strings.Contains(body, "auth=Bearer hush cookie=s=hush") != x.kept || strings.Contains(body, "hush") != x.kept || !strings.Contains(body, "referer= ") {
			t.Errorf("%s: %q, %v", x.path, body, err)
		}
	}
	_, body, err := fetch(t, c, effect.FetchRequest{URL: a.URL + "/1", Header: effect.Header{{"Referer", "http://own.example/"}}})
	if err != nil || !strings.Contains(body, "referer=http://own.example/ ") {
		t.Errorf("%q, %v", body, err)
	}
}
