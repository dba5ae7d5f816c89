package host

import (
	"context"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
)

// maxTargets is how many targets are kept; they are made again when needed.
const maxTargets = 50_000

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
	have := h.targets[k]
	var evicted []*target
	// What was read before a change must not be kept after it.
	if have == nil && generation == h.generation.Load() {
		evicted = h.evict()
		h.targets[k] = t
	}
	h.mu.Unlock()
	for _, e := range evicted {
		h.forget(e.container, e.current())
	}
	if have != nil {
		return have, nil
	}
	return t, nil
}

// evict takes some targets out when there are too many. With h.mu held.
func (h *Host) evict() (evicted []*target) {
	if len(h.targets) < maxTargets {
		return nil
	}
	for k, t := range h.targets {
		delete(h.targets, k)
		evicted = append(evicted, t)
		if len(evicted) > maxTargets/20 {
			break
		}
	}
	return evicted
}

// changed is told by the store that a task changed or went away.
func (h *Host) changed(container, name string) { h.remove(key{container: container, name: name}) }

// drop forgets a target.
func (h *Host) drop(t *target) { h.remove(t.key) }

func (h *Host) remove(k key) {
	h.generation.Add(1)
	h.mu.Lock()
	t := h.targets[k]
	delete(h.targets, k)
	h.mu.Unlock()
	if t != nil {
		h.forget(t.container, t.current())
	}
}

// named makes the target of a stored task.
func (h *Host) named(ctx context.Context, k key) (*target, error) {
	if err := webtask.CheckName("container", k.container); err != nil {
		return nil, err
	}
	if err := webtask.CheckName("task", k.name); err != nil {
		return nil, err
	}
	stored, err := h.Store.Task(ctx, k.container, k.name)
	if err != nil {
		return nil, err
	}
	claims, err := h.Tokens.Verify(stored.Token)
	if err != nil {
		return nil, webtask.Errorf(webtask.Internal, "the token of %s/%s is not valid: %w", k.container, k.name, err)
	}
	t := &target{key: k, container: k.container, name: k.name, token: stored.Token, claims: claims, meta: stored.Meta}
	return t, t.locate(h)
}

// byToken makes the target of a token.
func (h *Host) byToken(k key) (*target, error) {
	if err := webtask.CheckName("container", k.container); err != nil {
		return nil, err
	}
	claims, err := h.Tokens.Verify(k.token)
	if err != nil {
		return nil, err
	}
	if !claims.Container.Allows(k.container) {
		return nil, webtask.Errorf(webtask.Forbidden, "the token is not for the container %q", k.container)
	}
	t := &target{key: k, container: k.container, name: claims.Name, claims: claims}
	if k.share || claims.URL != "" {
		t.token = k.token
	}
	switch {
	case claims.URL != "" && k.url != "":
		return nil, webtask.Errorf(webtask.BadRequest, "the token says where its code is, so webtask_url must not be given")
	case claims.URL == "" && k.url != "":
		t.url = k.url
		return t, code.Check(k.url)
	case claims.URL == "":
		return t, nil
	}
	return t, t.locate(h)
}
