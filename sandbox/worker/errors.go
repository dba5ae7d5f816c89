//go:build linux

package worker

import (
	"errors"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/wire"
)

var errCancelled = errors.New("the request was cancelled")

// errNoTask answers a call that crossed with the task's Unload.
var errNoTask = &sandbox.Error{Kind: sandbox.ErrNoTask, Message: "The task was replaced; try again."}

// errCodeTooLarge and errRequestTooLarge refuse what fits in no frame.
var (
	errCodeTooLarge    = &sandbox.Error{Kind: sandbox.ErrCompile, Message: "The code is too large."}
	errRequestTooLarge = &sandbox.Error{Kind: sandbox.ErrBodyTooLarge, Message: "The request's head is too large."}
)

// errBacklog refuses what a worker would have to take on top of too much.
var errBacklog = &sandbox.Error{Kind: sandbox.ErrOverloaded, Message: "The worker of this container has too much to take in; try again."}

// refusal is the error of a message that was not sent, or nil.
func refusal(s wire.Sent, tooLarge *sandbox.Error) *sandbox.Error {
	switch s {
	case wire.TooLarge:
		return tooLarge
	case wire.Backlog:
		return errBacklog
	}
	return nil
}
