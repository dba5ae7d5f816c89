// Package sandbox runs untrusted JavaScript from Go: the types of a task, of a
// call and of its answer, and Pool, which runs them.
//
// Two pools exist. worker.New keeps the scripts in a child process with hard
// limits: a script that exhausts memory or cannot be interrupted costs that
// process and nothing else. local.New runs them in this process: the same
// behaviour for scripts that are trusted not to do that.
//
// A script is granted nothing but computation. Whatever else it can do, it does
// through the Host that comes with each call.
//
// The package knows nothing of HTTP servers, tokens or stores, and imports
// neither net/http nor database/sql.
package sandbox

import (
	"context"

	"github.com/wthost/wt/sandbox/effect"
)

// Pool runs the tasks of one trust domain. Its methods are safe for concurrent
// use.
type Pool interface {
	// Invoke calls a task and returns its answer, whose Stream, if there is
	// one, must be closed: it gives an answer that is still under way as the
	// script writes it. When ctx ends before Invoke returns, so does the call. Errors are *Error.
	Invoke(ctx context.Context, t *Task, req *Request, host Host) (*Response, error)
	// Prepare compiles a task without running it: a *Error of kind ErrCompile
	// says what is wrong with its code.
	Prepare(ctx context.Context, t *Task) error
	// Forget drops what is kept of a task that should not be called again. A call
	// that comes all the same loads the task for itself alone.
	Forget(t *Task)
	// Close ends the pool and what runs in it.
	Close() error
}

// Host is the world of one call; see effect.Host.
type Host = effect.Host

// Header is a list of name and value pairs; see effect.Header.
type Header = effect.Header
