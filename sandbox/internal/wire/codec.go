package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"unsafe"

	"github.com/wthost/wt/sandbox/effect"
)

// readString reads n bytes. A large claim is believed piece by piece, so that a
// length alone costs no memory.
func readString(r io.Reader, n int) (string, error) {
	const trusted = 64 << 10
	b := make([]byte, min(n, trusted))
	read := 0
	for {
		got, err := io.ReadFull(r, b[read:])
		read += got
		if err != nil || read == n {
			return unsafe.String(unsafe.SliceData(b), read), err
		}
		bigger := make([]byte, min(n, 2*read)) // it has kept its word so far
		copy(bigger, b)
		b = bigger
	}
}

// AppendUint appends a number.
func AppendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// AppendString appends a string with its length.
func AppendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// AppendHeader appends a header.
func AppendHeader(b []byte, h effect.Header) []byte {
	b = AppendUint(b, uint64(len(h)))
	for _, f := range h {
		b = AppendString(AppendString(b, f[0]), f[1])
	}
	return b
}

// errMalformed is the one error of a Decoder.
var errMalformed = errors.New("wire: malformed message")

// Decoder reads what the Append functions wrote. After an error it returns zero
// values; look at Err at the end.
type Decoder struct {
	s   string
	bad bool
}

// Decode starts to read a payload.
func Decode(payload string) *Decoder { return &Decoder{s: payload} }

// Err reports whether anything was malformed.
func (d *Decoder) Err() error {
	if d.bad {
		return errMalformed
	}
	return nil
}

// Uint reads a number.
func (d *Decoder) Uint() uint64 {
	var v uint64
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		c := d.s[i]
		v |= uint64(c&0x7f) << (7 * i)
		if i == binary.MaxVarintLen64-1 && c > 1 {
			break // more than 64 bits
		}
		if c < 0x80 {
			d.s = d.s[i+1:]
			return v
		}
	}
	d.bad, d.s = true, ""
	return 0
}

// String reads a string; it shares the payload's memory.
func (d *Decoder) String() string {
	n := d.Uint()
	if n > uint64(len(d.s)) {
		d.bad, d.s = true, ""
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

// Rest is what has not been read.
func (d *Decoder) Rest() string { return d.s }

// Header reads a header. It believes a count only as far as the payload reaches,
// and refuses what is larger than effect's limits.
func (d *Decoder) Header() effect.Header {
	n := d.Uint()
	if d.bad || n > uint64(len(d.s)) || n > effect.MaxHeaderFields {
		d.bad, d.s = true, ""
		return nil
	}
	h, size := make(effect.Header, 0, min(n, 64)), 0
	for range n {
		f := [2]string{d.String(), d.String()}
		if size += len(f[0]) + len(f[1]); d.bad || size > effect.MaxHeaderSize {
			d.bad, d.s = true, ""
			return nil
		}
		h = append(h, f)
	}
	return h
}

// Bytes gives a string's memory as bytes that must not be changed.
func Bytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
