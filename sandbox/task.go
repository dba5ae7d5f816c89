package sandbox

import (
	"context"
	"io"
	"sync/atomic"
)

// Task is one version of a script with what belongs to it. It is identified by
// its address: a pool keeps what it has made of it until Forget.
type Task struct {
	// Load provides the definition. A pool calls it when it first needs the
	// task and again after a worker was replaced, so that what it holds (secrets,
	// above all) need not stay in this process.
	Load func(ctx context.Context) (*Definition, error)

	forgotten atomic.Bool
}

// MarkForgotten is for pools: their Forget calls it.
func (t *Task) MarkForgotten() { t.forgotten.Store(true) }

// Forgotten reports whether a pool was told to forget the task. One that is called
// all the same is kept for these calls only.
func (t *Task) Forgotten() bool { return t.forgotten.Load() }

// Definition is the content of a task.
type Definition struct {
	File string // how stack traces name the code, such as "sign.js"
	Code string // a CommonJS module (a top-level return is allowed) or an ES module

	Container string // its names, as the script sees them
	Name      string

	Secrets map[string]any // ctx.secrets
	Params  map[string]any // ctx.params
	Meta    map[string]string
	Token   string // ctx.token

	ParseBody ParseBody
	MergeBody bool // a parsed body is merged into ctx.data
	// Fresh asks for a new sandbox for every call: no state of a script survives.
	Fresh bool
}

// ParseBody says when a request's body is read and parsed before the handler
// runs. The values are those of the protocol's pb claim.
type ParseBody uint8

// The values of ParseBody.
const (
	ParseNever   ParseBody = 0
	ParseAlways  ParseBody = 1
	ParseOnArity ParseBody = 2 // for handlers of one or two parameters
)

// Request is what a call brings.
type Request struct {
	ID     string
	Method string
	// URL is the request target: path and query as they came.
	URL string
	// Query is the query string that becomes ctx.query.
	Query  string
	Header Header // with host; names in any case
	// Body is nil when there is none. It is read as the script asks for it.
	Body io.Reader
	// URLFormat is the shape of the URL, 1 to 3 (req.x_wt.url_format).
	URLFormat int
	// Parse and Merge turn body parsing and merging on for this call, whatever the
	// task says.
	Parse, Merge bool
}

// Response is a script's answer.
type Response struct {
	Status int
	Header Header
	// JSON says that the body is the JSON text of a callback's value: the answer
	// has no headers of the script's own.
	JSON bool
	// Body is the answer's body when Stream is nil.
	Body []byte
	// Stream gives the body as the script writes it. It ends with io.EOF, or with
	// an *Error when the script failed after it began to answer. It must be closed.
	Stream io.ReadCloser
}
