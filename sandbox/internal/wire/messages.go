package wire

import (
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// Type says what a frame is.
type Type uint8

// What the parent sends. The id is a call's, a fetch's, or a task's handle.
const (
	Config     Type = iota + 1 // first: Build, then the limits as JSON
	Load                       // a task: its definition as JSON
	Unload                     // a task is not needed any more
	Prepare                    // compile: the task's handle; answered by Answer or Fail
	Invoke                     // a call: see AppendRequest
	Body                       // a piece of a call's body: see AppendPiece
	Cancel                     // end a call: an error as JSON
	Credit                     // so many bytes of an answer have been taken
	FetchHead                  // the head of a fetch's answer: see AppendFetchResponse
	FetchPiece                 // a piece of its body: see AppendPiece
)

// What the worker sends.
const (
	Ready       Type = iota + 64 // first: Build; it is set up
	Answer                       // a whole answer: see AppendResponse
	Head                         // the head of an answer in pieces: see AppendResponse
	Data                         // a piece of it
	End                          // its end; a byte says whether the call goes on
	Fail                         // a call's error, as JSON
	Done                         // a call that went on has ended
	ReadBody                     // asks for a piece of the call's body
	Log                          // a level byte and a line
	Fetch                        // the call's id, then AppendFetchRequest; the id is new
	FetchNext                    // asks for a piece of a fetch's body
	FetchCancel                  // a fetch is given up
)

// begins reports whether a message begins something, so that its sender can be
// told no. All others belong to what has begun.
func (t Type) begins() bool { return t == Load || t == Prepare || t == Invoke || t == Fetch }

// Request is the head of a call as it crosses the wire.
type Request struct {
	Handle    uint32
	URLFormat int
	HasBody   bool
	Parse     bool
	Merge     bool
	ID        string
	Method    string
	URL       string
	Query     string
	header    string
}

// AppendRequest writes a call's request. A query that is the end of the URL, as
// nearly all are, is not sent twice.
func AppendRequest(b []byte, handle uint32, r *sandbox.Request) []byte {
	b = AppendUint(b, uint64(handle))
	flags := uint64(r.URLFormat) << 4
	for bit, on := range []bool{r.Body != nil, false, r.Parse, r.Merge} {
		if on {
			flags |= 1 << bit
		}
	}
	same := len(r.Query) < len(r.URL) && r.URL[len(r.URL)-len(r.Query):] == r.Query
	if same {
		flags |= 2
	}
	b = AppendUint(b, flags)
	b = AppendString(AppendString(AppendString(b, r.ID), r.Method), r.URL)
	if same {
		b = AppendUint(b, uint64(len(r.Query)))
	} else {
		b = AppendString(b, r.Query)
	}
	return AppendHeader(b, r.Header)
}

// DecodeRequest reads what AppendRequest wrote. The header waits until it is
// asked for.
func DecodeRequest(payload string) (*Request, error) {
	d := Decode(payload)
	r := &Request{Handle: uint32(d.Uint())}
	flags := d.Uint()
	r.HasBody, r.Parse, r.Merge, r.URLFormat = flags&1 != 0, flags&4 != 0, flags&8 != 0, int(flags>>4)
	r.ID, r.Method, r.URL = d.String(), d.String(), d.String()
	if flags&2 != 0 {
		n := d.Uint()
		if n > uint64(len(r.URL)) {
			return nil, errMalformed
		}
		r.Query = r.URL[uint64(len(r.URL))-n:]
	} else {
		r.Query = d.String()
	}
	r.header = d.Rest()
	if d.bad {
		return nil, errMalformed
	}
	return r, nil
}

// Header decodes the request's header.
func (r *Request) Header() effect.Header { return Decode(r.header).Header() }

// AppendResponse writes an answer, or its head; more says that the call goes on.
func AppendResponse(b []byte, r *sandbox.Response, more bool) []byte {
	flags := uint64(0)
	if r.JSON {
		flags |= 1
	}
	if more {
		flags |= 2
	}
	b = AppendUint(AppendUint(b, flags), uint64(r.Status))
	if !r.JSON {
		b = AppendHeader(b, r.Header)
	}
	return append(b, r.Body...)
}

// DecodeResponse reads what AppendResponse wrote.
func DecodeResponse(payload string) (r *sandbox.Response, more bool, err error) {
	d := Decode(payload)
	flags := d.Uint()
	r = &sandbox.Response{JSON: flags&1 != 0, Status: int(d.Uint())}
	if !r.JSON {
		r.Header = d.Header()
	}
	r.Body = Bytes(d.Rest())
	if d.bad || r.Status < 100 || r.Status > 999 {
		return nil, false, errMalformed
	}
	return r, flags&2 != 0, nil
}

// AppendPiece writes a piece of a body, or its end: err is nil, io.EOF, or what
// went wrong.
func AppendPiece(b []byte, piece []byte, err error) []byte {
	text := ""
	switch {
	case err == io.EOF:
		text = "EOF"
	case err != nil:
		text = "!" + err.Error()
	}
	return append(AppendString(b, text), piece...)
}

// DecodePiece reads what AppendPiece wrote; the piece is a copy.
func DecodePiece(payload string) (piece []byte, err error) {
	d := Decode(payload)
	switch text := d.String(); {
	case d.bad:
		return nil, errMalformed
	case text == "EOF":
		err = io.EOF
	case text != "":
		err = errors.New(text[1:])
	}
	return []byte(d.Rest()), err
}

// AppendFetchRequest writes a fetch.
func AppendFetchRequest(b []byte, call uint32, r *effect.FetchRequest) []byte {
	b = AppendUint(b, uint64(call))
	b = AppendString(AppendString(AppendString(b, r.Method), r.URL), r.Redirect)
	return append(AppendHeader(b, r.Header), r.Body...)
}

// DecodeFetchRequest reads what AppendFetchRequest wrote.
func DecodeFetchRequest(payload string) (call uint32, r *effect.FetchRequest, err error) {
	d := Decode(payload)
	call = uint32(d.Uint())
	r = &effect.FetchRequest{Method: d.String(), URL: d.String(), Redirect: d.String(), Header: d.Header()}
	r.Body = Bytes(d.Rest())
	if d.bad {
		return 0, nil, errMalformed
	}
	return call, r, nil
}

// AppendFetchResponse writes the head of a fetch's answer and, when whole is set,
// its body; or the error that came instead.
func AppendFetchResponse(b []byte, r *effect.FetchResponse, body []byte, whole bool, err error) []byte {
	if err != nil {
		return AppendString(b, "!"+err.Error())
	}
	flags := uint64(0)
	if whole {
		flags |= 1
	}
	if r.Redirected {
		flags |= 2
	}
	b = AppendUint(AppendUint(AppendString(b, ""), flags), uint64(r.Status))
	b = AppendHeader(AppendString(AppendString(b, r.URL), r.StatusText), r.Header)
	return append(b, body...)
}

// DecodeFetchResponse reads what AppendFetchResponse wrote, or the
// error that came instead of an answer.
func DecodeFetchResponse(payload string) (r effect.FetchResponse, body []byte, whole bool, err error) {
	d := Decode(payload)
	if text := d.String(); text != "" {
		return r, nil, false, errors.New(text[1:])
	}
	flags := d.Uint()
	if d.bad {
		return r, nil, false, errMalformed
	}
	r = effect.FetchResponse{Redirected: flags&2 != 0, Status: int(d.Uint()), URL: d.String(), StatusText: d.String(), Header: d.Header()}
	return r, []byte(d.Rest()), flags&1 != 0, d.Err()
}

// AppendJSON writes a value as JSON.
func AppendJSON(b []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return b
	}
	b = append(b, text...)
	clear(text) // it may have held secrets
	return b
}

// wireError is a sandbox.Error as it crosses the wire.
type wireError struct {
	Kind    sandbox.ErrorKind
	Message string
	Name    string          `json:",omitempty"`
	Details json.RawMessage `json:",omitempty"`
	Stack   string          `json:",omitempty"`
	Status  int             `json:",omitempty"`
	Cause   string          `json:",omitempty"`
}

// AppendError writes an error.
func AppendError(b []byte, e *sandbox.Error) []byte {
	w := wireError{Kind: e.Kind, Message: e.Message, Name: e.Name, Details: e.Details, Stack: e.Stack, Status: e.Status}
	if e.Err != nil {
		w.Cause = e.Err.Error()
	}
	if len(w.Details) > maxDetails {
		w.Details = nil
	}
	return AppendJSON(b, w)
}

const (
	// maxError is how long an error may be as JSON.
	maxError = 1 << 20
	// maxDetails is how much of a thrown value is passed on.
	maxDetails = 64 << 10
	// maxText bounds an error's message and its stack; a little more than the
	// engine sends. Its name and its cause are shorter.
	maxText  = 33 << 10
	maxCause = 4 << 10
	maxName  = 1 << 10
)

// DecodeError reads what AppendError wrote. Kinds that only a pool gives are
// malformed, and texts are cut.
func DecodeError(payload string) *sandbox.Error {
	var w wireError
	if len(payload) > maxError || json.Unmarshal(Bytes(payload), &w) != nil || !mayCross(w.Kind) {
		return &sandbox.Error{Kind: sandbox.ErrInternal, Message: "The worker sent a malformed error."}
	}
	e := &sandbox.Error{Kind: w.Kind, Message: cut(w.Message, maxText), Name: cut(w.Name, maxName), Stack: cut(w.Stack, maxText), Status: w.Status}
	if len(w.Details) <= maxDetails {
		e.Details = w.Details
	}
	if w.Cause != "" {
		e.Err = errors.New(cut(w.Cause, maxCause))
	}
	return e
}

// mayCross reports whether errors of that kind are sent.
func mayCross(k sandbox.ErrorKind) bool {
	return k != sandbox.ErrWorkerDied && k < sandbox.ErrLoad
}

// cut shortens a text to n bytes at a character's boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
