package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// npmClient is wt-cli, the client that people have, with the profile that wt serve
// has written for it.
type npmClient struct {
	program string // of the installed package
	host    *process
	dir     string // where it runs, with the files below
}

// TestNpmClient runs the real wt-cli against a real host: what its commands print
// and leave behind.
func TestNpmClient(t *testing.T) {
	t.Parallel()
	c := &npmClient{program: installNpmClient(t), dir: t.TempDir()}
	c.host = serveProcess(t, t.TempDir(), "--allow-egress", "127.0.0.1/32")
	writeTask(t, c.dir, "show.js", `module.exports = (ctx, cb) => cb(null, [ctx.secrets.k, ctx.params.p, ctx.meta.m].join());`)
	writeTask(t, c.dir, "changed.js", `module.exports = (ctx, cb) => cb(null, 'changed ' + ctx.secrets.k);`)
	t.Run("file", func(t *testing.T) { t.Parallel(); c.file(t) })
	t.Run("URL", func(t *testing.T) { t.Parallel(); c.codeURL(t) })
	t.Run("ls", func(t *testing.T) { t.Parallel(); c.ls(t) })
	t.Run("token", func(t *testing.T) { t.Parallel(); c.token(t) })
}

// file takes a task made from a file from create to rm.
func (c *npmClient) file(t *testing.T) {
	out := c.ok(t, "create", "show.js", "--name", "one", "--secret", "k=s3cret", "--param", "p=open", "--meta", "m=data")
	url := c.host.url + "/api/run/default/one"
	if !strings.Contains(out, url) {
		t.Errorf("create prints no %s:\n%s", url, out)
	}
	answers(t, url, `"s3cret,open,data"`)

	var shown map[string]any
	out = c.okJSON(t, &shown, "inspect", "one", "--output", "json")
	if strings.Contains(out, "s3cret") || shown["jtn"] != "one" || shown["ten"] != "default" || shown["webtask_url"] != url {
		t.Errorf("inspect prints %s", out)
	}
	out = c.okJSON(t, &shown, "inspect", "one", "--decrypt", "--fetch-code", "--output", "json")
	if secrets, _ := shown["ectx"].(map[string]any); secrets["k"] != "s3cret" || !strings.Contains(out, "ctx.params.p") {
		t.Errorf("inspect --decrypt --fetch-code prints %s", out)
	}
	c.prints(t, "Meta.m:      data", "inspect", "one")

	c.prints(t, url, "update", "one", "changed.js")
	answers(t, url, `"changed s3cret"`)
	c.prints(t, "Removed webtask: one", "rm", "one")
	if status, body := get(t, url); status != http.StatusNotFound {
		t.Errorf("after rm: %d %s", status, body)
	}
	if out, code := c.run(t, "rm", "one"); code != 5 || !strings.Contains(out, "No such webtask: one") {
		t.Errorf("rm of nothing exits with %d:\n%s", code, out)
	}
}

// codeURL makes and updates a task whose code is elsewhere.
func (c *npmClient) codeURL(t *testing.T) {
	pages := httptest.NewServer(http.FileServer(http.Dir(c.dir)))
	defer pages.Close()
	url := c.host.url + "/api/run/default/show"
	c.prints(t, url, "create", pages.URL+"/show.js", "--secret", "k=v", "--param", "p=q")
	answers(t, url, `"v,q,"`)
	c.prints(t, pages.URL+"/show.js", "inspect", "show")
	c.prints(t, url, "update", "show", pages.URL+"/changed.js")
	answers(t, url, `"changed v"`)
	c.prints(t, url, "update", "show", "show.js")
	answers(t, url, `"v,q,"`)
}

// ls lists tasks in each form.
func (c *npmClient) ls(t *testing.T) {
	c.ok(t, "create", "show.js", "--name", "l1", "--meta", "team=red", "--secret", "k=s3cret")
	c.ok(t, "create", "show.js", "--name", "l2", "--meta", "team=blue")
	out := c.ok(t, "ls")
	for _, name := range []string{"l1", "l2"} {
		if !strings.Contains(out, "Name:        "+name+"\n") || !strings.Contains(out, c.host.url+"/api/run/default/"+name) {
			t.Errorf("ls does not show %s:\n%s", name, out)
		}
	}
	var list []struct {
		Container, Name, URL string
		Meta                 map[string]string
	}
	c.okJSON(t, &list, "ls", "--output", "json", "--meta", "team=red")
	if len(list) != 1 || list[0].Name != "l1" || list[0].Container != "default" || list[0].Meta["team"] != "red" {
		t.Errorf("ls --meta gives %+v", list)
	}
	c.prints(t, "You do not have any named webtasks", "ls", "--meta", "team=green")
	out = c.ok(t, "ls", "--details", "--meta", "team=red")
	if !strings.Contains(out, "Token.jtn:   l1") || strings.Contains(out, "s3cret") {
		t.Errorf("ls --details prints:\n%s", out)
	}
}

// token makes a token that runs its own code, and revokes it.
func (c *npmClient) token(t *testing.T) {
	token := strings.TrimSpace(c.ok(t, "token", "create", "--ten", "default", "--ectx", "k=s3cret",
		"--code", "module.exports = (ctx, cb) => cb(null, ctx.secrets.k)"))
	url := c.host.url + "/api/run/default?key=" + token
	answers(t, url, `"s3cret"`)
	if out := c.ok(t, "inspect", token); !strings.Contains(out, "Token.ten:   default") || strings.Contains(out, "s3cret") {
		t.Errorf("inspect prints:\n%s", out)
	}
	var shown struct{ Ectx map[string]string }
	if c.okJSON(t, &shown, "token", "inspect", token, "--decrypt", "--output", "json"); shown.Ectx["k"] != "s3cret" {
		t.Errorf("token inspect --decrypt gives %+v", shown)
	}
	c.prints(t, "Token revoked", "token", "revoke", token)
	if status, body := get(t, url); status != http.StatusUnauthorized {
		t.Errorf("with a revoked token: %d %s", status, body)
	}
}

// answers checks what a task answers.
func answers(t *testing.T, url, want string) {
	t.Helper()
	if status, body := get(t, url); status != http.StatusOK || body != want {
		t.Errorf("%s answers %d %s, want %s", url, status, body, want)
	}
}

// run runs a command and gives what it prints, and its exit code.
func (c *npmClient) run(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command("node", append([]string{c.program}, args...)...)
	cmd.Dir = c.dir
	// Without the second, the client looks for news of itself on the Internet.
	cmd.Env = append(os.Environ(), "HOME="+c.host.home, "NO_UPDATE_NOTIFIER=1")
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// ok runs a command that must succeed.
func (c *npmClient) ok(t *testing.T, args ...string) string {
	t.Helper()
	out, code := c.run(t, args...)
	if code != 0 {
		t.Fatalf("wt-cli %s exits with %d:\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

func (c *npmClient) okJSON(t *testing.T, v any, args ...string) string {
	t.Helper()
	out := c.ok(t, args...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatalf("wt-cli %s: %v:\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (c *npmClient) prints(t *testing.T, want string, args ...string) {
	t.Helper()
	if out := c.ok(t, args...); !strings.Contains(out, want) {
		t.Errorf("wt-cli %s does not print %q:\n%s", strings.Join(args, " "), want, out)
	}
}

// installNpmClient installs what testdata/wt-cli locks, once for each lock file, and
// gives the program.
func installNpmClient(t *testing.T) string {
	t.Helper()
	const from = "testdata/wt-cli"
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm is not installed: wt-cli was not tested")
		}
		t.Skip("npm is not installed (apt-get install npm): wt-cli was not tested")
	}
	lock, err := os.ReadFile(filepath.Join(from, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "wt-test", "wt-cli-"+hex.EncodeToString(sum[:8]))
	program := filepath.Join(dir, "node_modules", "wt-cli", "bin", "wt")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	npmInstall(t, from, dir)
	return program
}

// npmInstall fills a folder beside dir and renames it, so that no test finds half of
// it.
func npmInstall(t *testing.T, from, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, bytes.TrimSpace(out))
	}
	if err := os.Rename(work, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}
