package tasks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/webtask"
)

func put(t *testing.T, s *Service, caller claims, body string) webtask.IssueRequest {
	t.Helper()
	var req PutRequest
	if err := json.Unmarshal([]byte(body), &req); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), caller, "acme", "x", req); err != nil {
		t.Fatal(err)
	}
	got, err := s.existing(t.Context(), "acme", "x")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const fullBody = `{"url":"https://x/a.js","secrets":{"K":"v"},"meta":{"m":"n"},"host":"example.com","params":{"p":"q"},
	"pb":0,"mb":1,"pin":"0000000000000000000000000000000000000000000000000000000000000000"}`

func TestPutKeepsWhatIsAbsent(t *testing.T) {
	s, master, _ := newService(t)
	full := put(t, s, master, fullBody)
	for _, body := range []string{`{"url":"https://x/a.js"}`, `{"code":"1"}`} {
		got := put(t, s, master, body)
		if *got.ParseBody != 0 || got.MergeBody != 1 || got.Claims.Host != "example.com" || got.NoSelfRevoke != 1 || got.Depth != 0 {
			t.Errorf("after %s: claims %+v", body, got.Claims)
		}
		if !cmp.Equal(full.Secrets, got.Secrets) || !cmp.Equal(full.Params, got.Params) || !cmp.Equal(full.Meta, got.Meta) {
			t.Errorf("after %s: %+v", body, got)
		}
		if kept := got.Pin != ""; kept != strings.Contains(body, "url") {
			t.Errorf("after %s: pin %q", body, got.Pin)
		}
	}
}

func TestPutDropsNull(t *testing.T) {
	s, master, _ := newService(t)
	put(t, s, master, fullBody)
	got := put(t, s, master, `{"url":"https://x/a.js","secrets":null,"meta":null,"host":null,"params":null,"pb":null,"mb":null,"pin":null}`)
	if len(got.Secrets) > 0 || got.Meta != nil || got.Claims.Host != "" || got.Params != nil || got.ParseBody != nil ||
		got.MergeBody != 0 || got.Pin != "" || got.Claims.Sealed != "" {
		t.Errorf("left: %+v", got)
	}
}

func TestPutReplaces(t *testing.T) {
	s, master, _ := newService(t)
	put(t, s, master, fullBody)
	got := put(t, s, master, `{"code":"","secrets":{"L":1},"meta":{},"params":{},"pb":"1","mb":0}`)
	if !cmp.Equal(got.Secrets, map[string]any{"L": 1.0}) || len(got.Meta) > 0 || len(got.Params) > 0 || *got.ParseBody != 1 || got.MergeBody != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestPutKeepsTokenLimits(t *testing.T) {
	s, master, _ := newService(t)
	issue(t, s, master, webtask.IssueRequest{Claims: claims{Container: "acme", Name: "x", Limits: webtask.Limits{TokenSecond: 3, TokenMonth: 4}},
		Code: text("1")})
	if got := put(t, s, master, `{"code":"2"}`); got.TokenSecond != 3 || got.TokenMonth != 4 {
		t.Errorf("limits %+v", got.Limits)
	}
}

func TestPutRefuses(t *testing.T) {
	s, master, _ := newService(t)
	_, idle := issue(t, s, master, webtask.IssueRequest{Claims: claims{Container: "acme"}})
	both := PutRequest{Code: text("1"), URL: text("https://x")}
	one := PutRequest{Code: text("1")}
	tests := map[string]struct {
		caller          claims
		container, name string
		req             PutRequest
		want            webtask.ErrorCode
	}{
		"neither":         {master, "acme", "x", PutRequest{}, webtask.BadRequest},
		"both":            {master, "acme", "x", both, webtask.BadRequest},
		"empty url":       {master, "acme", "x", PutRequest{URL: text("")}, webtask.BadRequest},
		"bad name":        {master, "acme", "x y", one, webtask.BadRequest},
		"bad container":   {master, "..", "x", one, webtask.BadRequest},
		"depth 0":         {idle, "acme", "x", one, webtask.Forbidden},
		"other container": {owner(t, s, master, "other"), "acme", "x", one, webtask.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Put(t.Context(), test.caller, test.container, test.name, test.req); code(err) != test.want {
				t.Errorf("Put: %v, want %q", err, test.want)
			}
		})
	}
}

// A key that was lost must not look like bad credentials, nor drop secrets.
func TestPutOverUnreadable(t *testing.T) {
	s, master, _ := newService(t)
	err := s.Store.PutTask(t.Context(), webtask.Task{Container: "acme", Name: "x", Token: "broken"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), master, "acme", "x", PutRequest{Code: text("1")}); code(err) != webtask.Conflict {
		t.Errorf("Put: %v, want Conflict", err)
	}
	if err := s.Delete(t.Context(), master, "acme", "x"); err != nil {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	s, master, _ := newService(t)
	for i := range 4 {
		req := PutRequest{Code: text("1"), Meta: Some(map[string]string{"odd": fmt.Sprint(i % 2)})}
		for _, container := range []string{"acme", "other"} {
			if _, err := s.Put(t.Context(), master, container, fmt.Sprint("t", i), req); err != nil {
				t.Fatal(err)
			}
		}
	}
	acme := owner(t, s, master, "acme")
	named := acme
	named.Names = []string{"t3", "t1", "t1", "none", "t2"}
	tests := map[string]struct {
		caller claims
		query  webtask.TaskQuery
		want   []string
	}{
		"container":     {acme, webtask.TaskQuery{Container: "acme", Limit: 3}, []string{"t0", "t1", "t2"}},
		"all":           {master, webtask.TaskQuery{Offset: 3, Limit: 2}, []string{"t3", "t0"}},
		"meta":          {acme, webtask.TaskQuery{Container: "acme", Meta: map[string]string{"odd": "1"}}, []string{"t1", "t3"}},
		"names":         {named, webtask.TaskQuery{Container: "acme"}, []string{"t1", "t2", "t3"}},
		"names, page":   {named, webtask.TaskQuery{Container: "acme", Offset: 1, Limit: 1}, []string{"t2"}},
		"names, beyond": {named, webtask.TaskQuery{Container: "acme", Offset: 9}, []string{}},
		"names, meta":   {named, webtask.TaskQuery{Container: "acme", Meta: map[string]string{"odd": "0"}}, []string{"t2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			list, err := s.List(t.Context(), test.caller, test.query, GetOptions{FetchCode: true})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, info := range list {
				got = append(got, info.Name)
				if *info.Code != "1" || info.Token == "" || info.Meta == nil {
					t.Errorf("item %+v", info)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("names differ (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := s.List(t.Context(), acme, webtask.TaskQuery{}, GetOptions{}); code(err) != webtask.Forbidden {
		t.Errorf("all containers: %v, want Forbidden", err)
	}
}
