package server

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// The limits of a request's body.
const (
	// maxStreamed is the largest body that is passed to a task in pieces.
	maxStreamed = 1 << 30
	// maxSettled and settleTime bound what is read of a body that nobody wanted so
	// that its connection can be used again.
	maxSettled = 256 << 10
	settleTime = 50 * time.Millisecond
	// maxDrained and drainTime bound what is read of a body beyond that, so that a
	// caller who still sends it gets to read the answer.
	maxDrained = 32 << 20
	drainTime  = 500 * time.Millisecond
)

// requestBody is a request's body. Reads come from a task's goroutine; they end
// with the request, however slowly the caller sends.
type requestBody struct {
	conn  *http.ResponseController
	ended atomic.Bool // it was read to its end

	mu   sync.Mutex // one read at a time
	body io.Reader
	left int64
	err  error // what the next Read gives
}

// bodyOf prepares a request's body, nil if there is none. The answer may begin
// while the body still comes: net/http must not wait for the rest.
func bodyOf(w http.ResponseWriter, r *http.Request) *requestBody {
	if r.Body == nil || r.ContentLength == 0 {
		return nil
	}
	b := &requestBody{conn: http.NewResponseController(w), body: r.Body, left: maxStreamed}
	_ = b.conn.EnableFullDuplex() // test recorders have no connection
	return b
}

// Read implements io.Reader.
func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read(p)
}

func (b *requestBody) read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	switch {
	case err == io.EOF:
		b.err = err
		b.ended.Store(true)
	case err != nil:
		b.err = webtask.Errorf(webtask.BadRequest, "the request's body broke off: %w", err)
	case b.left < 0:
		b.err = webtask.Errorf(webtask.TooLarge, "the request's body is larger than %d bytes", int64(maxStreamed))
		return 0, b.err
	}
	return n, b.err
}

// reader implements io.Reader for one who holds mu.
type reader struct{ *requestBody }

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) { return r.read(p) }

// settle is called before an answer's head is written. If the body is not at its
// end by then, the connection cannot be used for another request: what still comes
// would be taken for one. streams says that the task may still read.
func (b *requestBody) settle(r *http.Request, h http.Header, streams bool) {
	if b == nil {
		return
	}
	unwanted := !streams && !b.ended.Load() && r.ContentLength <= maxSettled && r.Header.Get("Expect") == ""
	if unwanted && b.mu.TryLock() { // not while the task reads
		_ = b.conn.SetReadDeadline(time.Now().Add(settleTime))
		_, _ = io.CopyN(io.Discard, reader{b}, maxSettled)
		_ = b.conn.SetReadDeadline(time.Time{})
		b.mu.Unlock()
	}
	if !b.ended.Load() && r.ProtoMajor == 1 {
		h["Connection"] = []string{"close"}
	}
}

// finish ends what still reads, after the answer is written.
func (b *requestBody) finish() {
	if b == nil || b.ended.Load() {
		return
	}
	_ = b.conn.Flush()
	_ = b.conn.SetReadDeadline(time.Now().Add(drainTime)) // also for a read that is under way
	b.mu.Lock()
	defer b.mu.Unlock()
	_, _ = io.CopyN(io.Discard, reader{b}, maxDrained)
	if b.err == nil {
		b.err = errOver
	}
}

var errOver = webtask.Errorf(webtask.BadRequest, "the request is over")
