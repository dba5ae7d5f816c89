// Package code is where a task's code comes from when it lives at a URL: fetched,
// kept, and revalidated so that an edit there is live within a second while a
// busy task costs about one conditional request a second (RFC 9111). It must not
// know tasks, tokens or JavaScript: text is text.
package code

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// The times that govern freshness.
const (
	// MinFresh is how long an answer is used without asking again. It is under the
	// second that a change may take.
	MinFresh = 900 * time.Millisecond
	// MaxFresh caps the freshness that a server grants by Cache-Control.
	MaxFresh = 60 * time.Second
	// MaxStale is how long the last good code runs while its URL fails.
	MaxStale = 24 * time.Hour
	// fetchTimeout bounds one fetch.
	fetchTimeout = 15 * time.Second
	// maxEntries is how many URLs are remembered.
	maxEntries = 10_000
)

// Doer sends a request; egress.Client is one.
type Doer interface {
	Do(req *http.Request, maxRedirects int) (*http.Response, error)
}

// Keeper keeps the last good code across restarts; webtask.Store is one.
type Keeper interface {
	PutFetched(ctx context.Context, f webtask.Fetched) error
	Fetched(ctx context.Context, url string) (webtask.Fetched, error)
}

// Source is code as it was found at a URL. Its address identifies the version:
// the same text gives the same pointer.
type Source struct {
	URL    string
	Text   string
	SHA256 string // lower-case hex
}

// Fetcher gets code from URLs.
type Fetcher struct {
	http Doer
	keep Keeper
	log  *slog.Logger
	now  func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
}

// New makes a fetcher. keep may be nil.
func New(http Doer, keep Keeper, log *slog.Logger) *Fetcher {
	return &Fetcher{http: http, keep: keep, log: log, now: time.Now, entries: map[string]*entry{}}
}

// entry is what is known of a URL.
type entry struct {
	url string

	mu      sync.Mutex
	source  *Source
	etag    string
	lastMod string
	checked time.Time     // when the source was last known to be current
	fresh   time.Time     // until when it is used without asking
	failing error         // why the last attempt failed; nil when it did not
	flight  chan struct{} // closed when the request under way has ended; nil if none is
}

// Get gives the code at a URL. When the URL fails and code from it is known, that
// code is given, and stale says why it may be old. Concurrent calls share one
// request.
func (f *Fetcher) Get(ctx context.Context, url string) (src *Source, stale error, err error) {
	e := f.entry(url)
	for {
		e.mu.Lock()
		now := f.now()
		if now.Before(e.fresh) {
			defer e.mu.Unlock()
			return e.result(now)
		}
		wait := e.flight
		if wait == nil {
			wait = make(chan struct{})
			e.flight = wait
			// The request belongs to all who wait: one caller's end is not its end.
			go f.refresh(context.WithoutCancel(ctx), e, wait)
		}
		e.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// result is what the entry has to say. With e.mu held.
func (e *entry) result(now time.Time) (*Source, error, error) {
	switch {
	case e.failing == nil:
		return e.source, nil, nil
	case e.source != nil && now.Sub(e.checked) < MaxStale:
		return e.source, e.failing, nil
	}
	return nil, nil, e.failing
}

// Forget makes the next Get ask the URL, whatever freshness it granted.
func (f *Fetcher) Forget(url string) {
	e := f.entry(url)
	e.mu.Lock()
	e.fresh = time.Time{}
	e.mu.Unlock()
}

func (f *Fetcher) entry(url string) *entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.entries[url]
	if !ok {
		if len(f.entries) >= maxEntries {
			f.evict()
		}
		e = &entry{url: url}
		f.entries[url] = e
	}
	return e
}

// evict drops a tenth of the entries: those that were current longest ago, as far
// as a sample shows. With f.mu held.
func (f *Fetcher) evict() {
	n := 0
	for url, e := range f.entries {
		e.mu.Lock()
		busy := e.flight != nil || f.now().Before(e.fresh)
		e.mu.Unlock()
		if !busy {
			delete(f.entries, url)
			if n++; n >= maxEntries/10 {
				return
			}
		}
	}
}

// refresh asks the URL and notes what it says.
func (f *Fetcher) refresh(ctx context.Context, e *entry, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	f.recall(ctx, e)
	a, err := f.request(ctx, e)
	e.mu.Lock()
	now := f.now()
	changed := f.note(e, a, err, now)
	kept := webtask.Fetched{URL: e.url, ETag: e.etag, LastModified: e.lastMod, At: e.checked}
	if e.source != nil {
		kept.Source = e.source.Text
	}
	e.flight = nil
	close(done)
	e.mu.Unlock()
	if changed && f.keep != nil {
		if err := f.keep.PutFetched(ctx, kept); err != nil {
			f.log.Error("code from a URL could not be kept", "url", e.url, "error", err)
		}
	}
}

// note takes an answer in. It reports whether there is something new to keep.
func (f *Fetcher) note(e *entry, a *answer, err error, now time.Time) (changed bool) {
	e.fresh = now.Add(MinFresh)
	if err != nil {
		if e.failing == nil && e.source != nil {
			f.log.Warn("the code's URL fails; the last good code runs", "url", e.url, "error", err)
		}
		e.failing = err
		return false
	}
	if e.failing != nil && e.source != nil {
		f.log.Info("the code's URL works again", "url", e.url)
	}
	e.failing, e.checked = nil, now
	e.fresh = now.Add(min(max(a.fresh, MinFresh), MaxFresh))
	if a.notModified {
		return false
	}
	e.etag, e.lastMod = a.etag, a.lastMod
	if e.source != nil && e.source.Text == a.text {
		return false
	}
	e.source = newSource(e.url, a.text)
	return true
}

// recall takes up what was kept of the URL before this process started.
func (f *Fetcher) recall(ctx context.Context, e *entry) {
	e.mu.Lock()
	known := e.source != nil || !e.fresh.IsZero()
	e.mu.Unlock()
	if known || f.keep == nil {
		return
	}
	k, err := f.keep.Fetched(ctx, e.url)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.source, e.etag, e.lastMod, e.checked = newSource(e.url, k.Source), k.ETag, k.LastModified, k.At
}

func newSource(url, text string) *Source {
	sum := sha256.Sum256([]byte(text))
	return &Source{URL: url, Text: text, SHA256: hex.EncodeToString(sum[:])}
}
