package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/wthost/wt/sandbox"
)

// writeTime is how long a caller may take to accept a piece of an answer: one who
// does not read must not hold memory for ever.
const writeTime = 30 * time.Second

// small bodies fit into the connection's buffers.
const small = 32 << 10

// writeBody writes a body that is at hand.
func (s *server) writeBody(w http.ResponseWriter, body []byte) {
	if len(body) <= small {
		_, _ = w.Write(body)
		return
	}
	conn := http.NewResponseController(w)
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	for len(body) > 0 {
		_ = conn.SetWriteDeadline(time.Now().Add(writeTime))
		n, err := w.Write(body[:min(len(body), 1<<20)])
		if err != nil {
			return
		}
		body = body[n:]
	}
}

// stream passes the pieces of an answer on as they come. If the task fails in the
// middle, the connection is cut: an end that looks good would be a lie.
func (s *server) stream(w http.ResponseWriter, r *http.Request, body io.ReadCloser) {
	defer body.Close()
	conn := http.NewResponseController(w)
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	_ = conn.Flush()
	stop := context.AfterFunc(r.Context(), func() { _ = body.Close() }) // the caller went away
	defer stop()
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			_ = conn.SetWriteDeadline(time.Now().Add(writeTime))
			if _, werr := w.Write(buf[:n]); werr != nil {
				return
			}
			if b, ok := body.(interface{ Buffered() bool }); !ok || !b.Buffered() || err != nil {
				_ = conn.Flush()
			}
		}
		var failed *sandbox.Error
		switch {
		case err == nil:
		case errors.As(err, &failed):
			s.Logger.Warn("a task failed in the middle of its answer", "request_id", w.Header().Get(requestID), "error", failed.Message, "stack", failed.Stack)
			panic(http.ErrAbortHandler)
		default:
			return
		}
	}
}
