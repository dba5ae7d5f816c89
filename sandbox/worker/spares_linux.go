package worker

import (
	"sync"
	"time"
)

// Spares keeps a worker process that has started and waits to be given to a pool:
// it hides the time of a start, most of which is the loading of the program. A
// spare that waits uses about 10 MB, most of it shared with the parent.
type Spares struct {
	mu     sync.Mutex
	ready  *spawned
	closed bool
}

// refillDelay keeps the start of the next spare out of the way of the first call
// of the one that was taken.
const refillDelay = 500 * time.Millisecond

// NewSpares starts the first spare in the background.
func NewSpares() *Spares {
	s := &Spares{}
	s.mu.Lock() // until it is there: a pool that comes early waits for it
	go func() {
		defer s.mu.Unlock()
		s.ready, _ = spawn() // if it fails, take tries again and reports it
	}()
	return s
}

// take gives the spare, or a new process if there is none.
func (s *Spares) take() (*spawned, error) {
	s.mu.Lock()
	w := s.ready
	s.ready = nil
	if !s.closed {
		time.AfterFunc(refillDelay, s.refill)
	}
	s.mu.Unlock()
	if w != nil {
		return w, nil
	}
	return spawn()
}

func (s *Spares) refill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil && !s.closed {
		s.ready, _ = spawn()
	}
}

// Close ends the spare.
func (s *Spares) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if w := s.ready; w != nil {
		s.ready = nil
		w.kill()
		_ = w.conn.Close()
		_ = w.wait()
	}
}
