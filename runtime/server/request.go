package server

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/sandbox"
)

// idSource makes request ids: unique among processes by a random prefix, in this
// one by a counter.
type idSource struct {
	prefix string
	count  *atomic.Uint64
}

func newIDSource() idSource {
	b := make([]byte, 6)
	rand.Read(b)
	return idSource{prefix: hex.EncodeToString(b) + "-", count: new(atomic.Uint64)}
}

func (s idSource) next() string { return s.prefix + strconv.FormatUint(s.count.Add(1), 10) }

// runPrefix is where tasks run: /api/run/{container}[/{name}[/path]].
const runPrefix = "/api/run/"

// cutRunPath takes the container and the name out of an escaped run path. Both are
// decoded; a part that cannot be is given as it is and will not be found.
func cutRunPath(path string) (container, name string, ok bool) {
	rest, ok := strings.CutPrefix(path, runPrefix)
	if !ok {
		return "", "", false
	}
	container, rest, _ = strings.Cut(rest, "/")
	name, _, _ = strings.Cut(rest, "/")
	return decode(container), decode(name), container != ""
}

func decode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// callOf makes the host's call of a request.
func callOf(r *http.Request, body *requestBody, id, container, name string) host.Call {
	c := host.Call{Container: container, Name: name}
	req := &sandbox.Request{ID: id, Method: r.Method, URL: r.RequestURI, Query: r.URL.RawQuery, URLFormat: 1}
	if body != nil {
		req.Body = body
	}
	if strings.Contains(req.Query, "webtask_") || strings.Contains(req.Query, "key=") || strings.Contains(req.Query, "%") {
		control(&c, req)
	}
	withToken := false
	if name == "" && c.Token == "" {
		c.Token = bearer(r)
		withToken = c.Token != ""
	}
	// What authorized the call is not for code that the token does not fix.
	req.Header = headerOf(r, withToken && !c.ShareToken)
	c.Request = req
	return c
}

// control takes the parameters out of the query that are for the host: key, and
// all whose name begins with webtask_. A key also leaves the URL, so that it does
// not get into tasks' hands and logs.
func control(c *host.Call, req *sandbox.Request) {
	var keep, public []string
	for pair := range strings.SplitSeq(req.Query, "&") {
		k, v, _ := strings.Cut(pair, "=")
		k, _ = url.QueryUnescape(k)
		if k == "key" {
			c.Token, _ = url.QueryUnescape(v)
			continue
		}
		public = append(public, pair)
		if !strings.HasPrefix(k, "webtask_") {
			keep = append(keep, pair)
			continue
		}
		v, _ = url.QueryUnescape(v)
		switch k {
		case "webtask_url":
			c.CodeURL = v
		case "webtask_no_cache":
			c.NoCache = v != "" && v != "0"
		case "webtask_share_token":
			c.ShareToken = true
		case "webtask_pb":
			req.Parse = v != ""
		case "webtask_mb":
			req.Merge = v != ""
		}
	}
	if path, query, _ := strings.Cut(req.URL, "?"); len(public) <= strings.Count(query, "&") {
		req.URL = path
		if len(public) > 0 {
			req.URL += "?" + strings.Join(public, "&")
		}
	}
	req.Query = strings.Join(keep, "&")
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// headerOf is a request's header as tasks see it: with its host, and without
// x-wt-params, which only the host itself may set. net/http has taken out how the
// body came, which body parsers look for.
func headerOf(r *http.Request, withoutToken bool) sandbox.Header {
	h := make(sandbox.Header, 0, len(r.Header)+2)
	h = append(h, [2]string{"Host", r.Host})
	if len(r.TransferEncoding) > 0 {
		h = append(h, [2]string{"Transfer-Encoding", strings.Join(r.TransferEncoding, ", ")})
	}
	for name, values := range r.Header {
		if name == "X-Wt-Params" || withoutToken && name == "Authorization" {
			continue
		}
		for _, v := range values {
			h = append(h, [2]string{name, v})
		}
	}
	return h
}
