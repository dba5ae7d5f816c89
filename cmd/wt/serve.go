package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/profile"
	"github.com/wthost/wt/sandbox/worker"
)

// serveFlags are the flags of wt serve.
type serveFlags struct {
	listen, data, publicURL string
	egress                  []string
	maxDuration             time.Duration
	maxMemory               byteSize
}

func newServeCmd(env *Env) *cobra.Command {
	f := serveFlags{maxMemory: 256 << 20}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a host of webtasks",
		Long: "Run a host of webtasks.\n\nThe first start makes the data folder, the keys and a master token, and writes the profile\n" +
			"\"default\", so that the other commands find the host.",
		Example: "  wt serve\n  wt serve --listen 0.0.0.0:8080 --public-url https://tasks.example.com",
		Args:    takes(0, 0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), env, f) },
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "`address` to serve on; port 0 takes a free one")
	cmd.Flags().StringVar(&f.data, "data", "", "`folder` of the database and the keys (default ~/.wt)")
	cmd.Flags().StringVar(&f.publicURL, "public-url", "", "`URL` under which callers reach this host (default http://ADDRESS)")
	cmd.Flags().StringArrayVar(&f.egress, "allow-egress", nil, "address `range` or host name that tasks may reach though it is not public (repeatable)")
	cmd.Flags().DurationVar(&f.maxDuration, "max-duration", 30*time.Second, "how long a request may run")
	cmd.Flags().Var(&f.maxMemory, "max-memory", "`memory` that the tasks of a container may use together")
	return cmd
}

// drainTime is how long running requests may go on after a signal.
const drainTime = 30 * time.Second

func serve(ctx context.Context, env *Env, f serveFlags) error {
	if f.data == "" {
		if env.Home == "" {
			return usagef("your home folder is not known").withHint("name a folder with --data")
		}
		f.data = filepath.Join(env.Home, ".wt")
	}
	f.data = env.abs(f.data)
	if f.maxDuration <= 0 {
		return usagef("--max-duration must be more than 0")
	}
	// The port first: it is what most often goes wrong, and costs nothing to undo.
	ln, err := net.Listen("tcp", f.listen)
	if err != nil {
		return listenError(f.listen, err)
	}
	defer func() { _ = ln.Close() }()
	if f.publicURL == "" {
		f.publicURL = "http://" + reachable(ln.Addr())
	}
	if f.publicURL, err = checkPublicURL(f.publicURL); err != nil {
		return err
	}
	// The collector need not run while there is less garbage than this; the memory
	// is never touched, so it costs none.
	ballast := make([]byte, 32<<20)
	defer runtime.KeepAlive(ballast)
	log := newLogger(env.Stderr)
	defer log.flush()
	n, err := openNode(ctx, f, log.Logger, env.Version)
	if err != nil {
		return err
	}
	defer n.close()
	if err := writeProfile(env, n, f.publicURL); err != nil {
		return err
	}
	return n.serve(ctx, env, ln, f.publicURL)
}

// serve answers requests until ctx ends, and then finishes what runs.
func (n *node) serve(ctx context.Context, env *Env, ln net.Listener, publicURL string) error {
	srv := &http.Server{
		Handler: n.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	calm()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(quiet(ln)) }()
	fmt.Fprintf(env.Stdout, "wt %s serves on %s (%s)\n", env.Version, publicURL, ln.Addr())
	select {
	case err := <-failed:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	n.log.Info("draining: new requests are refused, running ones may finish", "for", drainTime)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		_ = srv.Close()
		n.log.Warn("some requests did not finish in time", "error", err)
	}
	return nil
}

// calm fits the process to work in pieces of microseconds, once it has started:
// half of the processors for the host, half for the workers, since more threads
// would only wake each other.
func calm() {
	worker.Calm()
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
}

func listenError(addr string, err error) error {
	_, port, _ := net.SplitHostPort(addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return usagef("port %s is in use by another program", port).withHint("choose another one with --listen, such as --listen 127.0.0.1:0 for a free one")
	case errors.Is(err, os.ErrPermission):
		return usagef("you may not listen on port %s", port).withHint("choose a port above 1023 with --listen")
	}
	return usagef("cannot listen on %s: %v", addr, err).withHint("give --listen ADDRESS:PORT")
}

// reachable is a listener's address as a client on this machine would dial it.
func reachable(a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// writeProfile lets the other commands find this host, unless the profile file
// already knows another one: then it says how to reach this one.
func writeProfile(env *Env, n *node, publicURL string) error {
	token, err := n.masterToken()
	if err != nil || env.Home == "" {
		return err
	}
	file, err := profile.Load(profile.DefaultPath(env.Home))
	if err != nil && !errors.Is(err, profile.ErrNone) {
		n.log.Warn("the profiles cannot be read", "error", err)
		return nil
	}
	have, ok := file.Get("default")
	switch {
	case ok && have.Token == token && have.URL == publicURL, ok && have.Token != token && n.knows(have.Token):
		return nil // it is for this host already, as it was written or as its owner wants it
	case ok && have.Token != token && have.URL != publicURL:
		fmt.Fprintf(env.Stderr, "The profile \"default\" is for %s. To use this host:\n  wt init --url %s --token \"$(cat %s)\" --container default --profile local\n",
			have.URL, publicURL, filepath.Join(n.dir, masterTokenFile))
		return nil
	}
	file.Set("default", profile.Profile{URL: publicURL, Token: token, Container: "default"})
	if err := file.Save(); err != nil {
		n.log.Warn("the profile could not be written", "error", err)
	}
	return nil
}

// checkPublicURL checks what run URLs will begin with.
func checkPublicURL(u string) (string, error) {
	if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
		return "", usagef("--public-url %q does not begin with http:// or https://", u)
	}
	return strings.TrimRight(u, "/"), nil
}
