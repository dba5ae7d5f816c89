package webtask

import "time"

// Tokens signs and verifies webtask tokens.
type Tokens interface {
	// Sign makes a token of claims, as they are.
	Sign(c Claims) (string, error)
	// Verify checks form, algorithm, key and signature and returns the claims.
	// Its errors are Unauthorized and never repeat the token. It does not look
	// at the clock or at revocations: Check does.
	Verify(token string) (Claims, error)
	// Check reports whether verified claims hold now: validity window and
	// revocation of the token or of an ancestor. It is cheap enough to be called
	// for every request.
	Check(c *Claims, now time.Time) error
}

// Sealer seals secrets for one task of one container and opens them again.
type Sealer interface {
	// Seal encrypts; scope ties the result to what it belongs to.
	Seal(plain []byte, scope Scope) (string, error)
	// Open decrypts what Seal made for the same scope.
	Open(sealed string, scope Scope) ([]byte, error)
}

// Scope is what sealed secrets are bound to: they open for nothing else.
type Scope struct {
	Container string
	Name      string // empty for a token without a name
}
