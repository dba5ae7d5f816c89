package standin

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
)

// File is a static server of one file of code, as a forge serves a raw file. It may
// be edited while it is served, and counts what it is asked.
type File struct {
	mu     sync.Mutex
	text   string
	counts Counts
}

// Counts says what a File was asked.
type Counts struct {
	Gets        int // all requests
	Conditional int // those that named the version they know
	NotModified int // those answered with 304
}

// NewFile serves text.
func NewFile(text string) *File { return &File{text: text} }

// Edit changes the file and says what it was asked before.
func (f *File) Edit(text string) (before Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = text
	return f.counts
}

// Counts says what the file was asked so far.
func (f *File) Counts() Counts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

// ServeHTTP implements http.Handler.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	current, known := etag([]byte(f.text)), r.Header.Get("If-None-Match")
	f.counts.Gets++
	if known != "" {
		f.counts.Conditional++
	}
	w.Header().Set("ETag", current)
	if known == current {
		f.counts.NotModified++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write([]byte(f.text))
}

func etag(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}
