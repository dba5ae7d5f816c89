// Package storetest checks that a webtask.Store keeps its contract. A backend's
// test calls Run with a function that opens an empty store.
package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/webtask"
)

// Run runs the whole suite; open makes a new, empty store for each test.
func Run(t *testing.T, open func(t *testing.T) webtask.Store) {
	for name, test := range map[string]func(*testing.T, webtask.Store){
		"PutTask":    testPutTask,
		"OddText":    testOddText,
		"NotFound":   testNotFound,
		"List":       testList,
		"MetaFilter": testMetaFilter,
		"CodeOfTask": testCodeOfTask,
		"SharedCode": testSharedCode,
		"KeptCode":   testKeptCode,
		"Revoke":     testRevoke,
		"Fetched":    testFetched,
		"OnChange":   testOnChange,
		"Concurrent": testConcurrent,
		"Cancelled":  testCancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			test(t, s)
		})
	}
}

// NewCode makes code with its id.
func NewCode(container, source string) *webtask.Code {
	sum := sha256.Sum256([]byte(source))
	return &webtask.Code{Container: container, ID: hex.EncodeToString(sum[:]), Source: source}
}

func put(t *testing.T, s webtask.Store, task webtask.Task, code *webtask.Code) {
	t.Helper()
	if err := s.PutTask(t.Context(), task, code); err != nil {
		t.Fatal(err)
	}
}

func testPutTask(t *testing.T, s webtask.Store) {
	first := webtask.Task{Container: "acme", Name: "x", Token: "t1", Meta: map[string]string{"k": "v"},
		Updated: time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)}
	put(t, s, first, nil)
	second := first
	second.Token, second.Meta = "t2", nil
	second.Updated = first.Updated.Add(time.Hour)
	for _, want := range []webtask.Task{first, second} {
		put(t, s, want, nil)
		got, err := s.Task(t.Context(), "acme", "x")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("task differs (-want +got):\n%s", diff)
		}
	}
	put(t, s, webtask.Task{Container: "acme", Name: "y"}, nil)
	if got, err := s.Task(t.Context(), "acme", "y"); err != nil || time.Since(got.Updated) > time.Hour {
		t.Errorf("Updated %v, %v; want about now", got.Updated, err)
	}
}

func testOddText(t *testing.T, s webtask.Store) {
	for i, text := range []string{"", "ö€😀", "a\x00b", "'; DROP TABLE tasks; --", "\\\"\n\r\t</script>", "%_"} {
		name := fmt.Sprint("n", i)
		code := NewCode("acme", text)
		put(t, s, webtask.Task{Container: "acme", Name: name, Token: "t", Meta: map[string]string{"k": text, text: "v"}}, code)
		task, err := s.Task(t.Context(), "acme", name)
		if err != nil || task.Meta["k"] != text || task.Meta[text] != "v" {
			t.Errorf("meta %q came back as %q, %v", text, task.Meta, err)
		}
		got, err := s.Code(t.Context(), "acme", code.ID)
		if err != nil || got != *code {
			t.Errorf("code %q came back as %q, %v", text, got.Source, err)
		}
	}
}

func testNotFound(t *testing.T, s webtask.Store) {
	put(t, s, webtask.Task{Container: "acme", Name: "x"}, NewCode("acme", "1"))
	ctx := t.Context()
	_, err1 := s.Task(ctx, "acme", "y")
	_, err2 := s.Task(ctx, "other", "x")
	_, err3 := s.Task(ctx, "ACME", "x")
	_, err4 := s.Code(ctx, "other", NewCode("acme", "1").ID)
	_, err5 := s.Fetched(ctx, "https://example.com")
	err6 := s.DeleteTask(ctx, "acme", "y")
	for i, err := range []error{err1, err2, err3, err4, err5, err6} {
		if webtask.CodeOf(err) != webtask.NotFound {
			t.Errorf("error %d is %v, want NotFound", i+1, err)
		}
	}
}

func testRevoke(t *testing.T, s webtask.Store) {
	for _, id := range []string{"a", "b", "a"} {
		if err := s.Revoke(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Revoked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, id := range got {
		set[id] = true
	}
	if diff := cmp.Diff(map[string]bool{"a": true, "b": true}, set); diff != "" || len(got) != 2 {
		t.Errorf("Revoked = %v", got)
	}
}

func testFetched(t *testing.T, s webtask.Store) {
	f := webtask.Fetched{URL: "https://example.com/a.js", Source: "1", ETag: `"e"`, LastModified: "Mon", At: time.Unix(5, 7000).UTC()}
	for _, source := range []string{"1", "2"} {
		f.Source = source
		if err := s.PutFetched(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		got, err := s.Fetched(t.Context(), f.URL)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("fetched code differs (-want +got):\n%s", diff)
		}
	}
}

func testOnChange(t *testing.T, s webtask.Store) {
	var got []string
	s.OnChange(func(container, name string) {
		if _, err := s.Task(context.Background(), container, name); err == nil {
			got = append(got, "put "+container+"/"+name)
		} else {
			got = append(got, "gone "+container+"/"+name)
		}
	})
	put(t, s, webtask.Task{Container: "acme", Name: "x"}, nil)
	_ = s.DeleteTask(t.Context(), "acme", "none")
	if err := s.DeleteTask(t.Context(), "acme", "x"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"put acme/x", "gone acme/x"}, got); diff != "" {
		t.Errorf("changes differ (-want +got):\n%s", diff)
	}
}

func testConcurrent(t *testing.T, s webtask.Store) {
	const writers, each = 32, 5
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				name := fmt.Sprintf("t%d", (w+i)%writers) // several write the same one
				if err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: name}, NewCode("acme", name)); err != nil {
					t.Errorf("PutTask: %v", err)
				}
				if _, err := s.Task(t.Context(), "acme", name); err != nil {
					t.Errorf("Task: %v", err)
				}
			}
		})
	}
	wg.Wait()
	tasks, err := s.ListTasks(t.Context(), webtask.TaskQuery{Container: "acme"})
	if err != nil || len(tasks) != writers {
		t.Errorf("%d tasks, %v; want %d", len(tasks), err, writers)
	}
}

func testCancelled(t *testing.T, s webtask.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutTask(ctx, webtask.Task{Container: "acme", Name: "x"}, nil); err == nil {
		t.Error("a cancelled write succeeded")
	}
	if _, err := s.Task(t.Context(), "acme", "x"); webtask.CodeOf(err) != webtask.NotFound {
		t.Errorf("a cancelled write left a task: %v", err)
	}
	put(t, s, webtask.Task{Container: "acme", Name: "x"}, nil) // and harmed nothing
}
