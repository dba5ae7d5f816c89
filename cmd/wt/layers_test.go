package main

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/wthost/wt/"

// layers says what each package may import of this module: packages whose path
// begins with one of the words. A package that is not named may import nothing.
var layers = map[string]string{
	"cmd/wt":                     "runtime/ sandbox/ secrets",
	"runtime/server":             "runtime/api runtime/host runtime/tasks runtime/webtask sandbox",
	"runtime/api":                "runtime/tasks runtime/webtask",
	"runtime/host":               "runtime/code runtime/webtask sandbox",
	"runtime/tasks":              "runtime/webtask",
	"runtime/code":               "runtime/webtask",
	"runtime/egress":             "sandbox/effect",
	"runtime/token":              "runtime/webtask secrets",
	"runtime/store":              "runtime/webtask",
	"runtime/store/storetest":    "runtime/webtask",
	"runtime/client":             "runtime/webtask",
	"runtime/profile":            "",
	"runtime/webtask":            "",
	"secrets":                    "",
	"sandbox":                    "sandbox/effect",
	"sandbox/local":              "sandbox",
	"sandbox/pooltest":           "sandbox",
	"sandbox/effect":             "",
	"sandbox/redact":             "",
	"sandbox/worker":             "sandbox",
	"sandbox/internal/engine":    "sandbox",
	"sandbox/internal/lower":     "",
	"sandbox/internal/node":      "sandbox/effect sandbox/internal/realm sandbox/internal/web",
	"sandbox/internal/realm":     "sandbox/effect",
	"sandbox/internal/web":       "sandbox/effect sandbox/internal/realm sandbox/internal/web/jsval",
	"sandbox/internal/web/jsval": "sandbox/internal/realm",
	"sandbox/internal/wire":      "sandbox",
	".ci/summary":                "",
}

// banned are packages of others that a layer must not use.
var banned = map[string][]string{
	"sandbox":         {"net/http", "database/sql"},
	"secrets":         {"net/http", "database/sql", "github.com/dop251/goja"},
	"runtime/webtask": {"net/http", "database/sql", "os", "net", "github.com/dop251/goja"},
	"runtime/client":  {"database/sql", "github.com/dop251/goja"},
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(words[0], module)
		if strings.HasPrefix(pkg, "examples") {
			continue // an example may use all of the product
		}
		allowed, ok := layers[pkg]
		if !ok {
			allowed, ok = testSupport(pkg)
		}
		if !ok {
			t.Errorf("package %s is not in the table of layers", pkg)
		}
		for _, imported := range words[1:] {
			checkImport(t, pkg, imported, strings.Fields(allowed))
		}
	}
}

// testSupport is what packages for tests may import: anything.
func testSupport(pkg string) (string, bool) {
	if strings.HasSuffix(pkg, "test") || strings.Contains(pkg, "/testdata/") {
		return "runtime sandbox secrets", true
	}
	return "", false
}

func checkImport(t *testing.T, pkg, imported string, allowed []string) {
	t.Helper()
	for layer, list := range banned {
		if pkg != layer && !strings.HasPrefix(pkg, layer+"/") {
			continue
		}
		for _, b := range list {
			if imported == b {
				t.Errorf("%s imports %s, which is not for package %s", pkg, imported, layer)
			}
		}
	}
	own, ok := strings.CutPrefix(imported, module)
	if !ok {
		return
	}
	for _, a := range allowed {
		if own == strings.TrimSuffix(a, "/") || strings.HasPrefix(own, strings.TrimSuffix(a, "/")+"/") {
			return
		}
	}
	t.Errorf("%s must not import %s", pkg, own)
}
