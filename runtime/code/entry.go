package code

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// Source is code as it was found at a URL.
type Source struct {
	URL    string
	Text   string
	SHA256 string // lower-case hex
}

func newSource(url, text string) *Source {
	sum := sha256.Sum256([]byte(text))
	return &Source{URL: url, Text: text, SHA256: hex.EncodeToString(sum[:])}
}

// Same reports whether both are the same text; nil is the same as nil only.
func (s *Source) Same(t *Source) bool {
	return s == t || s != nil && t != nil && s.SHA256 == t.SHA256
}

// flight is a request under way.
type flight struct {
	began time.Time
	done  chan struct{} // closed when it has ended
}

// entry is what is known of a URL.
type entry struct {
	url string

	mu      sync.Mutex
	source  *Source
	etag    string
	lastMod string
	asked   time.Time // when the last good answer was asked for
	checked time.Time // when the source was last known to be current
	fresh   time.Time // until when it is used without waiting
	soon    time.Time // from when on it is asked for
	failing error     // why the last attempt failed; nil when it did not
	flight  *flight   // the request under way; nil if none is

	good     *Source   // the last source that was found good
	goodAt   time.Time // when it was last the current one
	kept     *Source   // what the Keeper has
	keptAt   time.Time // and since when
	recalled bool      // the Keeper was asked

	used    time.Time
	dropped bool // it is no longer among the fetcher's entries
}

// wait waits for a request, but not for long when there is code to go on with.
func (e *entry) wait(ctx context.Context, fl *flight) (src *Source, stale, err error) {
	enough := time.NewTimer(time.Until(fl.began.Add(patience)))
	defer enough.Stop()
	for {
		select {
		case <-fl.done:
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.result(time.Now())
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-enough.C:
			e.mu.Lock()
			src, usable := e.source, e.usable(time.Now())
			e.mu.Unlock()
			if usable {
				return src, errSlow, nil
			}
		}
	}
}

var errSlow = webtask.Errorf(webtask.BadGateway, "the task's code URL takes long to answer")

func (e *entry) usable(now time.Time) bool { return e.source != nil && now.Sub(e.checked) < MaxStale }

// result is what the entry has to say. With e.mu held.
func (e *entry) result(now time.Time) (src *Source, stale, err error) {
	switch {
	case e.failing == nil:
		return e.source, nil, nil
	case e.usable(now):
		return e.source, e.failing, nil
	}
	return nil, nil, e.failing
}

// note takes in what a request brought. It gives by how much the entry grew. With
// e.mu held.
func (e *entry) note(a *answer, err error, began, now time.Time) int64 {
	if err != nil {
		e.failing = err
		e.fresh = now.Add(MinFresh)
		e.soon = e.fresh
		return 0
	}
	e.failing, e.asked, e.checked = nil, began, now
	e.fresh = began.Add(min(max(a.fresh, MinFresh), MaxFresh))
	e.soon = e.fresh.Add(-ahead)
	var grown int64
	if !a.notModified {
		e.etag, e.lastMod = a.etag, a.lastMod
		if e.source == nil || e.source.Text != a.text {
			grown = e.setSource(newSource(e.url, a.text))
		}
	}
	if e.good != nil && e.good.Same(e.source) {
		e.goodAt = now
	}
	return grown
}

// setSource gives by how much the entry grew. With e.mu held.
func (e *entry) setSource(s *Source) int64 {
	grown := int64(len(s.Text))
	if e.source != nil {
		grown -= int64(len(e.source.Text))
	}
	e.source = s
	if e.dropped {
		return 0
	}
	return grown
}

// toKeep is what the Keeper should get, or nil. With e.mu held.
func (e *entry) toKeep(now time.Time) *webtask.Fetched {
	if e.good == nil || !e.good.Same(e.source) || e.good.Same(e.kept) && now.Sub(e.keptAt) < keepEvery || e.failing != nil {
		return nil
	}
	e.kept, e.keptAt = e.good, now
	return &webtask.Fetched{URL: e.url, Source: e.good.Text, ETag: e.etag, LastModified: e.lastMod, At: e.goodAt}
}
