// Package api serves the management API over HTTP: it reads requests, calls
// package tasks and writes answers. It must not know who may do what, nor where
// anything is kept.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
)

// MaxBody is the largest request body, in bytes: code, secrets and metadata.
const MaxBody = 20 << 20

// Options configure Register; nil means defaults.
type Options struct {
	// Log takes internal errors; nil means slog.Default.
	Log *slog.Logger
}

// api is the handlers' environment.
type api struct {
	tasks *tasks.Service
	log   *slog.Logger
}

// handler answers a request of an authenticated caller, or returns an error
// before it has written anything.
type handler func(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error

// Register adds the management routes to the router. It also makes the router's
// answer to an unknown path under /api a JSON error; other unknown paths go to the
// NotFoundHandler that the router had, if any. So r must be the outermost router,
// and one that matches encoded paths (UseEncodedPath).
func Register(r *mux.Router, s *tasks.Service, opts *Options) {
	a := &api{tasks: s}
	if opts != nil {
		a.log = opts.Log
	}
	a.route(r, "/api/tokens/issue", methods{http.MethodPost: a.issue})
	a.route(r, "/api/tokens/inspect", methods{http.MethodGet: a.inspect})
	a.route(r, "/api/tokens/revoke", methods{http.MethodPost: a.revoke})
	a.route(r, "/api/webtask", methods{http.MethodGet: a.list})
	a.route(r, "/api/webtask/{container}", methods{http.MethodGet: a.list})
	a.route(r, "/api/webtask/{container}/{name}", methods{
		http.MethodGet: a.get, http.MethodPut: a.put, http.MethodDelete: a.delete,
	})
	other := r.NotFoundHandler
	if other == nil {
		other = http.HandlerFunc(http.NotFound)
	}
	r.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/") {
			other.ServeHTTP(w, r)
			return
		}
		WriteError(w, a.withLog(r), webtask.Errorf(webtask.NotFound, "there is nothing at this path"))
	})
}

type methods map[string]handler

// route serves a path. Methods it does not have are answered here too, as the
// router does not tell which ones a path has.
func (a *api) route(r *mux.Router, path string, m methods) {
	r.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		r = a.withLog(r)
		method := r.Method
		if method == http.MethodHead { // net/http leaves out the body
			method = http.MethodGet
		}
		h, ok := m[method]
		if !ok {
			writeMethodNotAllowed(w, r, m)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		caller, err := a.authenticate(r)
		if err == nil {
			err = h(w, r, caller)
		}
		if err != nil {
			WriteError(w, r, err)
		}
	})
}

// authenticate takes the token from the Authorization header, or else from the
// query.
func (a *api) authenticate(r *http.Request) (webtask.Claims, error) {
	token := r.URL.Query().Get("key")
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(value)
	}
	if token == "" {
		return webtask.Claims{}, webtask.Errorf(webtask.Unauthorized, "the request has no token").
			WithHint("send it as Authorization: Bearer {token}, or as ?key={token}")
	}
	return a.tasks.Authenticate(token)
}

type logKey struct{}

// withLog lets WriteError find the logger.
func (a *api) withLog(r *http.Request) *http.Request {
	if a.log == nil {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), logKey{}, a.log))
}
