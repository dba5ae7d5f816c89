package worker

import (
	"fmt"
	"io"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// handle takes a frame from the worker. An error ends the worker: it broke the
// rules of the wire. A frame of a call that is over is none: the two may cross.
func (p *process) handle(f wire.Frame) error {
	switch f.Type {
	case wire.Fetch:
		return p.startFetch(f)
	case wire.FetchNext, wire.FetchCancel:
		if x := p.fetching(f.ID); x != nil {
			x.receive(f.Type)
		}
		return nil
	}
	p.mu.Lock()
	c := p.calls[f.ID]
	p.mu.Unlock()
	if c == nil {
		return nil
	}
	switch f.Type {
	case wire.Answer:
		return c.receiveAnswer(f)
	case wire.Head:
		return c.receiveHead(f)
	case wire.Data:
		if s := c.streaming(); s != nil {
			return s.add(wire.Bytes(f.Payload))
		}
	case wire.End:
		if s := c.streaming(); s != nil {
			s.end(io.EOF)
		}
		if f.Payload != "\x01" {
			c.over()
		}
	case wire.Fail:
		c.give(result{err: wire.DecodeError(f.Payload)})
		c.over()
	case wire.Done:
		c.over()
	case wire.ReadBody:
		c.readBody()
	case wire.Log:
		c.log(f.Payload)
	default:
		return fmt.Errorf("a frame of unknown type %d", f.Type)
	}
	return nil
}

func (c *call) receiveAnswer(f wire.Frame) error {
	resp, more, err := wire.DecodeResponse(f.Payload)
	if err != nil {
		return err
	}
	c.give(result{resp: resp})
	if !more {
		c.over()
	}
	return nil
}

func (c *call) receiveHead(f wire.Frame) error {
	resp, _, err := wire.DecodeResponse(f.Payload)
	if err != nil {
		return err
	}
	s := newStream(c)
	c.mu.Lock()
	c.stream = s
	c.mu.Unlock()
	resp.Stream = s
	c.give(result{resp: resp})
	return nil
}

func (c *call) streaming() *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stream
}

func (c *call) log(payload string) {
	if c.host != nil && len(payload) > 0 && len(payload) <= maxLine+8 {
		c.host.Log(min(effect.Level(payload[0]), effect.Error), payload[1:])
	}
}
