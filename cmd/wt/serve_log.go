package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// logger writes structured lines. Lines below Warn are gathered for a moment, so
// that a busy host does not make a system call for each.
type logger struct {
	*slog.Logger
	mu   sync.Mutex
	buf  *bufio.Writer
	wake *time.Timer
}

// logDelay is how long a line may wait.
const logDelay = 100 * time.Millisecond

func newLogger(w io.Writer) *logger {
	l := &logger{buf: bufio.NewWriterSize(w, 64<<10)}
	l.wake = time.AfterFunc(time.Hour, l.flush)
	l.Logger = slog.New(slog.NewTextHandler(l, nil))
	return l
}

// Write implements io.Writer for the handler, which calls it once for each line.
func (l *logger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.buf.Write(p)
	if strings.Contains(string(p[:min(len(p), 60)]), "level=INFO") {
		if l.buf.Buffered() == n {
			l.wake.Reset(logDelay)
		}
		return n, err
	}
	return n, l.buf.Flush()
}

// flush writes what has been gathered.
func (l *logger) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.buf.Flush()
}

// byteSize is a flag for an amount of memory, such as 256MiB.
type byteSize int64

var byteUnits = []struct {
	suffix string
	size   int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}

// minMemory is what a worker needs to run anything.
const minMemory = 32 << 20

// Set implements pflag.Value.
func (b *byteSize) Set(s string) error {
	for _, u := range byteUnits {
		num, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
		if err != nil || n <= 0 || n*float64(u.size) > 1<<50 {
			break
		}
		if *b = byteSize(n * float64(u.size)); *b < minMemory {
			return fmt.Errorf("less than %d MiB is too little", minMemory>>20)
		}
		return nil
	}
	return fmt.Errorf("%q is no amount of memory: write 256MiB or 1GiB", s)
}

// String implements pflag.Value.
func (b *byteSize) String() string { return strconv.FormatInt(int64(*b)>>20, 10) + "MiB" }

const sizeType = "size"

// Type implements pflag.Value.
func (b *byteSize) Type() string { return sizeType }
