package secrets

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const fileVersion = 1

// fileForm is the JSON form of a ring: oldest key first.
type fileForm struct {
	Version int       `json:"version"`
	Keys    []keyForm `json:"keys"`
}

type keyForm struct {
	ID      string    `json:"id"`
	Secret  string    `json:"secret"` // base64url of the master key
	Created time.Time `json:"created"`
}

// Create makes a ring of one new key and writes it to path, which must not
// exist: overwriting a ring would lose every secret sealed with it.
func Create(path string) (*Ring, error) {
	k, err := randomKey()
	if err != nil {
		return nil, err
	}
	tmp, err := writeTemp(path, []key{k})
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp)
	// Unlike a rename, a link fails where the name is taken.
	if err := os.Link(tmp, path); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key ring %s: the file exists already: %w", path, fs.ErrExist)
	} else if err != nil {
		return nil, fmt.Errorf("key ring %s: %w", path, err)
	}
	if err := syncDir(path); err != nil {
		return nil, fmt.Errorf("key ring %s: %w", path, err)
	}
	return newRing(path, []key{k}), nil
}

// Load reads the ring at path. It refuses a file that others may read or write.
func Load(path string) (*Ring, error) {
	keys, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return newRing(path, keys), nil
}

// Parse reads a ring from the content of a key file that came some other way.
// Such a ring rotates in memory only.
func Parse(data []byte) (*Ring, error) {
	keys, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	return newRing("", keys), nil
}

func readFile(path string) ([]key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err) // the cause names the file
	}
	defer f.Close()
	info, err := f.Stat() // of the open file, which cannot be swapped any more
	if err != nil {
		return nil, fmt.Errorf("key ring %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key ring %s: not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("key ring %s: its mode %04o lets others use it; run: chmod 600 %s", path, mode, path)
	}
	const limit = 1 << 20
	if info.Size() > limit {
		return nil, fmt.Errorf("key ring %s: %d bytes are too many for a key ring", path, info.Size())
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	keys, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("key ring %s: %w", path, err)
	}
	return keys, nil
}

// parse never repeats what it reads: an error must not hold key material.
func parse(data []byte) ([]key, error) {
	var form fileForm
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, errors.New("the file is broken: it is not a key ring in JSON; restore it from a backup")
	}
	if form.Version != fileVersion {
		return nil, fmt.Errorf("the file has version %d, this build reads version %d", form.Version, fileVersion)
	}
	if len(form.Keys) == 0 {
		return nil, errors.New("the file is broken: it holds no key; restore it from a backup")
	}
	keys := make([]key, 0, len(form.Keys))
	seen := map[string]bool{}
	for i, f := range form.Keys {
		master, err := base64.RawURLEncoding.DecodeString(f.Secret)
		if err != nil {
			return nil, fmt.Errorf("the file is broken: key number %d is not base64url", i+1)
		}
		k, err := deriveKey(f.ID, master, f.Created)
		if err != nil {
			return nil, fmt.Errorf("the file is broken: key number %d: %w", i+1, err)
		}
		if seen[k.id] {
			return nil, fmt.Errorf("the file is broken: key id %s occurs twice", k.id)
		}
		seen[k.id] = true
		keys = append(keys, k)
	}
	return keys, nil
}

func replaceFile(path string, keys []key) error {
	tmp, err := writeTemp(path, keys)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("key ring %s: %w", path, err)
	}
	if err := syncDir(path); err != nil {
		return fmt.Errorf("key ring %s: %w", path, err)
	}
	return nil
}

// writeTemp writes the ring, durably, to a new file of mode 0600 beside path.
func writeTemp(path string, keys []key) (name string, err error) {
	form := fileForm{Version: fileVersion}
	for _, k := range keys {
		form.Keys = append(form.Keys, keyForm{k.id, base64.RawURLEncoding.EncodeToString(k.master), k.created})
	}
	data, err := json.MarshalIndent(form, "", "  ")
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return "", fmt.Errorf("key ring %s: %w", path, err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("key ring %s: %w", path, err)
	}
	return f.Name(), nil
}

// syncDir makes a new name in path's folder survive a power cut.
func syncDir(path string) error {
	if runtime.GOOS == "windows" { // where folders cannot be synced
		return nil
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
