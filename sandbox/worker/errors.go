//go:build linux

package worker

import (
	"errors"

	"github.com/wthost/wt/sandbox"
)

var errCancelled = errors.New("the request was cancelled")

// errNoTask answers a call that crossed with the task's Unload.
var errNoTask = &sandbox.Error{Kind: sandbox.ErrNoTask, Message: "The task was replaced; try again."}
