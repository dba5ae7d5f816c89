package code

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

func TestKeptAcrossRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		s := &site{text: "one", etag: `"1"`, lastMod: "Mon, 01 Jan 2024 00:00:00 GMT"}
		f, _ := newFetcher(s, k)
		f.Good(get(t, f, "one", false))
		if k.kept[at].Source != "one" {
			t.Fatalf("kept: %+v", k.kept)
		}
		f, _ = newFetcher(s, k)
		get(t, f, "one", false)
		if s.notModified != 1 || len(s.ifModifiedAt) != 1 || s.ifModifiedAt[0] != s.lastMod {
			t.Errorf("after a restart the request was not conditional: %d, %v", s.notModified, s.ifModifiedAt)
		}
		s.set(func(s *site) { s.status = 503 })
		f, log := newFetcher(s, k)
		get(t, f, "one", true)
		if !strings.Contains(log.String(), "the last good code runs") {
			t.Errorf("log: %s", log)
		}
	})
}

// The day counts from when the code was last current, not from when it was new.
func TestKeptCodeThatLongDidNotChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		s := &site{text: "one", etag: `"1"`}
		f, _ := newFetcher(s, k)
		f.Good(get(t, f, "one", false))
		for range 72 {
			time.Sleep(time.Hour)
			get(t, f, "one", false)
		}
		synctest.Wait()
		if k.puts > 73 {
			t.Errorf("%d writes in three days", k.puts)
		}
		s.set(func(s *site) { s.status = 503 })
		f, _ = newFetcher(s, k)
		time.Sleep(22 * time.Hour)
		get(t, f, "one", true)
		time.Sleep(3 * time.Hour)
		if _, _, err := f.Get(t.Context(), at); webtask.CodeOf(err) != webtask.BadGateway {
			t.Errorf("after more than a day: %v", err)
		}
	})
}

// What was not found good is not kept, and what was is there to go back to.
func TestBadCodeDoesNotReplaceGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		s := &site{text: "good"}
		f, _ := newFetcher(s, k)
		f.Good(get(t, f, "good", false))
		s.set(func(s *site) { s.text = "bad" })
		time.Sleep(time.Second)
		bad := get(t, f, "bad", false)
		for range 2 {
			if good := f.LastGood(bad); good == nil || good.Text != "good" || k.kept[at].Source != "good" {
				t.Fatalf("last good is %v, kept %v", good, k.kept[at])
			}
			f, _ = newFetcher(s, k) // the same after a restart
			bad = get(t, f, "bad", false)
		}
		time.Sleep(MaxStale)
		if good := f.LastGood(bad); good != nil {
			t.Errorf("after a day: %v", good)
		}
		f.Good(bad)
		if k.kept[at].Source != "bad" || f.LastGood(bad) != nil {
			t.Errorf("kept %v", k.kept[at])
		}
		f.Good(newSource(at, "elsewhere"))
		if k.kept[at].Source != "bad" {
			t.Errorf("code that is no longer there was kept")
		}
	})
}

func TestEntriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: strings.Repeat("x", 1000), header: http.Header{"Cache-Control": {"max-age=60"}}}
		f, _ := newFetcher(s, nil)
		f.maxEntries, f.maxBytes = 50, 20_000
		get := func(n int) {
			if _, _, err := f.Get(t.Context(), fmt.Sprintf("http://h/%d", n)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		for n := range 200 {
			get(n)
			get(0) // this one is used
			if len(f.entries) > 50 || f.bytes.Load() > 20_000 {
				t.Fatalf("%d entries, %d bytes", len(f.entries), f.bytes.Load())
			}
		}
		if s.count() != 200 {
			t.Errorf("%d requests: what is used was dropped", s.count())
		}
		s.set(func(s *site) { s.text = "" })
		for n := range 200 {
			get(1000 + n)
			if len(f.entries) > 50 {
				t.Fatalf("%d entries", len(f.entries))
			}
		}
	})
}

func TestFreshness(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"Cache-Control: max-age=30", 30 * time.Second},
		{"Cache-Control: Max-Age=\"30\"", 30 * time.Second},
		{"Cache-Control: public, max-age=30|Age: 10", 20 * time.Second},
		{"Cache-Control: max-age=30|Age: 40", 0},
		{"Cache-Control: max-age=30|Age: 99999999999999999999", 0},
		{"Cache-Control: max-age=30|Age: -5", 30 * time.Second},
		{"Cache-Control: max-age=60, s-maxage=5", 5 * time.Second},
		{"Cache-Control: max-age=60, s-maxage=0", 0},
		{"Cache-Control: max-age=0|Expires: " + in(time.Hour), 0},
		{"Cache-Control: max-age=x|Expires: " + in(time.Hour), 0},
		{"Cache-Control: max-age=-1", 0},
		{"Cache-Control: max-age=10, max-age=50", 10 * time.Second},
		{"Cache-Control: no-store, max-age=30", 0},
		{"Cache-Control: max-age=30|Cache-Control: no-cache", 0},
		{"Cache-Control: no-cache=\"Set-Cookie, X\", max-age=30", 0},
		{"Cache-Control: private, max-age=30", 0},
		{"Expires: " + in(40*time.Second), 40 * time.Second},
		{"Expires: " + in(40*time.Second) + "|Date: " + in(10*time.Second), 30 * time.Second},
		{"Expires: " + in(-time.Hour), 0},
		{"Expires: 0", 0},
	} {
		h := http.Header{}
		for line := range strings.SplitSeq(c.header, "|") {
			if k, v, ok := strings.Cut(line, ": "); ok {
				h.Add(k, v)
			}
		}
		if got := freshness(h, now); got != c.want {
			t.Errorf("%s: %v, want %v", c.header, got, c.want)
		}
	}
	if d := freshness(http.Header{"Cache-Control": {"max-age=99999999999999999999"}}, now); d < MaxFresh {
		t.Errorf("a very large max-age gives %v", d)
	}
}

func TestGrantedFreshnessIsCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", header: http.Header{"Cache-Control": {"max-age=86400"}}}
		f, _ := newFetcher(s, nil)
		get(t, f, "one", false)
		s.set(func(s *site) { s.text = "two" })
		time.Sleep(59 * time.Second)
		get(t, f, "one", false)
		time.Sleep(time.Second)
		get(t, f, "two", false)
		if s.count() != 2 {
			t.Errorf("%d requests", s.count())
		}
	})
}
