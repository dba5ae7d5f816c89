package engine

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

var timeUp = &sandbox.Error{Kind: sandbox.ErrTimeout, Message: "too long"}

// one is an engine whose tasks have a single instance, so that calls share it.
func one(t *testing.T) *Engine {
	e := New(sandbox.Limits{Instances: 1, Grace: 20 * time.Millisecond})
	t.Cleanup(e.Close)
	return e
}

// choose runs the function of that name in the query's do.
const choose = `
let n = 0, release, gate = new Promise(r => release = r);
const acts = {
  count: (ctx, cb) => cb(null, ++n),
  wait:  (ctx, cb) => { console.log('begun'); setTimeout(() => {}, 1e6); gate.then(() => { console.log('through ' + ctx.query.id); cb(null, ctx.query.id) }) },
  open:  (ctx, cb) => { release(); cb(null, 'opened') },
  never: (ctx, cb) => { console.log('begun'); setTimeout(() => {}, 1e6) },
  spin:  (ctx, cb) => { console.log('begun'); for (;;); },
  spinLater: (ctx, cb) => { setTimeout(() => {}, 1e6); gate.then(() => { console.log('begun'); for (;;); }) },
  throwLater: (ctx, cb) => { setTimeout(() => { throw new Error('late') }, 1) },
  reject: (ctx, cb) => { gate.then(() => { throw new Error('unhandled') }); setTimeout(() => {}, 1e6) },
  none: (ctx, cb) => cb(),
  deep: (ctx, cb) => { (function f() { f() })() },
};
module.exports = (ctx, cb) => acts[ctx.query.do](ctx, cb);`

func TestCallsShareAnInstance(t *testing.T) {
	u := one(t).Load(code(choose))
	var waiting []*world
	for i := range 10 {
		w := query(u, fmt.Sprintf("do=wait&id=c%d", i))
		<-w.began
		waiting = append(waiting, w)
	}
	waiting[3].call.Cancel(timeUp)
	if w := waiting[3].wait(); w.err != timeUp && w.err.Kind != sandbox.ErrTimeout {
		t.Fatalf("cancelled: %v", w)
	}
	if w := query(u, "do=open").wait(); w.String() != `200 "opened"` {
		t.Fatalf("open: %v", w)
	}
	for i, w := range waiting {
		if i == 3 {
			continue
		}
		w.call.Cancel(timeUp) // ends the timer that keeps it
		w.wait()
		id := fmt.Sprintf("c%d", i)
		if !strings.Contains(w.logged(), "through "+id) || strings.Count(w.logged(), "through") != 1 {
			t.Errorf("%s has the log lines %q", id, w.logged())
		}
		if w.String() != `200 "`+id+`"` {
			t.Errorf("%s: %v", id, w)
		}
	}
	settled(t, u)
}

func TestWhoDiesWithWhom(t *testing.T) {
	for _, tt := range []struct{ do, how, neighbour string }{
		{"spin", "cancel", "error 0: The sandbox ended"}, // an interrupt ends the instance
		{"deep", "", "error 0: The sandbox ended"},
		{"throwLater", "", `200 "n"`}, // an exception leaves the neighbours alone
		{"never", "cancel", `200 "n"`},
	} {
		t.Run(tt.do, func(t *testing.T) {
			u := one(t).Load(code(choose))
			n := query(u, "do=wait&id=n")
			<-n.began
			w := query(u, "do="+tt.do)
			if tt.how == "cancel" {
				<-w.began
				if tt.do == "never" {
					query(u, "do=none").wait() // its job is over
				}
				w.call.Cancel(timeUp)
			}
			if w.wait(); w.err == nil {
				t.Fatalf("it did not die: %v", w)
			}
			if strings.HasPrefix(tt.neighbour, "200") {
				if tt.do == "never" { // still the same instance
					query(u, "do=open").wait()
				} else { // opened from inside would need the old instance: end it
					n.call.Cancel(timeUp)
					n.wait()
					if n.err == nil || n.err.Kind != sandbox.ErrTimeout {
						t.Errorf("the neighbour: %v", n)
					}
					return
				}
				n.call.Cancel(timeUp)
			}
			if n.wait(); !strings.HasPrefix(n.String(), tt.neighbour) {
				t.Errorf("the neighbour: %v", n)
			}
			if got := query(u, "do=count").wait().String(); got != "200 1" {
				t.Errorf("afterwards: %s", got)
			}
			settled(t, u)
		})
	}
}

func TestThoseThatHadNotStartedMoveOn(t *testing.T) {
	u := one(t).Load(code(choose))
	spin := query(u, "do=spin")
	<-spin.began
	var later []*world
	for range 5 {
		later = append(later, query(u, "do=count"))
	}
	dropped := query(u, "do=count")
	dropped.call.Cancel(timeUp)
	spin.call.Cancel(timeUp)
	for _, w := range later {
		if w.wait(); w.err != nil {
			t.Errorf("it did not move on: %v", w)
		}
	}
	if dropped.wait(); dropped.err == nil {
		t.Errorf("cancelled before its start: %v", dropped)
	}
	settled(t, u)
}

func TestASpinIsChargedToItsOwnCall(t *testing.T) {
	u := one(t).Load(code(choose))
	spin := query(u, "do=spinLater")
	open := query(u, "do=open")
	<-spin.began // in a reaction, while the job of open runs
	spin.call.Cancel(timeUp)
	if spin.wait(); spin.err == nil || spin.err.Kind != sandbox.ErrTimeout {
		t.Errorf("the spinning call: %v", spin)
	}
	open.wait()
	settled(t, u)
}

func TestAWaitingCallsEndDoesNotWaitForASpin(t *testing.T) {
	u := one(t).Load(code(choose))
	waits := query(u, "do=wait&id=w")
	<-waits.began
	spin := query(u, "do=spin")
	<-spin.began
	waits.call.Cancel(timeUp)
	if waits.wait(); waits.err == nil || waits.err.Kind == sandbox.ErrNoAnswer {
		t.Errorf("waits: %v", waits)
	}
	spin.wait()
	settled(t, u)
}

func TestACallerThatLeavesDoesNotHurtTheOthers(t *testing.T) {
	u := one(t).Load(code(`let go = false; module.exports = (ctx, cb) => {
		if (ctx.query.do === 'wait') { console.log('begun'); return setTimeout(() => cb(null, 'w'), 30) }
		console.log('begun'); const end = Date.now() + 50; while (Date.now() < end); setTimeout(cb, 1e6) }`))
	n := query(u, "do=wait")
	<-n.began
	w := query(u, "do=busy")
	<-w.began
	w.call.Cancel(&sandbox.Error{Kind: sandbox.ErrCancelled, Message: "gone"})
	if w.wait(); w.err == nil || w.err.Kind != sandbox.ErrCancelled {
		t.Errorf("the one that left: %v", w)
	}
	if n.wait(); n.String() != `200 "w"` {
		t.Errorf("the neighbour: %v", n)
	}
	settled(t, u)
}

func TestARejectionIsItsOwnersAffair(t *testing.T) {
	u := one(t).Load(code(choose))
	r := query(u, "do=reject")
	w := query(u, "do=open")
	if r.wait(); !strings.HasPrefix(r.String(), "error 6: unhandled") {
		t.Errorf("the owner: %v", r)
	}
	if w.wait(); w.String() != `200 "opened"` {
		t.Errorf("the one that resolved the promise: %v", w)
	}
	settled(t, u)
}

func TestWhatAHandlerLeftDoesNotFailTheNextCall(t *testing.T) {
	u := one(t).Load(code(`let n = 0; module.exports = cb => {
		if (n++ === 0) { Promise.reject(new Error('left')); throw new Error('thrown') }
		cb(null, n) }`))
	if got := begin(u).wait().String(); got != "error 5: thrown" {
		t.Errorf("first: %s", got)
	}
	if got := begin(u).wait().String(); got != "200 2" {
		t.Errorf("second: %s", got)
	}
}

func TestFreshSharesNothing(t *testing.T) {
	def := code(`globalThis.n = (globalThis.n || 0) + 1; let m = 0; Array.prototype.x = (Array.prototype.x || 0) + 1;
		module.exports = cb => setTimeout(() => cb(null, [n, ++m, [].x]), 5)`)
	def.Fresh = true
	u := one(t).Load(def)
	var all []*world
	for range 20 {
		all = append(all, begin(u))
	}
	for _, w := range all {
		if got := w.wait().String(); got != "200 [1,1,1]" {
			t.Errorf("got %s", got)
		}
	}
	settled(t, u)
	if len(u.idle) != 0 {
		t.Errorf("%d instances are kept", len(u.idle))
	}
}

func TestInstancesAreLimited(t *testing.T) {
	e := New(sandbox.Limits{Instances: 3, Calls: 10})
	defer e.Close()
	u := e.Load(code(choose))
	var all []*world
	for range 10 {
		all = append(all, query(u, "do=never"))
	}
	if w := query(u, "do=count").wait(); w.err == nil || w.err.Kind != sandbox.ErrOverloaded {
		t.Errorf("an eleventh call: %v", w)
	}
	u.mu.Lock()
	if len(u.busy) != 3 {
		t.Errorf("%d instances", len(u.busy))
	}
	for _, in := range u.busy {
		if n := in.assigned.Load(); n < 3 || n > 4 {
			t.Errorf("an instance has %d calls", n)
		}
	}
	u.mu.Unlock()
	for _, w := range all {
		w.call.Cancel(timeUp)
		w.wait()
	}
	settled(t, u)
}

func TestAFailureWithWorkLeftFreesTheCall(t *testing.T) {
	u := one(t).Load(code(`module.exports = cb => { setTimeout(() => {}, 1e6); cb(new Error('e')) }`))
	for range 5 {
		if got := begin(u).wait().String(); got != "error 4: e" {
			t.Fatal(got)
		}
	}
	settled(t, u)
}

func TestWorkAfterTheAnswer(t *testing.T) {
	u := one(t).Load(code(`module.exports = (ctx, cb) => { cb(null, 1); setTimeout(() => { console.log('after'); if (ctx.query.bad) throw new Error('oops') }, 5) }`))
	if w := query(u, "").wait(); w.String() != "200 1" || w.logged() != "after" {
		t.Errorf("%v, logs %q", w, w.logged())
	}
	w := query(u, "bad=1").wait()
	if w.String() != "200 1" || !strings.Contains(w.logged(), "after the answer: oops") {
		t.Errorf("%v, logs %q", w, w.logged())
	}
	settled(t, u)
	u = one(t).Load(code(`module.exports = cb => { cb(null, 1); Promise.reject(new Error('r')) }`))
	if w := begin(u).wait(); w.String() != "200 1" || !strings.Contains(w.logged(), "after the answer: r") {
		t.Errorf("%v, logs %q", w, w.logged())
	}
	u = one(t).Load(code(`module.exports = cb => { cb(null, 1); console.log('begun'); setInterval(() => {}, 1e6) }`))
	w = begin(u)
	<-w.began
	w.call.Cancel(timeUp)
	if w.wait(); w.String() != "200 1" || !strings.Contains(w.logged(), "after the answer: too long") {
		t.Errorf("%v, logs %q", w, w.logged())
	}
	settled(t, u)
}

func TestFetchesCountUntilTheirBodyEnds(t *testing.T) {
	e := New(sandbox.Limits{Fetches: 2})
	defer e.Close()
	u := e.Load(code(`module.exports = async () => {
		const a = await fetch('http://x/'), b = await fetch('http://x/');
		let third; try { await fetch('http://x/'); third = 'came' } catch (e) { third = 'refused' }
		await a.body?.cancel?.(); await b.text();
		return third }`))
	w := newWorld()
	cancelled := make(chan struct{}, 10)
	w.fetch = func(*effect.FetchRequest) (*FetchResult, error) {
		return &FetchResult{FetchResponse: effect.FetchResponse{Status: 200, Length: -1},
			Next:   func(done func([]byte, error)) { done(nil, io.EOF) },
			Cancel: func() { cancelled <- struct{}{} }}, nil
	}
	if got := beginWith(u, w, nil).wait().String(); got != `200 "refused"` {
		t.Error(got)
	}
	settled(t, u)
}
