package client

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// NewTransport is a transport of its own that goes through the proxy named by
// http_proxy or HTTP_PROXY (for https addresses https_proxy or HTTPS_PROXY come
// first), except to loopback hosts and those in no_proxy.
func NewTransport(getenv func(string) string) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxyFor(r.URL, getenv) }
	return t
}

func proxyFor(u *url.URL, getenv func(string) string) (*url.URL, error) {
	if isLoopback(u.Hostname()) || excluded(u.Hostname(), firstOf(getenv, "no_proxy", "NO_PROXY")) {
		return nil, nil
	}
	names := []string{"http_proxy", "HTTP_PROXY"}
	if u.Scheme == "https" {
		names = append([]string{"https_proxy", "HTTPS_PROXY"}, names...)
	}
	proxy := firstOf(getenv, names...)
	if proxy == "" {
		return nil, nil
	}
	if !strings.Contains(proxy, "://") {
		proxy = "http://" + proxy
	}
	return url.Parse(proxy)
}

func firstOf(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}

// excluded reports whether a comma-separated list names host, a domain above
// it, or everything.
func excluded(host, list string) bool {
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimPrefix(strings.TrimSpace(entry), ".")
		if entry == "*" || entry != "" && (host == entry || strings.HasSuffix(host, "."+entry)) {
			return true
		}
	}
	return false
}
