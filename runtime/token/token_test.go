package token

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/secrets"
)

// memory keeps revocations for tests.
type memory struct {
	ids []string
	err error
}

func (m *memory) Revoke(_ context.Context, jti string) error {
	if m.err == nil {
		m.ids = append(m.ids, jti)
	}
	return m.err
}
func (m *memory) Revoked(context.Context) ([]string, error) { return m.ids, m.err }

func newAuthority(t testing.TB, m *memory) (*Authority, *secrets.Ring) {
	t.Helper()
	ring, err := secrets.New()
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), ring, m)
	if err != nil {
		t.Fatal(err)
	}
	return a, ring
}

func sign(t testing.TB, a *Authority, c webtask.Claims) string {
	t.Helper()
	s, err := a.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignThenVerify(t *testing.T) {
	a, ring := newAuthority(t, &memory{})
	never := webtask.Int(webtask.ParseNever)
	c := webtask.Claims{
		ID: webtask.NewTokenID(), IssuedAt: 1, Ancestors: []string{"a", "b"}, Container: "acme", Name: "x",
		URL: "https://example.com/a.js?b=c&d", Params: map[string]any{"p": "<q>"}, ParseBody: &never,
		Expires: 1 << 40, Limits: webtask.Limits{Second: 5},
	}
	token := sign(t, a, c)
	if err := ring.Rotate(); err != nil { // an old key still verifies
		t.Fatal(err)
	}
	got, err := a.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("claims differ (-want +got):\n%s", diff)
	}
}

// Clients decide between two protocols by the header, and list the ancestors.
func TestWireForm(t *testing.T) {
	a, ring := newAuthority(t, &memory{})
	parts := strings.Split(sign(t, a, webtask.Claims{ID: "x"}), ".")
	var header map[string]any
	decode(t, parts[0], &header)
	kid, _ := ring.SigningKey()
	if diff := cmp.Diff(map[string]any{"alg": "HS256", "kid": kid}, header); diff != "" {
		t.Errorf("header differs (-want +got):\n%s", diff)
	}
	var payload map[string]any
	decode(t, parts[1], &payload)
	if diff := cmp.Diff(map[string]any{"jti": "x", "ca": []any{}, "dd": 0.0}, payload); diff != "" {
		t.Errorf("payload differs (-want +got):\n%s", diff)
	}
}

func decode(t *testing.T, part string, v any) {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	a, ring := newAuthority(t, &memory{})
	other, _ := newAuthority(t, &memory{})
	good := sign(t, a, webtask.Claims{ID: "x", Container: "acme"})
	parts := strings.Split(good, ".")
	tests := map[string]struct{ token, want string }{
		"empty":           {"", "no token"},
		"not a token":     {"sesame", "malformed"},
		"two parts":       {parts[0] + "." + parts[1], "malformed"},
		"four parts":      {good + "." + parts[2], "malformed"},
		"truncated":       {good[:len(good)-4], "the token"},
		"no signature":    {parts[0] + "." + parts[1] + ".", "signature"},
		"header changed":  {"e30." + parts[1] + "." + parts[2], "malformed"},
		"payload changed": {parts[0] + ".e30." + parts[2], "signature"},
		"unknown key":     {sign(t, other, webtask.Claims{}), "key that this host does not have"},
		"no kid":          {forge(t, ring, jwt.SigningMethodHS256, map[string]any{}, "kid"), "key that this host"},
		"wrong algorithm": {forge(t, ring, jwt.SigningMethodHS512, map[string]any{}, ""), "signature"},
		"none":            {none(ring), "signature"},
		"dd of text":      {forge(t, ring, jwt.SigningMethodHS256, map[string]any{"dd": "many"}, ""), "malformed"},
		"jtn of number":   {forge(t, ring, jwt.SigningMethodHS256, map[string]any{"jtn": 5}, ""), `"jtn" has the wrong type`},
		"ca of text":      {forge(t, ring, jwt.SigningMethodHS256, map[string]any{"ca": "x"}, ""), `"ca" has the wrong type`},
		"pctx of list":    {forge(t, ring, jwt.SigningMethodHS256, map[string]any{"pctx": []int{1}}, ""), `"pctx" has the`},
		"too long":        {good + strings.Repeat("a", MaxSize), "at most 65536"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := a.Verify(test.token)
			if webtask.CodeOf(err) != webtask.Unauthorized || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Verify: %v; want Unauthorized with %q", err, test.want)
			}
			if len(test.token) > 4 && strings.Contains(err.Error(), test.token) {
				t.Error("the error repeats the token")
			}
		})
	}
}

// forge signs with a key of the ring what Sign would not.
func forge(t *testing.T, ring *secrets.Ring, m jwt.SigningMethod, c jwt.MapClaims, dropped string) string {
	t.Helper()
	kid, key := ring.SigningKey()
	tok := jwt.NewWithClaims(m, c)
	tok.Header["kid"] = kid
	delete(tok.Header, dropped)
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func none(ring *secrets.Ring) string {
	kid, _ := ring.SigningKey()
	header, _ := json.Marshal(map[string]string{"alg": "none", "kid": kid})
	return base64.RawURLEncoding.EncodeToString(header) + ".e30."
}

func TestSignRefusesTooLarge(t *testing.T) {
	a, _ := newAuthority(t, &memory{})
	_, err := a.Sign(webtask.Claims{Sealed: strings.Repeat("x", MaxSize)})
	if webtask.CodeOf(err) != webtask.TooLarge {
		t.Errorf("Sign: %v, want TooLarge", err)
	}
}

func TestCheckWindow(t *testing.T) {
	a, _ := newAuthority(t, &memory{})
	now := time.Unix(1000, 999)
	tests := map[string]struct {
		nbf, exp webtask.Int
		want     string
	}{
		"no window":     {0, 0, ""},
		"inside":        {1000, 1001, ""},
		"a second soon": {1001, 0, "not valid yet"},
		"just expired":  {0, 1000, "expired at 1970-01-01T00:16:40Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := a.Check(&webtask.Claims{NotBefore: test.nbf, Expires: test.exp}, now)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Check: %v, want %q", err, test.want)
			}
		})
	}
}

func TestRevocation(t *testing.T) {
	m := &memory{ids: []string{"old"}}
	a, _ := newAuthority(t, m)
	child := &webtask.Claims{ID: "child", Ancestors: []string{"root", "parent"}}
	other := &webtask.Claims{ID: "other", Ancestors: []string{"root"}}
	if err := a.Check(&webtask.Claims{ID: "x", Ancestors: []string{"old"}}, time.Now()); err == nil {
		t.Error("what the store had revoked is valid")
	}
	if err := a.Check(child, time.Now()); err != nil {
		t.Fatal(err)
	}
	m.err = errors.New("disk full")
	if err := a.Revoke(t.Context(), "parent"); !errors.Is(err, m.err) {
		t.Fatalf("Revoke: %v, want the store's error", err)
	}
	if err := a.Check(child, time.Now()); err != nil {
		t.Error("revoked although the store did not record it")
	}
	m.err = nil
	if err := a.Revoke(t.Context(), "parent"); err != nil {
		t.Fatal(err)
	}
	if err := a.Check(child, time.Now()); webtask.CodeOf(err) != webtask.Unauthorized {
		t.Errorf("a descendant of a revoked token: %v", err)
	}
	if err := a.Check(other, time.Now()); err != nil {
		t.Errorf("a sibling of a revoked token: %v", err)
	}
	m.ids = append(m.ids, "other") // by another node
	if err := a.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Check(other, time.Now()); err == nil {
		t.Error("Refresh did not take in a revocation")
	}
}

func TestSealScopes(t *testing.T) {
	a, _ := newAuthority(t, &memory{})
	scope := webtask.Scope{Container: "a", Name: "bc"}
	sealed, err := a.Seal([]byte("hush"), scope)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := a.Open(sealed, scope); err != nil || string(plain) != "hush" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	for _, wrong := range []webtask.Scope{{}, {Container: "a"}, {Container: "ab", Name: "c"}, {Container: "a", Name: "b"}} {
		if _, err := a.Open(sealed, wrong); err == nil {
			t.Errorf("opens for %+v", wrong)
		}
	}
}

func TestTokenIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := webtask.NewTokenID()
		if len(id) != 32 || seen[id] {
			t.Fatalf("id %q: wrong length or not unique", id)
		}
		seen[id] = true
	}
}

func FuzzVerify(f *testing.F) {
	a, _ := newAuthority(f, &memory{})
	good := sign(f, a, webtask.Claims{ID: "x"})
	f.Add(good)
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := a.Verify(token)
		if err == nil && token != good {
			t.Errorf("%q verifies", token)
		}
		if err != nil && webtask.CodeOf(err) != webtask.Unauthorized {
			t.Errorf("%q: %v is not Unauthorized", token, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	a, _ := newAuthority(b, &memory{})
	token := sign(b, a, webtask.Claims{
		ID: webtask.NewTokenID(), Ancestors: []string{webtask.NewTokenID()}, Container: "acme", Name: "task",
		URL: webtask.CodeURL("acme", strings.Repeat("0", 64)), Sealed: strings.Repeat("s", 100),
	})
	for b.Loop() {
		if _, err := a.Verify(token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	a, _ := newAuthority(b, &memory{ids: []string{"x"}})
	c := webtask.Claims{ID: webtask.NewTokenID(), Ancestors: []string{webtask.NewTokenID()}, Expires: 1 << 40}
	now := time.Now()
	for b.Loop() {
		if err := a.Check(&c, now); err != nil {
			b.Fatal(err)
		}
	}
}
