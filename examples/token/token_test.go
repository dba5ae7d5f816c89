// Package token_test runs the token example, in a browser too.
package token_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/wthost/wt/examples/internal/exampletest"
)

func TestToken(t *testing.T) {
	t.Parallel()
	h := exampletest.Start(t)
	key := h.Secret()
	var rec exampletest.Recorder
	task := rec.Tap(t, h.Wt("create", "token.js", "--secret", "signing_key="+key))

	t.Run("signed", func(t *testing.T) { signed(t, task, key) })
	t.Run("for nobody", func(t *testing.T) {
		if status, body := exampletest.Get(t, task); status != http.StatusBadRequest || !strings.Contains(body, "?user=NAME") {
			t.Errorf("%d %s", status, body)
		}
	})
	exampletest.NoSecret(t, "what the caller got", rec.Bytes(), key)
	exampletest.NoSecret(t, "what inspect shows", []byte(h.Wt("inspect", "token", "-o", "json", "--fetch-code")), key)
	t.Run("browser", func(t *testing.T) { browse(t, h, key) })
}

func signed(t *testing.T, task, key string) {
	var got struct{ Token string }
	exampletest.GetJSON(t, task+"?user=ann", &got)
	verify := func(*jwt.Token) (any, error) { return []byte(key), nil }
	token, err := jwt.Parse(got.Token, verify, jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuedAt(), jwt.WithLeeway(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	sub, _ := token.Claims.GetSubject()
	issued, _ := token.Claims.GetIssuedAt()
	expires, _ := token.Claims.GetExpirationTime()
	if sub != "ann" || issued == nil || expires == nil || expires.Sub(issued.Time) != 10*time.Minute {
		t.Errorf("the token says %v", token.Claims)
	}
}
