package store

import "context"

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
