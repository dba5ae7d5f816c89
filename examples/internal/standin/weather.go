package standin

import "net/http"

// Weather is a third-party API that wants a key, and is careless with it: its
// answers and its errors name the key.
func Weather(key string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/now", func(w http.ResponseWriter, r *http.Request) {
		got := r.Header.Get("X-Api-Key")
		w.Header().Set("X-Billed-To", got)
		if !same(got, key) {
			reply(w, http.StatusForbidden, fields{"error": "unknown key " + got})
			return
		}
		city := r.URL.Query().Get("city")
		reply(w, http.StatusOK, fields{"city": city, "degrees": 10 + len(city), "request": fields{"key": got}})
	})
	return mux
}
