// Package respoke_test runs the Respoke example.
package respoke_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wthost/wt/examples/internal/exampletest"
	"github.com/wthost/wt/examples/internal/standin"
)

func TestRespoke(t *testing.T) {
	t.Parallel()
	h := exampletest.Start(t)
	app := standin.RespokeApp{ID: h.Secret(), Secret: h.Secret(), Role: h.Secret()}
	base := exampletest.Serve(t, standin.Respoke(app))
	create := func(name, secret string) string {
		return h.Wt("create", "respoke.js", "--name", name, "--param", "base="+base,
			"--secret", "appId="+app.ID, "--secret", "appSecret="+secret, "--secret", "roleId="+app.Role)
	}
	var rec exampletest.Recorder
	task := rec.Tap(t, create("respoke", app.Secret))

	var got struct{ TokenID string }
	exampletest.GetJSON(t, task+"?endpointId=ann", &got)
	if got.TokenID != "token-of-ann" {
		t.Errorf("the task gives the token %q", got.TokenID)
	}
	if status, body := exampletest.Get(t, task); status != http.StatusBadRequest || !strings.Contains(body, "endpointId") {
		t.Errorf("without an endpoint: %d %s", status, body)
	}

	// What Respoke says about a wrong secret names it. The caller is not told.
	wrong := h.Secret()
	refused := rec.Tap(t, create("refused", wrong))
	if status, body := exampletest.Get(t, refused+"?endpointId=ann"); status != http.StatusBadRequest || !strings.Contains(body, "Respoke answers 401") {
		t.Errorf("with a wrong secret: %d %s", status, body)
	}
	exampletest.NoSecret(t, "what the caller got", rec.Bytes(), app.ID, app.Secret, app.Role, wrong)
}
