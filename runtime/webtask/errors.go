package webtask

import (
	"errors"
	"fmt"
)

// ErrorCode classifies an error for its reader. HTTPStatus and CodeOfStatus are the one
// table between codes and HTTP, used by server and client.
type ErrorCode string

// The error codes.
const (
	BadRequest   ErrorCode = "bad_request"
	Unauthorized ErrorCode = "unauthorized"
	Forbidden    ErrorCode = "forbidden"
	NotFound     ErrorCode = "not_found"
	Conflict     ErrorCode = "conflict"
	TooLarge     ErrorCode = "too_large"
	RateLimited  ErrorCode = "rate_limited"
	Internal     ErrorCode = "internal"
	BadGateway   ErrorCode = "bad_gateway"
	Unavailable  ErrorCode = "unavailable"
	Timeout      ErrorCode = "timeout"
)

var statuses = []struct {
	code   ErrorCode
	status int
}{
	{BadRequest, 400}, {Unauthorized, 401}, {Forbidden, 403}, {NotFound, 404}, {Conflict, 409},
	{TooLarge, 413}, {RateLimited, 429}, {Internal, 500}, {BadGateway, 502}, {Unavailable, 503}, {Timeout, 504},
}

// HTTPStatus is the status that answers an error of this code.
func (c ErrorCode) HTTPStatus() int {
	for _, s := range statuses {
		if s.code == c {
			return s.status
		}
	}
	return 500
}

// CodeOfStatus is the code for an HTTP status of 400 and more that came
// without one.
func CodeOfStatus(status int) ErrorCode {
	for _, s := range statuses {
		if s.status == status {
			return s.code
		}
	}
	if status >= 500 {
		return Internal
	}
	return BadRequest
}

// Error is an error whose text a user should read. Any other error is shown to
// users as an internal error with an id that the log carries too.
type Error struct {
	Code    ErrorCode
	Message string
	// Hint says what to do next; it may be empty.
	Hint string
	// Err is the cause, for errors.Is and the log.
	Err error
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Err }

// WithHint sets what to do next.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Errorf makes an Error. A %w verb sets its cause.
func Errorf(code ErrorCode, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// CodeOf is the code of the first Error in err's chain, or Internal.
func CodeOf(err error) ErrorCode {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
