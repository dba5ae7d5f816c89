package code

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
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
// *webtask.Error of code BadGateway, and name the URL without its query.
func (f *Fetcher) request(ctx context.Context, e *entry) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return nil, webtask.Errorf(webtask.BadRequest, "the code URL cannot be read: %w", err)
	}
	req.Header.Set("Accept", "application/javascript, text/javascript, text/plain, */*;q=0.5")
	req.Header.Set("User-Agent", "wt")
	e.mu.Lock()
	if e.source != nil {
		if e.etag != "" {
			req.Header.Set("If-None-Match", e.etag)
		}
		if e.lastMod != "" {
			req.Header.Set("If-Modified-Since", e.lastMod)
		}
	}
	known := e.source != nil
	e.mu.Unlock()
	resp, err := f.http.Do(req, maxRedirects)
	if err != nil {
		return nil, failed(e.url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && known {
		return &answer{notModified: true, fresh: freshness(resp.Header)}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, webtask.Errorf(webtask.BadGateway, "the code at %s could not be fetched: it answers %s", short(e.url), resp.Status)
	}
	text, err := read(e.url, resp)
	if err != nil {
		return nil, err
	}
	return &answer{text: text, etag: resp.Header.Get("ETag"), lastMod: resp.Header.Get("Last-Modified"), fresh: freshness(resp.Header)}, nil
}

// read reads the code and refuses what is none.
func read(url string, resp *http.Response) (string, error) {
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" || kind == "application/xhtml+xml" {
		return "", webtask.Errorf(webtask.BadGateway, "the URL %s answers an HTML page, not code", short(url)).
			WithHint("use the URL of the raw file")
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxSize+1))
	switch {
	case err != nil:
		return "", failed(url, err)
	case len(body) > MaxSize:
		return "", webtask.Errorf(webtask.BadGateway, "the code at %s is larger than %d bytes", short(url), MaxSize)
	case !utf8.Valid(body):
		return "", webtask.Errorf(webtask.BadGateway, "what %s answers is not UTF-8 text", short(url))
	}
	return string(body), nil
}

func failed(url string, err error) *webtask.Error {
	return webtask.Errorf(webtask.BadGateway, "the code at %s could not be fetched: %w", short(url), err)
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

// freshness is how long the server lets its answer be used (RFC 9111, section
// 4.2.1), as far as this cache, which is shared, cares.
func freshness(h http.Header) time.Duration {
	directives := map[string]string{}
	for _, line := range h.Values("Cache-Control") {
		for d := range strings.SplitSeq(line, ",") {
			k, v, _ := strings.Cut(strings.TrimSpace(d), "=")
			directives[strings.ToLower(k)] = strings.Trim(v, `"`)
		}
	}
	for _, d := range []string{"no-cache", "no-store", "private"} {
		if _, ok := directives[d]; ok {
			return 0
		}
	}
	for _, d := range []string{"s-maxage", "max-age"} {
		if n, err := strconv.Atoi(directives[d]); err == nil && n > 0 {
			age, _ := strconv.Atoi(h.Get("Age"))
			return time.Duration(min(n, 1<<20)-max(age, 0)) * time.Second
		}
	}
	if expires, err := http.ParseTime(h.Get("Expires")); err == nil {
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			return expires.Sub(date)
		}
	}
	return 0
}
