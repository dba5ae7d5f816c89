// Package tasks is what a host's managers can do: issue, inspect and revoke
// tokens, and keep named webtasks. It decides who may do what. It must not know
// HTTP, SQL, keys or JavaScript.
package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// MasterDepth is how many generations may descend from a master token.
const MasterDepth = 1_000_000

// Tokens signs, verifies and revokes tokens.
type Tokens interface {
	webtask.Tokens
	// Revoke makes Check refuse a token and its descendants from now on, on this
	// node at once, and durably.
	Revoke(ctx context.Context, jti string) error
}

// Service performs the management operations. Its fields are set before use
// and not changed. Its methods are safe for concurrent use.
//
// The operations take the claims of the caller, which Authenticate gives.
type Service struct {
	Store  webtask.Store
	Tokens Tokens
	Sealer webtask.Sealer
	// PublicURL is what task URLs begin with; a slash at its end does not matter.
	PublicURL string
	// FetchCode gets code from a http or https URL; nil: such code is not fetched.
	FetchCode func(ctx context.Context, url string) (string, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	putting sync.Mutex // Put reads, changes and writes a task
}

// Authenticate verifies a caller's token and checks that it is valid now.
func (s *Service) Authenticate(token string) (webtask.Claims, error) {
	c, err := s.Tokens.Verify(token)
	if err != nil {
		return webtask.Claims{}, err
	}
	if err := s.Tokens.Check(&c, s.now()); err != nil {
		return webtask.Claims{}, err
	}
	return c, nil
}

// MasterToken makes a root token: it may do everything, and descends from none.
func (s *Service) MasterToken() (string, error) {
	return s.Tokens.Sign(webtask.Claims{
		ID: webtask.NewTokenID(), IssuedAt: s.now().Unix(), Ancestors: []string{}, Depth: MasterDepth,
	})
}

// TaskURL is where a named task runs.
func (s *Service) TaskURL(container, name string) string {
	return s.runURL(container) + "/" + url.PathEscape(name)
}

// tokenURL is where the token runs: "" for a token that is not for one
// container.
func (s *Service) tokenURL(c *webtask.Claims, token string) string {
	container, ok := c.Container.Literal()
	switch {
	case !ok:
		return ""
	case c.Name != "":
		return s.TaskURL(container, c.Name)
	}
	return s.runURL(container) + "?key=" + url.QueryEscape(token)
}

func (s *Service) runURL(container string) string {
	return strings.TrimSuffix(s.PublicURL, "/") + "/api/run/" + url.PathEscape(container)
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// scope is what the secrets of a token are bound to.
func scope(c *webtask.Claims) webtask.Scope {
	return webtask.Scope{Container: string(c.Container), Name: c.Name}
}

// seal makes the sealed form of secrets; no secrets give "".
func (s *Service) seal(secrets map[string]any, c *webtask.Claims) (string, error) {
	if len(secrets) == 0 {
		return "", nil
	}
	if _, ok := c.Container.Literal(); !ok {
		return "", webtask.Errorf(webtask.BadRequest, "secrets (ectx) need a token for one container: set ten to its name")
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return "", webtask.Errorf(webtask.BadRequest, "the secrets cannot be written as JSON")
	}
	return s.Sealer.Seal(plain, scope(c))
}

// open gives the secrets of a token: never nil.
func (s *Service) open(c *webtask.Claims) (map[string]any, error) {
	secrets := map[string]any{}
	if c.Sealed == "" {
		return secrets, nil
	}
	plain, err := s.Sealer.Open(c.Sealed, scope(c))
	if err != nil {
		return nil, fmt.Errorf("open the secrets of token %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(plain, &secrets); err != nil {
		return nil, fmt.Errorf("open the secrets of token %s: they are not a JSON object", c.ID)
	}
	return secrets, nil
}
