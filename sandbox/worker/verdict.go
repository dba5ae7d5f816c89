//go:build linux

package worker

import (
	"strings"
	"sync"

	"github.com/wthost/wt/sandbox"
)

const diedMessage = "The worker that ran this task ended unexpectedly; try again."

// verdictOf tells from what a worker wrote at its end why it ended.
func verdictOf(stderr string) *sandbox.Error {
	first, _, _ := strings.Cut(stderr, "\n")
	switch {
	case strings.Contains(first, "out of memory"), strings.Contains(first, "cannot allocate memory"),
		strings.Contains(stderr, "tryDrain"): // the collector at a failed allocation
		return &sandbox.Error{Kind: sandbox.ErrMemory, Message: "A task of this container used more memory than its limit allows, so its worker ended; try again."}
	case strings.Contains(stderr, "stack overflow"), strings.Contains(stderr, "goroutine stack exceeds"):
		return &sandbox.Error{Kind: sandbox.ErrStack, Message: "A task of this container nested too deeply, so its worker ended; try again."}
	}
	return &sandbox.Error{Kind: sandbox.ErrWorkerDied, Message: diedMessage}
}

// crashNote keeps the first part of what a worker writes to stderr: a Go program that
// crashes says why at the start.
type crashNote struct {
	mu   sync.Mutex
	text []byte
}

const maxStderr = 16 << 10

// Write implements io.Writer. It takes everything and keeps what fits.
func (t *crashNote) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[:min(len(p), maxStderr-len(t.text))]...)
	return len(p), nil
}

func (t *crashNote) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// firstLines is what goes to the log.
func (t *crashNote) firstLines() string {
	s := t.String()
	if len(s) > 600 {
		s = s[:600] + "…"
	}
	return s
}
