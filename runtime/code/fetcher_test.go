package code

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

const at = "https://code.example/task.js?key=hush"

// site is a web server without a network.
type site struct {
	mu      sync.Mutex
	text    string
	etag    string
	lastMod string
	header  http.Header
	status  int
	err     error
	takes   time.Duration
	hang    bool

	requests     int
	conditional  int
	notModified  int
	ifModifiedAt []string
}

// set changes the site.
func (s *site) set(f func(s *site)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Do implements Doer.
func (s *site) Do(req *http.Request, _ int) (*http.Response, error) {
	s.mu.Lock()
	s.requests++
	takes, hang := s.takes, s.hang
	s.mu.Unlock()
	if hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	select {
	case <-time.After(takes):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	rec := httptest.NewRecorder()
	for k, v := range s.header {
		rec.Header()[k] = v
	}
	if s.etag != "" {
		rec.Header().Set("ETag", s.etag)
	}
	if s.lastMod != "" {
		rec.Header().Set("Last-Modified", s.lastMod)
	}
	if v := req.Header.Get("If-Modified-Since"); v != "" {
		s.ifModifiedAt = append(s.ifModifiedAt, v)
	}
	if match := req.Header.Get("If-None-Match"); match != "" {
		s.conditional++
		if match == s.etag && s.status == 0 {
			s.notModified++
			rec.WriteHeader(http.StatusNotModified)
			return rec.Result(), nil
		}
	}
	if s.status != 0 {
		rec.WriteHeader(s.status)
	}
	_, _ = rec.WriteString(s.text)
	return rec.Result(), nil
}

// keeper is a Keeper in memory.
type keeper struct {
	mu   sync.Mutex
	kept map[string]webtask.Fetched
	puts int
}

func (k *keeper) PutFetched(_ context.Context, f webtask.Fetched) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]webtask.Fetched{}
	}
	k.kept[f.URL] = f
	k.puts++
	return nil
}

func (k *keeper) Fetched(_ context.Context, url string) (webtask.Fetched, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := k.kept[url]
	if !ok {
		return f, webtask.Errorf(webtask.NotFound, "none")
	}
	return f, nil
}

func newFetcher(s Doer, k Keeper) (*Fetcher, *bytes.Buffer) {
	var log bytes.Buffer
	return New(s, k, slog.New(slog.NewTextHandler(&log, nil))), &log
}

// get gets code that must be there, and must be stale or not.
func get(t *testing.T, f *Fetcher, text string, stale bool) *Source {
	t.Helper()
	src, why, err := f.Get(t.Context(), at)
	if err != nil || src.Text != text || (why != nil) != stale {
		t.Fatalf("got %+v, stale %v, error %v; want %q, stale %v", src, why, err, text, stale)
	}
	return src
}

func TestChangeIsLiveWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", etag: `"1"`, takes: 50 * time.Millisecond}
		f, _ := newFetcher(s, nil)
		get(t, f, "one", false)
		for i := range 20 { // the change comes at any time within the interval
			time.Sleep(time.Duration(i) * 47 * time.Millisecond)
			get(t, f, strings.TrimSpace(s.text), false)
			text := fmt.Sprint("version ", i)
			s.set(func(s *site) { s.text, s.etag = text, fmt.Sprintf(`"v%d"`, i) })
			time.Sleep(time.Second)
			get(t, f, text, false)
		}
	})
}

func TestBusyTaskAsksOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", etag: `"1"`, takes: 40 * time.Millisecond}
		f, _ := newFetcher(s, nil)
		var all sync.WaitGroup
		began := time.Now()
		for range 300 {
			all.Go(func() {
				for time.Since(began) < 10*time.Second {
					if src, stale, err := f.Get(t.Context(), at); err != nil || stale != nil || src.Text != "one" {
						t.Error(src, stale, err)
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if n := s.count(); n < 10 || n > 14 {
			t.Errorf("%d requests in 10 s", n)
		}
		if s.conditional != s.count()-1 || s.notModified != s.conditional {
			t.Errorf("of %d requests, %d were conditional and %d answered 304", s.count(), s.conditional, s.notModified)
		}
	})
}

// A busy task does not wait for a server that answers fast enough.
func TestBusyTaskDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", etag: `"1"`, takes: 100 * time.Millisecond}
		f, _ := newFetcher(s, nil)
		get(t, f, "one", false)
		for range 1000 {
			time.Sleep(10 * time.Millisecond)
			began := time.Now()
			get(t, f, "one", false)
			if took := time.Since(began); took > 0 {
				t.Fatalf("a call waited %v", took)
			}
		}
	})
}

func TestConcurrentCallsShareARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", takes: 3 * time.Second}
		f, _ := newFetcher(s, nil)
		var all sync.WaitGroup
		for range 500 {
			all.Go(func() { get(t, f, "one", false) })
		}
		all.Wait()
		if s.count() != 1 {
			t.Errorf("%d requests for calls at once", s.count())
		}
	})
}

// A fetch that takes longer than an answer is fresh must not be repeated for ever.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", takes: 5 * time.Second}
		f, _ := newFetcher(s, nil)
		get(t, f, "one", false)
		if s.count() != 1 {
			t.Errorf("%d requests", s.count())
		}
		began := time.Now()
		get(t, f, "one", true) // the known code, rather than all the wait
		if took := time.Since(began); took != patience {
			t.Errorf("waited %v", took)
		}
		began = time.Now()
		get(t, f, "one", true) // the same request is under way
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v again", took)
		}
		time.Sleep(fetchTimeout) // what is under way ends by itself
	})
}

func TestHangingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{hang: true}
		f, _ := newFetcher(s, nil)
		began := time.Now()
		_, _, err := f.Get(t.Context(), at)
		if took := time.Since(began); webtask.CodeOf(err) != webtask.BadGateway || took != fetchTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestCancelledCallerDoesNotFailOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", takes: time.Second}
		f, _ := newFetcher(s, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := f.Get(ctx, at); !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled call got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() { get(t, f, "one", false) })
		synctest.Wait()
		cancel()
		all.Wait()
		if s.count() != 1 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestForgetAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one", header: http.Header{"Cache-Control": {"max-age=60"}}}
		f, _ := newFetcher(s, nil)
		get(t, f, "one", false)
		s.set(func(s *site) { s.text = "two" })
		f.Forget(at)
		get(t, f, "one", false) // not more than once a second, whoever asks
		time.Sleep(time.Second)
		get(t, f, "two", false)
		time.Sleep(time.Second)
		s.set(func(s *site) { s.text = "three" })
		get(t, f, "two", false)
		f.Forget(at)
		get(t, f, "three", false)
		f.Forget("ftp://nothing")
	})
}

func TestSameTextIsTheSameSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{text: "one"}
		f, _ := newFetcher(s, nil)
		first := get(t, f, "one", false)
		time.Sleep(2 * time.Second)
		if get(t, f, "one", false) != first || !first.Same(newSource(at, "one")) || first.Same(nil) {
			t.Error("the same text is another source")
		}
	})
}
