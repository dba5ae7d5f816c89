//go:build linux

package worker

import (
	"errors"
	"io"
	"sync"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// stream is an answer that arrives in pieces. The worker sends no more than the
// window ahead of the reader.
type stream struct {
	call *call

	mu     sync.Mutex
	more   sync.Cond
	pieces [][]byte
	size   int
	err    error // io.EOF at a good end
	closed bool
}

func newStream(c *call) *stream {
	s := &stream{call: c}
	s.more.L = &s.mu
	return s
}

// errWindow is a worker's breach of the window.
var errWindow = errors.New("the worker sent more than it may")

// add takes a piece from the worker.
func (s *stream) add(piece []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil || len(piece) == 0 {
		return nil
	}
	// The last piece may exceed the window.
	if s.size >= window || len(piece) > pieceSize {
		return errWindow
	}
	s.pieces = append(s.pieces, piece)
	s.size += len(piece)
	s.more.Signal()
	return nil
}

// end ends the stream; err is io.EOF or why it failed.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.more.Signal()
}

// Buffered reports whether the next Read will not wait.
func (s *stream) Buffered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pieces) > 0 || s.err != nil
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	for len(s.pieces) == 0 && s.err == nil && !s.closed {
		s.more.Wait()
	}
	if len(s.pieces) == 0 {
		err := s.err
		if s.closed {
			err = io.ErrClosedPipe
		}
		s.mu.Unlock()
		return 0, err
	}
	n := copy(p, s.pieces[0])
	if n == len(s.pieces[0]) {
		s.pieces = s.pieces[1:]
	} else {
		s.pieces[0] = s.pieces[0][n:]
	}
	s.size -= n
	s.mu.Unlock()
	s.call.proc.conn.Send(wire.Credit, s.call.id, func(b []byte) []byte { return wire.AppendUint(b, uint64(n)) })
	return n, nil
}

// Close implements io.Closer: the reader has seen enough. A call that is still
// answering is cancelled.
func (s *stream) Close() error {
	s.mu.Lock()
	unfinished := s.err == nil && !s.closed
	s.closed, s.pieces = true, nil
	s.more.Signal()
	s.mu.Unlock()
	if unfinished {
		s.call.cancel(&sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The caller went away."})
	}
	return nil
}
