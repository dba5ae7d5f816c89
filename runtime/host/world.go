package host

import (
	"context"
	"log/slog"

	"github.com/wthost/wt/sandbox/effect"
)

// world is what a call can do, bound to whose call it is.
type world struct {
	host      *Host
	container string
	name      string
	request   string
}

// Fetch implements sandbox.Host.
func (w *world) Fetch(ctx context.Context, r *effect.FetchRequest) (*effect.FetchResponse, error) {
	return w.host.Egress.Fetch(ctx, r)
}

var levels = map[effect.Level]slog.Level{
	effect.Debug: slog.LevelDebug, effect.Info: slog.LevelInfo, effect.Warn: slog.LevelWarn, effect.Error: slog.LevelError,
}

// Log implements sandbox.Host.
func (w *world) Log(level effect.Level, line string) {
	w.host.Logger.Log(context.Background(), levels[level], line,
		"from", "task", "container", w.container, "name", w.name, "request_id", w.request)
}
