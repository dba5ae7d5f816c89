package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// closeWhenDone closes a stream when the caller goes away.
func closeWhenDone(r *http.Request, body io.Closer) (stop func() bool) {
	return context.AfterFunc(r.Context(), func() { _ = body.Close() })
}

// runError is the JSON of a failed run, in the form that webtasks' callers know.
type runError struct {
	Code      int             `json:"code"`
	Error     string          `json:"error"`
	Details   json.RawMessage `json:"details,omitempty"`
	Name      string          `json:"name,omitempty"`
	Message   string          `json:"message,omitempty"`
	Stack     string          `json:"stack,omitempty"`
	Hint      string          `json:"hint,omitempty"`
	RequestID string          `json:"request_id"`
}

// kinds says what each kind of failure looks like to the caller.
var kinds = map[sandbox.ErrorKind]struct {
	status int
	text   string
	source string
}{
	sandbox.ErrCompile:        {400, "Unable to compile submitted JavaScript.", "compiler"},
	sandbox.ErrNoFunction:     {400, "Unable to compile submitted JavaScript.", "compiler"},
	sandbox.ErrArity:          {400, "Unable to compile submitted JavaScript.", "compiler"},
	sandbox.ErrCallback:       {400, "Script returned an error.", "webtask"},
	sandbox.ErrThrown:         {500, "Script generated an unhandled synchronous exception.", "webtask"},
	sandbox.ErrUncaught:       {500, "Script generated an unhandled asynchronous exception.", "webtask"},
	sandbox.ErrSerialize:      {400, "Error when JSON serializing the result of the JavaScript code.", "webtask"},
	sandbox.ErrNoAnswer:       {500, "Script ended without an answer.", "webtask"},
	sandbox.ErrTimeout:        {504, "Script exceeded its time limit.", "proxy"},
	sandbox.ErrMemory:         {500, "Script exceeded its memory limit.", "proxy"},
	sandbox.ErrStack:          {500, "Script exceeded its stack limit.", "proxy"},
	sandbox.ErrWorkerDied:     {502, "The script's worker ended.", "proxy"},
	sandbox.ErrBodyTooLarge:   {413, "Script exceeds the size limit.", "proxy"},
	sandbox.ErrAnswerTooLarge: {500, "The script's answer is too large.", "proxy"},
	sandbox.ErrOverloaded:     {503, "Too many requests are under way.", "proxy"},
	sandbox.ErrCancelled:      {499, "The request was cancelled.", "proxy"},
	sandbox.ErrNoTask:         {503, "The task was replaced.", "proxy"},
}

// writeRunError answers a run that failed.
func (s *server) writeRunError(w http.ResponseWriter, r *http.Request, id string, err error) {
	body, source := describe(err)
	body.RequestID = id
	if body.Code == 500 && source == "proxy" && body.Message == "" {
		s.Logger.Error("internal error", "request_id", id, "error", err, "path", logPath(r))
		body.Message = "The host failed; its log has more under this request id."
	}
	h := w.Header()
	setHeader(h, nil, true)
	h["Content-Type"] = jsonType
	h["X-Wt-Response-Source"] = []string{source}
	if body.Code == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(body.Code)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(body) == nil {
		_, _ = w.Write(bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
	}
}

// describe gives the status, the text and the source of a failure. Errors that are
// neither the script's nor meant for users keep their text to themselves.
func describe(err error) (runError, string) {
	var se *sandbox.Error
	var we *webtask.Error
	if errors.As(err, &se) && se.Kind == sandbox.ErrLoad {
		err = se.Err
		se = nil
	}
	switch {
	case se != nil && se.Kind != sandbox.ErrInternal:
		return describeScript(se)
	case errors.As(err, &we) && we.Code != webtask.Internal:
		status := we.Code.HTTPStatus()
		return runError{Code: status, Error: http.StatusText(status), Message: we.Message, Hint: we.Hint}, "proxy"
	}
	return runError{Code: 500, Error: "Server error"}, "proxy"
}

func describeScript(e *sandbox.Error) (runError, string) {
	k := kinds[e.Kind]
	b := runError{Code: k.status, Error: k.text, Name: e.Name, Message: e.Message, Details: e.Details, Stack: e.Stack}
	if k.source == "compiler" {
		b.Error = "Unable to compile submitted JavaScript: " + e.Message
		if e.Details == nil {
			b.Details, _ = json.Marshal("Unable to compile submitted JavaScript. Error: " + e.Message)
		}
	}
	// Only a callback's error may choose its status.
	if e.Kind == sandbox.ErrCallback && e.Status >= 400 && e.Status <= 599 {
		b.Code = e.Status
	}
	return b, k.source
}
