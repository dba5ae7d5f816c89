package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// PutRequest is the body of PUT /api/webtask/{container}/{name}. Code or URL
// must be given. Of the rest, what is absent keeps what the existing task has,
// and null drops it: also for meta, which the old service dropped when it was
// absent, to the loss of many users. A kept pin goes with a kept url only. The
// limits, the validity and the names (jtnm) of the task's token are kept too.
type PutRequest struct {
	Code *string `json:"code"`
	URL  *string `json:"url"`

	Secrets Optional[map[string]any]    `json:"secrets"`
	Meta    Optional[map[string]string] `json:"meta"`
	Host    Optional[string]            `json:"host"`

	// What the old protocol could only say in an issue request:

	Params    Optional[map[string]any] `json:"params"`
	ParseBody Optional[*webtask.Int]   `json:"pb"` // null: the default, on arity
	MergeBody Optional[webtask.Int]    `json:"mb"`
	Pin       Optional[string]         `json:"pin"`
}

// Optional is a JSON value that may be absent, null, or there.
type Optional[T any] struct {
	Given bool // false: absent
	Value T    // zero for null
}

// Some is an Optional that is there.
func Some[T any](v T) Optional[T] { return Optional[T]{true, v} }

// UnmarshalJSON is not called for an absent value.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	var zero T
	o.Given, o.Value = true, zero
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	return json.Unmarshal(b, &o.Value)
}

// or is the value, or where it is absent the one there was.
func (o Optional[T]) or(old T) T {
	if o.Given {
		return o.Value
	}
	return old
}

// Put creates a named webtask or replaces its code and what else is given. The
// task's token is a new one, which descends from the caller's.
func (s *Service) Put(ctx context.Context, caller webtask.Claims, container, name string, req PutRequest) (Info, error) {
	if err := checkManage(&caller, container, name); err != nil {
		return Info{}, err
	}
	if (req.Code == nil) == (req.URL == nil) {
		return Info{}, badRequest("give either code or url")
	}
	s.putting.Lock() // else one of two at a time would lose what the other changed
	defer s.putting.Unlock()
	old, err := s.existing(ctx, container, name)
	if err != nil {
		return Info{}, err
	}
	if old.Expires > 0 && int64(old.Expires) <= s.now().Unix() {
		return Info{}, webtask.Errorf(webtask.Conflict, "the webtask %q in container %q expired at %s, so it cannot be updated",
			name, container, time.Unix(int64(old.Expires), 0).UTC().Format(time.RFC3339)).
			WithHint("delete the webtask and create it again")
	}
	issue := req.merge(old, &caller)
	issue.Container, issue.Name = webtask.Containers(container), name
	token, _, err := s.Issue(ctx, caller, issue)
	if err != nil {
		return Info{}, err
	}
	return s.info(ctx, webtask.Task{Container: container, Name: name, Token: token, Meta: issue.Meta}, GetOptions{})
}

// existing is a task in the form that issues it again: empty if there is none.
func (s *Service) existing(ctx context.Context, container, name string) (webtask.IssueRequest, error) {
	t, err := s.Store.Task(ctx, container, name)
	if webtask.CodeOf(err) == webtask.NotFound {
		return webtask.IssueRequest{}, nil
	}
	if err != nil {
		return webtask.IssueRequest{}, err
	}
	c, err := s.Tokens.Verify(t.Token)
	if err != nil {
		return webtask.IssueRequest{}, unreadable(t, err)
	}
	secrets, err := s.open(&c)
	if err != nil {
		return webtask.IssueRequest{}, err
	}
	return webtask.IssueRequest{Claims: c, Secrets: secrets, Meta: t.Meta}, nil
}

// merge is the old task with what the request replaces. What it keeps is at most
// what the caller may give.
func (req *PutRequest) merge(old webtask.IssueRequest, caller *webtask.Claims) webtask.IssueRequest {
	out := webtask.IssueRequest{
		Claims:  old.Claims,
		Code:    req.Code,
		Secrets: req.Secrets.or(old.Secrets),
		Meta:    req.Meta.or(old.Meta),
	}
	out.URL = ""
	if req.URL != nil {
		out.URL = *req.URL
	}
	if out.URL != old.URL || req.Code != nil {
		out.Pin = ""
	}
	out.Pin = req.Pin.or(out.Pin)
	out.Host = req.Host.or(old.Host)
	out.Params = req.Params.or(old.Params)
	out.MergeBody = req.MergeBody.or(old.MergeBody)
	out.ParseBody = req.ParseBody.or(old.ParseBody)
	out.Depth = 0
	out.NoSelfRevoke = 1 // whoever runs the task must not be able to end it
	clamp(caller, &out.Claims)
	return out
}

// clamp brings what a task keeps within the caller's token, which may be narrower
// than the one that made the task.
func clamp(caller, c *webtask.Claims) {
	if caller.Expires > 0 {
		c.Expires = min(c.Expires, caller.Expires) // 0 becomes the caller's later on
	}
	c.NotBefore = max(c.NotBefore, caller.NotBefore)
	from, to := containerLimits(&caller.Limits), containerLimits(&c.Limits)
	for i := range to {
		if *from[i] > 0 {
			*to[i] = min(*to[i], *from[i])
		}
	}
	if slices.ContainsFunc(c.Names, func(name string) bool { return !allowsName(caller, name) }) {
		c.Names = caller.Names
	}
}
