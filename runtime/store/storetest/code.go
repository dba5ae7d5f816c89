package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/webtask"
)

func names(t *testing.T, s webtask.Store, q webtask.TaskQuery) []string {
	t.Helper()
	tasks, err := s.ListTasks(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, task := range tasks {
		names = append(names, task.Container+"/"+task.Name)
	}
	return names
}

func testList(t *testing.T, s webtask.Store) {
	for _, id := range [][2]string{{"b", "1"}, {"a", "b"}, {"a", "B"}, {"a", "a"}, {"c", "1"}} {
		put(t, s, webtask.Task{Container: id[0], Name: id[1]}, nil)
	}
	tests := map[string]struct {
		query webtask.TaskQuery
		want  []string
	}{
		"all":           {webtask.TaskQuery{}, []string{"a/B", "a/a", "a/b", "b/1", "c/1"}},
		"container":     {webtask.TaskQuery{Container: "a"}, []string{"a/B", "a/a", "a/b"}},
		"limit":         {webtask.TaskQuery{Limit: 2}, []string{"a/B", "a/a"}},
		"offset":        {webtask.TaskQuery{Offset: 3}, []string{"b/1", "c/1"}},
		"page":          {webtask.TaskQuery{Container: "a", Offset: 1, Limit: 1}, []string{"a/a"}},
		"after the end": {webtask.TaskQuery{Offset: 9, Limit: 1}, []string{}},
		"no container":  {webtask.TaskQuery{Container: "z"}, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, names(t, s, test.query)); diff != "" {
				t.Errorf("list differs (-want +got):\n%s", diff)
			}
		})
	}
}

func testMetaFilter(t *testing.T, s webtask.Store) {
	type meta = map[string]string
	for name, m := range map[string]meta{
		"none": nil, "one": {"k": "v"}, "two": {"k": "v", "l": "w"}, "other": {"k": "V"}, "number": {"k": "1"},
		"odd": {`a"b.$[0]\`: `<"&'ö`},
	} {
		put(t, s, webtask.Task{Container: "a", Name: name, Meta: m}, nil)
	}
	put(t, s, webtask.Task{Container: "b", Name: "one", Meta: meta{"k": "v"}}, nil)
	tests := map[string]struct {
		container string
		meta      meta
		want      []string
	}{
		"one":         {"a", meta{"k": "v"}, []string{"a/one", "a/two"}},
		"both":        {"a", meta{"k": "v", "l": "w"}, []string{"a/two"}},
		"all":         {"", meta{"k": "v"}, []string{"a/one", "a/two", "b/one"}},
		"number":      {"a", meta{"k": "1"}, []string{"a/number"}},
		"odd":         {"a", meta{`a"b.$[0]\`: `<"&'ö`}, []string{"a/odd"}},
		"no value":    {"a", meta{"k": ""}, []string{}},
		"unknown key": {"a", meta{"z": "v"}, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := names(t, s, webtask.TaskQuery{Container: test.container, Meta: test.meta})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("list differs (-want +got):\n%s", diff)
			}
		})
	}
}

func wantCode(t *testing.T, s webtask.Store, c *webtask.Code, want bool) {
	t.Helper()
	got, err := s.Code(t.Context(), c.Container, c.ID)
	switch {
	case want && (err != nil || got != *c):
		t.Errorf("code %q: %q, %v", c.Source, got.Source, err)
	case !want && webtask.CodeOf(err) != webtask.NotFound:
		t.Errorf("code %q is still there (%v)", c.Source, err)
	}
}

// Code goes with the last version of the task that used it.
func testCodeOfTask(t *testing.T, s webtask.Store) {
	task := webtask.Task{Container: "acme", Name: "x"}
	a, b := NewCode("acme", "a"), NewCode("acme", "b")
	put(t, s, task, a)
	put(t, s, task, a)
	wantCode(t, s, a, true)
	put(t, s, task, b)
	wantCode(t, s, a, false)
	wantCode(t, s, b, true)
	put(t, s, task, nil)
	wantCode(t, s, b, false)
	put(t, s, task, b)
	if err := s.DeleteTask(t.Context(), "acme", "x"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s, b, false)
}

func testSharedCode(t *testing.T, s webtask.Store) {
	code, other := NewCode("acme", "a"), NewCode("other", "a")
	put(t, s, webtask.Task{Container: "acme", Name: "x"}, code)
	put(t, s, webtask.Task{Container: "acme", Name: "y"}, code)
	put(t, s, webtask.Task{Container: "other", Name: "x"}, other)
	if err := s.DeleteTask(t.Context(), "acme", "x"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s, code, true)
	put(t, s, webtask.Task{Container: "acme", Name: "y"}, nil)
	wantCode(t, s, code, false)
	wantCode(t, s, other, true)
}

// A token without a name may refer to the code, and nobody knows of it.
func testKeptCode(t *testing.T, s webtask.Store) {
	before, after := NewCode("acme", "before"), NewCode("acme", "after")
	if err := s.PutCode(t.Context(), *before); err != nil {
		t.Fatal(err)
	}
	for _, code := range []*webtask.Code{before, after} {
		put(t, s, webtask.Task{Container: "acme", Name: code.Source}, code)
	}
	if err := s.PutCode(t.Context(), *after); err != nil {
		t.Fatal(err)
	}
	for _, code := range []*webtask.Code{before, after} {
		if err := s.DeleteTask(t.Context(), "acme", code.Source); err != nil {
			t.Fatal(err)
		}
		wantCode(t, s, code, true)
	}
}
