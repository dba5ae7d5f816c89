package sandbox

import (
	"context"
	"encoding/json"
)

// ErrorKind says what went wrong with a call.
type ErrorKind uint8

// The kinds. Those up to ErrSerialize are the script's own doing; the others
// come from the sandbox.
const (
	ErrInternal       ErrorKind = iota
	ErrCompile                  // the code does not parse, or threw while it was loaded
	ErrNoFunction               // it exports no function
	ErrArity                    // the function's number of parameters is none of the handler forms
	ErrCallback                 // the callback got an error, or the handler's promise was rejected
	ErrThrown                   // the handler threw
	ErrUncaught                 // something threw, or rejected, outside of the handler
	ErrSerialize                // the result has no JSON form
	ErrNoAnswer                 // nothing is left to happen, and the script has not answered
	ErrTimeout                  // Limits.Duration is over
	ErrMemory                   // Limits.Memory is used up
	ErrStack                    // Limits.StackDepth is exceeded
	ErrWorkerDied               // the worker ended while the call was under way
	ErrBodyTooLarge             // Limits.Body is exceeded
	ErrAnswerTooLarge           // Limits.Answer is exceeded
	ErrOverloaded               // Limits.Calls is exceeded
	ErrCancelled                // the caller's context ended
	ErrNoTask                   // a worker was asked for a task that it had forgotten; pools try again
	ErrLoad                     // Task.Load failed; Unwrap gives its error
)

// Error is why a call failed.
type Error struct {
	Kind ErrorKind
	// Message is one sentence for a person.
	Message string
	// Name, Details and Stack describe the JavaScript error, if there was one.
	// Details is JSON: the text of an Error, or the thrown value itself. Stack
	// names files and lines of the script.
	Name    string
	Details json.RawMessage
	Stack   string
	// Status is the statusCode property of the error, or 0.
	Status int
	Err    error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error {
	if e.Err == nil && e.Kind == ErrTimeout {
		return context.DeadlineExceeded
	}
	return e.Err
}
