package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"

	"github.com/wthost/wt/runtime/webtask"
)

// Issue makes a token from the caller's, and with a name (jtn) creates or
// replaces the webtask of that name, with all that belongs to it. The location
// is where the token runs; "" where it is not for one container.
func (s *Service) Issue(ctx context.Context, caller webtask.Claims, req webtask.IssueRequest) (token, location string, err error) {
	if req.Code != nil && caller.URL != "" {
		return "", "", forbidden("the code is fixed by the token that issues")
	}
	c, err := narrow(&caller, &req.Claims, s.now())
	if err != nil {
		return "", "", err
	}
	code, err := s.placeCode(ctx, &c, req.Code)
	if err != nil {
		return "", "", err
	}
	if c.Sealed, err = s.sealIssued(&caller, &c, req.Secrets); err != nil {
		return "", "", err
	}
	if token, err = s.Tokens.Sign(c); err != nil {
		return "", "", err
	}
	switch {
	case c.Name != "":
		task := webtask.Task{Container: string(c.Container), Name: c.Name, Token: token, Meta: req.Meta, Updated: s.now()}
		err = s.Store.PutTask(ctx, task, code)
	case code != nil:
		err = s.Store.PutCode(ctx, *code)
	}
	if err != nil {
		return "", "", err
	}
	return token, s.tokenURL(&c, token), nil
}

// placeCode sets the url claim. It returns the code to store, if any: also code
// that the store has already, so that it stays as long as the new token needs it.
func (s *Service) placeCode(ctx context.Context, c *webtask.Claims, source *string) (*webtask.Code, error) {
	switch {
	case source != nil && c.URL != "":
		return nil, badRequest("code and url cannot be given together")
	case source != nil:
		return inlineCode(c, *source)
	case c.URL == "" && c.Name != "":
		return nil, badRequest("a named webtask needs its code: give code or url")
	case c.URL == "" && c.Pin != "":
		return nil, badRequest("pin needs url")
	case c.URL == "":
		return nil, nil
	}
	container, id, ours := webtask.ParseCodeURL(c.URL)
	if !ours {
		return nil, checkURL(c.URL)
	}
	if own, ok := c.Container.Literal(); !ok || container != own {
		return nil, forbidden("the url refers to stored code of another container")
	}
	code, err := s.Store.Code(ctx, container, id)
	if webtask.CodeOf(err) == webtask.NotFound {
		return nil, badRequest("the url refers to stored code that does not exist any more").WithHint("send the code")
	}
	if err != nil {
		return nil, err
	}
	return &code, nil
}

func inlineCode(c *webtask.Claims, source string) (*webtask.Code, error) {
	container, ok := c.Container.Literal()
	if !ok {
		return nil, badRequest("code needs a token for one container: set ten to its name")
	}
	sum := sha256.Sum256([]byte(source))
	id := hex.EncodeToString(sum[:])
	if c.Pin != "" && c.Pin != id {
		return nil, badRequest("the code does not have the SHA-256 that pin names")
	}
	c.URL = webtask.CodeURL(container, id)
	return &webtask.Code{Container: container, ID: id, Source: source}, nil
}

func checkURL(s string) error {
	u, err := url.Parse(s) // its error would repeat the URL
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return badRequest("the url of the code must be a http or https address")
	case u.User != nil:
		// The url claim can be read by whoever holds the token.
		return badRequest("the url of the code must not hold a password").
			WithHint("anyone who has the webtask's token could read it")
	}
	return nil
}

// sealIssued seals the secrets that were asked for, or hands on those of the
// caller's token, sealed anew for the new token's container and name.
func (s *Service) sealIssued(caller, c *webtask.Claims, secrets map[string]any) (string, error) {
	if caller.Sealed == "" {
		return s.seal(secrets, c)
	}
	if len(secrets) > 0 {
		return "", forbidden("the secrets (ectx) are fixed by the token that issues")
	}
	secrets, err := s.open(caller)
	if err != nil {
		return "", err
	}
	return s.seal(secrets, c)
}
