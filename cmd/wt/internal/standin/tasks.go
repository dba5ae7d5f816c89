package standin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

func record(r *http.Request, t *task) map[string]any {
	m := map[string]any{
		"container": t.claims.Container, "name": t.claims.Name, "token": t.token, "webtask_url": runURL(r, t),
	}
	if len(t.meta) > 0 {
		m["meta"] = t.meta
	}
	return m
}

func key(r *http.Request) string { return r.PathValue("container") + "/" + r.PathValue("name") }

func (h *Host) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var names []string
	for name, t := range h.tasks {
		if string(t.claims.Container) == r.PathValue("container") && hasMeta(t, q["meta"]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	offset, _ := strconv.Atoi(q.Get("offset"))
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 100
	}
	names = names[min(offset, len(names)):]
	out := []any{}
	for _, name := range names[:min(limit, len(names))] {
		out = append(out, record(r, h.tasks[name]))
	}
	answer(w, http.StatusOK, out)
}

func hasMeta(t *task, wanted []string) bool {
	for _, pair := range wanted {
		k, v, _ := strings.Cut(pair, ":")
		if got, ok := t.meta[k]; !ok || got != v {
			return false
		}
	}
	return true
}

func (h *Host) get(w http.ResponseWriter, r *http.Request) {
	t, ok := h.tasks[key(r)]
	if !ok {
		fail(w, webtask.Errorf(webtask.NotFound, "there is no such task"))
		return
	}
	answer(w, http.StatusOK, record(r, t))
}

// change is the body of a PUT: what is absent stays, null drops.
type change struct {
	Code, URL, Pin *string
	Meta           map[string]string
	Secrets        map[string]any
}

func (h *Host) put(w http.ResponseWriter, r *http.Request) {
	var c change
	var raw map[string]json.RawMessage
	body := json.NewDecoder(r.Body)
	if body.Decode(&raw) != nil || remarshal(raw, &c) != nil || (c.Code == nil) == (c.URL == nil) {
		fail(w, webtask.Errorf(webtask.BadRequest, "exactly one of code and url is needed"))
		return
	}
	t, ok := h.tasks[key(r)]
	if !ok {
		t = &task{claims: webtask.Claims{
			Container: webtask.Containers(r.PathValue("container")), Name: r.PathValue("name"),
		}}
		h.tasks[key(r)] = t
	}
	h.setCode(t, c.Code)
	if c.URL != nil {
		t.claims.URL = *c.URL
	}
	if _, given := raw["pin"]; given {
		t.claims.Pin = ""
	}
	if c.Pin != nil {
		t.claims.Pin = *c.Pin
	}
	if c.Meta != nil {
		t.meta = c.Meta
	}
	if c.Secrets != nil {
		t.secrets = c.Secrets
	}
	h.sign(t)
	answer(w, http.StatusOK, record(r, t))
}

func remarshal(from, to any) error {
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

func (h *Host) remove(w http.ResponseWriter, r *http.Request) {
	if _, ok := h.tasks[key(r)]; !ok {
		fail(w, webtask.Errorf(webtask.NotFound, "there is no such task"))
		return
	}
	delete(h.tasks, key(r))
	w.WriteHeader(http.StatusNoContent)
}
