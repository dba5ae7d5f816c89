package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// target is something that can be run: the claims of a token and the code that
// goes with them. It holds secrets only as they are sealed.
type target struct {
	container string
	name      string
	token     string // for ctx.token; empty where the token does not fix the code
	claims    webtask.Claims
	meta      map[string]string
	url       string // of the code, when it is not in the store

	mu     sync.Mutex
	source *code.Source // what task was made of
	task   *sandbox.Task
	bad    *code.Source // a later version that does not parse
	badErr error
}

// version gives the task with the code as it is now. stale says why that is not
// the newest code.
func (t *target) version(ctx context.Context, h *Host) (task *sandbox.Task, stale, err error) {
	if t.url == "" {
		return t.task, nil, nil
	}
	src, stale, err := h.code.Get(ctx, t.url)
	if err != nil {
		return nil, nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.source == src:
		return t.task, stale, nil
	case t.bad == src:
		return t.task, t.badErr, nil
	}
	if pin := t.claims.Pin; pin != "" && !strings.EqualFold(pin, src.SHA256) {
		return nil, nil, webtask.Errorf(webtask.BadGateway, "the code at the task's URL is not the code that the task is pinned to: its SHA-256 is %s, not %s", src.SHA256, pin).
			WithHint("update the task with --pin to accept the new code")
	}
	next := t.newTask(h, fileOf(t.url), func(context.Context) (string, error) { return src.Text, nil })
	if t.task != nil {
		if err := t.accept(ctx, h, next); err != nil {
			t.bad, t.badErr = src, err
			h.Logger.Warn("the new code at the task's URL is not used: the last good code runs",
				"container", t.container, "name", t.name, "error", err)
			return t.task, err, nil
		}
		h.pool(t.container).Forget(t.task)
		h.Logger.Info("the task has new code", "container", t.container, "name", t.name, "sha256", src.SHA256)
	}
	t.source, t.task = src, next
	return next, stale, nil
}

// accept reports what is wrong with new code that should replace good code.
func (t *target) accept(ctx context.Context, h *Host, next *sandbox.Task) error {
	pool := h.pool(t.container)
	if pool == nil {
		return nil
	}
	err := pool.Prepare(ctx, next)
	var e *sandbox.Error
	if errors.As(err, &e) && e.Kind == sandbox.ErrCompile {
		pool.Forget(next)
		return e
	}
	return nil // whatever else it is, it is not the code's fault
}

// newTask makes the sandbox's task. What it needs is loaded when a worker asks for
// it, secrets above all: this process does not keep them.
func (t *target) newTask(h *Host, file string, source func(context.Context) (string, error)) *sandbox.Task {
	return &sandbox.Task{Load: func(ctx context.Context) (*sandbox.Definition, error) {
		text, err := source(ctx)
		if err != nil {
			return nil, err
		}
		d := &sandbox.Definition{File: file, Code: text, Container: t.container, Name: t.name, Token: t.token,
			Params: t.claims.Params, Meta: t.meta, ParseBody: sandbox.ParseOnArity, MergeBody: t.claims.MergeBody == 1,
			Fresh: t.meta["wt-fresh"] == "1"}
		if pb := t.claims.ParseBody; pb != nil && *pb >= 0 && *pb <= 2 {
			d.ParseBody = sandbox.ParseBody(*pb)
		}
		if t.claims.Sealed == "" {
			return d, nil
		}
		plain, err := h.Sealer.Open(t.claims.Sealed, webtask.Scope{Container: t.container, Name: t.claims.Name})
		if err != nil {
			return nil, fmt.Errorf("the task's secrets cannot be opened: %w", err)
		}
		return d, json.Unmarshal(plain, &d.Secrets)
	}}
}

// fileOf names code at a URL for stack traces.
func fileOf(url string) string {
	url, _, _ = strings.Cut(url, "?")
	url, _, _ = strings.Cut(url, "#")
	return fileName(path.Base(url))
}

// fileName makes a file name of a task's name.
func fileName(name string) string {
	if name == "" || name == "." || name == "/" {
		return "webtask.js"
	}
	if path.Ext(name) == "" {
		return name + ".js"
	}
	return name
}
