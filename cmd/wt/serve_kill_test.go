package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// masterOf reads the token of a data folder in the default place.
func masterOf(t *testing.T, home string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(home, ".wt", "master.token"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// createTask creates a task through the API and reports whether the host acknowledged it.
func createTask(url, token, name, code string) bool {
	body, _ := json.Marshal(map[string]string{"code": code})
	req, err := http.NewRequest(http.MethodPut, url+"/api/webtask/default/"+name, strings.NewReader(string(body)))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func TestKilledHostKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	p := serveProcess(t, t.TempDir())
	token := masterOf(t, p.home)
	var next, acknowledged atomic.Int64
	var names sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := next.Add(1); i <= 1000; i = next.Add(1) {
				if !createTask(p.url, token, fmt.Sprint("t", i), fmt.Sprintf("module.exports = cb => cb(null, %d)", i)) {
					return // the host is gone
				}
				names.Store(i, true)
				if acknowledged.Add(1) == 300 {
					_ = p.Process.Kill()
				}
			}
		})
	}
	wg.Wait()
	if n := acknowledged.Load(); n < 300 || n >= 1000 {
		t.Fatalf("%d were acknowledged: the kill did not come in the middle", n)
	}
	_ = p.Wait()
	p = serveProcess(t, p.home)
	names.Range(func(i, _ any) bool {
		if status, body := get(t, fmt.Sprintf("%s/api/run/default/t%d", p.url, i)); status != 200 || body != fmt.Sprint(i) {
			t.Errorf("task %d: %d %s", i, status, body)
		}
		return true
	})
}
