//go:build linux

package worker

import (
	"testing"

	"github.com/wthost/wt/sandbox"
)

func TestSparesAreTakenAndReplaced(t *testing.T) {
	s := NewSpares()
	defer s.Close()
	tk := task(`module.exports = cb => cb(null, 1)`)
	for range 3 {
		p := New(Options{Limits: sandbox.Limits{}, Spares: s})
		if got, err := invoke(p, tk, "", &testHost{}); got != "1" || err != nil {
			t.Errorf("%q %v", got, err)
		}
		p.Close()
		s.refill()
	}
}

func TestDeadSpareIsReplaced(t *testing.T) {
	s := NewSpares()
	defer s.Close()
	s.mu.Lock()
	s.ready.kill()
	_ = s.ready.wait()
	s.mu.Unlock()
	p := New(Options{Limits: sandbox.Limits{}, Spares: s})
	defer p.Close()
	if got, err := invoke(p, task(`module.exports = cb => cb(null, 1)`), "", &testHost{}); got != "1" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}
