package exampletest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// Get calls a URL and gives the status and the body.
func Get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity") // so that a Recorder sees what is said
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// GetJSON calls a URL that must answer 200 and reads the answer into v.
func GetJSON(t *testing.T, url string, v any) {
	t.Helper()
	status, body := Get(t, url)
	if status != http.StatusOK {
		t.Fatalf("%s answers %d:\n%s", url, status, body)
	}
	if err := json.Unmarshal([]byte(body), v); err != nil {
		t.Fatalf("%s answers %q: %v", url, body, err)
	}
}

// Eventually asks until ok, and fails the test after ten seconds.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("%s: not within ten seconds", what)
		}
		time.Sleep(10 * time.Millisecond) // a pause between questions, not a wait for the answer
	}
}
