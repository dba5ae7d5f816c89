package egress

import (
	"context"
	"errors"
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
			err = c.policy.Check(ap.Addr())
			var refused *Refused
			if errors.As(err, &refused) {
				refused.Host = host
			}
			return err
		}
	}
	return d.DialContext(ctx, network, addr)
}

// Do sends a request and follows up to maxRedirects redirects; with -1, an answer
// that redirects is returned as it is; with 0, it is an error. Its errors, and
// those of the answer's body, are worded for users: they name no address, path or
// URL that the caller did not name.
func (c *Client) Do(req *http.Request, maxRedirects int) (*http.Response, error) {
	if err := checkURL(req.URL); err != nil {
		return nil, err
	}
	client := http.Client{Transport: c.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		return redirect(next, via, maxRedirects)
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, explain(err)
	}
	if resp.Body != http.NoBody {
		resp.Body = &body{resp.Body}
	}
	return resp, nil
}

// Close drops connections that are idle.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
