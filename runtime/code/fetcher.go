// Package code is where a task's code comes from when it lives at a URL: fetched,
// kept, and revalidated so that an edit there is live within a second while a
// busy task costs about one conditional request a second (RFC 9111). It must not
// know tasks, tokens or JavaScript: text is text.
package code

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The times that govern freshness.
const (
	// MinFresh is how long an answer is used without asking again, from when it was
	// asked for. It is under the second that a change may take.
	MinFresh = 900 * time.Millisecond
	// MaxFresh caps the freshness that a server grants by Cache-Control.
	MaxFresh = 60 * time.Second
	// MaxStale is how long the last good code runs while its URL fails.
	MaxStale = 24 * time.Hour

	// ahead is how long before an answer's end a busy URL is asked again, so that
	// nobody waits for a server that answers faster.
	ahead = 150 * time.Millisecond
	// patience is how long callers wait for a URL whose code is known.
	patience = 2 * time.Second
	// fetchTimeout bounds one fetch, keepTimeout one write of the Keeper.
	fetchTimeout = 15 * time.Second
	keepTimeout  = 5 * time.Second
	// keepEvery is how often the time of kept code is brought up to date.
	keepEvery = time.Hour
)

// Doer sends a request; egress.Client is one. Its errors are worded for users.
type Doer interface {
	Do(req *http.Request, maxRedirects int) (*http.Response, error)
}

// Fetcher gets code from URLs.
type Fetcher struct {
	http Doer
	keep Keeper
	log  *slog.Logger

	mu         sync.Mutex
	entries    map[string]*entry
	maxEntries int
	maxBytes   int64
	bytes      atomic.Int64 // of the code in entries
}

// New makes a fetcher. keep may be nil.
func New(http Doer, keep Keeper, log *slog.Logger) *Fetcher {
	return &Fetcher{http: http, keep: keep, log: log, entries: map[string]*entry{}, maxEntries: 10_000, maxBytes: 256 << 20}
}

// Get gives the code at a URL. When the URL fails, or is very slow, and code from
// it is known, that code is given, and stale says why it may be old. Concurrent
// calls share one request. Its errors are *webtask.Error, or ctx's.
func (f *Fetcher) Get(ctx context.Context, url string) (src *Source, stale error, err error) {
	e := f.entry(url)
	if e == nil {
		return nil, nil, Check(url)
	}
	e.mu.Lock()
	now := time.Now()
	e.used = now
	fl := e.flight
	if fl == nil && !now.Before(e.soon) {
		fl = &flight{began: now, done: make(chan struct{})}
		e.flight = fl
		// The request belongs to all who wait: one caller's end is not its end.
		go f.refresh(context.WithoutCancel(ctx), e, fl)
	}
	if now.Before(e.fresh) {
		defer e.mu.Unlock()
		return e.result(now)
	}
	e.mu.Unlock()
	return e.wait(ctx, fl)
}

// Forget makes the next Get ask the URL, whatever freshness it granted, if it was
// not asked within the last second.
func (f *Fetcher) Forget(url string) {
	e := f.entry(url)
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if least := e.asked.Add(MinFresh); e.failing == nil && e.fresh.After(least) {
		e.fresh, e.soon = least, least
	}
}

// refresh asks the URL and notes what it says.
func (f *Fetcher) refresh(ctx context.Context, e *entry, fl *flight) {
	asking, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	f.recall(asking, e)
	a, err := f.request(asking, e)
	e.mu.Lock()
	was := e.failing
	f.bytes.Add(e.note(a, err, fl.began, time.Now()))
	f.report(e, was)
	kept := e.toKeep(time.Now())
	e.flight = nil
	close(fl.done)
	e.mu.Unlock()
	if f.bytes.Load() > f.maxBytes {
		f.mu.Lock()
		f.evict()
		f.mu.Unlock()
	}
	f.put(kept)
}

// report logs when a URL begins to fail, and when it works again. With e.mu held.
func (f *Fetcher) report(e *entry, was error) {
	var cause any
	if e.failing != nil {
		cause = cmp.Or(errors.Unwrap(e.failing), e.failing) // it may name the host, which its wrapper does not
	}
	switch {
	case e.failing != nil && was == nil && e.source == nil:
		f.log.Warn("the code's URL fails", "url", short(e.url), "error", cause)
	case e.failing != nil && was == nil:
		f.log.Warn("the code's URL fails; the last good code runs", "url", short(e.url), "error", cause)
	case e.failing == nil && was != nil:
		f.log.Info("the code's URL works again", "url", short(e.url))
	}
}
