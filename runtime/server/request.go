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

// maxStreamed is the largest request body that is passed to a task in pieces.
const maxStreamed = 1 << 30

// callOf makes the host's call of a request.
func callOf(w http.ResponseWriter, r *http.Request, id, container, name string) host.Call {
	c := host.Call{Container: container, Name: name}
	req := &sandbox.Request{ID: id, Method: r.Method, URL: r.RequestURI, Query: r.URL.RawQuery, URLFormat: 1, Header: headerOf(r)}
	if r.Body != nil && r.ContentLength != 0 {
		req.Body = http.MaxBytesReader(w, r.Body, maxStreamed)
	}
	if strings.Contains(req.Query, "webtask_") || strings.Contains(req.Query, "key=") || strings.Contains(req.Query, "%") {
		control(&c, req)
	}
	if name == "" && c.Token == "" {
		c.Token = bearer(r)
	}
	c.Request = req
	return c
}

// control takes the parameters out of the query that are for the host: key, and
// all whose name begins with webtask_.
func control(c *host.Call, req *sandbox.Request) {
	var keep []string
	for pair := range strings.SplitSeq(req.Query, "&") {
		k, v, _ := strings.Cut(pair, "=")
		k, _ = url.QueryUnescape(k)
		v, _ = url.QueryUnescape(v)
		switch k {
		case "key":
			c.Token = v
		case "webtask_url":
			c.CodeURL = v
		case "webtask_share_token":
			c.ShareToken = true
		case "webtask_pb":
			req.Parse = v != ""
		case "webtask_mb":
			req.Merge = v != ""
		default:
			if !strings.HasPrefix(k, "webtask_") {
				keep = append(keep, pair)
			}
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
// x-wt-params, which only the host itself may set.
func headerOf(r *http.Request) sandbox.Header {
	h := make(sandbox.Header, 0, len(r.Header)+1)
	h = append(h, [2]string{"Host", r.Host})
	for name, values := range r.Header {
		if name == "X-Wt-Params" {
			continue
		}
		for _, v := range values {
			h = append(h, [2]string{name, v})
		}
	}
	return h
}
