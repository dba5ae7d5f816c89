// Package client is the typed client of a host's management API, and the only
// way by which the command line talks to a host. It must not read profiles, the
// environment or files, print anything, or put a token or a secret into an
// error.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// Config says which host a client talks to, and how.
type Config struct {
	// URL is the host's address: http or https, no trailing slash needed.
	URL string
	// Token is the bearer token of every call.
	Token string
	// Transport sends the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout bounds each management call, its answer included; 0 means 60 s.
	Timeout time.Duration
	// UserAgent names the program; empty means "wt".
	UserAgent string
}

// MaxAnswer is the largest answer of the management API that is read, in bytes.
const MaxAnswer = 32 << 20

const maxRedirects = 5

// Client calls one host. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client
}

// New checks the address and makes a client. It does not call the host.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, webtask.Errorf(webtask.BadRequest, "%q is not the address of a host", cfg.URL).
			WithHint("an address looks like http://127.0.0.1:8080 or https://wt.example.org")
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "wt"
	}
	return &Client{cfg: cfg, http: &http.Client{Transport: cfg.Transport, CheckRedirect: sameHost}}, nil
}

// URL is the host's address, without a trailing slash.
func (c *Client) URL() string { return c.cfg.URL }

// sameHost follows redirects within the host only, and never from https to
// http: a request may carry secrets.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case req.URL.Host != first.Host, first.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("the host redirects to %s://%s, which is not followed", req.URL.Scheme, req.URL.Host)
	}
	return nil
}

// call is one request of the management API.
type call struct {
	method string
	path   string
	query  url.Values
	body   any // sent as JSON; nil sends nothing
	accept string
}

// do sends a call and returns a successful answer, read to its end.
func (c *Client) do(ctx context.Context, r call) (http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := c.request(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, c.unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	switch {
	case err != nil:
		return nil, nil, c.unreachable(err)
	case len(body) > MaxAnswer:
		return nil, nil, webtask.Errorf(webtask.BadGateway, "the answer of %s is larger than %d MiB", c.cfg.URL, MaxAnswer>>20)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, nil, decodeError(resp, body)
	}
	return resp.Header, body, nil
}

func (c *Client) request(ctx context.Context, r call) (*http.Request, error) {
	target := c.cfg.URL + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", r.accept)
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	return req, nil
}

// doJSON sends a call and decodes its JSON answer into v.
func (c *Client) doJSON(ctx context.Context, r call, v any) error {
	r.accept = "application/json"
	_, body, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return webtask.Errorf(webtask.BadGateway, "%s gave an answer that is not understood: %w", c.cfg.URL, err).
			WithHint("is this the address of a webtask host?")
	}
	return nil
}

// unreachable explains an error of the transport. The transport's own text
// names the whole URL, which may hold a token.
func (c *Client) unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return webtask.Errorf(webtask.Timeout, "%s did not answer in time: %w", c.cfg.URL, err)
	}
	return webtask.Errorf(webtask.Unavailable, "cannot reach %s: %w", c.cfg.URL, err).
		WithHint("is the host running (wt serve), and is its address right (wt profile ls)?")
}
