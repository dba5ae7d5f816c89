package exampletest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// NoSecret fails the test if data, called name, has a secret in it: in the clear, or
// in an encoding that anyone can undo.
func NoSecret(t *testing.T, name string, data []byte, secrets ...string) {
	t.Helper()
	if len(data) == 0 {
		t.Errorf("%s is empty, which shows nothing", name)
	}
	if bytes.Contains(bytes.ToLower(data), []byte("\ncontent-encoding:")) {
		t.Errorf("%s is compressed, which hides what is in it", name)
	}
	for _, s := range secrets {
		for _, form := range encodings(s) {
			if bytes.Contains(data, []byte(form)) {
				t.Errorf("%s has the secret %s as %q", name, s, form)
				break
			}
		}
	}
}

// encodings gives the forms of a secret. In base64, a text looks different by what
// stands before it, so the middle of each of the three forms is looked for.
func encodings(s string) []string {
	forms := []string{s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s)))}
	for skip := range 3 {
		part := s[skip:]
		part = part[:len(part)/3*3]
		forms = append(forms, base64.StdEncoding.EncodeToString([]byte(part)), base64.URLEncoding.EncodeToString([]byte(part)))
	}
	return forms
}
