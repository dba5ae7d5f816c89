// Package wire is what a worker process and its parent say to each other, and
// how: frames on a stream socket, each with a type and the id of the call or
// fetch that it belongs to. Neither side trusts the other's lengths and counts:
// a decoder never panics, never allocates more than it was sent, and a frame has
// a largest size. It must not know what is done with the messages.
package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Build identifies the protocol: the first frame of each side carries it, and
// sides that differ part at once.
const Build = "wt-wire-1"

// MaxFrame is the largest frame, in bytes: code of 10 MiB and the largest answer
// fit with room.
const MaxFrame = 48 << 20

// maxQueued is how much may wait to be written: beyond it the other side has
// stopped reading, and the stream is closed.
const maxQueued = 64 << 20

// headerSize is a frame's length (4 bytes, of what follows), type (1) and id (4).
const headerSize = 9

// Frame is a received frame.
type Frame struct {
	Type    Type
	ID      uint32
	Payload string // a string, so that messages can share its memory
}

// Conn sends and receives frames. Send may be used by many goroutines at once,
// Read by one.
type Conn struct {
	rw io.ReadWriteCloser
	r  *bufio.Reader

	mu      sync.Mutex
	out     []byte // frames to be written
	spare   []byte // the buffer that was written last
	writing bool   // a goroutine writes, and will go on until out is empty
	err     error
}

// NewConn makes a Conn of a stream.
func NewConn(rw io.ReadWriteCloser) *Conn {
	return &Conn{rw: rw, r: bufio.NewReaderSize(rw, 64<<10)}
}

// Send queues a frame whose payload build appends; it never blocks. It is false
// for a frame that is too large, of which nothing is sent. Other errors appear at
// the reading side, when the stream closes.
func (c *Conn) Send(t Type, id uint32, build func(b []byte) []byte) (fits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return true
	}
	start := len(c.out)
	c.out = append(c.out, 0, 0, 0, 0, byte(t))
	c.out = binary.LittleEndian.AppendUint32(c.out, id)
	if build != nil {
		c.out = build(c.out)
	}
	size := len(c.out) - start - 4
	if size > MaxFrame {
		c.out = c.out[:start]
		return false
	}
	if len(c.out) > maxQueued {
		c.fail(errNotReading)
		return true
	}
	binary.LittleEndian.PutUint32(c.out[start:], uint32(size))
	if !c.writing {
		c.writing = true
		go c.flush()
	}
	return true
}

var errNotReading = errors.New("wire: the other side does not read")

// flush writes until nothing is queued. It first lets those run who are about to
// queue more: under load, one system call then takes many frames.
func (c *Conn) flush() {
	runtime.Gosched()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) > 0 && c.err == nil {
		batch := c.out
		c.out, c.spare = c.spare[:0], nil
		c.mu.Unlock()
		_, err := c.rw.Write(batch)
		c.mu.Lock()
		if cap(batch) <= 1<<20 {
			c.spare = batch[:0]
		}
		if err != nil {
			c.fail(err)
		}
	}
	c.writing = false
}

func (c *Conn) fail(err error) {
	c.err, c.out = err, nil
	_ = c.rw.Close()
}

// Read returns the next frame.
func (c *Conn) Read() (Frame, error) {
	header, err := c.r.Peek(headerSize)
	if err != nil {
		return Frame{}, err
	}
	size := binary.LittleEndian.Uint32(header)
	f := Frame{Type: Type(header[4]), ID: binary.LittleEndian.Uint32(header[5:])}
	if size < headerSize-4 || size > MaxFrame {
		return Frame{}, fmt.Errorf("wire: a frame of %d bytes", size)
	}
	_, _ = c.r.Discard(headerSize)
	payload, err := readString(c.r, int(size)-(headerSize-4))
	f.Payload = payload
	return f, err
}

// Close closes the stream.
func (c *Conn) Close() error { return c.rw.Close() }
