package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A mistake of ours costs one request, whose answer shows an id only.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	s := &server{Config: Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, ids: newIDSource()}
	h := s.front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			w.WriteHeader(200)
		}
		panic("the reason")
	}))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/early", nil))
	id := rec.Header().Get(requestID)
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "reason") || !strings.Contains(rec.Body.String(), id) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if !strings.Contains(log.String(), `msg="internal error" request_id=`+id) || !strings.Contains(log.String(), "the reason") ||
		!strings.Contains(log.String(), "status=500") {
		t.Errorf("log: %s", &log)
	}
	defer func() {
		if recover() != http.ErrAbortHandler || !strings.Contains(log.String(), "path=/late status=200") {
			t.Errorf("an answer that had begun looks whole; log: %s", &log)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/late", nil))
}

func TestLongPathsAreCutInTheLog(t *testing.T) {
	r := httptest.NewRequest("GET", "/"+strings.Repeat("é", 300), nil)
	if p := logPath(r); len(p) > 210 || !strings.HasSuffix(p, "é…") {
		t.Errorf("%q", p)
	}
}
