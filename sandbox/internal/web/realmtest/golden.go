package realmtest

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
)

var update = flag.Bool("update", false, "write the expected output of testdata/*.js by running them in node")

// Golden runs each testdata/*.js and compares its output with the file of the
// same name in .out, which Node.js 20 wrote. Where node is on the PATH, the test
// also checks that it still says the same.
func Golden(t *testing.T, globals, modules realm.Builtins) {
	scripts, err := filepath.Glob("testdata/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts in testdata", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".js"), func(t *testing.T) {
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".js") + ".out"
			if *update {
				if err := os.WriteFile(golden, []byte(node(t, string(script))), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			w := New(globals, modules)
			err = w.Run(path, string(script))
			got := strings.Join(append(w.Lines, ""), "\n")
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("output differs from Node's (-node +ours):\n%s", diff)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// SameAsNode runs the scripts of testdata in node, if there is one.
func SameAsNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not on the PATH: the recorded output was not checked against it")
	}
	scripts, _ := filepath.Glob("testdata/*.js")
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(path, ".js") + ".out")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(node(t, string(script)), "\n")); diff != "" {
			t.Errorf("%s: node says otherwise (-recorded +node):\n%s", path, diff)
		}
	}
}

func node(t *testing.T, script string) string {
	cmd := exec.Command("node", "--no-warnings", "-e", "(async () => {"+script+"\n})()")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Text makes an answer of one piece of text.
func Text(status int, header effect.Header, text string) *realm.Response {
	res := &realm.Response{Cancel: func() {}}
	res.Status, res.Header = status, header
	pieces := [][]byte{[]byte(text)}
	res.Next = func(done func([]byte, error) error) { _ = done(take(&pieces)) }
	return res
}

func take(pieces *[][]byte) ([]byte, error) {
	if len(*pieces) == 0 {
		return nil, io.EOF
	}
	p := (*pieces)[0]
	*pieces = (*pieces)[1:]
	return p, nil
}
