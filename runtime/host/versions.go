package host

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// versions is what a target knows of the code at its URL. The target's lock guards
// it.
type versions struct {
	source   *code.Source // what task was made of
	trial    *trial       // of newer code, under way
	bad      *code.Source // what was tried and is not used
	badErr   error
	badUntil time.Time // when it is tried again; zero: never
}

// trial finds out whether code is usable. Its results are set when done closes.
type trial struct {
	src   *code.Source
	done  chan struct{}
	task  *sandbox.Task
	stale error
	err   error
}

// tryAgain is when code is tried again that failed for a reason beside its text.
const tryAgain = 10 * time.Second

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
	switch {
	case src.Same(t.source):
		defer t.mu.Unlock()
		return t.task, stale, nil
	case src.Same(t.bad) && (t.badUntil.IsZero() || h.now().Before(t.badUntil)):
		defer t.mu.Unlock()
		return t.instead(h, src, t.badErr)
	}
	if err := t.checkPin(src); err != nil {
		t.mu.Unlock()
		return nil, nil, err
	}
	tr := t.trial
	if tr == nil || !src.Same(tr.src) {
		tr = &trial{src: src, done: make(chan struct{})}
		t.trial = tr
		// It belongs to all who wait: one caller's end is not its end.
		go t.try(context.WithoutCancel(ctx), h, tr)
	} else if t.task != nil {
		defer t.mu.Unlock()
		return t.task, nil, nil // nobody else waits while there is code that runs
	}
	t.mu.Unlock()
	select {
	case <-tr.done:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if tr.stale == nil {
		return tr.task, stale, tr.err
	}
	return tr.task, tr.stale, tr.err
}

// checkPin reports whether the code is what the task is pinned to.
func (t *target) checkPin(src *code.Source) error {
	pin := t.claims.Pin
	if pin == "" || strings.EqualFold(pin, src.SHA256) {
		return nil
	}
	return webtask.Errorf(webtask.BadGateway, "the code at the task's URL is not the code that the task is pinned to: its SHA-256 is %s, not %s", src.SHA256, pin).
		WithHint("update the task with --pin to accept the new code")
}

// try puts new code in the place of the old one, if it parses. Else the last good
// code stays.
func (t *target) try(ctx context.Context, h *Host, tr *trial) {
	defer close(tr.done)
	pool := h.pool(t.container)
	if pool == nil {
		tr.err = errClosed
		return
	}
	next := t.ofSource(h, tr.src)
	why := pool.Prepare(ctx, next)
	if why == nil {
		h.code.Good(tr.src)
	} else {
		h.forget(t.container, next)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trial == tr {
		t.trial = nil
	}
	if why != nil {
		tr.task, tr.stale, tr.err = t.refuse(h, tr.src, why)
		return
	}
	tr.task = next
	if t.task != nil {
		h.forget(t.container, t.task)
		h.Logger.Info("the task has new code", "container", t.container, "name", t.name, "sha256", tr.src.SHA256)
	}
	t.source, t.task = tr.src, next
}

func (t *target) ofSource(h *Host, src *code.Source) *sandbox.Task {
	return t.newTask(h, fileOf(t.url), func(context.Context) (string, error) { return src.Text, nil })
}

// refuse notes that code is not used, and gives what runs instead. With t.mu held.
func (t *target) refuse(h *Host, src *code.Source, why error) (task *sandbox.Task, stale, err error) {
	var e *sandbox.Error
	syntax := errors.As(why, &e) && e.Kind == sandbox.ErrCompile
	if !syntax && t.task == nil {
		return nil, nil, why // the next call may have more luck
	}
	if !syntax {
		h.Logger.Error("new code could not be tried", "container", t.container, "name", t.name, "error", why)
		why = errors.New("the new code could not be tried out")
		t.badUntil = h.now().Add(tryAgain)
	} else {
		t.badUntil = time.Time{}
	}
	t.bad, t.badErr = src, why
	task, stale, err = t.instead(h, src, why)
	if err == nil {
		h.Logger.Warn("the new code at the task's URL is not used: the last good code runs",
			"container", t.container, "name", t.name, "error", describe(why))
	}
	return task, stale, err
}

// describe adds to an error of a script where it is.
func describe(err error) string {
	var e *sandbox.Error
	if errors.As(err, &e) && e.Stack != "" && !strings.Contains(e.Message, e.Stack) {
		return e.Message + "\n" + e.Stack
	}
	return err.Error()
}

// instead gives what runs in the place of code that is not used. With t.mu held.
func (t *target) instead(h *Host, src *code.Source, why error) (task *sandbox.Task, stale, err error) {
	last := h.code.LastGood(src)
	if last == nil || t.checkPin(last) != nil {
		return nil, nil, why // nothing is good, or was within the last day
	}
	if t.task == nil { // a new target, as after a restart, knows no older code itself
		t.source, t.task = last, t.ofSource(h, last)
	}
	return t.task, why, nil
}
