package token

import (
	"context"
	"fmt"
	"sync"

	"github.com/wthost/wt/runtime/webtask"
)

// revokedSet is the revoked ids in memory: every request asks for them.
type revokedSet struct {
	mu  sync.RWMutex
	ids map[string]struct{}
}

func (s *revokedSet) hasAny(c *webtask.Claims) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.ids) == 0 {
		return false
	}
	if _, ok := s.ids[c.ID]; ok {
		return true
	}
	for _, id := range c.Ancestors {
		if _, ok := s.ids[id]; ok {
			return true
		}
	}
	return false
}

func (s *revokedSet) add(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = make(map[string]struct{}, len(ids))
	}
	for _, id := range ids {
		s.ids[id] = struct{}{}
	}
}

// Revoke records that a token and all its descendants are no longer valid. From
// its return on, Check refuses them on this node.
func (a *Authority) Revoke(ctx context.Context, jti string) error {
	if err := a.store.Revoke(ctx, jti); err != nil {
		return err
	}
	a.revoked.add(jti)
	return nil
}

// Refresh takes in what other nodes revoked. Nothing is ever un-revoked.
func (a *Authority) Refresh(ctx context.Context) error {
	ids, err := a.store.Revoked(ctx)
	if err != nil {
		return fmt.Errorf("load the revoked tokens: %w", err)
	}
	a.revoked.add(ids...)
	return nil
}
