package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// parseClaims reads the claims of a token without checking its signature: only
// the host can. ok is false for what is not a token.
func parseClaims(token string) (c webtask.Claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return c, false
	}
	return c, json.Unmarshal(payload, &c) == nil
}

// claimsOf is the claims of a token, or none.
func claimsOf(token string) webtask.Claims {
	c, _ := parseClaims(token)
	return c
}
