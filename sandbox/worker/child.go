//go:build linux

package worker

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/engine"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// argv0 is how a worker's process is called; it is what IsChild looks for.
const argv0 = "wt: worker"

// IsChild reports whether this process was started to be a worker. Programs that
// use this package call Main first thing if it is so.
func IsChild() bool { return len(os.Args) == 1 && os.Args[0] == argv0 }

// Main is the main function of a worker process. It does not return.
func Main() {
	socket, err := inheritedSocket()
	if err != nil {
		fmt.Fprintln(os.Stderr, "This is a worker process of the sandbox. It is started by its host and is of no use by hand.")
		os.Exit(2)
	}
	c := &child{conn: wire.NewConn(socket), units: map[uint32]*engine.Unit{}, calls: map[uint32]*remote{}, fetches: map[uint32]*fetch{}}
	err = c.serve()
	runtime.KeepAlive(ballast)
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is the worker's side of the wire.
type child struct {
	conn   *wire.Conn
	engine *engine.Engine
	units  map[uint32]*engine.Unit // by handle; for the reading goroutine alone

	mu      sync.Mutex
	calls   map[uint32]*remote
	fetches map[uint32]*fetch
	lastID  uint32
}

// serve obeys the parent until it closes the socket, which is io.EOF.
func (c *child) serve() error {
	if err := c.setUp(); err != nil {
		return err
	}
	for {
		f, err := c.conn.Read()
		if err != nil {
			return err
		}
		if err := c.handle(f); err != nil {
			return err
		}
	}
}

// setUp takes the limits, applies them to the process and says that it is ready.
func (c *child) setUp() error {
	f, err := c.conn.Read()
	if err != nil {
		return err
	}
	d := wire.Decode(f.Payload)
	if build := d.String(); f.Type != wire.Config || build != wire.Build {
		return fmt.Errorf("the host speaks %q, this worker %q", build, wire.Build)
	}
	var limits sandbox.Limits
	if err := json.Unmarshal(wire.Bytes(d.Rest()), &limits); err != nil {
		return err
	}
	if err := confine(limits); err != nil {
		return err
	}
	limits.Answer = min(limits.Answer, wire.MaxFrame-1<<20) // it is one frame
	c.engine = engine.New(limits)
	c.conn.Send(wire.Ready, 0, func(b []byte) []byte { return wire.AppendString(b, wire.Build) })
	return nil
}

func (c *child) handle(f wire.Frame) error {
	switch f.Type {
	case wire.Load:
		var def sandbox.Definition
		if err := json.Unmarshal(wire.Bytes(f.Payload), &def); err != nil {
			return err
		}
		c.units[f.ID] = c.engine.Load(&def)
	case wire.Unload:
		if u := c.units[f.ID]; u != nil {
			c.engine.Unload(u)
			delete(c.units, f.ID)
		}
	case wire.Prepare:
		go c.prepare(f.ID, c.units[uint32(wire.Decode(f.Payload).Uint())])
	case wire.Invoke:
		return c.invoke(f)
	case wire.Body, wire.Cancel, wire.Credit:
		if r := c.call(f.ID); r != nil {
			r.receive(f)
		}
	case wire.FetchHead, wire.FetchPiece:
		if x := c.fetch(f.ID); x != nil {
			x.receive(f)
		}
	default:
		return fmt.Errorf("a frame of unknown type %d", f.Type)
	}
	return nil
}

func (c *child) prepare(id uint32, u *engine.Unit) {
	if u == nil {
		c.fail(id, errNoTask)
		return
	}
	if err := u.Prepare(); err != nil {
		c.fail(id, err.(*sandbox.Error))
		return
	}
	c.conn.Send(wire.Answer, id, func(b []byte) []byte {
		return wire.AppendResponse(b, &sandbox.Response{Status: 200, JSON: true}, false)
	})
}

func (c *child) fail(id uint32, e *sandbox.Error) {
	c.conn.Send(wire.Fail, id, func(b []byte) []byte { return wire.AppendError(b, e) })
}

func (c *child) invoke(f wire.Frame) error {
	req, err := wire.DecodeRequest(f.Payload)
	if err != nil {
		return err
	}
	u := c.units[req.Handle]
	if u == nil {
		c.fail(f.ID, errNoTask)
		return nil
	}
	r := &remote{child: c, id: f.ID}
	c.mu.Lock()
	c.calls[f.ID] = r
	c.mu.Unlock()
	r.call = u.Start(&engine.Request{ID: req.ID, Method: req.Method, URL: req.URL, Query: req.Query,
		URLFormat: req.URLFormat, HasBody: req.HasBody, Parse: req.Parse, Merge: req.Merge, Header: req.Header}, r)
	return nil
}

func (c *child) call(id uint32) *remote {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[id]
}

func (c *child) fetch(id uint32) *fetch {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fetches[id]
}
