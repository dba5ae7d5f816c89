package api

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// errorBody is the JSON form of an error. Old clients show Message only.
type errorBody struct {
	StatusCode int               `json:"statusCode"`
	Error      string            `json:"error"` // the status in words
	Message    string            `json:"message"`
	Code       webtask.ErrorCode `json:"code"`
	Hint       string            `json:"hint,omitempty"`
	RequestID  string            `json:"request_id"`
}

// RequestIDHeader names a request. What serves a request may set it in the
// answer beforehand; else WriteError makes an id.
const RequestIDHeader = "X-Request-Id"

// WriteError answers a request with an error. Of an error that is not for users
// it shows the request id only, under which the log has the rest. The request's
// query, which may hold a token, is never logged.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	id := requestID(w)
	body := errorBody{Code: webtask.Internal, RequestID: id}
	var known *webtask.Error
	if errors.As(err, &known) && known.Code != webtask.Internal {
		body.Code, body.Message, body.Hint = known.Code, known.Message, known.Hint
	}
	body.StatusCode = body.Code.HTTPStatus()
	if body.StatusCode >= 500 {
		level := slog.LevelError
		if r.Context().Err() != nil { // the client went away: nothing is wrong here
			level = slog.LevelDebug
		}
		logger(r).Log(r.Context(), level, "request failed",
			"request_id", id, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if body.Code == webtask.Internal {
		body.Message = "internal error; the log of the host has it under request id " + id
	}
	if body.Code == webtask.Unauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeErrorBody(w, body)
}

// requestID is the id that the answer carries; one is made where there is none.
func requestID(w http.ResponseWriter) string {
	id := w.Header().Get(RequestIDHeader)
	if id == "" {
		id = rand.Text()
		w.Header().Set(RequestIDHeader, id)
	}
	return id
}

func writeMethodNotAllowed(w http.ResponseWriter, r *http.Request, m methods) {
	allowed := slices.Collect(maps.Keys(m))
	if _, ok := m[http.MethodGet]; ok {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	id := requestID(w)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	writeErrorBody(w, errorBody{
		StatusCode: http.StatusMethodNotAllowed,
		Message:    "this path has no " + r.Method + ", only " + strings.Join(allowed, ", "),
		Code:       webtask.BadRequest,
		RequestID:  id,
	})
}

func writeErrorBody(w http.ResponseWriter, body errorBody) {
	body.Error = http.StatusText(body.StatusCode)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, body.StatusCode, body)
}

// writeJSON cannot report a failure: the status is out by then, and what fails
// is the connection.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

func logger(r *http.Request) *slog.Logger {
	if l, ok := r.Context().Value(logKey{}).(*slog.Logger); ok {
		return l
	}
	return slog.Default()
}
