// Command wt makes, lists, changes and removes webtasks on a host.
//
// The command line touches the world through Env only, so that its tests run in
// process. It must not know how a host stores or runs a task: it talks to one
// through package client.
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
