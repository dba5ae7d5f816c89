package host

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/wthost/wt/runtime/webtask"
	"github.com/wthost/wt/sandbox"
)

// target is something that can be run: the claims of a token and the code that
// goes with them. It holds secrets only as they are sealed.
type target struct {
	key       key // zero for a target of one call
	container string
	name      string
	token     string // for ctx.token; empty where the token does not fix the code
	claims    webtask.Claims
	meta      map[string]string
	url       string // of the code, when it is not in the store

	mu   sync.Mutex
	task *sandbox.Task // what runs; it changes with the code at url
	versions
}

// current is the sandbox's task as it is now; nil when there is none yet.
func (t *target) current() *sandbox.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.task
}

// hasCode reports whether the target says what its code is.
func (t *target) hasCode() bool { return t.url != "" || t.claims.URL != "" }

// locate says where the code of the claims is: in the store, or at a URL.
func (t *target) locate(h *Host) error {
	container, id, stored := webtask.ParseCodeURL(t.claims.URL)
	if !stored {
		t.url = t.claims.URL
		return nil
	}
	if container != t.container {
		return webtask.Errorf(webtask.Forbidden, "the code belongs to another container")
	}
	t.task = t.newTask(h, fileName(t.name), func(ctx context.Context) (string, error) {
		c, err := h.Store.Code(ctx, container, id)
		return c.Source, err
	})
	return nil
}

// newTask makes the sandbox's task. What it needs is loaded when a worker asks for
// it, secrets above all: this process does not keep them.
func (t *target) newTask(h *Host, file string, source func(context.Context) (string, error)) *sandbox.Task {
	return &sandbox.Task{Load: func(ctx context.Context) (*sandbox.Definition, error) {
		text, err := source(ctx)
		if err != nil {
			return nil, err
		}
		d := &sandbox.Definition{File: file, Code: text, Container: t.container, Name: t.name, Token: t.token,
			Params: t.claims.Params, Meta: t.meta, ParseBody: sandbox.ParseOnArity, MergeBody: t.claims.MergeBody == 1,
			Fresh: t.meta["wt-fresh"] == "1"}
		if pb := t.claims.ParseBody; pb != nil && *pb >= 0 && *pb <= 2 {
			d.ParseBody = sandbox.ParseBody(*pb)
		}
		if t.claims.Sealed == "" {
			return d, nil
		}
		plain, err := h.Sealer.Open(t.claims.Sealed, webtask.Scope{Container: t.container, Name: t.claims.Name})
		if err != nil {
			return nil, fmt.Errorf("the secrets of %s/%s cannot be opened: %w", t.container, t.claims.Name, err)
		}
		if json.Unmarshal(plain, &d.Secrets) != nil { // its error could repeat a part
			return nil, fmt.Errorf("the secrets of %s/%s are not a JSON object", t.container, t.claims.Name)
		}
		return d, nil
	}}
}

// fileOf names code at a URL for stack traces.
func fileOf(url string) string {
	url, _, _ = strings.Cut(url, "#")
	url, _, _ = strings.Cut(url, "?")
	if _, rest, ok := strings.Cut(url, "://"); ok {
		_, url, _ = strings.Cut(rest, "/") // the host is no file
	}
	return fileName(path.Base(url))
}

// fileName makes a file name of a task's name.
func fileName(name string) string {
	if name == "" || name == "." || name == "/" {
		return "webtask.js"
	}
	switch path.Ext(name) {
	case ".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx":
		return name
	}
	return name + ".js"
}
