package standin

import (
	"encoding/json"
	"net/http"
)

// RespokeApp is an app as Respoke knows it.
type RespokeApp struct{ ID, Secret, Role string }

// Respoke is the one call of Respoke's REST API that the example needs.
func Respoke(app RespokeApp) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tokens", app.token)
	return mux
}

func (app RespokeApp) token(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		AppID, EndpointID, RoleID string
		TTL                       int
	}
	if !same(r.Header.Get("App-Secret"), app.Secret) {
		// Careless services exist: the task must not pass this on.
		reply(w, http.StatusUnauthorized, fields{"error": "the app secret is not " + r.Header.Get("App-Secret")})
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		reply(w, http.StatusBadRequest, fields{"error": err.Error()})
		return
	}
	if ask.AppID != app.ID || ask.RoleID != app.Role || ask.EndpointID == "" || ask.TTL <= 0 {
		reply(w, http.StatusBadRequest, fields{"error": "appId, endpointId, roleId and ttl are required"})
		return
	}
	reply(w, http.StatusOK, fields{"tokenId": "token-of-" + ask.EndpointID, "createdWith": app.Secret})
}
