package egress

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/wthost/wt/sandbox/effect"
)

// maxRedirects is how many redirects fetch follows (Fetch standard, section 4.4).
const maxRedirects = 20

// ofConnection are headers that belong to a connection, or that the client sets:
// it decodes what is compressed, and so decides what it accepts.
var ofConnection = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Transfer-Encoding": true,
	"Te": true, "Trailer": true, "Upgrade": true, "Content-Length": true, "Host": true,
	"Expect": true, "Accept-Encoding": true, "Proxy-Authorization": true,
}

// Fetch performs a task's request. Its errors say what the task may know.
func (c *Client) Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
	switch strings.ToUpper(r.Method) {
	case "CONNECT", "TRACE", "TRACK": // Fetch standard, forbidden methods
		return nil, problem(fmt.Sprintf("the method %s is not allowed", strings.ToUpper(r.Method)))
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, problem("the URL or the method of the request is not valid")
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	setHeader(req.Header, r.Header)
	redirects := maxRedirects
	switch r.Redirect {
	case "manual":
		redirects = -1
	case "error":
		redirects = 0
	}
	resp, err := c.Do(req, redirects)
	if err != nil {
		return nil, err
	}
	return response(resp, r.URL), nil
}

// setHeader takes over a task's header fields but those of the connection, which
// include what its Connection field names (RFC 9110, section 7.6.1).
func setHeader(h http.Header, fields effect.Header) {
	dropped := map[string]bool{}
	for _, f := range fields {
		if strings.EqualFold(f[0], "Connection") {
			for name := range strings.SplitSeq(f[1], ",") {
				dropped[http.CanonicalHeaderKey(strings.TrimSpace(name))] = true
			}
		}
	}
	for _, f := range fields {
		if name := http.CanonicalHeaderKey(f[0]); !ofConnection[name] && !dropped[name] {
			h[name] = append(h[name], f[1])
		}
	}
	if _, ok := h["User-Agent"]; !ok {
		h.Set("User-Agent", "wt")
	}
}

func response(resp *http.Response, asked string) *effect.FetchResponse {
	out := &effect.FetchResponse{Status: resp.StatusCode, Body: resp.Body, Length: resp.ContentLength}
	if resp.Body == http.NoBody {
		out.Length = 0 // the answer to HEAD tells the length of what it does not bring
	}
	_, out.StatusText, _ = strings.Cut(resp.Status, " ")
	out.URL, _, _ = strings.Cut(asked, "#")
	if resp.Request != nil && resp.Request.Response != nil { // a redirect led to it
		out.URL, out.Redirected = resp.Request.URL.String(), true
		out.URL, _, _ = strings.Cut(out.URL, "#")
	}
	out.Header = make(effect.Header, 0, len(resp.Header))
	for name, values := range resp.Header {
		if name == "Connection" || name == "Keep-Alive" || name == "Proxy-Connection" || name == "Upgrade" {
			continue
		}
		for _, v := range values {
			out.Header = append(out.Header, [2]string{name, v})
		}
	}
	return out
}
