package web

import (
	"io"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// body is the content of a Request or Response: held, or yet to be read from
// the host.
type body struct {
	held    []byte
	remote  *realm.Response // nil once it has been read
	null    bool            // there is no body at all
	used    bool
	waiting []func(error) // called when all is held
	failed  error
	reading bool
	reason  goja.Value // what an aborted read rejects with
}

// newBody reads a BodyInit and gives the content type that goes with it.
func newBody(r *realm.Realm, v goja.Value) (b *body, contentType string) {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return &body{null: true}, ""
	}
	if goja.IsString(v) {
		return &body{held: []byte(v.String())}, "text/plain;charset=UTF-8"
	}
	if p, ok := jsval.State[*params](v); ok {
		return &body{held: []byte(p.String())}, "application/x-www-form-urlencoded;charset=UTF-8"
	}
	if data, ok := jsval.Bytes(r, v); ok {
		return &body{held: append([]byte{}, data...)}, ""
	}
	if o, ok := v.(*goja.Object); ok && r.VM.InstanceOf(o, r.Global("Blob").(*goja.Object)) {
		return &body{held: blobBytes(r, o)}, jsval.Get(o, "type").String()
	}
	return &body{held: []byte(v.String())}, "text/plain;charset=UTF-8"
}

// blobBytes reads a Blob: its promise is settled as soon as it is made.
func blobBytes(r *realm.Realm, blob *goja.Object) []byte {
	p, ok := jsval.Exported[*goja.Promise](jsval.Call(r, blob.Get("bytes"), blob))
	if !ok || p.State() != goja.PromiseStateFulfilled {
		panic(r.VM.NewTypeError("Blob cannot be read"))
	}
	b, _ := jsval.Bytes(r, p.Result())
	return b
}

// read gathers the whole body and then calls done on the loop.
func (b *body) read(done func(error)) {
	if b.failed != nil || b.remote == nil {
		done(b.failed)
		return
	}
	b.waiting = append(b.waiting, done)
	if !b.reading {
		b.reading = true
		b.remote.Next(b.piece)
	}
}

func (b *body) piece(piece []byte, err error) error {
	if b.remote == nil { // given up meanwhile
		return nil
	}
	if b.held == nil && len(piece) > 0 {
		b.held = append(make([]byte, 0, len(piece)), piece...)
	} else {
		b.held = append(b.held, piece...)
	}
	if err == nil {
		b.remote.Next(b.piece)
		return nil
	}
	if err == io.EOF {
		err = nil
	}
	b.finish(err)
	return nil
}

func (b *body) finish(err error) {
	b.remote, b.failed = nil, err
	waiting := b.waiting
	b.waiting = nil
	for _, done := range waiting {
		done(err)
	}
}

// abort gives the rest up; reads under way reject with reason.
func (b *body) abort(reason goja.Value) {
	if b.remote == nil {
		return
	}
	b.remote.Cancel()
	b.reason = reason
	b.finish(errAborted)
}

// clone gives a body with the same content. Two readers of one host stream
// share what it gathers.
func (b *body) clone(r *realm.Realm) *body {
	if b.used {
		panic(r.VM.NewTypeError("Response.clone: Body has already been consumed."))
	}
	if b.remote == nil {
		return &body{held: b.held, null: b.null, failed: b.failed}
	}
	source := &body{remote: b.remote}
	b.remote = &realm.Response{Next: source.tee(), Cancel: func() {}}
	return &body{remote: &realm.Response{Next: source.tee(), Cancel: func() {}}}
}

// tee reads the source as one piece.
func (b *body) tee() func(func([]byte, error) error) {
	given := false
	return func(done func([]byte, error) error) {
		b.read(func(err error) {
			switch {
			case err != nil:
				_ = done(nil, err)
			case given:
				_ = done(nil, io.EOF)
			default:
				given = true
				_ = done(b.held, nil)
			}
		})
	}
}
