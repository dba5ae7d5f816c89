// Package secrets holds a host's key ring, the sealing of secrets with it, and
// the redaction of secrets from text. It must not know tasks, tokens, stores or
// HTTP: it works on bytes, and on what the caller says they belong to.
package secrets

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	masterSize = 32
	idSize     = 4 // bytes of a key id; its text has twice as many hex digits
)

// Ring is a list of versioned master keys. The newest seals and signs, all of
// them open and verify. It is safe for concurrent use.
type Ring struct {
	path string     // "" for a ring that lives in memory only
	mu   sync.Mutex // serializes Rotate
	keys atomic.Pointer[[]key]
}

// key is a master key with what is derived from it.
type key struct {
	id      string
	master  []byte
	created time.Time

	signing []byte
	aead    cipher.AEAD
}

// New makes a ring of one random key that is not kept in a file.
func New() (*Ring, error) {
	k, err := randomKey()
	if err != nil {
		return nil, err
	}
	return newRing("", []key{k}), nil
}

func newRing(path string, keys []key) *Ring {
	r := &Ring{path: path}
	r.keys.Store(&keys)
	return r
}

// SigningKey is the key that signs, with its id. It must not be changed.
func (r *Ring) SigningKey() (kid string, secret []byte) {
	k := r.newest()
	return k.id, k.signing
}

// SigningKeyByID is the signing key with the given id; ok is false where the
// ring has none. It must not be changed.
func (r *Ring) SigningKeyByID(kid string) (secret []byte, ok bool) {
	k, ok := r.byID(kid)
	return k.signing, ok
}

// Rotate adds a key, which from then on seals and signs, and rewrites the
// ring's file. Where it fails, the ring stays as it was.
func (r *Ring) Rotate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := *r.keys.Load()
	if r.path != "" {
		// Another process may have rotated since: its key must not get lost.
		onDisk, err := readFile(r.path)
		if err != nil {
			return err
		}
		keys = onDisk
	}
	k, err := randomKey()
	if err != nil {
		return err
	}
	keys = append(keys[:len(keys):len(keys)], k)
	if r.path != "" {
		if err := replaceFile(r.path, keys); err != nil {
			return err
		}
	}
	r.keys.Store(&keys)
	return nil
}

func (r *Ring) newest() key {
	keys := *r.keys.Load()
	return keys[len(keys)-1]
}

func (r *Ring) byID(id string) (key, bool) {
	for _, k := range *r.keys.Load() {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

func randomKey() (key, error) {
	b := make([]byte, idSize+masterSize)
	rand.Read(b) // never fails, by its contract
	return deriveKey(hex.EncodeToString(b[:idSize]), b[idSize:], time.Now().UTC().Truncate(time.Second))
}

// deriveKey separates the uses of a master key: what signs never seals.
func deriveKey(id string, master []byte, created time.Time) (key, error) {
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != idSize || hex.EncodeToString(raw) != id {
		return key{}, fmt.Errorf("a key id is %d lower-case hex digits", 2*idSize)
	}
	if len(master) != masterSize {
		return key{}, fmt.Errorf("key %s has %d bytes, want %d", id, len(master), masterSize)
	}
	signing, err1 := hkdf.Key(sha256.New, master, nil, "wt signing key v1", 32)
	sealing, err2 := hkdf.Key(sha256.New, master, nil, "wt sealing key v1", chacha20poly1305.KeySize)
	if err := errors.Join(err1, err2); err != nil {
		return key{}, err
	}
	aead, err := chacha20poly1305.NewX(sealing)
	if err != nil {
		return key{}, err
	}
	return key{id: id, master: master, created: created, signing: signing, aead: aead}, nil
}
