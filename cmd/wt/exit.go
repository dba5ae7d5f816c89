package main

import (
	"context"
	"errors"
	"syscall"

	"github.com/wthost/wt/runtime/profile"
	"github.com/wthost/wt/runtime/webtask"
)

// The exit codes, which are those of wt-cli.
const (
	exitOK          = 0
	exitCancelled   = 1   // the user answered no
	exitUsage       = 2   // the command line, or a file it names, is wrong
	exitNoProfile   = 3   // there is no profile yet: wt init
	exitTimeout     = 4   // the host did not answer in time
	exitNotFound    = 5   // the task or profile does not exist
	exitBadRequest  = 6   // the host refused the request
	exitServer      = 7   // the host failed or cannot be reached
	exitDenied      = 8   // the token does not allow it
	exitInternal    = 99  // anything else
	exitInterrupted = 130 // Ctrl-C
	exitBrokenPipe  = 141 // nobody reads the output any more
)

// exitCode is the exit code for what a command returned.
func exitCode(err error) int {
	var f *failure
	var w *webtask.Error
	var missing *profile.NotFoundError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, syscall.EPIPE):
		return exitBrokenPipe
	case errors.As(err, &f):
		return f.exit
	case errors.Is(err, profile.ErrNone):
		return exitNoProfile
	case errors.As(err, &missing):
		return exitNotFound
	case errors.As(err, &w):
		return exitOfCode(w.Code)
	}
	return exitInternal
}

func exitOfCode(c webtask.ErrorCode) int {
	switch c {
	case webtask.NotFound:
		return exitNotFound
	case webtask.Unauthorized, webtask.Forbidden:
		return exitDenied
	case webtask.Timeout:
		return exitTimeout
	}
	if c.HTTPStatus() >= 500 {
		return exitServer
	}
	return exitBadRequest
}

// asQuery is for commands that only ask (ls, inspect, token): there every
// refusal of the host is a bad request.
func asQuery(err error) error {
	var w *webtask.Error
	if errors.As(err, &w) && w.Code.HTTPStatus() < 500 {
		return &failure{exit: exitBadRequest, msg: w.Message, hint: w.Hint, err: err}
	}
	return err
}
