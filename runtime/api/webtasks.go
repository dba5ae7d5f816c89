package api

import (
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/wthost/wt/runtime/tasks"
	"github.com/wthost/wt/runtime/webtask"
)

// names are the container and the name in the path: decoded, as the router
// matches the path as it was sent, but not checked.
func names(r *http.Request) (container, name string, err error) {
	vars := mux.Vars(r)
	container, err1 := url.PathUnescape(vars["container"])
	name, err2 := url.PathUnescape(vars["name"])
	if err1 != nil || err2 != nil {
		return "", "", webtask.Errorf(webtask.BadRequest, "the path is not encoded as URLs are")
	}
	return container, name, nil
}

func getOptions(r *http.Request) tasks.GetOptions {
	q := r.URL.Query()
	return tasks.GetOptions{Decrypt: flag(q, "decrypt"), FetchCode: flag(q, "fetch_code")}
}

func (a *api) get(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	container, name, err := names(r)
	if err != nil {
		return err
	}
	info, err := a.tasks.Get(r.Context(), caller, container, name, getOptions(r))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, info)
	return nil
}

func (a *api) list(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	query, err := taskQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if query.Container, _, err = names(r); err != nil {
		return err
	}
	// Secrets are shown of one task at a time, where they are asked for by name.
	opts := tasks.GetOptions{FetchCode: getOptions(r).FetchCode}
	list, err := a.tasks.List(r.Context(), caller, query, opts)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, list)
	return nil
}

// put answers 200 also for a new task: clients take no other status.
func (a *api) put(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	var req tasks.PutRequest
	if err := readJSON(r, &req); err != nil {
		return err
	}
	container, name, err := names(r)
	if err != nil {
		return err
	}
	info, err := a.tasks.Put(r.Context(), caller, container, name, req)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, info)
	return nil
}

func (a *api) delete(w http.ResponseWriter, r *http.Request, caller webtask.Claims) error {
	container, name, err := names(r)
	if err != nil {
		return err
	}
	if err := a.tasks.Delete(r.Context(), caller, container, name); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
