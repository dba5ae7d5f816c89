// Package server is the host's HTTP side: routes, middleware, the run endpoint
// and health. The management routes come from package api. It must not know how
// a task is found or run, only what its outcome looks like over HTTP.
package server

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/wthost/wt/runtime/api"
	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/tasks"
)

// Config is what a server is made of. All fields are needed but Slow.
type Config struct {
	Host    *host.Host
	Tasks   *tasks.Service
	Logger  *slog.Logger
	Version string
	// Slow is how long a caller may take to send a management request, and to take
	// in a small answer. 0 means a minute. Runs have their own limits.
	Slow time.Duration
}

// server holds what the handlers need.
type server struct {
	Config
	ids idSource
}

// New makes the handler of all routes.
func New(c Config) http.Handler {
	if c.Slow == 0 {
		c.Slow = time.Minute
	}
	s := &server{Config: c, ids: newIDSource()}
	r := mux.NewRouter().UseEncodedPath().SkipClean(true)
	r.HandleFunc("/healthz", s.health)
	api.Register(r, c.Tasks, &api.Options{Log: c.Logger})
	return s.front(r)
}

// front gives each request an id, sends runs past the router, and logs requests.
// Runs are nearly all requests, and their path has a free tail that no route
// should interpret.
func (s *server) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := s.ids.next()
		w.Header()[requestID] = []string{id}
		rec := &recorder{ResponseWriter: w, slow: s.Slow}
		defer s.end(rec, r, id, began)
		c, n, isRun := cutRunPath(r.URL.EscapedPath())
		if !isRun || isPreflight(r) { // what a run may send is bounded by its own time
			_ = http.NewResponseController(w).SetReadDeadline(began.Add(s.Slow))
		}
		if isRun {
			s.run(rec, r, id, c, n)
			return
		}
		w.Header().Set(api.RequestIDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(rec, r)
	})
}

// requestID is the answer's header field with the request's id.
const requestID = "X-Wt-Request-Id"

// end logs a request, also one whose handler panicked: on purpose, to cut the
// connection, or by a mistake of ours, which costs that request only.
func (s *server) end(rec *recorder, r *http.Request, id string, began time.Time) {
	failure := recover()
	if failure != nil && failure != http.ErrAbortHandler {
		s.Logger.Error("internal error", "request_id", id, "path", logPath(r), "error", failure, "stack", string(debug.Stack()))
		if rec.status == 0 {
			s.writeError(rec, r, internalError(id))
			failure = nil
		} else {
			failure = http.ErrAbortHandler
		}
	}
	s.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("request_id", id), slog.String("method", r.Method),
		slog.String("path", logPath(r)), slog.Int("status", rec.status), slog.Duration("took", time.Since(began)))
	if failure != nil {
		panic(failure)
	}
}

// logPath is a request's path as the log shows it: the query may hold tokens, and
// no line should be made long by its caller.
func logPath(r *http.Request) string {
	if p := r.URL.Path; len(p) > 200 {
		return strings.ToValidUTF8(p[:200], "") + "…"
	}
	return r.URL.Path
}

// health answers GET /healthz.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "ok", "version": s.Version})
}

// recorder notes the status for the log, and gives the answer a time.
type recorder struct {
	http.ResponseWriter
	status int
	slow   time.Duration
}

// begin is called before anything is written. Each answer sets the deadline anew,
// so it may outlive this one; streams set their own.
func (r *recorder) begin(status int) {
	r.status = status
	_ = http.NewResponseController(r.ResponseWriter).SetWriteDeadline(time.Now().Add(r.slow))
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.begin(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.begin(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
