// Package profile reads and writes ~/.webtask, the file in which wt and wt-cli
// keep the hosts they know: an address, a token and a container under a name.
// It must not talk to a host, ask the user anything, or drop what another
// program stored in the file.
package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Default is the name of the profile that is used when there are several and
// none is named.
const Default = "default"

// ErrNone is returned by File.Choose when the file has no profile at all.
var ErrNone = errors.New("there are no profiles")

// NotFoundError is returned by File.Choose for a name that the file lacks.
type NotFoundError struct {
	Name string
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("there is no profile %q", e.Name) }

// Profile is how to reach one host.
type Profile struct {
	URL       string // without a trailing slash, because clients append paths to it
	Token     string
	Container string

	// extra are fields of other programs, such as wt-cli's openid.
	extra map[string]json.RawMessage
}

// DefaultPath is where the file is for a user with this home folder.
func DefaultPath(home string) string { return filepath.Join(home, ".webtask") }

// UnmarshalJSON also keeps the fields it does not know.
func (p *Profile) UnmarshalJSON(b []byte) error {
	var extra map[string]json.RawMessage
	if err := json.Unmarshal(b, &extra); err != nil {
		return err
	}
	for key, field := range map[string]*string{"url": &p.URL, "token": &p.Token, "container": &p.Container} {
		if raw, ok := extra[key]; ok {
			if err := json.Unmarshal(raw, field); err != nil {
				return fmt.Errorf("%s is not a string", key)
			}
			delete(extra, key)
		}
	}
	p.URL = trimURL(p.URL)
	p.extra = extra
	return nil
}

// MarshalJSON writes the known fields in wt-cli's order, then the others.
func (p Profile) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	writeField(&b, "url", trimURL(p.URL))
	writeField(&b, "token", p.Token)
	writeField(&b, "container", p.Container)
	for _, key := range slices.Sorted(maps.Keys(p.extra)) {
		writeField(&b, key, p.extra[key])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// writeField appends one member to an object. Its values are strings and
// already valid JSON, which always marshal.
func writeField(b *bytes.Buffer, key string, v any) {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	k, _ := json.Marshal(key)
	value, _ := json.Marshal(v)
	b.Write(k)
	b.WriteByte(':')
	b.Write(value)
}

func trimURL(u string) string { return strings.TrimRight(u, "/") }
