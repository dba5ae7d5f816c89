package profile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wtcli is a file as wt-cli 11 writes it, with a profile of its second protocol.
const wtcli = `{
  "work": {
    "url": "https://example.org",
    "token": "t1",
    "container": "c1",
    "openid": {
      "scopes": ["wt:owner:c1"],
      "audience": "a<b"
    }
  }
}
`

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".webtask")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, path string) *File {
	t.Helper()
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSaveKeepsOtherProfiles(t *testing.T) {
	t.Parallel()
	path := write(t, wtcli)
	f := load(t, path)
	f.Set("default", Profile{URL: "http://127.0.0.1:8080/", Token: "t2", Container: "default"})
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	want := `{
  "default": {
    "url": "http://127.0.0.1:8080",
    "token": "t2",
    "container": "default"
  },
  "work": {
    "url": "https://example.org",
    "token": "t1",
    "container": "c1",
    "openid": {
      "scopes": [
        "wt:owner:c1"
      ],
      "audience": "a<b"
    }
  }
}
`
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, strings.ReplaceAll(string(got), `\u003c`, "<")); d != "" {
		t.Error(d)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".webtask-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files left: %v %v", left, err)
	}
}

func TestSaveIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no file modes")
	}
	path := write(t, wtcli)
	if err := load(t, path).Save(); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", st.Mode().Perm())
	}
}

func TestSaveKeepsLink(t *testing.T) {
	t.Parallel()
	real := write(t, wtcli)
	link := filepath.Join(t.TempDir(), ".webtask")
	if err := os.Symlink(real, link); err != nil {
		t.Skip(err)
	}
	f := load(t, link)
	f.Remove("work")
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(real); err != nil || strings.TrimSpace(string(b)) != "{}" {
		t.Errorf("%q %v", b, err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	one := `{"a":{"url":"http://a"}}`
	two := `{"a":{"url":"http://a"},"b":{"url":"http://b"}}`
	three := `{"a":{"url":"http://a"},"default":{"url":"http://d/"}}`
	for _, c := range []struct{ file, name, want, url string }{
		{one, "", "a", "http://a"},
		{two, "b", "b", "http://b"},
		{three, "", "default", "http://d"},
	} {
		got, p, err := load(t, write(t, c.file)).Choose(c.name)
		if err != nil || got != c.want || p.URL != c.url {
			t.Errorf("Choose(%q) = %q, %q, %v", c.name, got, p.URL, err)
		}
	}
	var missing *NotFoundError
	if _, _, err := load(t, write(t, two)).Choose(""); !errors.As(err, &missing) || missing.Name != Default {
		t.Errorf("two profiles, none named: %v", err)
	}
	if _, _, err := load(t, filepath.Join(t.TempDir(), "none")).Choose("x"); !errors.Is(err, ErrNone) {
		t.Errorf("no file: %v", err)
	}
}

func TestLoadRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	for _, content := range []string{`{`, `[]`, `{"a":3}`, `{"a":{"url":3}}`} {
		if _, err := Load(write(t, content)); err == nil {
			t.Errorf("%s was accepted", content)
		}
	}
	for _, content := range []string{``, ` `, `null`, `{}`} {
		if f := load(t, write(t, content)); len(f.Names()) != 0 {
			t.Errorf("%s has profiles", content)
		}
	}
}
