package tasks

import (
	"context"

	"github.com/wthost/wt/runtime/webtask"
)

// InspectOptions says what Inspect adds to a token's claims.
type InspectOptions struct {
	Decrypt   bool // the secrets, in the clear
	FetchCode bool
	Meta      bool // the metadata of the webtask that the token is named for
}

// Inspection is what Inspect finds out about a token.
type Inspection struct {
	webtask.Claims
	// Ectx is the sealed text, or with Decrypt what Secrets is: clients read the
	// one or the other.
	Ectx    any            `json:"ectx,omitempty"`
	Secrets map[string]any `json:"secrets,omitempty"`
	Code    *string        `json:"code,omitempty"`
	Meta    any            `json:"meta,omitempty"` // map[string]string, only if asked for
	URL     string         `json:"webtask_url,omitempty"`
}

// Inspect shows a token's claims. An expired or revoked token can be inspected.
func (s *Service) Inspect(ctx context.Context, caller webtask.Claims, token string, opts InspectOptions) (*Inspection, error) {
	c, err := s.subject(token)
	if err != nil {
		return nil, err
	}
	if err := mayInspect(&caller, &c); err != nil {
		return nil, err
	}
	out := &Inspection{Claims: c, URL: s.tokenURL(&c, token)}
	if c.Sealed != "" {
		out.Ectx = c.Sealed
	}
	if opts.Decrypt {
		if out.Secrets, err = s.open(&c); err != nil {
			return nil, err
		}
		out.Ectx = out.Secrets
	}
	if opts.FetchCode {
		if out.Code, err = s.fetchCode(ctx, &c); err != nil {
			return nil, err
		}
	}
	if opts.Meta {
		meta, err := s.metaOf(ctx, &c)
		if err != nil {
			return nil, err
		}
		out.Meta = meta
	}
	return out, nil
}

// Revoke makes a token and all that descend from it invalid, for good.
func (s *Service) Revoke(ctx context.Context, caller webtask.Claims, token string) error {
	c, err := s.subject(token)
	if err != nil {
		return err
	}
	if err := mayRevoke(&caller, &c); err != nil {
		return err
	}
	return s.Tokens.Revoke(ctx, c.ID)
}

// subject verifies a token that an operation is about. That it is bad is the
// request's fault, not a lack of authentication.
func (s *Service) subject(token string) (webtask.Claims, error) {
	if token == "" {
		return webtask.Claims{}, badRequest("the parameter token is missing")
	}
	c, err := s.Tokens.Verify(token)
	if webtask.CodeOf(err) == webtask.Unauthorized {
		return webtask.Claims{}, badRequest("the parameter token: %v", err)
	}
	return c, err
}

// fetchCode is the code that the claims name, from wherever it is; nil where
// they name none.
func (s *Service) fetchCode(ctx context.Context, c *webtask.Claims) (*string, error) {
	if c.URL == "" {
		return nil, nil
	}
	if container, id, ours := webtask.ParseCodeURL(c.URL); ours {
		code, err := s.Store.Code(ctx, container, id)
		if err != nil {
			return nil, err
		}
		return &code.Source, nil
	}
	if s.FetchCode == nil {
		return nil, webtask.Errorf(webtask.Unavailable, "this host does not fetch code from other addresses")
	}
	source, err := s.FetchCode(ctx, c.URL)
	if err != nil {
		return nil, err
	}
	return &source, nil
}

// metaOf is the metadata of the task that the claims are named for: never nil.
func (s *Service) metaOf(ctx context.Context, c *webtask.Claims) (map[string]string, error) {
	if container, ok := c.Container.Literal(); ok && c.Name != "" {
		t, err := s.Store.Task(ctx, container, c.Name)
		if err == nil && t.Meta != nil {
			return t.Meta, nil
		}
		if err != nil && webtask.CodeOf(err) != webtask.NotFound {
			return nil, err
		}
	}
	return map[string]string{}, nil
}
