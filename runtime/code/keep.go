package code

import (
	"context"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// Keeper keeps the last good code across restarts; webtask.Store is one.
type Keeper interface {
	PutFetched(ctx context.Context, f webtask.Fetched) error
	Fetched(ctx context.Context, url string) (webtask.Fetched, error)
}

// Good says that the code is usable: it is what is kept, and what LastGood gives
// when something else is found at the URL that is not.
func (f *Fetcher) Good(src *Source) {
	e := f.entry(src.URL)
	e.mu.Lock()
	if !src.Same(e.source) {
		e.mu.Unlock()
		return
	}
	e.good, e.goodAt = e.source, e.checked
	kept := e.toKeep(time.Now())
	e.mu.Unlock()
	f.put(kept)
}

// LastGood gives the code that was good before src was found at its URL, if it is
// known and not too old; else nil.
func (f *Fetcher) LastGood(src *Source) *Source {
	e := f.entry(src.URL)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.good == nil || e.good.Same(src) || time.Since(e.goodAt) >= MaxStale {
		return nil
	}
	return e.good
}

// recall takes up what was kept of the URL before this process started.
func (f *Fetcher) recall(ctx context.Context, e *entry) {
	e.mu.Lock()
	known := e.recalled || f.keep == nil
	e.recalled = true
	e.mu.Unlock()
	if known {
		return
	}
	k, err := f.keep.Fetched(ctx, e.url)
	if err != nil {
		if webtask.CodeOf(err) != webtask.NotFound {
			f.log.Error("kept code could not be read", "url", short(e.url), "error", err)
		}
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f.bytes.Add(e.setSource(newSource(e.url, k.Source)))
	e.etag, e.lastMod, e.checked = k.ETag, k.LastModified, k.At
	e.good, e.goodAt, e.kept, e.keptAt = e.source, k.At, e.source, k.At
}

func (f *Fetcher) put(k *webtask.Fetched) {
	if k == nil || f.keep == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	if err := f.keep.PutFetched(ctx, *k); err != nil {
		f.log.Error("code from a URL could not be kept", "url", short(k.URL), "error", err)
	}
}
