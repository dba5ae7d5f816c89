// Package proxy_test runs the proxy example.
package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wthost/wt/examples/internal/exampletest"
	"github.com/wthost/wt/examples/internal/standin"
)

func TestProxy(t *testing.T) {
	t.Parallel()
	h := exampletest.Start(t)
	key, wrong := h.Secret(), h.Secret()
	base := exampletest.Serve(t, standin.Weather(key))
	create := func(name, key string) string {
		return h.Wt("create", "proxy.js", "--name", name, "--param", "base="+base, "--secret", "api_key="+key)
	}
	var rec exampletest.Recorder
	weather := rec.Tap(t, create("weather", key))

	var got struct {
		City    string
		Degrees int
	}
	exampletest.GetJSON(t, weather+"?city=Genève", &got)
	if got.City != "Genève" || got.Degrees != 17 {
		t.Errorf("the task answers %+v", got)
	}
	refused := rec.Tap(t, create("refused", wrong))
	if status, body := exampletest.Get(t, refused); status != http.StatusBadRequest || !strings.Contains(body, "answers 403") {
		t.Errorf("with a wrong key: %d %s", status, body)
	}
	exampletest.NoSecret(t, "what the caller got", rec.Bytes(), key, wrong)
}
