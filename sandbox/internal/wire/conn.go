// Package wire is what a worker process and its parent say to each other, and
// how: frames on a stream socket, each with a type and the id of the call or
// fetch that it belongs to. Neither side trusts what the other sends: a decoder
// never panics, lengths and counts are believed only as far as the bytes reach,
// and frames, headers and errors have a largest size. Bodies do not, but for the
// frame's: how many may be under way is for those to say who hold them. The
// package must not know what is done with the messages.
package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Build identifies the protocol: the first frame of each side carries it, and
// sides that differ part at once.
const Build = "wt-wire-1"

// MaxFrame is the largest frame, in bytes: code of 10 MiB and the largest answer
// fit with room.
const MaxFrame = 48 << 20

// The backlog. A side that is slow is not dead: it is only given up when it has
// taken nothing for a while, or when more than maxBacklog waits for it.
const (
	// maxQueued is how much may wait to be written before messages that begin
	// something are refused.
	maxQueued  = 64 << 20
	maxBacklog = 256 << 20
	// maxStall is how long the other side may take nothing of what waits.
	maxStall = 10 * time.Second
	// writeSize is how much is written at once: progress shows by it.
	writeSize = 1 << 20
)

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
	out     []byte    // frames to be written
	secret  bool      // out has a frame that must not stay in memory
	pending int       // bytes of the batch that is being written
	spare   []byte    // the buffer that was written last
	writing bool      // a goroutine writes, and will go on until out is empty
	moved   time.Time // when something was last written, or had to be
	err     error
}

// NewConn makes a Conn of a stream.
func NewConn(rw io.ReadWriteCloser) *Conn {
	return &Conn{rw: rw, r: bufio.NewReaderSize(rw, 64<<10)}
}

// Sent is what became of a message.
type Sent uint8

// The fates of a message. Of one that is not Queued nothing is sent.
const (
	Queued   Sent = iota
	TooLarge      // it fits in no frame
	Backlog       // it begins something, and the other side has enough to read
)

// Send queues a frame whose payload build appends; it never blocks. Errors of the
// stream appear at the reading side, when it closes.
func (c *Conn) Send(t Type, id uint32, build func(b []byte) []byte) Sent {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return Queued
	}
	if c.writing && time.Since(c.moved) > maxStall {
		c.fail(errNotReading)
		return Queued
	}
	before, start := c.out, len(c.out)
	c.out = append(c.out, 0, 0, 0, 0, byte(t))
	c.out = binary.LittleEndian.AppendUint32(c.out, id)
	if build != nil {
		c.out = build(c.out)
	}
	if c.secret && cap(before) != cap(c.out) {
		clear(before) // it has been copied
	}
	size := len(c.out) - start - 4
	backlog := c.pending + len(c.out)
	switch {
	case size > MaxFrame:
		return c.takeBack(start, TooLarge)
	case backlog > maxQueued && backlog > size+headerSize && t.begins():
		return c.takeBack(start, Backlog)
	case backlog > maxBacklog:
		c.fail(errNotReading)
		return Queued
	}
	c.secret = c.secret || t == Load
	binary.LittleEndian.PutUint32(c.out[start:], uint32(size))
	if !c.writing {
		c.writing, c.moved = true, time.Now()
		go c.flush()
	}
	return Queued
}

// takeBack drops the frame that begins at start.
func (c *Conn) takeBack(start int, s Sent) Sent {
	clear(c.out[start:])
	c.out = c.out[:start]
	return s
}

var errNotReading = errors.New("wire: the other side does not read")

// flush writes until nothing is queued. It first lets those run who are about to
// queue more: under load, one system call then takes many frames.
func (c *Conn) flush() {
	runtime.Gosched()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) > 0 && c.err == nil {
		batch, secret := c.out, c.secret
		c.out, c.spare, c.secret = c.spare[:0], nil, false
		c.write(batch)
		if secret {
			clear(batch)
		}
		if cap(batch) <= 1<<20 {
			c.spare = batch[:0]
		}
	}
	c.writing = false
}

// write writes a batch piece by piece. With c.mu held, but not while it writes.
func (c *Conn) write(batch []byte) {
	for piece := range slices.Chunk(batch, writeSize) {
		c.pending = len(batch)
		batch = batch[len(piece):]
		c.mu.Unlock()
		_, err := c.rw.Write(piece)
		c.mu.Lock()
		c.moved = time.Now()
		if err != nil && c.err == nil {
			c.fail(err)
		}
		if c.err != nil {
			break
		}
	}
	c.pending = 0
}

func (c *Conn) fail(err error) {
	clear(c.out)
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
