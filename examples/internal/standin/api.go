package standin

import (
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// API answers GET with the name in a token, if the token was signed with the key.
// Pages of any origin may call it.
func API(key string) http.Handler {
	verify := func(*jwt.Token) (any, error) { return []byte(key), nil }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		token, err := jwt.Parse(text, verify, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
		if err != nil {
			reply(w, http.StatusUnauthorized, fields{"error": "no valid token"})
			return
		}
		name, _ := token.Claims.GetSubject()
		reply(w, http.StatusOK, fields{"hello": name})
	})
}
