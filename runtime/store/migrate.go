package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrate brings the schema to the version of this build, all in one
// transaction: a failure leaves the database as it was.
func migrate(ctx context.Context, d dialect, db *sql.DB) error {
	scripts, err := d.migrations()
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, d, db)
	if err != nil || version == len(scripts) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := migrateIn(ctx, d, tx, scripts); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func migrateIn(ctx context.Context, d dialect, tx *sql.Tx, scripts []string) error {
	version, err := schemaVersion(ctx, d, tx) // again: another process may have been first
	if err != nil {
		return err
	}
	if version > len(scripts) {
		return fmt.Errorf("the database has schema version %d, this build of wt knows version %d: "+
			"use the newer wt that wrote it, or restore a backup from before the upgrade", version, len(scripts))
	}
	if version == 0 {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE schema_version (version INTEGER NOT NULL)`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES (0)`); err != nil {
			return err
		}
	}
	for i := version; i < len(scripts); i++ {
		if _, err := tx.ExecContext(ctx, scripts[i]); err != nil {
			return fmt.Errorf("migrate the schema to version %d: %w", i+1, err)
		}
	}
	_, err = tx.ExecContext(ctx, d.sql(`UPDATE schema_version SET version = ?`), len(scripts))
	return err
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion is 0 for an empty database.
func schemaVersion(ctx context.Context, d dialect, q querier) (int, error) {
	var n int
	if err := q.QueryRowContext(ctx, d.sql(d.hasTable), "schema_version").Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err := q.QueryRowContext(ctx, `SELECT version FROM schema_version`).Scan(&n)
	return n, err
}
