package engine

import (
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// World is the outside of one call. Its methods are called on the instance's
// loop and must not block; the callbacks that they are given may be called from
// any goroutine.
type World interface {
	// Answer gives the whole answer. When more is set, the script goes on in the
	// background, and Done follows.
	Answer(r *sandbox.Response, more bool)
	// Head, Data and End give an answer in pieces. Data reports whether the
	// receiver keeps up; if not, Call.Drained will be called.
	Head(status int, header sandbox.Header)
	Data(piece []byte) (keepsUp bool)
	End(more bool)
	// Fail ends the call with an error, also in the middle of an answer.
	Fail(e *sandbox.Error)
	// Done ends a call that went on after its answer.
	Done()

	// ReadBody asks for the next piece of the request's body; it comes by
	// Call.Body. It is called again only after that.
	ReadBody()
	// Fetch starts a request.
	Fetch(req *effect.FetchRequest, done func(*FetchResult, error)) (cancel func())
	// Log takes a line of console output.
	Log(level effect.Level, line string)
}

// FetchResult is the answer to a fetch; its Body field is nil.
type FetchResult struct {
	effect.FetchResponse
	// Whole says that the body is here already: nothing more comes from outside.
	Whole bool
	// Next asks for the next piece of the body; done gets io.EOF after the last.
	Next func(done func(piece []byte, err error))
	// Cancel gives up the rest.
	Cancel func()
}

// Request is a call's request as the engine takes it.
type Request struct {
	ID        string
	Method    string
	URL       string
	Query     string
	URLFormat int
	HasBody   bool
	Parse     bool
	Merge     bool
	// Header is called at most once, when the script first looks at a header.
	Header func() sandbox.Header
}
