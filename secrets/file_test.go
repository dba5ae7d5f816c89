package secrets

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCreateThenLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	created, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	sealed, _ := created.Seal([]byte("hush"), nil)
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := loaded.Open(sealed, nil); err != nil || string(plain) != "hush" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second Create: %v, want ErrExist", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRotateWritesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	a, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Rotate(); err != nil {
		t.Fatal(err)
	}
	if err := b.Rotate(); err != nil { // must not lose a's key
		t.Fatal(err)
	}
	reloaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Ring{a, b} {
		id, _ := r.SigningKey()
		if _, ok := reloaded.SigningKeyByID(id); !ok {
			t.Errorf("key %s is not in the file", id)
		}
	}
	if n := len(*reloaded.keys.Load()); n != 3 {
		t.Errorf("%d keys, want 3", n)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v after Rotate, want 0600", info.Mode())
	}
}

func TestRotateFailsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	r, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := r.SigningKey()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(); err == nil {
		t.Fatal("rotated without its file")
	}
	if after, _ := r.SigningKey(); after != before {
		t.Error("a failed Rotate changed the ring")
	}
}

func TestLoadRefuses(t *testing.T) {
	const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYnk"
	tests := map[string]struct {
		content string
		mode    os.FileMode
		want    string
	}{
		"readable by others": {`{}`, 0o644, "chmod 600"},
		"not JSON":           {secret, 0o600, "broken"},
		"empty":              {``, 0o600, "broken"},
		"no keys":            {`{"version":1,"keys":[]}`, 0o600, "no key"},
		"newer":              {`{"version":2}`, 0o600, "version 2"},
		"bad id":             {`{"version":1,"keys":[{"id":"XY","secret":"` + secret + `"}]}`, 0o600, "key number 1"},
		"short key":          {`{"version":1,"keys":[{"id":"00000001","secret":"c2Vj"}]}`, 0o600, "3 bytes"},
		"not base64": {`{"version":1,"keys":[{"id":"00000001","secret":"** ` + secret + `"}]}`, 0o600,
			"key number 1"},
		"twice": {`{"version":1,"keys":[{"id":"00000001","secret":"` + secret + `"},{"id":"00000001","secret":"` +
			secret + `"}]}`, 0o600, "twice"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys.json")
			if err := os.WriteFile(path, []byte(test.content), test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Fatalf("Load: %v; want an error with %q and the path", err, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the error holds key material")
			}
		})
	}
}

func TestLoadMissing(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder was loaded")
	}
}

func TestParse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := Create(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(); err != nil {
		t.Error(err)
	}
}
