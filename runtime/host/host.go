// Package host runs webtasks: it resolves what a request names to a task, gets
// the task's code, opens its secrets, and invokes it in its container's worker.
// It implements the sandbox's Host, and so decides what a task may do to the
// world. It must not know HTTP routing or answers, SQL, or JavaScript.
package host

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wthost/wt/runtime/code"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// Fetcher performs tasks' requests; egress.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error)
	Do(req *http.Request, maxRedirects int) (*http.Response, error)
}

// Pool is a container's sandbox; worker.Pool is one.
type Pool interface {
	sandbox.Pool
	// Idle is how long nothing has run, or 0.
	Idle() time.Duration
	// Rest gives back what an idle pool holds.
	Rest()
}

// Config is what a host is made of. All fields but those with a default are
// needed.
type Config struct {
	Store  webtask.Store
	Tokens webtask.Tokens
	Sealer webtask.Sealer
	Egress Fetcher
	// NewPool makes the sandbox of a container.
	NewPool func(container string) Pool
	Logger  *slog.Logger
	// Upload is how long a caller may take to send code as a body. Default 30 s.
	Upload time.Duration
}

// Host runs the tasks of all containers.
type Host struct {
	Config
	code *code.Fetcher
	now  func() time.Time

	mu         sync.RWMutex
	targets    map[key]*target
	generation atomic.Uint64 // counts changes of stored tasks
	pools      map[string]Pool
	closed     chan struct{}
}

// New makes a host.
func New(c Config) *Host {
	if c.Upload == 0 {
		c.Upload = 30 * time.Second
	}
	h := &Host{Config: c, now: time.Now, targets: map[key]*target{}, pools: map[string]Pool{}, closed: make(chan struct{})}
	h.code = code.New(c.Egress, c.Store, c.Logger)
	c.Store.OnChange(h.changed)
	go h.reap()
	return h
}

// Close ends all sandboxes.
func (h *Host) Close() {
	h.mu.Lock()
	pools := h.pools
	h.pools = nil
	h.mu.Unlock()
	if pools == nil {
		return // closed already
	}
	close(h.closed)
	for _, p := range pools {
		_ = p.Close()
	}
}

// pool gives the container's sandbox, or nil when the host is closed.
func (h *Host) pool(container string) Pool {
	h.mu.RLock()
	p := h.pools[container]
	h.mu.RUnlock()
	if p != nil {
		return p
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.pools[container]; p != nil || h.pools == nil {
		return p
	}
	p = h.NewPool(container)
	h.pools[container] = p
	return p
}

// The times of the reaper.
const (
	restAfter = 10 * time.Minute
	reapEvery = 30 * time.Second
)

// reap lets the workers of containers rest that nobody calls.
func (h *Host) reap() {
	tick := time.NewTicker(reapEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.closed:
			return
		case <-tick.C:
		}
		h.mu.RLock()
		for container, p := range h.pools {
			if p.Idle() > restAfter {
				h.Logger.Debug("a container's worker rests", "container", container)
				p.Rest()
			}
		}
		h.mu.RUnlock()
	}
}

// forget lets the sandbox of a container drop a task. It does not wait: the task
// may be on its way to a worker.
func (h *Host) forget(container string, task *sandbox.Task) {
	h.mu.RLock()
	p := h.pools[container]
	h.mu.RUnlock()
	if p != nil && task != nil {
		go p.Forget(task)
	}
}

// FetchCode gets the code at a URL, as it is now. It is for managers.
func (h *Host) FetchCode(ctx context.Context, url string) (string, error) {
	src, _, err := h.code.Get(ctx, url)
	if err != nil {
		return "", err
	}
	return src.Text, nil
}
