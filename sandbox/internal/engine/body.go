package engine

import (
	"fmt"
	"io"

	"github.com/wthost/wt/sandbox"
)

// bodyReader pulls a request's body from the world, piece by piece.
type bodyReader struct {
	call *Call
	in   *Instance
	// next takes the piece that was asked for; nil when none was.
	next func(piece []byte, err error) error
	// replayed is a body that was read before the handler ran.
	replayed []byte
	done     bool
}

// read asks for the next piece. The call waits for it.
func (b *bodyReader) read(next func(piece []byte, err error) error) error {
	switch {
	case b.next != nil:
		return nil // one read at a time
	case len(b.replayed) > 0:
		piece := b.replayed
		b.replayed = nil
		return next(piece, nil)
	case b.done || !b.call.req.HasBody:
		return next(nil, io.EOF)
	}
	b.next = next
	b.call.pending++
	b.call.world.ReadBody()
	return nil
}

// deliver hands a piece from the world to whoever asked for it.
func (b *bodyReader) deliver(piece []byte, err error) error {
	if b == nil || b.next == nil {
		return nil
	}
	next := b.next
	b.next = nil
	b.call.pending--
	if err != nil {
		b.done = true
	}
	if err == io.EOF && len(piece) > 0 {
		err = nil // the end comes with the next read
	}
	return next(piece, err)
}

// collect reads the whole body, up to limit bytes.
func (b *bodyReader) collect(limit int64, done func(body []byte) error) error {
	var body []byte
	var step func(piece []byte, err error) error
	step = func(piece []byte, err error) error {
		body = append(body, piece...)
		switch {
		case int64(len(body)) > limit:
			return &sandbox.Error{Kind: sandbox.ErrBodyTooLarge,
				Message: fmt.Sprintf("The request body exceeds the limit of %d bytes.", limit)}
		case err == io.EOF:
			return done(body)
		case err != nil:
			return &sandbox.Error{Kind: sandbox.ErrCancelled, Message: "The request body could not be read: " + err.Error(), Err: err}
		}
		return b.read(step)
	}
	return b.read(step)
}

// replay lets the handler read a body that was collected.
func (b *bodyReader) replay(body []byte) { b.replayed, b.done = body, true }
