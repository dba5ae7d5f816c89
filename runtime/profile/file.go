package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// File is the content of a profile file. Changes reach the disk with Save.
type File struct {
	path     string
	profiles map[string]Profile
}

// Load reads the file at path. A file that is not there has no profiles.
func Load(path string) (*File, error) {
	f := &File{path: path, profiles: map[string]Profile{}}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, err
	case len(bytes.TrimSpace(b)) == 0:
		return f, nil
	}
	if err := json.Unmarshal(b, &f.profiles); err != nil {
		return nil, fmt.Errorf("%s is not a profile file: %w", path, err)
	}
	if f.profiles == nil { // the file says null
		f.profiles = map[string]Profile{}
	}
	return f, nil
}

// Path is where the file is.
func (f *File) Path() string { return f.path }

// Names lists the profiles in alphabetical order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.profiles)) }

// Get is the profile of that name.
func (f *File) Get(name string) (Profile, bool) {
	p, ok := f.profiles[name]
	return p, ok
}

// Choose picks a profile as wt-cli does: the named one, else the only one,
// else the one called default. It returns the profile's name too. Its errors
// are ErrNone and *NotFoundError.
func (f *File) Choose(name string) (string, Profile, error) {
	if len(f.profiles) == 0 {
		return "", Profile{}, ErrNone
	}
	if name == "" {
		name = Default
		if names := f.Names(); len(names) == 1 {
			name = names[0]
		}
	}
	p, ok := f.profiles[name]
	if !ok {
		return "", Profile{}, &NotFoundError{Name: name}
	}
	return name, p, nil
}

// Set adds or replaces a profile. What other programs stored in a profile that
// is replaced goes with it, for it belonged to the old token.
func (f *File) Set(name string, p Profile) {
	p.URL = trimURL(p.URL)
	f.profiles[name] = p
}

// Remove deletes a profile and reports whether it was there.
func (f *File) Remove(name string) bool {
	_, ok := f.profiles[name]
	delete(f.profiles, name)
	return ok
}

// Save writes the file, readable for its owner only, in one step: a reader sees
// the old content or the new one.
func (f *File) Save() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(f.profiles); err != nil {
		return err
	}
	path := f.path
	// The file may be a link into a folder of managed settings: keep the link.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return replace(path, b.Bytes())
}

// replace writes content beside path and renames it over path. A temporary file
// is created with mode 0600.
func replace(path string, content []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".webtask-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(content); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
