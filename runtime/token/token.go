// Package token makes and checks webtask tokens and seals the secrets in them,
// with the keys of a ring. It must not know what a token may do (package tasks
// decides that), nor HTTP, nor how the store works.
package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/secrets"
)

// MaxSize is the longest token, in bytes, that is made or looked at.
const MaxSize = 64 << 10

// Authority implements webtask.Tokens and webtask.Sealer. It is safe for
// concurrent use.
type Authority struct {
	ring    *secrets.Ring
	store   Revocations
	revoked revokedSet
	parser  *jwt.Parser
}

// Revocations is the part of webtask.Store that keeps revoked ids.
type Revocations interface {
	Revoke(ctx context.Context, jti string) error
	Revoked(ctx context.Context) ([]string, error)
}

var (
	_ webtask.Tokens = (*Authority)(nil)
	_ webtask.Sealer = (*Authority)(nil)
)

// New makes an Authority that knows the revoked ids of the store.
func New(ctx context.Context, ring *secrets.Ring, store Revocations) (*Authority, error) {
	a := &Authority{
		ring:  ring,
		store: store,
		// The algorithm is pinned, and the clock is left to Check.
		parser: jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation(),
			jwt.WithStrictDecoding()),
	}
	if err := a.Refresh(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// Sign makes a token of claims, as they are, with the newest key of the ring.
// Claims that make a token of more than MaxSize are TooLarge.
func (a *Authority) Sign(c webtask.Claims) (string, error) {
	if c.Ancestors == nil {
		c.Ancestors = []string{} // clients expect a list
	}
	kid, secret := a.ring.SigningKey()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, &claims{c})
	t.Header["kid"] = kid
	delete(t.Header, "typ") // clients take a token with a typ for one of another protocol
	s, err := t.SignedString(secret)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	if len(s) > MaxSize {
		return "", webtask.Errorf(webtask.TooLarge, "the token would have %d bytes, at most %d are allowed", len(s), MaxSize).
			WithHint("its secrets and params are too large: keep large data in the code or fetch it")
	}
	return s, nil
}

// Verify implements webtask.Tokens.
func (a *Authority) Verify(token string) (webtask.Claims, error) {
	if token == "" {
		return webtask.Claims{}, invalid("there is no token")
	}
	if len(token) > MaxSize {
		return webtask.Claims{}, invalid(fmt.Sprintf("the token has %d bytes, at most %d are allowed", len(token), MaxSize))
	}
	if strings.ContainsAny(token, "\r\n") { // which base64 decoders skip
		return webtask.Claims{}, invalid("the token is malformed")
	}
	var c claims
	if _, err := a.parser.ParseWithClaims(token, &c, a.key); err != nil {
		return webtask.Claims{}, explain(err)
	}
	return c.Claims, nil
}

var errUnknownKey = errors.New("unknown key")

func (a *Authority) key(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	secret, ok := a.ring.SigningKeyByID(kid)
	if !ok {
		return nil, errUnknownKey
	}
	return secret, nil
}

// explain says what is wrong with a token without repeating a part of it, as
// the library's errors might.
func explain(err error) *webtask.Error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return invalid(fmt.Sprintf("the token's claim %q has the wrong type", strings.TrimPrefix(wrongType.Field, "Claims.")))
	case errors.Is(err, errUnknownKey):
		return invalid("the token is signed with a key that this host does not have")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return invalid("the token's signature is wrong")
	default:
		return invalid("the token is malformed")
	}
}

func invalid(message string) *webtask.Error {
	return &webtask.Error{Code: webtask.Unauthorized, Message: message}
}

// Check implements webtask.Tokens. It allows for no difference of clocks: a
// token is valid from the second nbf on and until just before the second exp.
func (a *Authority) Check(c *webtask.Claims, now time.Time) error {
	switch t := now.Unix(); {
	case c.NotBefore != 0 && t < int64(c.NotBefore):
		return invalid("the token is not valid yet, only from " + timeText(c.NotBefore))
	case c.Expires != 0 && t >= int64(c.Expires):
		return invalid("the token expired at " + timeText(c.Expires))
	case a.revoked.hasAny(c):
		return invalid("the token is revoked")
	}
	return nil
}

func timeText(t webtask.Int) string { return time.Unix(int64(t), 0).UTC().Format(time.RFC3339) }

// claims adds what the JWT library asks of claims. It uses none of it, as the
// clock is left to Check.
type claims struct{ webtask.Claims }

func (claims) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (claims) GetIssuer() (string, error)                   { return "", nil }
func (claims) GetSubject() (string, error)                  { return "", nil }
func (claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }
