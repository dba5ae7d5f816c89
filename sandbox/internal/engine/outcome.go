package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wthost/wt/sandbox"
)

// Calls that no script ended say the same in every pool.

// ErrClosed is what calls of a closed pool get.
var ErrClosed = &sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The sandbox is closed."}

// Abandoned is why a call ends whose context has ended.
func Abandoned(ctx context.Context) *sandbox.Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &sandbox.Error{Kind: sandbox.ErrTimeout, Message: "The request took too long.", Err: ctx.Err()}
	}
	return &sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The caller went away.", Err: ctx.Err()}
}

// OutOfTime is why a call ends that took longer than the limit.
func OutOfTime(limit time.Duration) *sandbox.Error {
	return &sandbox.Error{Kind: sandbox.ErrTimeout, Message: fmt.Sprintf("The task did not finish within %v.", limit)}
}
