package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
)

// maxLocation bounds the Location header: Node clients refuse an answer with
// larger headers, and make the URL themselves where there is none.
const maxLocation = 4 << 10

func (a *api) issue(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	var req webtask.IssueRequest
	if err := readJSON(r, &req); err != nil {
		return err
	}
	token, location, err := a.tasks.Issue(r.Context(), caller, req)
	if err != nil {
		return err
	}
	if location != "" && len(location) <= maxLocation {
		w.Header().Set("Location", location)
	}
	// Clients take the body as it is, so there is no newline, and no other type.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, token) // a broken connection is the client's to notice
	return nil
}

func (a *api) inspect(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	q := r.URL.Query()
	found, err := a.tasks.Inspect(r.Context(), caller, q.Get("token"), tasks.InspectOptions{
		Decrypt: flag(q, "decrypt"), FetchCode: flag(q, "fetch_code"), Meta: flag(q, "meta"),
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, found)
	return nil
}

func (a *api) revoke(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	token := r.URL.Query().Get("token")
	if token == "" {
		var err error
		if token, err = tokenInBody(r); err != nil {
			return err
		}
	}
	if err := a.tasks.Revoke(r.Context(), caller, token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// tokenInBody reads the field token of a JSON or form body.
func tokenInBody(r *http.Request) (string, error) {
	body, err := readBody(r)
	if err != nil || len(body) == 0 {
		return "", err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "", webtask.Errorf(webtask.BadRequest, "the body is not a valid form")
		}
		return form.Get("token"), nil
	}
	var fields struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", explainJSON(body, err)
	}
	return fields.Token, nil
}
