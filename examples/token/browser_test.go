package token_test

import (
	"context"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/wthost/wt/examples/internal/exampletest"
	"github.com/wthost/wt/examples/internal/standin"
)

// browse opens the example's page in a browser. The page, the task and the API have
// an origin each. The page can read the task's errors, too.
func browse(t *testing.T, h *exampletest.Host, key string) {
	var rec exampletest.Recorder // all that the browser is sent
	page := rec.Tap(t, exampletest.Serve(t, http.FileServer(http.Dir("."))))
	api := rec.Tap(t, exampletest.Serve(t, standin.API(key)))
	task := rec.Tap(t, h.URL+"/api/run/default/token")

	ctx := browser(t)
	must(ctx, t, chromedp.Navigate(page+"/index.html?"+url.Values{"task": {task}, "api": {api}}.Encode()))
	must(ctx, t, chromedp.Click("#go"))
	answer := must(ctx, t, chromedp.Poll[string](`document.getElementById('answer').textContent`))
	token := must(ctx, t, chromedp.Text("#token"))
	dom := must(ctx, t, chromedp.Evaluate[string](everything))
	if answer != "hello, ann" {
		t.Errorf("the page shows %q", answer)
	}
	if strings.Count(token, ".") != 2 || !strings.Contains(string(rec.Bytes()), token) {
		t.Errorf("the page shows the token %q, which was not recorded", token)
	}
	if !strings.Contains(string(rec.Bytes()), "\nAccess-Control-Allow-Methods: POST\r") {
		t.Error("the browser asked for no permission, so that it may post was not tested")
	}
	t.Run("error", func(t *testing.T) {
		must(ctx, t, chromedp.Evaluate[string](`document.getElementById('user').value = ''`))
		must(ctx, t, chromedp.Click("#go"))
		must(ctx, t, chromedp.Poll[bool](`document.getElementById('answer').textContent.includes('?user=NAME')`))
	})
	t.Run("own CORS headers", func(t *testing.T) { ownCORS(ctx, t, h, &rec, page) })
	exampletest.NoSecret(t, "what the browser got", rec.Bytes(), key)
	exampletest.NoSecret(t, "the page", []byte(dom), key)
}

// everything is what a page can be seen to hold.
const everything = `[document.documentElement.outerHTML, document.cookie, ...Object.entries(localStorage),
	...Object.entries(sessionStorage), ...performance.getEntries().map((e) => e.name)].join('\n')`

// must runs a step in the browser and gives its result.
func must[T any](ctx context.Context, t *testing.T, step chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// ownCORS shows that what a task says about other origins stands: pages of the
// origin it names may read its answer, and the headers it names; others may not.
func ownCORS(ctx context.Context, t *testing.T, h *exampletest.Host, rec *exampletest.Recorder, origin string) {
	const read = `fetch(URL).then(
		async (r) => [(await r.json()).user, r.headers.get('X-Shown'), r.headers.get('X-Hidden')].join(),
		(e) => e.name)`
	for _, c := range []struct{ name, origin, want string }{
		{"mine", origin, "ann,shown,"},
		{"theirs", "https://example.com", "TypeError"},
	} {
		task := rec.Tap(t, h.Wt("create", "testdata/own-cors.js", "--name", c.name, "--param", "origin="+c.origin))
		script := strings.Replace(read, "URL", "'"+task+"?user=ann'", 1)
		got := must(ctx, t, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if got != c.want {
			t.Errorf("%s: the page reads %q, want %q", c.name, got, c.want)
		}
	}
}

// browser starts a browser that ends with the test. Without one, the test is
// skipped, but not where all tests must run.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		exampletest.Missing(t, "chromium is not installed (apt-get install chromium): what a page sees was not tested")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir())}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
		"disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}
