package code

import (
	"cmp"
	"slices"
	"time"
)

// entry gives what is known of a URL; nil if Check does not let it pass.
func (f *Fetcher) entry(url string) *entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.entries[url]
	if !ok {
		if Check(url) != nil {
			return nil
		}
		if len(f.entries) >= f.maxEntries {
			f.evict()
		}
		e = &entry{url: url, used: time.Now()}
		f.entries[url] = e
	}
	return e
}

// evict drops the entries that were used longest ago, until a tenth of the room is
// free. Who waits for one that is dropped gets its answer. With f.mu held.
func (f *Fetcher) evict() {
	type use struct {
		e  *entry
		at time.Time
	}
	uses := make([]use, 0, len(f.entries))
	for _, e := range f.entries {
		e.mu.Lock()
		uses = append(uses, use{e, e.used})
		e.mu.Unlock()
	}
	slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, u := range uses {
		if len(f.entries) <= f.maxEntries*9/10 && f.bytes.Load() <= f.maxBytes*9/10 {
			return
		}
		delete(f.entries, u.e.url)
		u.e.mu.Lock()
		u.e.dropped = true
		if u.e.source != nil {
			f.bytes.Add(-int64(len(u.e.source.Text)))
		}
		u.e.mu.Unlock()
	}
}
