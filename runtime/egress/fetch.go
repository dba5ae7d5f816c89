package egress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/wthost/wt/sandbox/effect"
)

// maxRedirects is how many redirects fetch follows (Fetch standard, section 4.4).
const maxRedirects = 20

// hopByHop are headers that belong to a connection, or that the client sets.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Transfer-Encoding": true,
	"Te": true, "Trailer": true, "Upgrade": true, "Content-Length": true, "Host": true,
}

// Fetch performs a task's request. Its errors say what the task may know.
func (c *Client) Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	for _, f := range r.Header {
		if name := http.CanonicalHeaderKey(f[0]); !hopByHop[name] {
			req.Header[name] = append(req.Header[name], f[1])
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "wt")
	}
	redirects := maxRedirects
	switch r.Redirect {
	case "manual":
		redirects = -1
	case "error":
		redirects = 0
	}
	resp, err := c.Do(req, redirects)
	if err != nil {
		return nil, plain(err)
	}
	return response(resp, r.URL), nil
}

func response(resp *http.Response, asked string) *effect.FetchResponse {
	out := &effect.FetchResponse{Status: resp.StatusCode, Body: resp.Body, Length: resp.ContentLength, URL: asked}
	_, out.StatusText, _ = strings.Cut(resp.Status, " ")
	if resp.Request != nil && resp.Request.Response != nil { // a redirect led to it
		out.URL, out.Redirected = resp.Request.URL.String(), true
	}
	out.Header = make(effect.Header, 0, len(resp.Header))
	for name, values := range resp.Header {
		for _, v := range values {
			out.Header = append(out.Header, [2]string{name, v})
		}
	}
	return out
}

// plain takes the method and URL off an error: the task knows them.
func plain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var refused *Refused
	if errors.As(err, &refused) {
		return fmt.Errorf("%w (the operator can allow it with --allow-egress)", refused)
	}
	return err
}
