package tasks

import (
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// An update of the code must not make a task that expires, or is limited, into one
// that is not.
func TestPutKeepsExpiryAndLimits(t *testing.T) {
	s, master, _ := newService(t)
	caller := webtask.Claims(master)
	first, second := "module.exports = 1", "module.exports = 2"
	exp := time.Now().Add(time.Hour).Unix()
	req := webtask.IssueRequest{Code: &first}
	req.Container, req.Name, req.Expires, req.Second = "acme", "x", webtask.Int(exp), 7
	if _, _, err := s.Issue(t.Context(), caller, req); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), caller, "acme", "x", PutRequest{Code: &second}); err != nil {
		t.Fatal(err)
	}
	stored, err := s.Store.Task(t.Context(), "acme", "x")
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Tokens.Verify(stored.Token)
	if err != nil || int64(c.Expires) != exp || c.Second != 7 {
		t.Errorf("exp %d, ls %d, %v; want %d, 7", c.Expires, c.Second, err, exp)
	}
}

func TestATokenDoesNotRevokeItsAncestors(t *testing.T) {
	root := webtask.Claims{ID: "root"}
	weak := webtask.Claims{ID: "weak", Ancestors: []string{"root"}}
	if err := mayRevoke(&weak, &root); webtask.CodeOf(err) != webtask.Forbidden {
		t.Errorf("got %v", err)
	}
	if err := mayRevoke(&root, &weak); err != nil {
		t.Error(err)
	}
}

func TestIntErrorsDoNotRepeatTheValue(t *testing.T) {
	var n webtask.Int
	if err := n.UnmarshalJSON([]byte(`"hunter2"`)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
