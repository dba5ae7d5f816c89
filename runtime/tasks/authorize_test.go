package tasks

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wthost/wt/runtime/webtask"
)

type claims = webtask.Claims

func intp(n webtask.Int) *webtask.Int { return &n }

// code is the code of err, "" for none.
func code(err error) webtask.ErrorCode {
	if err == nil {
		return ""
	}
	return webtask.CodeOf(err)
}

func TestWithin(t *testing.T) {
	tests := []struct {
		outer, inner webtask.Containers
		want         bool
	}{
		{"", "", true}, {"", "a", true}, {"", "/a/", true}, {"a", "a", true}, {"a", "", false}, {"a", "b", false},
		{"a", "a,b", false}, {"a,b", "b", true}, {"a, b", "b,a", true}, {"a,b", "a,c", false}, {"a", "/a/", false},
		{"/a.*/", "ab", true}, {"/a.*/", "b", false}, {"/a.*/", "ab,ac", true}, {"/a.*/", "ab,b", false},
		{"/a.*/", "/a.*/", true}, {"/a.*/", "/ab/", false}, {"/a/", "xa", false}, {"a,b", "", false},
	}
	for _, test := range tests {
		if got := within(test.outer, test.inner); got != test.want {
			t.Errorf("within(%q, %q) = %v", test.outer, test.inner, got)
		}
	}
}

func TestCheckContainers(t *testing.T) {
	for c, ok := range map[webtask.Containers]bool{
		"": true, "a": true, "a,b": true, "a, b": true, "/a|b/": true, "wt-x_0.1~!$+=:@": true,
		" a": false, "a/b": false, "..": false, "a,": false, ",": false, "/a": false, "//": false, "/": false,
		"/(/": false, "/x)|(.*/": false, "a,/b/": false, "ä": false, webtask.Containers(strings.Repeat("a", 129)): false,
	} {
		if err := checkContainers(c); (err == nil) != ok || code(err) != "" && code(err) != webtask.BadRequest {
			t.Errorf("checkContainers(%q): %v", c, err)
		}
	}
}

func TestMayManage(t *testing.T) {
	tests := map[string]struct {
		caller    claims
		container string
		name      string
		want      webtask.ErrorCode
	}{
		"master":           {claims{}, "a", "x", ""},
		"own container":    {claims{Container: "a"}, "a", "x", ""},
		"other container":  {claims{Container: "a"}, "b", "x", webtask.Forbidden},
		"pattern":          {claims{Container: "/a+/"}, "aa", "x", ""},
		"pattern, other":   {claims{Container: "/a+/"}, "ab", "x", webtask.Forbidden},
		"own name":         {claims{Container: "a", Names: []string{"w", "x"}}, "a", "x", ""},
		"other name":       {claims{Container: "a", Names: []string{"w"}}, "a", "x", webtask.Forbidden},
		"names, any task":  {claims{Container: "a", Names: []string{"w"}}, "a", "", ""},
		"a webtask's own":  {claims{Container: "a", URL: "https://x"}, "a", "x", webtask.Forbidden},
		"one with secrets": {claims{Container: "a", Sealed: "s"}, "a", "x", webtask.Forbidden},
		"depth 0":          {claims{Container: "a", Depth: 0}, "a", "x", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mayManage(&test.caller, test.container, test.name); code(got) != test.want {
				t.Errorf("mayManage: %v, want %q", got, test.want)
			}
		})
	}
}

func TestMayInspectAndRevoke(t *testing.T) {
	const no, yes = webtask.Forbidden, ""
	target := claims{ID: "t", Ancestors: []string{"root", "parent"}, Container: "a", Name: "x", URL: "https://x"}
	tests := map[string]struct {
		caller          claims
		inspect, revoke webtask.ErrorCode
	}{
		"parent":              {claims{ID: "parent", Container: "a"}, yes, yes},
		"grandparent":         {claims{ID: "root", Container: "a"}, yes, yes},
		"master":              {claims{ID: "m"}, yes, yes},
		"master, names":       {claims{ID: "m", Names: []string{"y"}}, no, no},
		"owner":               {claims{ID: "o", Container: "a"}, yes, no},
		"owner of name":       {claims{ID: "o", Container: "a", Names: []string{"x"}}, yes, no},
		"owner of other name": {claims{ID: "o", Container: "a", Names: []string{"y"}}, no, no},
		"other container":     {claims{ID: "o", Container: "b"}, no, no},
		"itself":              {target, no, yes},
		"parent with code":    {claims{ID: "parent", Container: "a", URL: "https://x"}, no, yes},
		"parent with secrets": {claims{ID: "parent", Container: "a", Sealed: "s"}, no, yes},
		"no id":               {claims{Container: "b"}, no, no},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mayInspect(&test.caller, &target); code(got) != test.inspect {
				t.Errorf("mayInspect: %v, want %q", got, test.inspect)
			}
			if got := mayRevoke(&test.caller, &target); code(got) != test.revoke {
				t.Errorf("mayRevoke: %v, want %q", got, test.revoke)
			}
		})
	}
	fixed := claims{ID: "t", NoSelfRevoke: 1}
	if err := mayRevoke(&fixed, &fixed); code(err) != webtask.Forbidden {
		t.Errorf("with dr a token revokes itself: %v", err)
	}
	if err := mayRevoke(&claims{}, &claims{}); code(err) != webtask.BadRequest {
		t.Errorf("a token without id: %v", err)
	}
}

var noon = time.Unix(1_000_000, 0)

func TestNarrow(t *testing.T) {
	limited := claims{ID: "c", Container: "a", Depth: 2, Limits: webtask.Limits{Second: 5, TokenSecond: 1}}
	fixed := claims{ID: "c", Container: "a", Depth: 2, URL: "https://x/a.js", ParseBody: intp(1), MergeBody: 1,
		Params: map[string]any{"p": "q"}}
	window := claims{ID: "c", Container: "a", Depth: 2, NotBefore: 900_000, Expires: 2_000_000}
	tests := map[string]struct {
		caller, ask claims
		want        claims // without what is the same for all
	}{
		"inherits container": {limited, claims{}, claims{Container: "a", Limits: webtask.Limits{Second: 5}}},
		"limits narrowed": {limited, claims{Limits: webtask.Limits{Second: 4, Minute: 9, TokenHour: 7}},
			claims{Container: "a", Limits: webtask.Limits{Second: 4, Minute: 9, TokenHour: 7}}},
		"code handed on": {fixed, claims{Params: map[string]any{"r": "s"}}, claims{Container: "a", URL: "https://x/a.js",
			ParseBody: intp(1), MergeBody: 1, Params: map[string]any{"p": "q", "r": "s"}}},
		"same code": {fixed, claims{URL: "https://x/a.js", ParseBody: intp(0), Params: map[string]any{"p": "q"}},
			claims{Container: "a", URL: "https://x/a.js", ParseBody: intp(0), MergeBody: 1, Params: map[string]any{"p": "q"}}},
		"window handed on": {window, claims{}, claims{Container: "a", NotBefore: 900_000, Expires: 2_000_000}},
		"window narrowed": {window, claims{NotBefore: 1_500_000, Expires: 1_600_000},
			claims{Container: "a", NotBefore: 1_500_000, Expires: 1_600_000}},
		"depth":         {limited, claims{Depth: 1}, claims{Container: "a", Depth: 1, Limits: webtask.Limits{Second: 5}}},
		"names":         {claims{ID: "c", Depth: 1, Names: []string{"x", "y"}}, claims{Names: []string{"y"}}, claims{Names: []string{"y"}}},
		"names kept":    {claims{ID: "c", Depth: 1, Names: []string{"x"}}, claims{}, claims{Names: []string{"x"}}},
		"sealed is not": {claims{ID: "c", Depth: 1}, claims{Sealed: "s", ID: "i"}, claims{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := narrow(&test.caller, &test.ask, noon)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.ID) != 32 || got.IssuedAt != noon.Unix() || !cmp.Equal(got.Ancestors, []string{"c"}) {
				t.Errorf("id %q, issued %d, ancestors %v", got.ID, got.IssuedAt, got.Ancestors)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(claims{}, "ID", "IssuedAt", "Ancestors")); diff != "" {
				t.Errorf("claims differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNarrowRefuses(t *testing.T) {
	const bad, no = webtask.BadRequest, webtask.Forbidden
	caller := claims{ID: "c", Container: "a", Depth: 2, Names: []string{"x"}, NotBefore: 900_000, Expires: 2_000_000,
		Limits: webtask.Limits{Second: 5}}
	fixed := claims{ID: "c", Container: "a", Depth: 2, URL: "https://x/a.js", Pin: strings.Repeat("0", 64),
		Params: map[string]any{"p": "q"}}
	tests := map[string]struct {
		caller, ask claims
		want        webtask.ErrorCode
	}{
		"depth 0":            {claims{Depth: 0}, claims{}, no},
		"same depth":         {caller, claims{Depth: 2}, no},
		"negative depth":     {caller, claims{Depth: -1}, bad},
		"other container":    {caller, claims{Container: "b"}, no},
		"wider container":    {caller, claims{Container: "a,b"}, no},
		"broken container":   {caller, claims{Container: "a b"}, bad},
		"other names":        {caller, claims{Names: []string{"x", "y"}}, no},
		"other name":         {caller, claims{Name: "y"}, no},
		"broken name":        {caller, claims{Name: "x/y"}, bad},
		"name, no container": {claims{Depth: 1}, claims{Name: "x"}, bad},
		"name, containers":   {claims{Depth: 1}, claims{Container: "a,b", Name: "x"}, bad},
		"name, by code":      {fixed, claims{Name: "x"}, no},
		"later exp":          {caller, claims{Expires: 2_000_001}, no},
		"earlier nbf":        {caller, claims{NotBefore: 899_999}, no},
		"exp before nbf":     {caller, claims{NotBefore: 1_500_000, Expires: 1_500_000}, bad},
		"exp in the past":    {caller, claims{Expires: 1_000_000}, bad},
		"negative exp":       {caller, claims{Expires: -1}, bad},
		"higher limit":       {caller, claims{Limits: webtask.Limits{Second: 6}}, no},
		"negative limit":     {caller, claims{Limits: webtask.Limits{Minute: -1}}, bad},
		"negative own limit": {caller, claims{Limits: webtask.Limits{TokenMonth: -1}}, bad},
		"other code":         {fixed, claims{URL: "https://x/b.js"}, no},
		"other pin":          {fixed, claims{Pin: strings.Repeat("1", 64)}, no},
		"other param":        {fixed, claims{Params: map[string]any{"p": "z"}}, no},
		"pb 3":               {caller, claims{ParseBody: intp(3)}, bad},
		"mb 2":               {caller, claims{MergeBody: 2}, bad},
		"dr 2":               {caller, claims{NoSelfRevoke: 2}, bad},
		"pin in upper case":  {caller, claims{Pin: strings.Repeat("A", 64)}, bad},
		"host with path":     {caller, claims{Host: "example.com/x"}, bad},
		"host with line end": {caller, claims{Host: "example.com\r\nx: y"}, bad},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := narrow(&test.caller, &test.ask, noon); code(err) != test.want {
				t.Errorf("narrow: %v, want %q", err, test.want)
			}
		})
	}
}

// Issuing from one token must not write into the claims of another.
func TestNarrowLeavesTheCallerAlone(t *testing.T) {
	caller := claims{ID: "c", Ancestors: make([]string, 1, 9), Depth: 2, Params: map[string]any{"p": "q"}}
	a, _ := narrow(&caller, &claims{}, noon)
	a.Params["p"] = "changed"
	b, _ := narrow(&claims{ID: "d", Ancestors: caller.Ancestors, Depth: 2}, &claims{}, noon)
	if a.Ancestors[1] != "c" || b.Ancestors[1] != "d" || caller.Params["p"] != "q" {
		t.Errorf("shared: %v %v %v", a.Ancestors, b.Ancestors, caller.Params)
	}
}
