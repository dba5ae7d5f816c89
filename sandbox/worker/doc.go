// Package worker runs scripts in a child process of their own: the program
// re-executes itself, and the two speak over a socket pair. What a script does to
// its process (memory, stack, native code that cannot be interrupted) costs that
// process and the calls in it; the pool starts another one at once. On systems
// other than Linux the scripts run in this process, as package local has it.
//
// The package must not know what the scripts are for. What a worker sends is
// hostile: it is decoded with limits, and it can only speak of its own calls.
package worker

import (
	"log/slog"

	"github.com/wthost/wt/sandbox"
)

// Options configure a pool.
type Options struct {
	Limits sandbox.Limits
	// Logger gets what happens to workers. Default: slog.Default().
	Logger *slog.Logger
	// Spares gives the pool's workers, if it is set, already started.
	Spares *Spares
}
