package host

import (
	"context"
	"errors"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// key finds a target: by container and name, or by token and the URL that the
// caller gave for its code.
type key struct {
	container, name, token, url string
	share                       bool
}

// Call is a request to run something.
type Call struct {
	Container string
	// Name names a stored task; when it is empty, Token says what to run.
	Name  string
	Token string
	// CodeURL is where the caller says the code is, for tokens that do not say it.
	CodeURL string
	// NoCache asks for the code at its URL as it is now, whatever freshness its
	// server granted.
	NoCache bool
	// ShareToken puts the token into ctx.token also where it does not fix the code.
	ShareToken bool
	Request    *sandbox.Request
}

// Outcome is what running gave.
type Outcome struct {
	Response *sandbox.Response
	// Stale says why older code ran than the URL of the task has; nil when it did
	// not.
	Stale error
}

// tries is how often a call looks a task up that is replaced again and again.
const tries = 5

// Run resolves and invokes. Its errors are *sandbox.Error where the task ran or
// should have, and *webtask.Error before that.
func (h *Host) Run(ctx context.Context, c Call) (Outcome, error) {
	if err := check(&c); err != nil {
		return Outcome{}, err
	}
	for try := 1; ; try++ {
		t, once, err := h.resolve(ctx, c)
		if err != nil {
			return Outcome{}, err
		}
		out, err := h.invoke(ctx, t, c)
		switch {
		case once:
			h.forget(t.container, t.current())
		case err != nil && isGone(err):
			// The task was replaced between its look-up and the loading of its code.
			h.drop(t)
			if t.key.token != "" {
				return out, webtask.Errorf(webtask.NotFound, "the code that this token runs does not exist any more: %w", err)
			}
			if try < tries {
				continue
			}
		}
		return out, err
	}
}

// check refuses calls that contradict themselves.
func check(c *Call) error {
	switch {
	case c.Name != "" && c.CodeURL != "":
		return webtask.Errorf(webtask.BadRequest, "a named task has its code, so webtask_url must not be given")
	case c.Name == "" && c.Token == "":
		return webtask.Errorf(webtask.Unauthorized, "this URL needs a token").
			WithHint("give it as ?key=TOKEN or in the header Authorization: Bearer TOKEN, or call a named task")
	}
	return nil
}

func (h *Host) invoke(ctx context.Context, t *target, c Call) (Outcome, error) {
	if err := h.Tokens.Check(&t.claims, h.now()); err != nil {
		return Outcome{}, err
	}
	if c.NoCache && t.url != "" {
		h.code.Forget(t.url)
	}
	task, stale, err := t.version(ctx, h)
	if err != nil {
		return Outcome{}, err
	}
	pool := h.pool(t.container)
	if pool == nil {
		return Outcome{}, errClosed
	}
	resp, err := pool.Invoke(ctx, task, c.Request, &world{host: h, container: t.container, name: t.name, request: c.Request.ID})
	return Outcome{Response: resp, Stale: stale}, err
}

var errClosed = webtask.Errorf(webtask.Unavailable, "the host is shutting down")

// isGone reports whether a task's code was no longer in the store.
func isGone(err error) bool {
	var e *sandbox.Error
	return errors.As(err, &e) && e.Kind == sandbox.ErrLoad && webtask.CodeOf(e.Err) == webtask.NotFound
}

// resolve finds the target of a call; once says that it is for this call alone.
func (h *Host) resolve(ctx context.Context, c Call) (t *target, once bool, err error) {
	if c.Name != "" {
		k := key{container: c.Container, name: c.Name}
		t, err = h.cached(k, func() (*target, error) { return h.named(ctx, k) })
		return t, false, err
	}
	k := key{container: c.Container, token: c.Token, url: c.CodeURL, share: c.ShareToken}
	t, err = h.cached(k, func() (*target, error) { return h.byToken(k) })
	if err != nil || t.hasCode() {
		return t, false, err
	}
	if err := h.Tokens.Check(&t.claims, h.now()); err != nil { // before its code is read
		return nil, false, err
	}
	t, err = h.withBody(ctx, t, c)
	return t, true, err
}
