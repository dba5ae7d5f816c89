package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

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
