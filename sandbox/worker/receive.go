//go:build linux

package worker

import (
	"fmt"
	"io"

	"github.com/wthost/wt/sandbox"
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
	return c.receive(f)
}

// stage is how far a call's answer is, by what the worker has sent.
type stage uint8

const (
	waiting stage = iota
	streaming
	answered
)

// expect is an error if the call is not at that stage.
func (c *call) expect(s stage, t wire.Type) error {
	if c.stage != s {
		return fmt.Errorf("a frame of type %d out of turn", t)
	}
	return nil
}

// receive takes a frame of the call. Only the goroutine that reads calls it.
func (c *call) receive(f wire.Frame) error {
	switch f.Type {
	case wire.Answer:
		return c.receiveAnswer(f)
	case wire.Head:
		return c.receiveHead(f)
	case wire.Data:
		if err := c.expect(streaming, f.Type); err != nil {
			return err
		}
		return c.stream.add(wire.Bytes(f.Payload))
	case wire.End:
		return c.receiveEnd(f)
	case wire.Fail:
		return c.receiveFail(f)
	case wire.Done:
		if err := c.expect(answered, f.Type); err != nil {
			return err
		}
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
	if err == nil {
		err = c.expect(waiting, f.Type)
	}
	if err != nil {
		return err
	}
	c.stage = answered
	c.give(result{resp: resp})
	if !more {
		c.over()
	}
	return nil
}

func (c *call) receiveHead(f wire.Frame) error {
	resp, _, err := wire.DecodeResponse(f.Payload)
	if err == nil {
		err = c.expect(waiting, f.Type)
	}
	if err != nil {
		return err
	}
	c.stage = streaming
	s := newStream(c)
	c.mu.Lock()
	c.stream = s
	c.mu.Unlock()
	resp.Stream = s
	c.give(result{resp: resp})
	return nil
}

func (c *call) receiveFail(f wire.Frame) error {
	e := wire.DecodeError(f.Payload)
	if e.Kind == sandbox.ErrNoTask {
		// It makes the pool try again: only a call that did not begin may.
		if err := c.expect(waiting, f.Type); err != nil {
			return err
		}
	}
	c.give(result{err: e})
	c.over()
	return nil
}

func (c *call) receiveEnd(f wire.Frame) error {
	if err := c.expect(streaming, f.Type); err != nil {
		return err
	}
	c.stage = answered
	c.stream.end(io.EOF)
	if f.Payload != "\x01" {
		c.over()
	}
	return nil
}

const (
	// maxLine is how long a log line may be, a little more than the engine sends.
	maxLine = 17 << 10
	// maxLogged is how much the lines of a call may be together.
	maxLogged = 2 << 20
)

func (c *call) log(payload string) {
	c.logged += len(payload)
	if c.host != nil && len(payload) > 0 && len(payload) <= maxLine && c.logged <= maxLogged {
		c.host.Log(min(effect.Level(payload[0]), effect.Error), payload[1:])
	}
}
