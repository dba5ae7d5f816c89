package host

import (
	"context"
	"errors"
	"io"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// key finds a target: by container and name, or by token and the URL that the
// caller gave for its code.
type key struct{ container, name, token, url string }

// Call is a request to run something.
type Call struct {
	Container string
	// Name names a stored task; when it is empty, Token says what to run.
	Name  string
	Token string
	// CodeURL is where the caller says the code is, for tokens that do not say it.
	CodeURL string
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

// Run resolves and invokes. Its errors are *sandbox.Error where the task ran or
// should have, and *webtask.Error before that.
func (h *Host) Run(ctx context.Context, c Call) (Outcome, error) {
	t, once, err := h.resolve(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	out, err := h.invoke(ctx, t, c)
	if err != nil && isGone(err) && !once {
		// The task was replaced between its look-up and the loading of its code.
		h.drop(t)
		if t, _, err = h.resolve(ctx, c); err == nil {
			out, err = h.invoke(ctx, t, c)
		}
	}
	if once {
		h.pool(t.container).Forget(t.task)
	}
	return out, err
}

func (h *Host) invoke(ctx context.Context, t *target, c Call) (Outcome, error) {
	if err := h.Tokens.Check(&t.claims, h.now()); err != nil {
		return Outcome{}, err
	}
	task, stale, err := t.version(ctx, h)
	if err != nil {
		return Outcome{}, err
	}
	pool := h.pool(t.container)
	if pool == nil {
		return Outcome{}, webtask.Errorf(webtask.Unavailable, "the host is shutting down")
	}
	resp, err := pool.Invoke(ctx, task, c.Request, &world{host: h, container: t.container, name: t.name, request: c.Request.ID})
	return Outcome{Response: resp, Stale: stale}, err
}

// isGone reports whether a task's code was no longer in the store.
func isGone(err error) bool {
	var e *sandbox.Error
	return errors.As(err, &e) && e.Kind == sandbox.ErrLoad && webtask.CodeOf(e.Err) == webtask.NotFound
}

// resolve finds the target of a call; once says that it is for this call alone.
func (h *Host) resolve(ctx context.Context, c Call) (t *target, once bool, err error) {
	if c.Name != "" {
		t, err = h.cached(key{container: c.Container, name: c.Name}, func() (*target, error) { return h.named(ctx, c) })
		return t, false, err
	}
	if c.Token == "" {
		return nil, false, webtask.Errorf(webtask.Unauthorized, "this URL needs a token").
			WithHint("give it as ?key=TOKEN or in the header Authorization: Bearer TOKEN, or call a named task")
	}
	t, err = h.cached(key{container: c.Container, token: c.Token, url: c.CodeURL}, func() (*target, error) { return h.byToken(c) })
	if err != nil || t.task != nil || t.url != "" {
		return t, false, err
	}
	t, err = h.withBody(t, c)
	return t, true, err
}

// cached gives a target that is known, or makes and keeps it.
func (h *Host) cached(k key, make func() (*target, error)) (*target, error) {
	h.mu.RLock()
	t := h.targets[k]
	h.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	generation := h.generation.Load()
	t, err := make()
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if have := h.targets[k]; have != nil {
		return have, nil
	}
	if len(h.targets) >= maxTargets {
		h.evict()
	}
	// What was read before a change must not be kept after it.
	if generation == h.generation.Load() {
		h.targets[k] = t
	}
	return t, nil
}

// maxTargets is how many targets are kept; they are made again when needed.
const maxTargets = 50_000

// evict drops some targets. With h.mu held.
func (h *Host) evict() {
	n := 0
	for k, t := range h.targets {
		delete(h.targets, k)
		if p := h.pools[t.container]; p != nil && t.task != nil {
			go p.Forget(t.task)
		}
		if n++; n > maxTargets/20 {
			return
		}
	}
}

// changed is told by the store that a task changed or went away.
func (h *Host) changed(container, name string) {
	h.generation.Add(1)
	k := key{container: container, name: name}
	h.mu.Lock()
	t, p := h.targets[k], h.pools[container]
	delete(h.targets, k)
	h.mu.Unlock()
	if t != nil && p != nil && t.task != nil {
		go p.Forget(t.task)
	}
}

// drop forgets a target.
func (h *Host) drop(t *target) { h.changed(t.container, t.name) }

// named makes the target of a stored task.
func (h *Host) named(ctx context.Context, c Call) (*target, error) {
	stored, err := h.Store.Task(ctx, c.Container, c.Name)
	if err != nil {
		return nil, err
	}
	claims, err := h.Tokens.Verify(stored.Token)
	if err != nil {
		return nil, webtask.Errorf(webtask.Internal, "the token of %s/%s is not valid: %w", c.Container, c.Name, err)
	}
	t := &target{container: c.Container, name: c.Name, token: stored.Token, claims: claims, meta: stored.Meta}
	return t, t.locate(h)
}

// byToken makes the target of a token.
func (h *Host) byToken(c Call) (*target, error) {
	claims, err := h.Tokens.Verify(c.Token)
	if err != nil {
		return nil, err
	}
	if !claims.Container.Allows(c.Container) {
		return nil, webtask.Errorf(webtask.Forbidden, "the token is not for the container %q", c.Container)
	}
	t := &target{container: c.Container, name: claims.Name, claims: claims}
	if c.ShareToken || claims.URL != "" {
		t.token = c.Token
	}
	switch {
	case claims.URL != "" && c.CodeURL != "":
		return nil, webtask.Errorf(webtask.BadRequest, "the token says where its code is, so webtask_url must not be given")
	case claims.URL == "":
		t.url = c.CodeURL
		return t, nil
	}
	return t, t.locate(h)
}

// locate says where the code of the claims is: in the store, or at a URL.
func (t *target) locate(h *Host) error {
	container, id, stored := webtask.ParseCodeURL(t.claims.URL)
	if !stored {
		t.url = t.claims.URL
		return nil
	}
	if container != t.container {
		return webtask.Errorf(webtask.Forbidden, "the code belongs to another container")
	}
	t.task = t.newTask(h, fileName(t.name), func(ctx context.Context) (string, error) {
		c, err := h.Store.Code(ctx, container, id)
		return c.Source, err
	})
	return nil
}

// withBody makes a target for one call whose code is its body.
func (h *Host) withBody(t *target, c Call) (*target, error) {
	if c.Request.Body == nil {
		return nil, webtask.Errorf(webtask.BadRequest, "there is no code to run").
			WithHint("send code as the request's body, or name its URL as ?webtask_url=")
	}
	text, err := io.ReadAll(io.LimitReader(c.Request.Body, code.MaxSize+1))
	switch {
	case err != nil:
		return nil, webtask.Errorf(webtask.BadRequest, "the request's body could not be read: %w", err)
	case len(text) > code.MaxSize:
		return nil, webtask.Errorf(webtask.TooLarge, "Script exceeds the size limit of %d.", code.MaxSize)
	}
	c.Request.Body = nil
	own := &target{container: t.container, name: t.name, token: t.token, claims: t.claims}
	own.task = own.newTask(h, "webtask.js", func(context.Context) (string, error) { return string(text), nil })
	return own, nil
}
