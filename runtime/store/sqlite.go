package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/wthost/wt/runtime/webtask"
)

// maxReaders bounds the connections that read beside the one that writes.
const maxReaders = 8

var sqliteDialect = dialect{
	name:       "sqlite",
	metaEquals: `EXISTS (SELECT 1 FROM json_each(tasks.meta) AS m WHERE m.key = ? AND m.value = ?)`,
	explain:    explainSQLite,
	hasTable:   `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?`,
}

// openSQLite opens the file with one connection to write, as SQLite has one
// writer at a time and waiting in Go is fair, and a pool to read.
func openSQLite(ctx context.Context, path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("the database has no path: use sqlite:PATH")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	// SQLite would make it readable by all; its other files take over this mode.
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	// Two who open a new file at once may both change its journal mode, for which
	// SQLite does not wait by itself.
	for tries := 0; ; tries++ {
		s, err := openFile(ctx, abs)
		if !isBusy(err) || tries == 50 {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func openFile(ctx context.Context, abs string) (*Store, error) {
	write, err := sql.Open("sqlite", sqliteDSN(abs, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", sqliteDSN(abs, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(maxReaders)
	read.SetMaxIdleConns(maxReaders)
	return open(ctx, sqliteDialect, write, read)
}

func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func sqliteDSN(abs, options string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	return u.String() + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&" + options
}

// explainSQLite tells what an operator can mend from what is our fault.
func explainSQLite(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the rest is detail
	case sqlite3.SQLITE_FULL:
		return webtask.Errorf(webtask.Unavailable, "the database's disk is full: %w", err).WithHint("free some space")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return webtask.Errorf(webtask.Unavailable, "the database cannot be written: %w", err).
			WithHint("check the owner and the mount of the data folder")
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return webtask.Errorf(webtask.Unavailable, "the database is busy: %w", err).WithHint("try again")
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database file is damaged or is no database; restore it from a backup: %w", err)
	}
	return err
}
