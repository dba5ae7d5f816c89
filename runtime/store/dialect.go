package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"strings"
)

// dialect is what truly differs between databases. Statements use ? for
// parameters and are otherwise common SQL.
type dialect struct {
	name string // also the folder of its migrations
	// bind turns the ? of a statement into the database's own parameters; nil
	// leaves them.
	bind func(query string) string
	// metaEquals is a condition with two parameters, key and value, on tasks.meta.
	metaEquals string
	// explain turns errors that a user can do something about into webtask
	// errors, and leaves others.
	explain func(error) error
	// hasTable is a query with one parameter, a name: how many tables have it.
	hasTable string
}

//go:embed migrations
var migrationFiles embed.FS

// migrations lists the scripts that make the schema, in order: the script at
// index i leads to version i+1.
func (d dialect) migrations() ([]string, error) {
	dir := "migrations/" + d.name
	entries, err := fs.ReadDir(migrationFiles, dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var scripts []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		b, err := migrationFiles.ReadFile(dir + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, string(b))
	}
	return scripts, nil
}

func (d dialect) sql(query string) string {
	if d.bind == nil {
		return query
	}
	return d.bind(query)
}

// statements are the prepared ones; the list query depends on its filters and
// is not among them.
type statements struct {
	putCode, keepCode, oldCode, putTask, dropTask, dropCode *sql.Stmt
	revoke, putFetched, dropFetched                         *sql.Stmt

	task, code, revoked, fetched, keptSize *sql.Stmt
}

const (
	putCode  = `INSERT INTO code (container, id, source, kept) VALUES (?, ?, ?, 0) ON CONFLICT (container, id) DO NOTHING`
	keepCode = `INSERT INTO code (container, id, source, kept) VALUES (?, ?, ?, 1)
		ON CONFLICT (container, id) DO UPDATE SET kept = 1`
	oldCode = `SELECT code_id FROM tasks WHERE container = ? AND name = ?`
	putTask = `INSERT INTO tasks (container, name, token, meta, code_id, updated) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (container, name) DO UPDATE SET
			token = excluded.token, meta = excluded.meta, code_id = excluded.code_id, updated = excluded.updated`
	dropTask = `DELETE FROM tasks WHERE container = ? AND name = ?`
	dropCode = `DELETE FROM code WHERE container = ? AND id = ? AND kept = 0 AND NOT EXISTS
		(SELECT 1 FROM tasks WHERE tasks.container = code.container AND tasks.code_id = code.id)`
	revoke     = `INSERT INTO revoked (jti) VALUES (?) ON CONFLICT (jti) DO NOTHING`
	putFetched = `INSERT INTO fetched (url, source, etag, last_modified, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (url) DO UPDATE SET source = excluded.source, etag = excluded.etag,
			last_modified = excluded.last_modified, at = excluded.at`
	dropFetched = `DELETE FROM fetched WHERE at < ?`

	taskColumns   = `container, name, token, meta, updated`
	selectTask    = `SELECT ` + taskColumns + ` FROM tasks WHERE container = ? AND name = ?`
	selectCode    = `SELECT source FROM code WHERE container = ? AND id = ?`
	keptSize      = `SELECT COALESCE(SUM(OCTET_LENGTH(source)), 0) FROM code WHERE container = ? AND kept = 1 AND id <> ?`
	selectRevoked = `SELECT jti FROM revoked`
	selectFetched = `SELECT url, source, etag, last_modified, at FROM fetched WHERE url = ?`
)

func (s *statements) prepare(ctx context.Context, d dialect, write, read *sql.DB) error {
	for _, p := range []struct {
		to    **sql.Stmt
		on    *sql.DB
		query string
	}{
		{&s.putCode, write, putCode}, {&s.keepCode, write, keepCode}, {&s.oldCode, write, oldCode},
		{&s.putTask, write, putTask}, {&s.dropTask, write, dropTask}, {&s.dropCode, write, dropCode},
		{&s.revoke, write, revoke}, {&s.putFetched, write, putFetched}, {&s.keptSize, write, keptSize}, {&s.dropFetched, write, dropFetched},
		{&s.task, read, selectTask}, {&s.code, read, selectCode},
		{&s.revoked, read, selectRevoked}, {&s.fetched, read, selectFetched},
	} {
		stmt, err := p.on.PrepareContext(ctx, d.sql(p.query))
		if err != nil {
			return err
		}
		*p.to = stmt
	}
	return nil
}

func (s *statements) close() error {
	var first error
	for _, stmt := range []*sql.Stmt{
		s.putCode, s.keepCode, s.oldCode, s.putTask, s.dropTask, s.dropCode,
		s.revoke, s.putFetched, s.dropFetched, s.keptSize, s.task, s.code, s.revoked, s.fetched,
	} {
		if stmt == nil { // where Open failed half-way
			continue
		}
		if err := stmt.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
