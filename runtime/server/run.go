package server

import (
	"errors"
	"io"
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
	out, err := s.Host.Run(r.Context(), callOf(w, r, id, container, name))
	if out.Stale != nil {
		w.Header()["X-Wt-Stale"] = []string{headerText(out.Stale.Error())}
	}
	if err != nil {
		s.writeRunError(w, r, id, err)
		return
	}
	s.write(w, r, out)
}

// write passes an answer on.
func (s *server) write(w http.ResponseWriter, r *http.Request, out host.Outcome) {
	h := w.Header()
	h["X-Wt-Response-Source"] = sourceWebtask
	resp := out.Response
	if resp.JSON {
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Access-Control-Expose-Headers"] = exposed
		h["Content-Type"] = jsonType
		h["Content-Length"] = []string{strconv.Itoa(len(resp.Body))}
		_, _ = w.Write(resp.Body)
		return
	}
	setHeader(h, resp.Header, resp.Stream == nil)
	if resp.Stream == nil && bodyAllowed(resp.Status) {
		h["Content-Length"] = []string{strconv.Itoa(len(resp.Body))}
		if r.Method == http.MethodHead && len(resp.Body) == 0 {
			delete(h, "Content-Length")
		}
	}
	w.WriteHeader(resp.Status)
	if resp.Stream == nil {
		_, _ = w.Write(resp.Body)
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

func bodyAllowed(status int) bool { return status >= 200 && status != 204 && status != 304 }

// connectionHeaders belong to the connection, which is the server's.
var connectionHeaders = map[string]bool{"Connection": true, "Keep-Alive": true, "Transfer-Encoding": true, "Upgrade": true,
	"Proxy-Connection": true, "Trailer": true, "Te": true, "X-Wt-Request-Id": true}

// setHeader gives the answer the task's header fields, and those for callers of
// other origins unless the task has set them.
func setHeader(h http.Header, fields sandbox.Header, whole bool) {
	for _, f := range fields {
		name := http.CanonicalHeaderKey(f[0])
		if !connectionHeaders[name] && (!whole || name != "Content-Length") {
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

// stream passes the pieces of an answer on as they come. If the task fails in the
// middle, the connection is cut: an end that looks good would be a lie.
func (s *server) stream(w http.ResponseWriter, r *http.Request, body io.ReadCloser) {
	defer body.Close()
	flusher := http.NewResponseController(w)
	_ = flusher.Flush()
	stop := closeWhenDone(r, body)
	defer stop()
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return
			}
			if b, ok := body.(interface{ Buffered() bool }); !ok || !b.Buffered() || err != nil {
				_ = flusher.Flush()
			}
		}
		var failed *sandbox.Error
		switch {
		case err == nil:
		case errors.As(err, &failed):
			s.Logger.Warn("a task failed in the middle of its answer", "request_id", w.Header().Get("X-Wt-Request-Id"), "error", failed.Message)
			panic(http.ErrAbortHandler)
		default:
			return
		}
	}
}

// preflight answers a browser that asks whether a page may send a request
// (Fetch standard, CORS-preflight request). It may: anyone may call a task.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	method := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || method == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", headerText(method))
	if ask := r.Header.Get("Access-Control-Request-Headers"); ask != "" {
		h.Set("Access-Control-Allow-Headers", headerText(ask))
	}
	h.Set("Access-Control-Max-Age", "7200")
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// headerText makes text safe for a header field.
func headerText(s string) string {
	if len(s) > 300 {
		s = s[:300]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s)
}
