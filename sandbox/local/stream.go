package local

import (
	"io"
	"sync"

	"github.com/wthost/wt/sandbox"
)

// window is how much of an answer may wait to be read before the script is told
// to wait.
const window = 256 << 10

// stream is an answer that the script gives in pieces.
type stream struct {
	call *call

	mu     sync.Mutex
	more   sync.Cond
	pieces [][]byte
	size   int
	behind bool  // the script was told to wait
	err    error // io.EOF at a good end
	closed bool
}

func newStream(c *call) *stream {
	s := &stream{call: c}
	s.more.L = &s.mu
	return s
}

// add takes a piece from the script; false tells it to wait.
func (s *stream) add(piece []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(piece) == 0 {
		return true
	}
	s.pieces = append(s.pieces, piece)
	s.size += len(piece)
	s.more.Signal()
	s.behind = s.size >= window
	return !s.behind
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
		defer s.mu.Unlock()
		if s.closed {
			return 0, io.ErrClosedPipe
		}
		return 0, s.err
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	s.size -= n
	drained := s.behind && s.size < window
	if drained {
		s.behind = false
	}
	s.mu.Unlock()
	if drained {
		s.call.drained()
	}
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

func (c *call) drained() {
	<-c.started
	c.run.Drained()
}
