package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

// seeds are one good payload of each kind.
func seeds() [][]byte {
	h := effect.Header{{"a", "b"}, {"c", "d"}}
	return [][]byte{
		nil,
		AppendRequest(nil, 1, &sandbox.Request{ID: "i", Method: "GET", URL: "/?q", Query: "q", Header: h}),
		AppendResponse(nil, &sandbox.Response{Status: 200, Header: h, Body: []byte("x")}, true),
		AppendPiece(nil, []byte("piece"), io.EOF),
		AppendFetchRequest(nil, 2, &effect.FetchRequest{Method: "GET", URL: "http://x", Header: h}),
		AppendFetchResponse(nil, &effect.FetchResponse{Status: 200, Header: h}, []byte("b"), true, nil),
		AppendFetchResponse(nil, nil, nil, false, errors.New("e")),
		AppendError(nil, &sandbox.Error{Kind: 3, Message: "m"}),
		AppendUint(AppendUint(nil, 1), 1<<40),
		append(AppendUint(nil, 2000), make([]byte, 4000)...),
		AppendError(nil, &sandbox.Error{Kind: sandbox.ErrLoad, Message: "m"}),
	}
}

// FuzzDecode gives every decoder every payload: none may panic, and what was
// malformed gives nothing.
func FuzzDecode(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := string(b)
		if r, err := DecodeRequest(s); err == nil {
			r.Header()
		} else if r != nil {
			t.Error("a request and an error")
		}
		if r, _, err := DecodeResponse(s); err != nil && r != nil {
			t.Error("a response and an error")
		}
		if piece, _ := DecodePiece(s); len(piece) > len(s) {
			t.Error("more than was sent")
		}
		if _, r, err := DecodeFetchRequest(s); err != nil && r != nil {
			t.Error("a fetch and an error")
		}
		_, _, _, _ = DecodeFetchResponse(s)
		if e := DecodeError(s); e == nil || e.Kind >= sandbox.ErrLoad || len(e.Message) > maxText+3 {
			t.Errorf("the error %+v", e)
		}
		d := Decode(s)
		if h := d.Header(); h != nil && d.Err() != nil || !h.Fits() {
			t.Error("a header and an error, or one that is too large")
		}
	})
}

// FuzzRead reads frames of any bytes, and finds again what was sent.
func FuzzRead(f *testing.F) {
	f.Add([]byte{5, 0, 0, 0, 1, 2, 3, 4, 5})
	f.Add([]byte{9, 0, 0, 0, 67, 2, 0, 0, 0, 'a', 'b', 'c', 'd', 5, 0, 0, 0, 1, 0, 0, 0, 0})
	f.Add([]byte{255, 255, 255, 2, 67, 2, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := NewConn(&stream{Reader: bytes.NewReader(b)})
		total := 0
		for {
			frame, err := c.Read()
			if err != nil {
				break
			}
			total += headerSize + len(frame.Payload)
		}
		if total > len(b) {
			t.Errorf("%d bytes of %d", total, len(b))
		}
	})
}
