//go:build linux

package worker

import (
	"log/slog"
	"testing"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/pooltest"
)

func TestPool(t *testing.T) {
	pooltest.Run(t, func(l sandbox.Limits) sandbox.Pool {
		return New(Options{Limits: l, Logger: slog.New(slog.DiscardHandler)})
	})
}
