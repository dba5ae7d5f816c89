// Package standin is a host for the tests of the command line: it answers the
// management API as a real one does, keeps everything in memory, and runs no
// code. It must not be imported by anything but tests, which reach it through
// HTTP only.
package standin

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/wthost/wt/runtime/webtask"
)

// Host is an http.Handler that answers the management API.
type Host struct {
	// Master is the token that may do everything.
	Master string

	key []byte
	mux *http.ServeMux

	mu      sync.Mutex
	tasks   map[string]*task  // by container/name
	tokens  map[string]*task  // by token id
	code    map[string]string // by url claim
	revoked map[string]bool
}

// task is a token with what belongs to it.
type task struct {
	claims  webtask.Claims
	token   string
	meta    map[string]string
	secrets map[string]any
}

// New makes an empty host.
func New() *Host {
	h := &Host{
		key: []byte(rand.Text()), mux: http.NewServeMux(),
		tasks: map[string]*task{}, tokens: map[string]*task{}, code: map[string]string{}, revoked: map[string]bool{},
	}
	master := &task{claims: webtask.Claims{Depth: 3}}
	h.sign(master)
	h.Master = master.token
	h.mux.HandleFunc("POST /api/tokens/issue", h.issue)
	h.mux.HandleFunc("GET /api/tokens/inspect", h.inspect)
	h.mux.HandleFunc("POST /api/tokens/revoke", h.revoke)
	h.mux.HandleFunc("GET /api/webtask/{container}", h.list)
	h.mux.HandleFunc("GET /api/webtask/{container}/{name}", h.get)
	h.mux.HandleFunc("PUT /api/webtask/{container}/{name}", h.put)
	h.mux.HandleFunc("DELETE /api/webtask/{container}/{name}", h.remove)
	return h
}

// ServeHTTP checks the caller's token and answers.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bearer := r.Header.Get("Authorization")
	t := h.find(trimBearer(bearer))
	switch {
	case t == nil:
		fail(w, webtask.Errorf(webtask.Unauthorized, "the token is not valid").WithHint("wt init stores another"))
	case r.PathValue("container") != "" && !t.claims.Container.Allows(r.PathValue("container")):
		fail(w, webtask.Errorf(webtask.Forbidden, "the token is for another container"))
	default:
		h.mux.ServeHTTP(w, r)
	}
}

func trimBearer(s string) string {
	const prefix = "Bearer "
	if len(s) < len(prefix) {
		return ""
	}
	return s[len(prefix):]
}

// sign gives a task a new token and remembers it.
func (h *Host) sign(t *task) {
	var id [16]byte
	_, _ = rand.Read(id[:])
	t.claims.ID, t.claims.IssuedAt, t.claims.Ancestors = hex.EncodeToString(id[:]), time.Now().Unix(), []string{}
	t.claims.Sealed = ""
	if len(t.secrets) > 0 {
		t.claims.Sealed = "sealed." + rand.Text()
	}
	b, _ := json.Marshal(t.claims)
	claims := jwt.MapClaims{}
	_ = json.Unmarshal(b, &claims)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	delete(token.Header, "typ")
	t.token, _ = token.SignedString(h.key)
	kept := *t // a task that changes leaves its old token as it was
	h.tokens[t.claims.ID] = &kept
}

// find is what a valid token stands for, or nil.
func (h *Host) find(token string) *task {
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return h.key, nil },
		jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		return nil
	}
	id, _ := parsed.Claims.(jwt.MapClaims)["jti"].(string)
	if h.revoked[id] {
		return nil
	}
	return h.tokens[id]
}

func fail(w http.ResponseWriter, e *webtask.Error) {
	answer(w, e.Code.HTTPStatus(), map[string]string{"code": string(e.Code), "message": e.Message, "hint": e.Hint})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
