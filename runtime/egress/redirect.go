package egress

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// errRedirect is the reason when a redirect was not wanted.
var errRedirect = problem("the answer is a redirect, and redirects are not followed here")

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return problem(fmt.Sprintf("the scheme %q is not http or https", u.Scheme))
	case u.Hostname() == "":
		return problem("the URL has no host")
	}
	return nil
}

// redirect decides about a redirect, and prepares the request that follows it.
func redirect(next *http.Request, via []*http.Request, most int) error {
	switch {
	case most < 0:
		return http.ErrUseLastResponse
	case most == 0:
		return errRedirect
	case len(via) > most:
		return problem(fmt.Sprintf("it redirects more than %d times", most))
	}
	if err := checkURL(next.URL); err != nil {
		return problem("it redirects to a place that cannot be asked: " + err.Error())
	}
	// The address of one server, which may hold a key, is not for the next one.
	if via[0].Header.Get("Referer") == "" {
		next.Header.Del("Referer")
	}
	if leavesOrigin(next, via) {
		for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Cookie2"} {
			next.Header.Del(name)
		}
	}
	return nil
}

// leavesOrigin reports whether a chain of redirects ever went to another origin:
// credentials that were dropped on the way stay dropped (Fetch standard,
// HTTP-redirect fetch). The http package drops them only for another domain.
func leavesOrigin(next *http.Request, via []*http.Request) bool {
	first := origin(via[0].URL)
	for _, r := range via[1:] {
		if origin(r.URL) != first {
			return true
		}
	}
	return origin(next.URL) != first
}

// origin is a URL's scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
