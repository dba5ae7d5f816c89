package exampletest

import (
	"os"
	"testing"
)

// Missing skips a test that needs a program which is not there. Where all tests must
// run, it fails the test.
func Missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}
