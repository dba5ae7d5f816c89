package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/sandbox"
)

// run answers the run endpoint.
func (s *server) run(w http.ResponseWriter, r *http.Request, id, container, name string) {
	if preflight(w, r) {
		return
	}
	body := bodyOf(w, r)
	defer body.finish()
	out, err := s.Host.Run(r.Context(), callOf(r, body, id, container, name))
	if err == nil && !answerable(out.Response) {
		if out.Response.Stream != nil {
			_ = out.Response.Stream.Close()
		}
		err = &sandbox.Error{Kind: sandbox.ErrUncaught,
			Message: "The script answered with the status " + strconv.Itoa(out.Response.Status) + ", which cannot end a request."}
	}
	h := w.Header()
	if out.Stale != nil {
		h[staleHeader] = []string{headerText(out.Stale.Error(), 300)}
	}
	body.settle(r, h, err == nil && out.Response.Stream != nil)
	if err != nil {
		s.writeRunError(w, r, id, err)
		return
	}
	s.write(w, r, out)
}

// answerable reports whether the status is one that ends a request: net/http takes
// 1xx for news that an answer follows.
func answerable(resp *sandbox.Response) bool {
	return resp.JSON || resp.Status >= 200 && resp.Status <= 999
}

// write passes an answer on.
func (s *server) write(w http.ResponseWriter, r *http.Request, out host.Outcome) {
	h := w.Header()
	h[responseSource] = sourceWebtask
	resp := out.Response
	if resp.JSON {
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Access-Control-Expose-Headers"] = exposed
		h["Content-Type"] = jsonType
		h["Content-Length"] = []string{strconv.Itoa(len(resp.Body))}
		s.writeBody(w, resp.Body)
		return
	}
	head := r.Method == http.MethodHead
	setHeader(h, resp.Header, resp.Stream != nil || head)
	switch {
	case !bodyAllowed(resp.Status):
		delete(h, "Content-Length")
	case resp.Stream == nil && (!head || len(resp.Body) > 0):
		h["Content-Length"] = []string{strconv.Itoa(len(resp.Body))}
	}
	w.WriteHeader(resp.Status)
	if resp.Stream == nil {
		s.writeBody(w, resp.Body)
		return
	}
	s.stream(w, r, resp.Stream)
}

// These are shared by all answers, which only read them.
var (
	sourceWebtask = []string{"webtask"}
	anyOrigin     = []string{"*"}
	exposed       = []string{"*"}
	jsonType      = []string{"application/json"}
)

// Header fields of the host's own.
const (
	responseSource = "X-Wt-Response-Source"
	staleHeader    = "X-Wt-Stale"
)

func bodyAllowed(status int) bool { return status >= 200 && status != 204 && status != 304 }

// notForTasks are fields that belong to the connection, which is the server's, that
// say what the host has to say, or that a browser applies to the whole origin, which
// all containers share.
var notForTasks = map[string]bool{"Connection": true, "Keep-Alive": true, "Transfer-Encoding": true, "Upgrade": true,
	"Proxy-Connection": true, "Trailer": true, "Te": true, requestID: true, responseSource: true, staleHeader: true,
	"Service-Worker-Allowed": true, "Alt-Svc": true, "Strict-Transport-Security": true, "Clear-Site-Data": true,
	"Public-Key-Pins": true}

// setHeader gives the answer the task's header fields, and those for callers of
// other origins unless the task has set them. A Content-Length counts only where
// the body is not at hand, and only if it is one number.
func setHeader(h http.Header, fields sandbox.Header, withLength bool) {
	for _, f := range fields {
		name := http.CanonicalHeaderKey(f[0])
		switch {
		case notForTasks[name], strings.HasPrefix(name, http.TrailerPrefix):
		case name == "Content-Length":
			if n, err := strconv.ParseUint(f[1], 10, 62); withLength && err == nil {
				h[name] = []string{strconv.FormatUint(n, 10)}
			}
		default:
			h[name] = append(h[name], f[1])
		}
	}
	if _, ok := h["Access-Control-Allow-Origin"]; !ok {
		h["Access-Control-Allow-Origin"] = anyOrigin
		if _, ok := h["Access-Control-Expose-Headers"]; !ok {
			h["Access-Control-Expose-Headers"] = exposed
		}
	}
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // net/http must not guess
	}
}
