//go:build !linux

package worker

import (
	"log/slog"

	"github.com/wthost/wt/sandbox/local"
)

// Pool runs scripts in this process: worker processes need Linux.
type Pool struct{ *local.Pool }

// New makes a pool, and says in the log what it is not.
func New(o Options) *Pool {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Logger.Warn("scripts run in this process, for worker processes need Linux: run only code that you trust")
	return &Pool{local.New(local.Options{Limits: o.Limits})}
}

// IsChild reports whether this process was started to be a worker: never.
func IsChild() bool { return false }

// Main is the main function of a worker process, of which there are none.
func Main() {}

// Calm does nothing on systems other than Linux.
func Calm() {}

// Spares are workers that have started ahead, of which there are none.
type Spares struct{}

// NewSpares makes a value for Options.
func NewSpares() *Spares { return nil }

// Close does nothing.
func (*Spares) Close() {}
