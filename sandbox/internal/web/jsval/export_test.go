package jsval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Exporting a script's value without a look at its type first can end the process.
func TestOnlyExportedExports(t *testing.T) {
	for _, pattern := range []string{"*.go", "../*.go", "../../node/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if name != "export.go" && !strings.HasSuffix(name, "_test.go") && strings.Contains(string(text), ".Export()") {
				t.Errorf("%s calls Export(); use jsval.Exported", name)
			}
		}
	}
}
