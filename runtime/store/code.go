package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/wthost/wt/runtime/webtask"
)

// PutCode implements webtask.Store.
func (s *Store) PutCode(ctx context.Context, c webtask.Code) error {
	full := false
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		var kept int64
		if err := tx.StmtContext(ctx, s.stmts.keptSize).QueryRowContext(ctx, c.Container, c.ID).Scan(&kept); err != nil {
			return err
		}
		if full = kept+int64(len(c.Source)) > maxKept; full {
			return nil
		}
		_, err := tx.StmtContext(ctx, s.stmts.keepCode).ExecContext(ctx, c.Container, c.ID, c.Source)
		return err
	})
	if err == nil && full {
		return webtask.Errorf(webtask.TooLarge, "the container %q keeps %d MiB of code for tokens without a name, and may not keep more", c.Container, maxKept>>20).
			WithHint("give the code a name, or a URL of its own")
	}
	return s.failed("store code", err)
}

// maxKept is how much code a container may keep that belongs to no named task: it
// stays, since nobody knows which tokens are still in use.
const maxKept = 256 << 20

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
