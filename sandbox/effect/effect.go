// Package effect holds what a script can ask of the world outside its sandbox:
// the types that cross the boundary, and Host, the one interface an embedder
// implements to grant them. It knows nothing of JavaScript or of processes.
package effect

import (
	"context"
	"io"
)

// Header is a list of name and value pairs in order; names may repeat and their
// case is as it was given.
type Header [][2]string

// What a header may be: a larger one does not cross the sandbox's boundary.
const (
	MaxHeaderFields = 1000
	MaxHeaderSize   = 256 << 10 // names and values together, in bytes
)

// Fits reports whether the header is within the limits.
func (h Header) Fits() bool {
	size := 0
	for _, f := range h {
		size += len(f[0]) + len(f[1])
	}
	return len(h) <= MaxHeaderFields && size <= MaxHeaderSize
}

// FetchRequest is a request that a script makes by fetch.
type FetchRequest struct {
	Method string
	URL    string // absolute, http or https
	Header Header
	Body   []byte
	// Redirect is "follow", "manual" or "error", as in the Fetch standard.
	Redirect string
}

// FetchResponse is the answer to a FetchRequest.
type FetchResponse struct {
	URL        string // where it came from, after redirects
	Redirected bool
	Status     int
	StatusText string
	Header     Header
	// Length is the body's length in bytes, or -1 when it is not known.
	Length int64
	// Body must be read or closed.
	Body io.ReadCloser
}

// Level says how grave a log line is, by console's words.
type Level uint8

// The levels, in rising order.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Host is the world of one invocation. It carries no tenant and no token: the
// embedder binds those before it hands a Host over, so that a script cannot
// name another tenant. Its methods are called from several goroutines.
type Host interface {
	// Fetch performs a request. An error becomes the TypeError that fetch
	// rejects with; its text reaches the script.
	Fetch(ctx context.Context, req *FetchRequest) (*FetchResponse, error)
	// Log takes one line of console output. It must not block.
	Log(level Level, line string)
}
