package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/host/hosttest"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// until calls a task until it answers as wanted, stale or not; each answer before
// must be the one that was there.
func until(t *testing.T, n *hosttest.Node, name, before, want string, stale bool) host.Outcome {
	t.Helper()
	for {
		got, out, err := run(t, n, host.Call{Name: name}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got == want && (out.Stale != nil) == stale {
			return out
		}
		if got != want && got != before {
			t.Fatalf("%s, want %s or %s", got, before, want)
		}
		if t.Context().Err() != nil {
			t.Fatalf("still %s", got)
		}
	}
}

func TestCodeAtURL(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	site := hosttest.NewSite(t, says("one"))
	n.PutURL("hosted", site.URL+"/task.js?key=hush")
	until(t, n, "hosted", "", `"one"`, false)

	site.Set(200, says("two"))
	until(t, n, "hosted", `"one"`, `"two"`, false)

	site.Set(500, "")
	out := until(t, n, "hosted", `"two"`, `"two"`, true)
	if !strings.Contains(out.Stale.Error(), "it answers 500") {
		t.Errorf("stale: %v", out.Stale)
	}

	site.Set(200, "module.exports = function (cb) {\n  cb(null, 'three';\n}")
	for !strings.Contains(out.Stale.Error(), "task.js:2:") {
		out = until(t, n, "hosted", `"two"`, `"two"`, true)
	}
	log := n.Log.String()
	if strings.Count(log, "is not used: the last good code runs") != 1 || !strings.Contains(log, "task.js:2:") || strings.Contains(log, "hush") {
		t.Errorf("log:\n%s", log)
	}

	// What was good is known to tasks that are new, and after a restart too.
	n.PutURL("other", site.URL+"/task.js?key=hush")
	until(t, n, "other", "", `"two"`, true)
	n.Restart()
	until(t, n, "hosted", "", `"two"`, true)

	site.Set(200, says("four"))
	until(t, n, "hosted", `"two"`, `"four"`, false)
	until(t, n, "other", `"two"`, `"four"`, false)
}

func TestCodeThatNeverWasGood(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	site := hosttest.NewSite(t, "module.exports = function (cb) {")
	n.PutURL("broken", site.URL+"/broken.js")
	for range 3 {
		if _, _, err := run(t, n, host.Call{Name: "broken"}, ""); kindOf(err) != sandbox.ErrCompile {
			t.Errorf("%v", err)
		}
	}
	n.PutURL("nowhere", "http://127.0.0.1:1/x.js?key=hush")
	_, _, err := run(t, n, host.Call{Name: "nowhere"}, "")
	if webtask.CodeOf(err) != webtask.BadGateway || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "the connection was refused") {
		t.Errorf("%v", err)
	}
	site.Set(200, says("mended"))
	for {
		got, _, err := run(t, n, host.Call{Name: "broken"}, "")
		if err == nil && got == `"mended"` {
			break
		}
		if kindOf(err) != sandbox.ErrCompile {
			t.Fatal(got, err)
		}
	}
}

func TestPin(t *testing.T) {
	n := hosttest.New(t, sandbox.Limits{}, nil)
	site := hosttest.NewSite(t, says("one"))
	sum := sha256.Sum256([]byte(says("one")))
	pin := hex.EncodeToString(sum[:])
	n.Put("pinned", tasks.PutRequest{URL: &site.URL, Pin: tasks.Some(pin)})
	until(t, n, "pinned", "", `"one"`, false)
	site.Set(200, says("two"))
	for {
		got, out, err := run(t, n, host.Call{Name: "pinned"}, "")
		if err != nil {
			if webtask.CodeOf(err) != webtask.BadGateway || !strings.Contains(err.Error(), pin) {
				t.Error(err)
			}
			break
		}
		if got != `"one"` || out.Stale != nil {
			t.Fatalf("%s, %v", got, out.Stale)
		}
	}
	site.Set(500, "")
	n.Restart() // the kept code is the pinned one
	until(t, n, "pinned", "", `"one"`, true)
}

// Many first calls at once fetch, and try, the code once.
func TestFirstCallsShareTheirTrial(t *testing.T) {
	prepared := 0
	var mu sync.Mutex
	n := hosttest.New(t, sandbox.Limits{}, func(c *host.Config) {
		inner := c.NewPool
		c.NewPool = func(container string) host.Pool {
			return &countingPool{Pool: inner(container), prepare: func() { mu.Lock(); prepared++; mu.Unlock() }}
		}
	})
	site := hosttest.NewSite(t, says("one"))
	n.PutURL("hosted", site.URL)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if got, _, err := run(t, n, host.Call{Name: "hosted"}, ""); got != `"one"` || err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	all.Wait()
	if prepared > 2 { // a fetch between two calls may give them two looks
		t.Errorf("the code was tried %d times", prepared)
	}
}

type countingPool struct {
	host.Pool
	prepare func()
}

func (p *countingPool) Prepare(ctx context.Context, t *sandbox.Task) error {
	p.prepare()
	return p.Pool.Prepare(ctx, t)
}
