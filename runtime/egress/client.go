package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Client makes HTTP requests within a policy. It has no cookies, follows no proxy
// settings of the environment and carries no credentials of the host.
type Client struct {
	policy    *Policy
	transport *http.Transport
}

// New makes a client.
func New(p *Policy) *Client {
	c := &Client{policy: p}
	c.transport = &http.Transport{
		DialContext:            c.dial,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  60 * time.Second,
		IdleConnTimeout:        60 * time.Second,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 256 << 10,
	}
	return c
}

// dial checks each address that a name resolved to at the moment it is dialled.
func (c *Client) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !c.policy.allowsHost(host) {
		d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return c.policy.Check(ap.Addr())
		}
	}
	return d.DialContext(ctx, network, addr)
}

// errRedirect is the reason when a redirect was not wanted.
var errRedirect = errors.New("the answer is a redirect, and redirects are not followed here")

// Do sends a request and follows up to maxRedirects redirects; with -1, an answer
// that redirects is returned as it is; with 0, it is an error.
func (c *Client) Do(req *http.Request, maxRedirects int) (*http.Response, error) {
	if s := req.URL.Scheme; s != "http" && s != "https" {
		return nil, fmt.Errorf("the scheme %q is not http or https", s)
	}
	client := http.Client{Transport: c.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case maxRedirects < 0:
			return http.ErrUseLastResponse
		case maxRedirects == 0:
			return errRedirect
		case len(via) > maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		case next.URL.Scheme != "http" && next.URL.Scheme != "https":
			return fmt.Errorf("a redirect to the scheme %q", next.URL.Scheme)
		}
		return nil
	}}
	return client.Do(req)
}

// Close drops connections that are idle.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
