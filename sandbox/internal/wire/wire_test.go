package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
)

func TestRequestRoundTrip(t *testing.T) {
	for _, r := range []sandbox.Request{
		{},
		{ID: "1", Method: "GET", URL: "/a?b=c", Query: "b=c", URLFormat: 3},
		{URL: "/a", Query: "other", Parse: true},
		{URL: "b=c", Query: "b=c", Merge: true},
		{Query: "q", Body: strings.NewReader(""), Header: effect.Header{{"A", ""}, {"", "b"}, {"A", "\x00\xff"}}},
	} {
		got, err := DecodeRequest(string(AppendRequest(nil, 7, &r)))
		if err != nil {
			t.Fatal(err)
		}
		want := Request{Handle: 7, URLFormat: r.URLFormat, HasBody: r.Body != nil, Parse: r.Parse, Merge: r.Merge,
			ID: r.ID, Method: r.Method, URL: r.URL, Query: r.Query, header: got.header}
		if *got != want {
			t.Errorf("got  %+v\nwant %+v", *got, want)
		}
		if h := got.Header(); len(h) != len(r.Header) || len(h) > 0 && !reflect.DeepEqual(h, r.Header) {
			t.Errorf("header %v, want %v", h, r.Header)
		}
	}
}

func TestResponseRoundTrip(t *testing.T) {
	for _, r := range []sandbox.Response{
		{Status: 200, JSON: true, Body: []byte("{}")},
		{Status: 999, Header: effect.Header{{"a", "b"}}, Body: []byte{}},
		{Status: 100, Header: effect.Header{}, Body: []byte("x")},
	} {
		for _, more := range []bool{false, true} {
			got, m, err := DecodeResponse(string(AppendResponse(nil, &r, more)))
			if err != nil || m != more || got.Status != r.Status || got.JSON != r.JSON || !bytes.Equal(got.Body, r.Body) || len(got.Header) != len(r.Header) {
				t.Errorf("got %+v %v %v, want %+v", got, m, err, r)
			}
		}
	}
	for _, status := range []int{0, 99, 1000, -1} {
		if _, _, err := DecodeResponse(string(AppendResponse(nil, &sandbox.Response{Status: status}, false))); err == nil {
			t.Errorf("status %d passes", status)
		}
	}
}

func TestPieceRoundTrip(t *testing.T) {
	for _, want := range []error{nil, io.EOF, errors.New(""), errors.New("EOF"), errors.New("x")} {
		piece, err := DecodePiece(string(AppendPiece(nil, []byte("data"), want)))
		same := err == want || err != nil && want != nil && err.Error() == want.Error()
		if string(piece) != "data" || !same {
			t.Errorf("got %q %v, want %v", piece, err, want)
		}
	}
}

func TestFetchRoundTrip(t *testing.T) {
	req := effect.FetchRequest{Method: "POST", URL: "http://x/", Redirect: "follow", Header: effect.Header{{"a", "b"}}, Body: []byte("body")}
	call, got, err := DecodeFetchRequest(string(AppendFetchRequest(nil, 9, &req)))
	if err != nil || call != 9 || !reflect.DeepEqual(*got, req) {
		t.Errorf("got %d %+v %v", call, got, err)
	}
	resp := effect.FetchResponse{URL: "u", Redirected: true, Status: 200, StatusText: "OK", Header: effect.Header{{"a", "b"}}}
	back, body, whole, err := DecodeFetchResponse(string(AppendFetchResponse(nil, &resp, []byte("b"), true, nil)))
	if err != nil || !whole || string(body) != "b" || !reflect.DeepEqual(back, resp) {
		t.Errorf("got %+v %q %v %v", back, body, whole, err)
	}
	if _, _, _, err := DecodeFetchResponse(string(AppendFetchResponse(nil, nil, nil, false, errors.New("no")))); err == nil || err.Error() != "no" {
		t.Errorf("got %v", err)
	}
}

func TestErrorRoundTrip(t *testing.T) {
	want := sandbox.Error{Kind: sandbox.ErrThrown, Message: "m", Name: "N", Details: json.RawMessage(`{"a":1}`), Stack: "s", Status: 404, Err: errors.New("cause")}
	got := DecodeError(string(AppendError(nil, &want)))
	if got.Err.Error() != "cause" {
		t.Errorf("cause %v", got.Err)
	}
	got.Err, want.Err = nil, nil
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	for _, bad := range []string{"", "{", "[]", `{"Kind":-1}`, `{"Kind":300}`} {
		if e := DecodeError(bad); e == nil || e.Kind != sandbox.ErrInternal {
			t.Errorf("%q: %+v", bad, e)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	for _, bad := range []string{"", "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", strings.Repeat("\x80", 20) + "\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"} {
		d := Decode(bad)
		if v := d.Uint(); v != 0 || d.Err() == nil {
			t.Errorf("%q: %d %v", bad, v, d.Err())
		}
	}
	for _, bad := range []string{"\x05abcd", "\xff\xff\xff\xff\x0f", ""} {
		if d := Decode(bad); d.String() != "" || d.Err() == nil {
			t.Errorf("%q passes", bad)
		}
	}
	for _, bad := range []string{"\x02\x01a\x01b", "\x7f", "\xff\xff\xff\xff\xff\xff\xff\x7f" + strings.Repeat("x", 100)} {
		if d := Decode(bad); d.Header() != nil || d.Err() == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	fields := func(n, size int) (h effect.Header) {
		for range n {
			h = append(h, [2]string{"n", strings.Repeat("v", size-1)})
		}
		return h
	}
	for _, tt := range []struct {
		h    effect.Header
		fits bool
	}{
		{fields(effect.MaxHeaderFields, 1), true},
		{fields(effect.MaxHeaderFields+1, 1), false},
		{fields(2, effect.MaxHeaderSize/2), true},
		{fields(2, effect.MaxHeaderSize/2+1), false},
	} {
		d := Decode(string(AppendHeader(nil, tt.h)))
		if h := d.Header(); (len(h) == len(tt.h) && d.Err() == nil) != tt.fits || tt.h.Fits() != tt.fits {
			t.Errorf("%d fields: %d, %v", len(tt.h), len(h), d.Err())
		}
	}
}

// TestALengthCostsNothing: what a frame or a count claims is not allocated.
func TestALengthCostsNothing(t *testing.T) {
	frame := binary.LittleEndian.AppendUint32(nil, MaxFrame)
	frame = append(frame, byte(Data), 0, 0, 0, 0)
	frame = append(frame, make([]byte, 100)...)
	used := allocated(func() {
		if _, err := NewConn(&stream{Reader: bytes.NewReader(frame)}).Read(); err == nil {
			t.Error("a short frame passes")
		}
	})
	if used > 1<<20 {
		t.Errorf("%d bytes were allocated for a frame", used)
	}
	count := AppendUint(nil, 1<<30)
	count = append(count, make([]byte, 1<<10)...)
	// A count that the payload does reach: of pairs of nothing.
	empty := string(append(AppendUint(nil, 20<<20), make([]byte, 40<<20)...))
	for _, payload := range []string{string(count), empty} {
		if used := allocated(func() { Decode(payload).Header() }); used > 1<<20 {
			t.Errorf("%d bytes were allocated for a header", used)
		}
	}
}

func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// stream is a ReadWriteCloser of a reader.
type stream struct {
	io.Reader
	written bytes.Buffer
}

func (s *stream) Write(p []byte) (int, error) { return s.written.Write(p) }
func (s *stream) Close() error                { return nil }

func TestReadRefusesSizes(t *testing.T) {
	for _, size := range []uint32{0, 1, 4, MaxFrame + 1, 1 << 31, ^uint32(0)} {
		b := binary.LittleEndian.AppendUint32(nil, size)
		b = append(b, make([]byte, 64)...)
		if f, err := NewConn(&stream{Reader: bytes.NewReader(b)}).Read(); err == nil {
			t.Errorf("size %d gives %+v", size, f)
		}
	}
}

func TestConcurrentSend(t *testing.T) {
	a, b := net.Pipe()
	from, to := NewConn(a), NewConn(b)
	defer from.Close()
	const senders, frames = 20, 200
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range frames {
				from.Send(Data, uint32(s), func(b []byte) []byte {
					return append(AppendUint(b, uint64(i)), bytes.Repeat([]byte{byte(s)}, i*7)...)
				})
			}
		})
	}
	next := map[uint32]uint64{}
	for range senders * frames {
		f, err := to.Read()
		if err != nil {
			t.Fatal(err)
		}
		d := Decode(f.Payload)
		if i := d.Uint(); i != next[f.ID] || len(d.Rest()) != int(i)*7 || strings.Trim(d.Rest(), string(byte(f.ID))) != "" {
			t.Fatalf("frame %d of %d is wrong", i, f.ID)
		}
		next[f.ID]++
	}
	wg.Wait()
}

func TestTooLargeAFrameIsNotSent(t *testing.T) {
	a, b := net.Pipe()
	from, to := NewConn(a), NewConn(b)
	defer from.Close()
	if from.Send(Data, 1, func(b []byte) []byte { return append(b, make([]byte, MaxFrame)...) }) != TooLarge {
		t.Error("it was sent")
	}
	if from.Send(Data, 2, nil) != Queued {
		t.Error("a small frame is refused")
	}
	if f, err := to.Read(); err != nil || f.ID != 2 {
		t.Errorf("got %+v %v", f, err)
	}
}

func TestASideThatStopsReadingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		from := NewConn(a)
		defer b.Close()
		from.Send(Data, 1, nil)
		time.Sleep(maxStall - 1)
		from.Send(Data, 2, nil)
		synctest.Wait()
		if from.err != nil {
			t.Errorf("too early: %v", from.err)
		}
		time.Sleep(2 * time.Nanosecond)
		from.Send(Data, 3, nil)
		if _, err := from.Read(); err == nil {
			t.Error("the stream is still open")
		}
	})
}

func TestASlowSideIsNotLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		from := NewConn(a)
		defer a.Close()
		piece := make([]byte, 8<<20)
		send := func(typ Type) Sent { return from.Send(typ, 1, func(b []byte) []byte { return append(b, piece...) }) }
		queued := 0
		for send(Invoke) == Queued { // never blocks
			if queued++; queued > 100 {
				t.Fatal("there is no end")
			}
		}
		if send(Data) != Queued || send(Load) != Backlog {
			t.Error("what has begun must go on, and nothing begin")
		}
		buf := make([]byte, writeSize)
		for range 8 * (queued + 1) {
			time.Sleep(maxStall / 2)
			if _, err := io.ReadFull(b, buf); err != nil {
				t.Fatal(err)
			}
			from.Send(Credit, 1, nil)
		}
		synctest.Wait()
		if from.err != nil || send(Invoke) != Queued {
			t.Errorf("it was left: %v", from.err)
		}
	})
}

func TestABacklogHasAnEnd(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	from := NewConn(a)
	piece := make([]byte, 32<<20)
	for range maxBacklog/len(piece) + 1 {
		from.Send(Data, 1, func(b []byte) []byte { return append(b, piece...) })
	}
	if _, err := from.Read(); err == nil {
		t.Error("the stream is still open")
	}
}

// TestSecretsAreCleared: nothing that a connection keeps has what a Load frame held.
func TestSecretsAreCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer a.Close()
		go io.Copy(io.Discard, b)
		defer b.Close()
		c := NewConn(a)
		secret := map[string]string{"k": strings.Repeat("hush", 1000)}
		for _, typ := range []Type{Data, Load, Data} { // one batch
			c.Send(typ, 1, func(b []byte) []byte { return AppendJSON(b, secret) })
		}
		c.mu.Lock()
		first := c.out
		c.mu.Unlock()
		c.Send(Data, 1, func(b []byte) []byte { return append(b, make([]byte, 64<<10)...) }) // moves it
		synctest.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, kept := range [][]byte{first, c.out[:cap(c.out)], c.spare[:cap(c.spare)]} {
			if bytes.Contains(kept, []byte("hush")) {
				t.Error("a secret is still there")
			}
		}
	})
}

func TestErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("é", 40<<10)
	e := DecodeError(string(AppendError(nil, &sandbox.Error{Kind: sandbox.ErrThrown, Message: long, Name: long, Stack: long,
		Details: json.RawMessage(`"` + long[:50000] + `"`), Err: errors.New(long)})))
	if len(e.Message) > maxText+3 || len(e.Name) > maxName+3 || len(e.Stack) > maxText+3 || len(e.Err.Error()) > maxCause+3 || !utf8.ValidString(e.Message) {
		t.Errorf("%d %d %d %d", len(e.Message), len(e.Name), len(e.Stack), len(e.Err.Error()))
	}
	if e.Kind != sandbox.ErrThrown || len(e.Details) != 50002 {
		t.Errorf("kind %d, %d bytes of details", e.Kind, len(e.Details))
	}
	big := `{"Kind":5,"Details":"` + strings.Repeat("x", maxDetails) + `"}`
	if e := DecodeError(big); e.Kind != sandbox.ErrThrown || e.Details != nil {
		t.Errorf("kind %d, %d bytes of details", e.Kind, len(e.Details))
	}
	if e := DecodeError(`{"Kind":5,"Message":"` + strings.Repeat("x", maxError) + `"}`); e.Kind != sandbox.ErrInternal {
		t.Errorf("kind %d", e.Kind)
	}
	for _, kind := range []sandbox.ErrorKind{sandbox.ErrLoad, sandbox.ErrWorkerDied, sandbox.ErrLoad + 1, 255} {
		if e := DecodeError(string(AppendError(nil, &sandbox.Error{Kind: kind, Message: "m"}))); e.Kind != sandbox.ErrInternal {
			t.Errorf("kind %d passes as %d", kind, e.Kind)
		}
	}
	if e := DecodeError(string(AppendError(nil, &sandbox.Error{Kind: sandbox.ErrNoTask}))); e.Kind != sandbox.ErrNoTask {
		t.Errorf("kind %d", e.Kind)
	}
}
