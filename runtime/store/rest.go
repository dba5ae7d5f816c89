package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// PutCode implements webtask.Store.
func (s *Store) PutCode(ctx context.Context, c webtask.Code) error {
	_, err := s.stmts.keepCode.ExecContext(ctx, c.Container, c.ID, c.Source)
	return s.failed("store code", err)
}

// Code implements webtask.Store.
func (s *Store) Code(ctx context.Context, container, id string) (webtask.Code, error) {
	c := webtask.Code{Container: container, ID: id}
	err := s.stmts.code.QueryRowContext(ctx, container, id).Scan(&c.Source)
	if errors.Is(err, sql.ErrNoRows) {
		return webtask.Code{}, webtask.Errorf(webtask.NotFound, "there is no code %q in container %q", id, container)
	}
	if err != nil {
		return webtask.Code{}, s.failed("read code", err)
	}
	return c, nil
}

// Revoke implements webtask.Store. To revoke an id twice is no error.
func (s *Store) Revoke(ctx context.Context, jti string) error {
	_, err := s.stmts.revoke.ExecContext(ctx, jti)
	return s.failed("revoke a token", err)
}

// Revoked implements webtask.Store.
func (s *Store) Revoked(ctx context.Context) ([]string, error) {
	rows, err := s.stmts.revoked.QueryContext(ctx)
	if err != nil {
		return nil, s.failed("list revoked tokens", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, s.failed("list revoked tokens", err)
		}
		ids = append(ids, id)
	}
	return ids, s.failed("list revoked tokens", rows.Err())
}

// PutFetched implements webtask.Store.
func (s *Store) PutFetched(ctx context.Context, f webtask.Fetched) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.StmtContext(ctx, s.stmts.dropFetched).ExecContext(ctx, f.At.Add(-fetchedLife).UnixNano()); err != nil {
			return err
		}
		_, err := tx.StmtContext(ctx, s.stmts.putFetched).ExecContext(ctx, f.URL, f.Source, f.ETag, f.LastModified, f.At.UnixNano())
		return err
	})
	return s.failed("store fetched code", err)
}

// fetchedLife is how long fetched code is of use to anyone; it is dropped when
// other code is stored after that.
const fetchedLife = 25 * time.Hour

// Fetched implements webtask.Store.
func (s *Store) Fetched(ctx context.Context, url string) (webtask.Fetched, error) {
	var f webtask.Fetched
	var at int64
	err := s.stmts.fetched.QueryRowContext(ctx, url).Scan(&f.URL, &f.Source, &f.ETag, &f.LastModified, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return webtask.Fetched{}, webtask.Errorf(webtask.NotFound, "no code was fetched from that address")
	}
	if err != nil {
		return webtask.Fetched{}, s.failed("read fetched code", err)
	}
	f.At = time.Unix(0, at).UTC()
	return f, nil
}
