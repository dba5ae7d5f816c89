package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// PutTask implements webtask.Store. A task without Updated gets the present time.
func (s *Store) PutTask(ctx context.Context, t webtask.Task, code *webtask.Code) error {
	if t.Updated.IsZero() {
		t.Updated = time.Now()
	}
	meta, err := metaJSON(t.Meta)
	if err != nil {
		return s.failed("store a task", err)
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		old, err := s.codeOf(ctx, tx, t.Container, t.Name)
		if err != nil {
			return err
		}
		var codeID sql.NullString
		if code != nil {
			codeID = sql.NullString{String: code.ID, Valid: true}
			if _, err := tx.StmtContext(ctx, s.stmts.putCode).ExecContext(ctx, t.Container, code.ID, code.Source); err != nil {
				return err
			}
		}
		_, err = tx.StmtContext(ctx, s.stmts.putTask).
			ExecContext(ctx, t.Container, t.Name, t.Token, meta, codeID, t.Updated.UnixNano())
		if err != nil || old == codeID {
			return err
		}
		return s.dropCode(ctx, tx, t.Container, old)
	})
	if err != nil {
		return s.failed("store a task", err)
	}
	s.changed(t.Container, t.Name)
	return nil
}

// DeleteTask implements webtask.Store.
func (s *Store) DeleteTask(ctx context.Context, container, name string) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		old, err := s.codeOf(ctx, tx, container, name)
		if err != nil {
			return err
		}
		res, err := tx.StmtContext(ctx, s.stmts.dropTask).ExecContext(ctx, container, name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, noTask(container, name))
		}
		return s.dropCode(ctx, tx, container, old)
	})
	if err != nil {
		return s.failed("delete a task", err)
	}
	s.changed(container, name)
	return nil
}

// codeOf is the code that a task uses; null also where there is no such task.
func (s *Store) codeOf(ctx context.Context, tx *sql.Tx, container, name string) (id sql.NullString, err error) {
	err = tx.StmtContext(ctx, s.stmts.oldCode).QueryRowContext(ctx, container, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
}

// dropCode removes code that a task used and nothing uses any more.
func (s *Store) dropCode(ctx context.Context, tx *sql.Tx, container string, id sql.NullString) error {
	if !id.Valid {
		return nil
	}
	_, err := tx.StmtContext(ctx, s.stmts.dropCode).ExecContext(ctx, container, id.String)
	return err
}

// Task implements webtask.Store.
func (s *Store) Task(ctx context.Context, container, name string) (webtask.Task, error) {
	t, err := scanTask(s.stmts.task.QueryRowContext(ctx, container, name))
	if errors.Is(err, sql.ErrNoRows) {
		return webtask.Task{}, noTask(container, name)
	}
	return t, s.failed("read a task", err)
}

// ListTasks implements webtask.Store. A Limit of 0 lists all.
func (s *Store) ListTasks(ctx context.Context, q webtask.TaskQuery) ([]webtask.Task, error) {
	query, args := listQuery(s.dialect, q)
	rows, err := s.read.QueryContext(ctx, s.dialect.sql(query), args...)
	if err != nil {
		return nil, s.failed("list tasks", err)
	}
	defer rows.Close()
	var tasks []webtask.Task
	for rows.Next() {
		t, err := scanTask(rows)
		if err != nil {
			return nil, s.failed("list tasks", err)
		}
		tasks = append(tasks, t)
	}
	return tasks, s.failed("list tasks", rows.Err())
}

func listQuery(d dialect, q webtask.TaskQuery) (string, []any) {
	var where []string
	var args []any
	if q.Container != "" {
		where, args = append(where, "container = ?"), append(args, q.Container)
	}
	for k, v := range q.Meta {
		where, args = append(where, d.metaEquals), append(args, k, v)
	}
	query := `SELECT ` + taskColumns + ` FROM tasks`
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	limit := int64(q.Limit)
	if limit <= 0 {
		limit = math.MaxInt64
	}
	return query + ` ORDER BY container, name LIMIT ? OFFSET ?`, append(args, limit, max(q.Offset, 0))
}

func scanTask(row interface{ Scan(...any) error }) (t webtask.Task, err error) {
	var meta string
	var updated int64
	if err := row.Scan(&t.Container, &t.Name, &t.Token, &meta, &updated); err != nil {
		return webtask.Task{}, err
	}
	if err := json.Unmarshal([]byte(meta), &t.Meta); err != nil {
		return webtask.Task{}, err
	}
	if len(t.Meta) == 0 {
		t.Meta = nil
	}
	t.Updated = time.Unix(0, updated).UTC()
	return t, nil
}

// metaJSON leaves < and & as they are, so that SQL compares what was put.
func metaJSON(meta map[string]string) (string, error) {
	if len(meta) == 0 {
		return "{}", nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(meta)
	return strings.TrimSpace(b.String()), err
}

func noTask(container, name string) error {
	return webtask.Errorf(webtask.NotFound, "there is no webtask %q in container %q", name, container)
}
