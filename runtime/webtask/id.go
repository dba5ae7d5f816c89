package webtask

import (
	"crypto/rand"
	"encoding/hex"
)

// NewTokenID makes the id (jti) of a token: 32 random hex digits.
func NewTokenID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails, by its contract
	return hex.EncodeToString(b)
}
