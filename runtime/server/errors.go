package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

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

// failure is how a failed run is answered.
type failure struct {
	runError
	source   string // x-wt-response-source
	internal bool   // only the log says what happened
}

// writeRunError answers a run that failed.
func (s *server) writeRunError(w http.ResponseWriter, r *http.Request, id string, err error) {
	f := describe(err)
	f.RequestID = id
	if f.internal {
		s.Logger.Error("internal error", "request_id", id, "error", err, "cause", errors.Unwrap(err), "path", logPath(r))
		f = internalError(id)
	}
	s.writeError(w, r, f)
}

func internalError(id string) failure {
	return failure{source: "proxy", runError: runError{Code: 500, Error: "Server error", RequestID: id,
		Message: "The host failed; its log has more under this request id."}}
}

func (s *server) writeError(w http.ResponseWriter, r *http.Request, f failure) {
	h := w.Header()
	setHeader(h, nil, false)
	h["Content-Type"] = jsonType
	h[responseSource] = []string{f.source}
	switch f.Code {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusUnauthorized:
		if f.source == "proxy" {
			h.Set("WWW-Authenticate", "Bearer")
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(f.runError) // its one raw part is JSON by the engine's word; the worst is an empty body
	body := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(f.Code)
	_, _ = w.Write(body)
}

// describe gives the status, the text and the source of a failure. Errors that are
// neither the script's nor meant for users keep their text to themselves.
func describe(err error) failure {
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
		return failure{source: "proxy", runError: runError{Code: status, Error: http.StatusText(status), Message: we.Message, Hint: we.Hint}}
	case errors.Is(err, context.Canceled):
		return describeScript(&sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The caller went away."})
	case errors.Is(err, context.DeadlineExceeded):
		return describeScript(&sandbox.Error{Kind: sandbox.ErrTimeout, Message: "The request took too long."})
	}
	return failure{internal: true}
}

func describeScript(e *sandbox.Error) failure {
	k, ok := kinds[e.Kind]
	if !ok {
		return failure{internal: true}
	}
	b := runError{Code: k.status, Error: k.text, Name: e.Name, Message: e.Message, Details: e.Details, Stack: e.Stack}
	if !json.Valid(b.Details) { // a worker's word is not to be trusted
		b.Details = nil
	}
	switch {
	case e.Kind == sandbox.ErrCompile:
		b.Error = "Unable to compile submitted JavaScript: " + thrownText(e)
		if b.Details == nil {
			b.Details, _ = json.Marshal(e.Message)
		}
	case k.source == "compiler":
		b.Error = "Unable to compile submitted JavaScript: " + e.Message
		b.Details, _ = json.Marshal("Unable to compile submitted JavaScript. Error: " + e.Message)
	case e.Kind == sandbox.ErrCallback && e.Status >= 400 && e.Status <= 599:
		b.Code = e.Status // only a callback's error may choose it
	}
	return failure{runError: b, source: k.source}
}

// thrownText is what String gives of a thrown error: its name and message.
func thrownText(e *sandbox.Error) string {
	var text string
	if json.Unmarshal(e.Details, &text) == nil && text != "" {
		return text
	}
	return e.Message
}
