package standin

import (
	"encoding/json"
	"net/http"

	"github.com/wthost/wt/runtime/webtask"
)

func (h *Host) issue(w http.ResponseWriter, r *http.Request) {
	var q webtask.IssueRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, webtask.Errorf(webtask.BadRequest, "the claims are not understood"))
		return
	}
	container, literal := q.Container.Literal()
	by := h.find(trimBearer(r.Header.Get("Authorization")))
	switch {
	case q.Name != "" && !literal:
		fail(w, webtask.Errorf(webtask.BadRequest, "a name needs one container"))
		return
	case by.claims.Container != "" && string(by.claims.Container) != container:
		fail(w, webtask.Errorf(webtask.Forbidden, "the token is for another container"))
		return
	case q.Code != nil && q.URL != "":
		fail(w, webtask.Errorf(webtask.BadRequest, "code and url exclude each other"))
		return
	}
	t := &task{claims: q.Claims, meta: q.Meta, secrets: q.Secrets}
	h.setCode(t, q.Code)
	h.sign(t)
	if q.Name != "" {
		h.tasks[container+"/"+q.Name] = t
		w.Header().Set("Location", runURL(r, t))
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(t.token))
}

func (h *Host) setCode(t *task, code *string) {
	if code == nil {
		return
	}
	t.claims.URL = webtask.CodeURL(string(t.claims.Container), t.claims.Name)
	h.code[t.claims.URL] = *code
}

func runURL(r *http.Request, t *task) string {
	return "http://" + r.Host + "/api/run/" + string(t.claims.Container) + "/" + t.claims.Name
}

func (h *Host) inspect(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	t := h.find(q.Get("token"))
	if t == nil {
		fail(w, webtask.Errorf(webtask.BadRequest, "the token to inspect is not valid"))
		return
	}
	b, _ := json.Marshal(t.claims)
	claims := map[string]any{}
	_ = json.Unmarshal(b, &claims)
	if q.Get("decrypt") == "true" && t.secrets != nil {
		claims["ectx"], claims["secrets"] = t.secrets, t.secrets
	}
	if code, ok := h.code[t.claims.URL]; ok && q.Get("fetch_code") == "true" {
		claims["code"] = code
	}
	if q.Get("meta") != "" && len(t.meta) > 0 {
		claims["meta"] = t.meta
	}
	answer(w, http.StatusOK, claims)
}

func (h *Host) revoke(w http.ResponseWriter, r *http.Request) {
	t := h.find(r.URL.Query().Get("token"))
	if t == nil {
		fail(w, webtask.Errorf(webtask.BadRequest, "the token to revoke is not valid"))
		return
	}
	h.revoked[t.claims.ID] = true
	for key := range h.tasks {
		if h.tasks[key].claims.ID == t.claims.ID {
			delete(h.tasks, key)
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
