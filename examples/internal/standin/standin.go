// Package standin has small servers that take the place of the services the
// examples talk to.
package standin

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
)

// same compares secrets in constant time, as the real services do.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller went away: nothing to do
}

// fields is a JSON object.
type fields map[string]any
