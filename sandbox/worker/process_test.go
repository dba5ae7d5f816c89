//go:build linux

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wthost/wt/sandbox"
)

func (p *Pool) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proc.worker.pid
}

func TestKillAmidCalls(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	tk := task(`module.exports = cb => { console.log('begun'); setTimeout(cb, 1e6) }`)
	begun := make(chan struct{}, 50)
	h := &testHost{onLog: func(string) { begun <- struct{}{} }}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := invoke(p, tk, "", h); kindOf(err) != sandbox.ErrWorkerDied {
				t.Errorf("got %v", err)
			}
		})
	}
	for range 50 {
		<-begun
	}
	_ = syscall.Kill(p.pid(), syscall.SIGKILL)
	within(t, wg.Wait)
	if got, err := invoke(p, task(`module.exports = cb => cb(null, 1)`), "", h); got != "1" {
		t.Errorf("afterwards: %q %v", got, err)
	}
}

// TestBombs is the table of the design: each costs the worker at most.
func TestBombs(t *testing.T) {
	p := New(Options{Limits: sandbox.Limits{Memory: 64 << 20, Duration: 2 * time.Second}, Logger: slog.New(slog.DiscardHandler)})
	defer p.Close()
	for name, code := range map[string]string{
		"array buffer": `new ArrayBuffer(2**40)`,
		"eval":         `eval('('.repeat(1e6))`,
		"function":     `new Function('-'.repeat(1e7))`,
		"array from":   `Array.from({length: 1e9})`,
		"join":         `new Array(2**32-1).join('x')`,
		"bigint":       `2n**(2n**40n)`,
		"repeat":       `'x'.repeat(2**30)`,
		"pushes":       `const a = []; for (;;) a.push({x: a.length})`,
		"accessor":     `const o = {get a() { return this.a }}; o.a`,
		"map":          `const f = () => [1].map(f); f()`,
	} {
		t.Run(name, func(t *testing.T) {
			within(t, func() {
				_, err := invoke(p, task(`module.exports = cb => { `+code+`; cb(null, 1) }`), "", &testHost{})
				switch kindOf(err) {
				case sandbox.ErrMemory, sandbox.ErrStack, sandbox.ErrTimeout, sandbox.ErrThrown, sandbox.ErrWorkerDied:
				default:
					t.Errorf("got %v", err)
				}
				if got, err := invoke(p, task(`module.exports = cb => cb(null, 1)`), "", &testHost{}); got != "1" {
					t.Errorf("afterwards: %q %v", got, err)
				}
			})
		})
	}
}

func TestGarbageIsNoMemory(t *testing.T) {
	p := newPool(t, sandbox.Limits{Memory: 64 << 20})
	got, err := invoke(p, task(`const keep = []; for (let i = 0; i < 4e4; i++) keep.push({i});
		module.exports = cb => { let s = 0; for (let i = 0; i < 1500; i++) s += new Uint8Array(100000).length; cb(null, s) }`), "", &testHost{})
	if got != "150000000" {
		t.Errorf("%q %v", got, err)
	}
}

func TestAWorkerHasNothing(t *testing.T) {
	// A file that this process inherited: without close-on-exec.
	fd, err := unix.Open("/etc/passwd", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	p := newPool(t, sandbox.Limits{})
	if _, err := invoke(p, task(`module.exports = cb => cb()`), "", &testHost{}); err != nil {
		t.Fatal(err)
	}
	proc := fmt.Sprintf("/proc/%d", p.pid())
	env, err := os.ReadFile(proc + "/environ")
	if err != nil || strings.Count(string(env), "=") != strings.Count(string(env), "GODEBUG=")+2 || !strings.HasPrefix(string(env), "GODEBUG=") {
		t.Errorf("environment %q %v", env, err)
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		to, _ := os.Readlink(proc + "/fd/" + f.Name())
		known := to == "/dev/null" || strings.HasPrefix(to, "pipe:") || strings.HasPrefix(to, "socket:") ||
			strings.Contains(to, "eventpoll") || strings.Contains(to, "eventfd")
		if !known || len(files) > 6 {
			t.Errorf("%d files, of them %s is %s", len(files), f.Name(), to)
		}
	}
}

func TestStartedByHand(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{argv0}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "of no use by hand") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestWorkersEndWithTheirPool(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	one := task(`module.exports = cb => cb(null, 1)`)
	for _, end := range []func(){p.Rest, p.Rest, func() { p.Close() }} {
		if got, err := invoke(p, one, "", &testHost{}); got != "1" {
			t.Fatalf("%q %v", got, err)
		}
		pid := p.pid()
		end()
		within(t, func() {
			for syscall.Kill(pid, 0) == nil {
				time.Sleep(time.Millisecond)
			}
		})
	}
}

func TestRestAmidCalls(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	tk := task(`module.exports = cb => setTimeout(() => cb(null, 1), 1)`)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if got, err := invoke(p, tk, "", &testHost{}); got != "1" {
				t.Errorf("%q %v", got, err)
			}
		})
		if i%25 == 0 {
			p.Rest()
		}
	}
	within(t, wg.Wait)
}

func TestRestartsAreSlowedDown(t *testing.T) {
	var c crashes
	now := time.Now()
	var delays []time.Duration
	for range 10 {
		c.add(now)
		delays = append(delays, c.delay(now))
	}
	if delays[2] != 0 || delays[3] != firstDelay || delays[4] != 2*firstDelay || delays[9] != longestDelay {
		t.Errorf("got %v", delays)
	}
	if d := c.delay(now.Add(forgiven + 1)); d != 0 {
		t.Errorf("later: %v", d)
	}
}

func TestFailedStartsAreSlowedDown(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	p.spawn = func() (*spawned, error) { return nil, errors.New("no processes left") }
	for range freeCrashes + 1 {
		if _, err := invoke(p, task(`x`), "", &testHost{}); kindOf(err) != sandbox.ErrInternal {
			t.Errorf("got %v", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.crashes.n != freeCrashes+1 || p.crashes.delay(p.crashes.last) == 0 {
		t.Errorf("after %d failures the next start waits %v", p.crashes.n, p.crashes.delay(p.crashes.last))
	}
}

// TestForgottenTasksAreNotKept: a caller may still hold a task that was replaced.
func TestForgottenTasksAreNotKept(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	one := task(`module.exports = cb => setTimeout(() => cb(null, 1), 1)`)
	if got, err := invoke(p, one, "", &testHost{}); got != "1" {
		t.Fatalf("%q %v", got, err)
	}
	p.Forget(one)
	if err := p.Prepare(context.Background(), one); err != nil {
		t.Error(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := invoke(p, one, "", &testHost{}); got != "1" {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
	p.proc.mu.Lock()
	defer p.proc.mu.Unlock()
	if n := len(p.proc.tasks); n != 0 {
		t.Errorf("the worker keeps %d tasks", n)
	}
}

func TestTooManyRequestHeadersAreRefused(t *testing.T) {
	p := newPool(t, sandbox.Limits{})
	r := request("")
	r.Header = make(sandbox.Header, 1001)
	if _, err := p.Invoke(context.Background(), task(`module.exports = cb => cb(null, 1)`), r, &testHost{}); kindOf(err) != sandbox.ErrBodyTooLarge {
		t.Errorf("got %v", err)
	}
}

// TestAWorkerThatWaitsIsLeftAlone: it is looked at when a call's time is over, and
// not before.
func TestAWorkerThatWaitsIsLeftAlone(t *testing.T) {
	p := newPool(t, sandbox.Limits{Duration: time.Hour})
	begun := make(chan struct{}, 2)
	h := &testHost{onLog: func(string) { begun <- struct{}{} }}
	waits := task(`module.exports = cb => { console.log('begun'); setTimeout(cb, 1e6) }`)
	for _, d := range []time.Duration{time.Hour, 10 * time.Minute} { // the sooner comes later
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		go p.Invoke(ctx, waits, request(""), h)
		<-begun
		p.proc.mu.Lock()
		if wait := time.Until(p.proc.nextLook); wait < d-time.Minute || wait > d {
			t.Errorf("the next look comes in %v", wait)
		}
		p.proc.mu.Unlock()
	}
}

func TestManyPools(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			p := New(Options{})
			defer p.Close()
			if got, err := invoke(p, task(fmt.Sprintf(`module.exports = cb => cb(null, %d)`, i+1)), "", &testHost{}); got != fmt.Sprint(i+1) {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestASlowReaderWhoLeavesDoesNotEndTheWorker(t *testing.T) {
	p := newPool(t, sandbox.Limits{Duration: 300 * time.Millisecond, Grace: 50 * time.Millisecond})
	resp, err := p.Invoke(context.Background(), task(`module.exports = (ctx, req, res) => { res.write(Buffer.alloc(2e6)); res.end() }`), request(""), &testHost{})
	if err != nil {
		t.Fatal(err)
	}
	pid := p.pid()
	resp.Stream.Close()
	within(t, func() {
		for p.Idle() < 500*time.Millisecond { // longer than its time and grace
			time.Sleep(5 * time.Millisecond)
		}
	})
	if p.pid() != pid {
		t.Error("the worker was ended")
	}
}
