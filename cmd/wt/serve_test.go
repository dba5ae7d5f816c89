package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A host in a process of its own: this test binary, told by its environment to be
// the command.
const asCommand = "WT_TEST_AS_COMMAND"

// process is a running wt serve.
type process struct {
	*exec.Cmd
	url    string
	home   string
	stderr *lockedBuffer
}

// command prepares a command line in a process of its own.
func command(home string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "HOME="+home)
	return cmd
}

// serveProcess starts wt serve on a free port and waits until it is ready.
func serveProcess(t *testing.T, home string, args ...string) *process {
	t.Helper()
	p := &process{home: home, stderr: &lockedBuffer{}}
	p.Cmd = command(home, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.Stderr = p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("not ready: %v\n%s", err, p.stderr)
	}
	for word := range strings.FieldsSeq(line) {
		if strings.HasPrefix(word, "http://") {
			p.url = word
		}
	}
	return p
}

// wt runs a command line and gives its standard output; it must succeed.
func (p *process) wt(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(p.home, args...).Output()
	if err != nil {
		t.Fatalf("wt %s: %v\n%s", strings.Join(args, " "), err, stderrOf(err))
	}
	return strings.TrimSpace(string(out))
}

func stderrOf(err error) []byte {
	if ee, ok := err.(*exec.ExitError); ok {
		return ee.Stderr
	}
	return nil
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func writeTask(t *testing.T, dir, name, code string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const signTask = `
var crypto = require('crypto');
module.exports = function (ctx, cb) {
  console.log('signing with', ctx.secrets);
  if (ctx.query.fail) return cb(new Error('the key is ' + ctx.secrets.app_secret));
  cb(null, { sig: crypto.createHmac('sha256', ctx.secrets.app_secret).update(ctx.query.user).digest('hex') });
};`

func TestTheTranscript(t *testing.T) {
	t.Parallel()
	p := serveProcess(t, t.TempDir())
	file := writeTask(t, p.home, "sign.js", signTask)
	url := p.wt(t, "create", file, "--secret", "app_secret=hunter2-hunter2", "--secret", "app_id=7")
	if url != p.url+"/api/run/default/sign" {
		t.Fatalf("create prints %q", url)
	}
	if status, body := get(t, url+"?user=ann"); status != 200 || !strings.Contains(body, `"sig":"`) {
		t.Errorf("%d %s", status, body)
	}
	if out := p.wt(t, "ls"); !strings.Contains(out, "sign") {
		t.Errorf("ls: %s", out)
	}
	p.wt(t, "inspect", "sign")
	writeTask(t, p.home, "sign.js", `module.exports = (ctx, cb) => cb(null, Object.keys(ctx.secrets))`)
	p.wt(t, "update", "sign", file)
	if _, body := get(t, url); body != `["app_id","app_secret"]` {
		t.Errorf("after update: %s", body)
	}
	p.wt(t, "rm", "sign")
	if status, _ := get(t, url); status != 404 {
		t.Errorf("after rm: %d", status)
	}
}

func TestNoSecretIsStoredOrShown(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2"
	p := serveProcess(t, t.TempDir())
	url := p.wt(t, "create", writeTask(t, p.home, "sign.js", signTask), "--secret", "app_secret="+secret)
	_, failed := get(t, url+"?fail=1")
	get(t, url+"?user=a")
	seen := map[string]string{"error": failed, "inspect": p.wt(t, "inspect", "sign", "-o", "json"), "ls": p.wt(t, "ls", "--details", "--show-token")}
	_ = p.Process.Signal(syscall.SIGTERM)
	_ = p.Wait()
	seen["log"] = p.stderr.String()
	err := filepath.WalkDir(filepath.Join(p.home, ".wt"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, readErr := os.ReadFile(path)
			seen[path], err = string(b), readErr
		}
		return err
	})
	if err != nil || len(seen) < 6 {
		t.Fatal(len(seen), err)
	}
	for where, text := range seen {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows the secret", where)
		}
	}
	if !strings.Contains(seen["log"], "signing with") {
		t.Errorf("the log lacks the task's line:\n%s", seen["log"])
	}
}

func TestFirstStartMakesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := serveProcess(t, home)
	for path, mode := range map[string]os.FileMode{".wt": 0o700, ".wt/keys.json": 0o600, ".wt/master.token": 0o600, ".wt/wt.db": 0o600, ".webtask": 0o600} {
		info, err := os.Stat(filepath.Join(home, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	var profiles map[string]struct{ URL, Token, Container string }
	b, _ := os.ReadFile(filepath.Join(home, ".webtask"))
	if err := json.Unmarshal(b, &profiles); err != nil || profiles["default"].URL != p.url || profiles["default"].Container != "default" {
		t.Errorf("profile %s: %v", b, err)
	}
	if status, _ := get(t, p.url+"/healthz"); status != 200 {
		t.Errorf("healthz: %d", status)
	}
}

func TestAnotherHostsProfileIsKept(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	const other = `{"default":{"url":"https://other.example","token":"a.b.c","container":"mine"}}`
	writeTask(t, home, ".webtask", other)
	p := serveProcess(t, home)
	if b, _ := os.ReadFile(filepath.Join(home, ".webtask")); string(b) != other {
		t.Errorf("the profile was changed: %s", b)
	}
	line := "wt init --url " + p.url + " --token \"$(cat " + home + "/.wt/master.token)\" --container default"
	waitUntil(t, func() bool { return strings.Contains(p.stderr.String(), line) })
	if strings.Contains(p.stderr.String(), masterOf(t, home)) {
		t.Error("the master token is shown")
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := serveProcess(t, home)
	port := p.url[strings.LastIndex(p.url, ":")+1:]
	file := writeTask(t, home, "file", "")
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"port taken", "port " + port + " is in use", []string{"--listen", "127.0.0.1:" + port, "--data", home + "/d2"}},
		{"port taken, hint", "--listen", []string{"--listen", "127.0.0.1:" + port, "--data", home + "/d2"}},
		{"data in use", "in use", []string{"--listen", "127.0.0.1:0"}},
		{"data is a file", "cannot be used", []string{"--listen", "127.0.0.1:0", "--data", file}},
		{"bad address", "cannot listen on", []string{"--listen", "nonsense"}},
		{"bad egress", "no address range", []string{"--listen", "127.0.0.1:0", "--data", home + "/d3", "--allow-egress", "http://x/"}},
		{"bad memory", "no amount of memory", []string{"--max-memory", "lots"}},
		{"little memory", "too little", []string{"--max-memory", "1MiB"}},
		{"bad duration", "--max-duration", []string{"--max-duration", "-1s"}},
		{"bad url", "--public-url", []string{"--listen", "127.0.0.1:0", "--public-url", "example.org"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := command(home, append([]string{"serve"}, tt.args...)...)
			cmd.Stderr = &stderr
			if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("%v: %s", err, stderr.String())
			}
		})
	}
}

func TestSigtermDrains(t *testing.T) {
	t.Parallel()
	p := serveProcess(t, t.TempDir())
	// The task says over another server that it runs, and goes on when told.
	running, goOn := make(chan bool, 1), make(chan bool)
	gate, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running <- true
		<-goOn
		fmt.Fprint(w, "done")
	})}
	go func() { _ = srv.Serve(gate) }()
	t.Cleanup(func() { _ = srv.Close() })
	_ = p.Process.Signal(syscall.SIGTERM)
	_ = p.Wait()

	p = serveProcess(t, p.home, "--allow-egress", "127.0.0.1")
	url := p.wt(t, "create", writeTask(t, p.home, "slow.js",
		fmt.Sprintf(`module.exports = async () => (await fetch('http://%s/')).text()`, gate.Addr())))
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		answer <- string(b)
	}()
	<-running
	_ = p.Process.Signal(syscall.SIGTERM)
	waitUntil(t, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	close(goOn)
	if got := <-answer; got != `"done"` {
		t.Errorf("the running request got %s", got)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
}

// waitUntil polls until ok, for ten seconds at most.
func waitUntil(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen")
		case <-tick.C:
		}
	}
}
