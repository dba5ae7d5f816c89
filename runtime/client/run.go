package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// RunRequest is a call of a task.
type RunRequest struct {
	Container string
	// Name is the task's. Without one Token says what runs.
	Name, Token string
	// Method is GET if empty.
	Method string
	// Path follows the task's URL and begins with a slash, or is empty.
	Path   string
	Query  url.Values
	Header http.Header
	Body   io.Reader
}

// Run calls a task and returns its answer as it is, whatever its status. The
// caller closes the body, which streams; only ctx bounds the call.
func (c *Client) Run(ctx context.Context, r RunRequest) (*http.Response, error) {
	if err := webtask.CheckName("container", r.Container); err != nil {
		return nil, err
	}
	target := c.cfg.URL + "/api/run/" + url.PathEscape(r.Container)
	if r.Name != "" {
		if err := webtask.CheckName("task", r.Name); err != nil {
			return nil, err
		}
		target += "/" + url.PathEscape(r.Name)
	}
	if r.Path != "" && !strings.HasPrefix(r.Path, "/") {
		return nil, webtask.Errorf(webtask.BadRequest, "the path of a call must begin with a slash")
	}
	target += (&url.URL{Path: r.Path, RawQuery: r.Query.Encode()}).String()
	req, err := http.NewRequestWithContext(ctx, r.Method, target, r.Body)
	if err != nil {
		return nil, err
	}
	for key, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(key)] = values
	}
	// A named task needs no token, and must not see the caller's.
	if r.Name == "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	return resp, nil
}
