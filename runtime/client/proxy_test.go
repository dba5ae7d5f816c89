package client

import (
	"net/url"
	"testing"
)

func TestProxy(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		target string
		env    map[string]string
		want   string
	}{
		{"http://example.org", map[string]string{"http_proxy": "http://p:1"}, "http://p:1"},
		{"https://example.org", map[string]string{"HTTP_PROXY": "p:1"}, "http://p:1"},
		{"https://example.org", map[string]string{"http_proxy": "http://p:1", "https_proxy": "http://s:1"}, "http://s:1"},
		{"http://example.org", map[string]string{"https_proxy": "http://s:1"}, ""},
		{"http://127.0.0.1:80", map[string]string{"http_proxy": "http://p:1"}, ""},
		{"http://[::1]:80", map[string]string{"http_proxy": "http://p:1"}, ""},
		{"http://localhost:80", map[string]string{"http_proxy": "http://p:1"}, ""},
		{"http://a.example.org", map[string]string{"http_proxy": "http://p:1", "no_proxy": "x, .example.org"}, ""},
		{"http://a.example.org", map[string]string{"http_proxy": "http://p:1", "NO_PROXY": "*"}, ""},
		{"http://notexample.org", map[string]string{"http_proxy": "http://p:1", "no_proxy": "example.org"}, "http://p:1"},
	} {
		u, err := url.Parse(x.target)
		if err != nil {
			t.Fatal(err)
		}
		got, err := proxyFor(u, func(k string) string { return x.env[k] })
		text := ""
		if got != nil {
			text = got.String()
		}
		if err != nil || text != x.want {
			t.Errorf("%s with %v: %q %v, want %q", x.target, x.env, text, err, x.want)
		}
	}
}
