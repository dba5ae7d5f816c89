//go:build linux

package worker

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/wire"
)

// fetching is the parent's side of a fetch.
type fetching struct {
	proc *process
	id   uint32
	call *call
	req  *effect.FetchRequest
	size int // of the message, which the request's body keeps in memory
	stop context.CancelFunc
	pull chan struct{}
}

// startFetch begins what a worker asked for, for a call of its own.
func (p *process) startFetch(f wire.Frame) error {
	id, req, err := wire.DecodeFetchRequest(f.Payload)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[id]
	if c == nil || c.host == nil {
		p.refuse(f.ID, errCancelled)
		return nil
	}
	if p.fetches[f.ID] != nil {
		return fmt.Errorf("fetch %d exists already", f.ID)
	}
	// The worker counts too. Here a fetch ends a little later than there.
	if c.fetches >= 2*p.pool.limits.Fetches {
		p.refuse(f.ID, errTooManyFetches)
		return nil
	}
	if p.fetchBytes+len(f.Payload) > maxFetchBytes {
		p.refuse(f.ID, errTooMuchFetched)
		return nil
	}
	c.fetches++
	p.fetchBytes += len(f.Payload)
	x := &fetching{proc: p, id: f.ID, call: c, req: req, size: len(f.Payload), pull: make(chan struct{}, 1)}
	p.fetches[f.ID] = x
	ctx, stop := context.WithCancel(c.context())
	x.stop = stop
	go x.run(ctx)
	return nil
}

// maxFetchBytes is how much of a worker's fetches this process holds at once.
const maxFetchBytes = 64 << 20

var (
	errTooManyFetches = errors.New("too many fetches are under way in this request")
	errTooMuchFetched = fmt.Errorf("the fetches under way in this container send more than %d MiB together; wait for some to end", maxFetchBytes>>20)
)

func (p *process) refuse(id uint32, err error) {
	p.conn.Send(wire.FetchHead, id, func(b []byte) []byte { return wire.AppendFetchResponse(b, nil, nil, false, err) })
}

func (p *process) fetching(id uint32) *fetching {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches[id]
}

// receive takes what the worker says of the fetch.
func (x *fetching) receive(t wire.Type) {
	if t == wire.FetchCancel {
		x.stop()
		return
	}
	select {
	case x.pull <- struct{}{}:
	default:
	}
}

// run performs the request and sends the answer, its body as it is asked for.
func (x *fetching) run(ctx context.Context) {
	defer func() {
		x.stop()
		x.proc.mu.Lock()
		delete(x.proc.fetches, x.id)
		x.proc.fetchBytes -= x.size
		x.call.fetches--
		x.proc.mu.Unlock()
	}()
	resp, err := x.call.host.Fetch(ctx, x.req)
	if err != nil {
		x.sendHead(nil, nil, false, err)
		return
	}
	defer resp.Body.Close()
	if !resp.Header.Fits() {
		x.sendHead(nil, nil, false, errHeadTooLarge)
		return
	}
	body, err := readSmall(resp)
	if err != nil {
		x.sendHead(nil, nil, false, err)
		return
	}
	x.sendHead(resp, body, body != nil, nil)
	if body == nil {
		x.sendBody(ctx, resp.Body)
	}
}

func (x *fetching) sendHead(r *effect.FetchResponse, body []byte, whole bool, err error) {
	x.proc.conn.Send(wire.FetchHead, x.id, func(b []byte) []byte { return wire.AppendFetchResponse(b, r, body, whole, err) })
}

var errHeadTooLarge = errors.New("the answer's headers are too large")

// readSmall reads a body that is known to be small, so that it travels with the
// head; nil means that it is not.
func readSmall(r *effect.FetchResponse) ([]byte, error) {
	if r.Length < 0 || r.Length > pieceSize {
		return nil, nil
	}
	body := make([]byte, r.Length)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

func (x *fetching) sendBody(ctx context.Context, body io.Reader) {
	buf := make([]byte, pieceSize)
	for {
		select {
		case <-x.pull:
		case <-ctx.Done():
			return
		}
		n, err := body.Read(buf)
		for n == 0 && err == nil {
			n, err = body.Read(buf)
		}
		x.proc.conn.Send(wire.FetchPiece, x.id, func(b []byte) []byte { return wire.AppendPiece(b, buf[:n], err) })
		if err != nil {
			return
		}
	}
}
