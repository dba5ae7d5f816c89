package client

import (
	"net/url"
	"strings"
)

// TaskAddress is what the URL of a task is made of.
type TaskAddress struct {
	// Host is the task's own domain; empty means the host's address.
	Host string
	// Container and Name are the task's; without a name Token takes its place.
	Container, Name string
	Token           string
}

// TaskURL is where a task runs, for hosts that do not say it themselves.
func (c *Client) TaskURL(a TaskAddress) string {
	base := c.cfg.URL + "/api/run"
	if u, err := url.Parse(c.cfg.URL); err == nil && a.Host != "" {
		base = u.Scheme + "://" + a.Host
		if port := u.Port(); port != "" {
			base += ":" + port
		}
	}
	base += "/" + url.PathEscape(a.Container)
	if a.Name == "" {
		return base + "?key=" + url.QueryEscape(a.Token)
	}
	return base + "/" + url.PathEscape(a.Name)
}

// runURL prefers what the host said, which may be relative to it.
func (c *Client) runURL(said string, a TaskAddress) string {
	if said == "" {
		return c.TaskURL(a)
	}
	if strings.HasPrefix(said, "/") {
		if u, err := url.Parse(c.cfg.URL); err == nil {
			if full, err := u.Parse(said); err == nil {
				return full.String()
			}
		}
	}
	return said
}
