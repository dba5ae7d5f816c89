package code

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wthost/wt/runtime/webtask"
)

// The limits of a fetch.
const (
	MaxSize      = 10 << 20 // bytes of code
	maxRedirects = 5
)

// answer is what a URL said.
type answer struct {
	notModified   bool
	text          string
	etag, lastMod string
	fresh         time.Duration // granted by the server
}

// request asks the URL, conditionally if its code is known. Its errors are
// *webtask.Error of code BadGateway. They do not name the URL: those who call the
// task read them, and who knows the URL of code may be allowed to read the code.
func (f *Fetcher) request(ctx context.Context, e *entry) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return nil, failed(errors.New("the URL is not valid")) // Check has let it pass
	}
	req.Header.Set("Accept", "application/javascript, text/javascript, text/plain, */*;q=0.5")
	req.Header.Set("User-Agent", "wt")
	e.mu.Lock()
	known := e.source != nil
	if known && e.etag != "" {
		req.Header.Set("If-None-Match", e.etag)
	}
	if known && e.lastMod != "" {
		req.Header.Set("If-Modified-Since", e.lastMod)
	}
	e.mu.Unlock()
	resp, err := f.http.Do(req, maxRedirects)
	if err != nil {
		return nil, failed(err)
	}
	defer resp.Body.Close()
	a := &answer{etag: resp.Header.Get("ETag"), lastMod: resp.Header.Get("Last-Modified"), fresh: freshness(resp.Header, time.Now())}
	if resp.StatusCode == http.StatusNotModified && known {
		a.notModified = true
		return a, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, failed(fmt.Errorf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	}
	a.text, err = read(resp)
	return a, err
}

// read reads the code and refuses what is none.
func read(resp *http.Response) (string, error) {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind == "text/html" || kind == "application/xhtml+xml" {
		return "", isPage()
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxSize+1))
	switch {
	case err != nil:
		return "", failed(err)
	case len(body) > MaxSize:
		return "", failed(fmt.Errorf("it is larger than %d bytes", MaxSize))
	case !utf8.Valid(body):
		return "", failed(errors.New("it is not UTF-8 text"))
	case pageStart.Match(body):
		return "", isPage()
	}
	return string(body), nil
}

// pageStart is how a page begins, whatever its server says it is.
var pageStart = regexp.MustCompile(`(?i)^(\x{feff})?\s*<(!doctype\s+html|html)\b`)

func isPage() error {
	return failed(errors.New("it answers an HTML page, not code")).WithHint("use the URL of the raw file")
}

func failed(err error) *webtask.Error {
	e := webtask.Errorf(webtask.BadGateway, "the task's code URL fails: %s", kind(err))
	e.Err = err
	return e
}

// kind is what went wrong, without names and addresses.
func kind(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var refused interface{ Refused() bool }
	switch {
	case errors.As(err, &refused):
		return "its address is not allowed (the operator can allow it with --allow-egress)"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host of its name"
	case errors.As(err, &dns):
		return "the name of its host could not be looked up"
	case errors.As(err, &cert):
		return "its certificate is not accepted"
	}
	return err.Error()
}

// maxURL is the longest URL, in bytes, that code is fetched from.
const maxURL = 4096

// Check reports why no code can be fetched from a URL, or nil. It does not repeat
// the URL, which may hold a key.
func Check(s string) error {
	if len(s) > maxURL {
		return webtask.Errorf(webtask.BadRequest, "the URL of the code has %d bytes, at most %d are allowed", len(s), maxURL)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return webtask.Errorf(webtask.BadRequest, "the URL of the code must be a http or https address")
	}
	return nil
}

// short is a URL as it may be shown: without user, query and fragment, which may
// hold credentials.
func short(u string) string {
	u, _, _ = strings.Cut(u, "#")
	u, _, _ = strings.Cut(u, "?")
	if scheme, rest, ok := strings.Cut(u, "://"); ok {
		if at := strings.LastIndex(strings.SplitN(rest, "/", 2)[0], "@"); at >= 0 {
			rest = rest[at+1:]
		}
		return scheme + "://" + rest
	}
	return u
}
