package host

import (
	"context"
	"io"
	"time"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
)

// withBody makes a target for one call whose code is its body.
func (h *Host) withBody(ctx context.Context, t *target, c Call) (*target, error) {
	if c.Request.Body == nil {
		return nil, webtask.Errorf(webtask.BadRequest, "there is no code to run").
			WithHint("send code as the request's body, or name its URL as ?webtask_url=")
	}
	text, err := h.readCode(ctx, c.Request.Body)
	if err != nil {
		return nil, err
	}
	c.Request.Body = nil
	own := &target{container: t.container, name: t.name, token: t.token, claims: t.claims}
	own.task = own.newTask(h, "webtask.js", func(context.Context) (string, error) { return text, nil })
	return own, nil
}

// readCode reads a body that is code. A caller that sends it slowly is not waited
// for: whoever owns the body ends the read that is left behind.
func (h *Host) readCode(ctx context.Context, body io.Reader) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(body, code.MaxSize+1))
		read <- result{text, err}
	}()
	enough := time.NewTimer(h.Upload)
	defer enough.Stop()
	select {
	case r := <-read:
		switch {
		case r.err != nil && webtask.CodeOf(r.err) != webtask.Internal:
			return "", r.err
		case r.err != nil:
			return "", webtask.Errorf(webtask.BadRequest, "the request's body could not be read")
		case len(r.text) > code.MaxSize:
			return "", webtask.Errorf(webtask.TooLarge, "Script exceeds the size limit of %d.", code.MaxSize)
		}
		return string(r.text), nil
	case <-enough.C:
		return "", webtask.Errorf(webtask.Timeout, "the request's body did not arrive within %v", h.Upload)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
