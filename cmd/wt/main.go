// Command wt makes, lists, changes and removes webtasks on a host, and is that host.
//
// The commands reach standard streams, environment, terminal and network through
// Env, so that their tests run in process. All but serve talk to a host through
// package client and must not know how it stores or runs a task; serve is where a
// host is put together.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/wthost/wt/sandbox/worker"
)

func main() {
	if worker.IsChild() {
		worker.Main()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, OSEnv(), os.Args[1:])
	stop()
	os.Exit(code)
}
