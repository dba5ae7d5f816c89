package secrets

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

func newTestRing(t testing.TB) *Ring {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealOpens(t *testing.T) {
	r := newTestRing(t)
	for _, plain := range []string{"", "a", strings.Repeat("long ", 10_000)} {
		sealed, err := r.Seal([]byte(plain), []byte("acme/task"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open(sealed, []byte("acme/task"))
		if err != nil || string(got) != plain {
			t.Errorf("Open = %.20q, %v; want %.20q", got, err, plain)
		}
	}
}

func TestSealedTextsDiffer(t *testing.T) {
	r := newTestRing(t)
	a, _ := r.Seal([]byte("x"), nil)
	b, _ := r.Seal([]byte("x"), nil)
	if a == b {
		t.Error("the same value was sealed to the same text twice")
	}
}

func TestOpenRefuses(t *testing.T) {
	r := newTestRing(t)
	aad := []byte("acme/task")
	sealed, err := r.Seal([]byte("hush"), aad)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := newTestRing(t).Seal([]byte("hush"), aad)
	tests := map[string]struct{ sealed, aad, want string }{
		"other aad":    {sealed, "acme/other", ErrOpen.Error()},
		"no aad":       {sealed, "", ErrOpen.Error()},
		"unknown key":  {other, "acme/task", "not in the key ring"},
		"not base64":   {"*" + sealed[1:], "acme/task", "not base64url"},
		"line end":     {sealed[:8] + "\n" + sealed[8:], "acme/task", "not base64url"},
		"empty":        {"", "acme/task", "too short"},
		"header only":  {sealed[:8], "acme/task", "too short"},
		"other format": {"Ag" + sealed[2:], "acme/task", "version 2"},
		"cut":          {sealed[:len(sealed)/4*4-4], "acme/task", ErrOpen.Error()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := r.Open(test.sealed, []byte(test.aad))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Open = %q, %v; want an error with %q", got, err, test.want)
			}
		})
	}
}

// The key id is part of what is authenticated, not only a hint.
func TestEveryBitIsAuthenticated(t *testing.T) {
	r := newTestRing(t)
	sealed, _ := r.Seal([]byte("hush"), nil)
	raw, _ := sealEncoding.DecodeString(sealed)
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if _, err := r.Open(sealEncoding.EncodeToString(changed), nil); err == nil {
			t.Errorf("opens with byte %d changed", i)
		}
	}
}

func TestRotateKeepsOldKeys(t *testing.T) {
	r := newTestRing(t)
	oldID, oldKey := r.SigningKey()
	sealed, _ := r.Seal([]byte("hush"), nil)
	if err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	newID, newKey := r.SigningKey()
	if newID == oldID || bytes.Equal(newKey, oldKey) {
		t.Error("the signing key did not change")
	}
	if k, ok := r.SigningKeyByID(oldID); !ok || !bytes.Equal(k, oldKey) {
		t.Error("the old signing key is gone")
	}
	if _, ok := r.SigningKeyByID("00000000x"); ok {
		t.Error("an unknown id has a key")
	}
	if plain, err := r.Open(sealed, nil); err != nil || string(plain) != "hush" {
		t.Errorf("what the old key sealed gives %q, %v", plain, err)
	}
}

func TestKeysOfDifferentUsesDiffer(t *testing.T) {
	k, err := randomKey()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(k.signing, k.master) {
		t.Error("the master key signs")
	}
	r := newRing("", []key{k})
	sealed, _ := r.Seal([]byte("x"), nil)
	raw, err := sealEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for name, used := range map[string][]byte{"master": k.master, "signing": k.signing} {
		aead, err := chacha20poly1305.NewX(used)
		if err != nil {
			t.Fatal(err)
		}
		nonce, ciphertext := raw[headerSize:headerSize+aead.NonceSize()], raw[headerSize+aead.NonceSize():]
		if _, err := aead.Open(nil, nonce, ciphertext, raw[:headerSize]); err == nil {
			t.Errorf("the %s key seals", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	r := newTestRing(f)
	sealed, _ := r.Seal([]byte("hush"), []byte("aad"))
	f.Add(sealed)
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		if plain, err := r.Open(s, []byte("aad")); err == nil && s != sealed {
			t.Errorf("%q opens to %q", s, plain)
		}
	})
}
