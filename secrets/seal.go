package secrets

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// A sealed text is the base64url form, without padding, of
//
//	version (1 byte) | key id (4) | nonce (24) | ciphertext and tag
//
// The version and the key id are authenticated before the caller's associated
// data; both have a fixed length, so that no two inputs give the same bytes.
const (
	sealVersion = 1
	headerSize  = 1 + idSize
)

// Strict: exactly one text opens for a sealed value.
var sealEncoding = base64.RawURLEncoding.Strict()

// ErrOpen is the error for a sealed text that was changed, or that was sealed
// with other associated data. It does not tell which.
var ErrOpen = errors.New("the sealed value does not open: it was changed, or belongs to something else")

// Seal encrypts plain with the newest key. It opens only with the same aad.
func (r *Ring) Seal(plain, aad []byte) (string, error) {
	k := r.newest()
	size := k.aead.NonceSize()
	out := make([]byte, headerSize+size, headerSize+size+len(plain)+k.aead.Overhead())
	out[0] = sealVersion
	if _, err := hex.Decode(out[1:headerSize], []byte(k.id)); err != nil {
		return "", err
	}
	nonce := out[headerSize:]
	rand.Read(nonce) // never fails, by its contract
	out = k.aead.Seal(out, nonce, plain, authenticated(out[:headerSize], aad))
	return sealEncoding.EncodeToString(out), nil
}

// Open decrypts what Seal made, with whichever key of the ring made it.
func (r *Ring) Open(sealed string, aad []byte) ([]byte, error) {
	raw, err := sealEncoding.DecodeString(sealed)
	if err != nil || sealEncoding.EncodedLen(len(raw)) != len(sealed) { // the decoder skips line ends
		return nil, errors.New("the sealed value is not base64url text")
	}
	if len(raw) < headerSize {
		return nil, errors.New("the sealed value is too short")
	}
	if raw[0] != sealVersion {
		return nil, fmt.Errorf("the sealed value has version %d, this build opens version %d", raw[0], sealVersion)
	}
	header, rest := raw[:headerSize], raw[headerSize:]
	id := hex.EncodeToString(header[1:])
	k, ok := r.byID(id)
	if !ok {
		return nil, fmt.Errorf("the value was sealed with key %s, which is not in the key ring", id)
	}
	if len(rest) < k.aead.NonceSize()+k.aead.Overhead() {
		return nil, errors.New("the sealed value is too short")
	}
	nonce, ciphertext := rest[:k.aead.NonceSize()], rest[k.aead.NonceSize():]
	plain, err := k.aead.Open(nil, nonce, ciphertext, authenticated(header, aad))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func authenticated(header, aad []byte) []byte {
	return append(header[:len(header):len(header)], aad...)
}
