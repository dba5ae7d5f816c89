package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wthost/wt/runtime/egress"
	"github.com/wthost/wt/runtime/host"
	"github.com/wthost/wt/runtime/server"
	"github.com/wthost/wt/runtime/store"
	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/token"
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/worker"
	"github.com/wthost/wt/secrets"
)

// node is a host put together: everything that stands on one data folder.
type node struct {
	log     *slog.Logger
	dir     string
	tokens  *token.Authority
	tasks   *tasks.Service
	host    *host.Host
	handler http.Handler
	closers []func() error
}

// openNode opens the data folder, which is made if it does not exist, and puts a
// host on it.
func openNode(ctx context.Context, f serveFlags, log *slog.Logger, version string) (*node, error) {
	n := &node{log: log, dir: f.data}
	if err := n.open(ctx, f, version); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *node) open(ctx context.Context, f serveFlags, version string) error {
	spares := worker.NewSpares() // it starts while the database opens
	n.closers = append(n.closers, func() error { spares.Close(); return nil })
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return dataError(f.data, err)
	}
	if err := closeFolder(f.data); err != nil {
		return dataError(f.data, err)
	}
	unlock, err := store.LockDir(f.data)
	if err != nil {
		return dataError(f.data, err)
	}
	n.closers = append(n.closers, unlock)
	policy, err := egress.ParsePolicy(f.egress)
	if err != nil {
		return usagef("--allow-egress: %v", err)
	}
	ring, err := openRing(filepath.Join(f.data, "keys.json"))
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(f.data, "wt.db"))
	if err != nil {
		return dataError(f.data, err)
	}
	n.closers = append(n.closers, db.Close)
	if n.tokens, err = token.New(ctx, ring, db); err != nil {
		return err
	}
	out := egress.New(policy)
	limits := sandbox.Limits{Duration: f.maxDuration, Memory: int64(f.maxMemory)}
	n.host = host.New(host.Config{Store: db, Tokens: n.tokens, Sealer: n.tokens, Egress: out, Logger: n.log,
		NewPool: func(string) host.Pool {
			return worker.New(worker.Options{Limits: limits, Logger: n.log, Spares: spares})
		}})
	n.closers = append(n.closers, func() error { n.host.Close(); out.Close(); return nil })
	n.tasks = &tasks.Service{Store: db, Tokens: n.tokens, Sealer: n.tokens, PublicURL: f.publicURL, FetchCode: n.host.FetchCode}
	n.handler = server.New(server.Config{Host: n.host, Tasks: n.tasks, Logger: n.log, Version: version})
	return nil
}

// close takes down what openNode put up, last things first.
func (n *node) close() {
	for i := len(n.closers) - 1; i >= 0; i-- {
		if err := n.closers[i](); err != nil {
			n.log.Error("closing", "error", err)
		}
	}
	n.closers = nil
}

// openRing opens the key ring, and makes one if there is none.
func openRing(path string) (*secrets.Ring, error) {
	ring, err := secrets.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		ring, err = secrets.Create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key ring: %w", err)
	}
	return ring, nil
}

// masterTokenFile is where the data folder has the master token.
const masterTokenFile = "master.token"

// masterToken gives the host's master token, which is made once and kept beside
// the keys.
func (n *node) masterToken() (string, error) {
	path := filepath.Join(n.dir, masterTokenFile)
	if b, err := os.ReadFile(path); err == nil && n.knows(string(b)) {
		return string(b), nil
	}
	t, err := n.tasks.MasterToken()
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(n.dir, ".master-*") // of mode 0600
	if err != nil {
		return "", dataError(n.dir, err)
	}
	_, err = f.WriteString(t)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", dataError(n.dir, err)
	}
	return t, nil
}

// closeFolder takes a data folder away from other users: it holds a token that
// may do everything.
func closeFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// knows reports whether this host issued a token that is valid now.
func (n *node) knows(t string) bool {
	c, err := n.tokens.Verify(t)
	return err == nil && n.tokens.Check(&c, time.Now()) == nil
}

func dataError(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EROFS):
		return usagef("the data folder %s cannot be used: %v", dir, err).withHint("name another one with --data")
	}
	return fmt.Errorf("the data folder %s: %w", dir, err)
}
