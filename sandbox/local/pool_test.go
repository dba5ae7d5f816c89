package local

import (
	"context"
	"testing"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/pooltest"
)

func TestPool(t *testing.T) {
	pooltest.Run(t, func(l sandbox.Limits) sandbox.Pool { return New(Options{Limits: l}) })
}

func TestForgottenTasksAreNotKept(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	task := pooltest.Task(`module.exports = cb => cb(null, 1)`)
	p.Forget(task)
	if got, err := pooltest.Call(context.Background(), p, task, nil, &pooltest.Host{}); got != "1" {
		t.Errorf("%q %v", got, err)
	}
	if err := p.Prepare(context.Background(), task); err != nil {
		t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tasks) != 0 {
		t.Errorf("%d tasks are kept", len(p.tasks))
	}
}
