// Package store keeps tasks, their code, revocations and fetched code in an SQL
// database. Statements are written once; a dialect holds what differs between
// databases. It must not know what a token says or what code does.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/wthost/wt/runtime/webtask"
)

// Store is a webtask.Store on database/sql.
type Store struct {
	dialect dialect
	write   *sql.DB
	read    *sql.DB // may be the same as write
	stmts   statements

	mu       sync.RWMutex
	onChange []func(container, name string)
}

var _ webtask.Store = (*Store)(nil)

// Open opens the database that the DSN's scheme names, and brings its schema up
// to date. "sqlite:PATH" is a file, which is created where it does not exist.
func Open(ctx context.Context, dsn string) (*Store, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	default:
		// The DSN may hold a password: do not repeat it.
		return nil, fmt.Errorf("cannot open a database with scheme %q: use sqlite:PATH", scheme)
	}
}

// open takes over both databases: they are closed when it fails.
func open(ctx context.Context, d dialect, write, read *sql.DB) (*Store, error) {
	s := &Store{dialect: d, write: write, read: read}
	err := migrate(ctx, d, write)
	if err == nil {
		err = s.stmts.prepare(ctx, d, write, read)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", d.explain(err)), s.Close())
	}
	return s, nil
}

// Close implements webtask.Store.
func (s *Store) Close() error {
	err := s.stmts.close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return errors.Join(err, s.write.Close())
}

// OnChange implements webtask.Store.
func (s *Store) OnChange(f func(container, name string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onChange = append(s.onChange, f)
}

func (s *Store) changed(container, name string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, f := range s.onChange {
		f(container, name)
	}
}

// inTx runs f in a write transaction.
func (s *Store) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// ignoreDone: a context that ended has rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// failed names what did not work; a webtask.Error stays one.
func (s *Store) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, s.dialect.explain(err))
}
