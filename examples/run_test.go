// Package examples_test runs what make run runs.
package examples_test

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wthost/wt/examples/internal/exampletest"
)

// wanted is what each printed curl line must answer, by the task's name.
var wanted = map[string]string{
	"token":   `{"token":"eyJ`,
	"respoke": `{"tokenId":"token-of-ann"}`,
	"proxy":   `{"city":"Bern","degrees":14}`,
	"greet":   `{"greeting":"hello","keyLength":48}`,
}

// TestRun runs the script twice on one data folder. It is ended as a supervisor ends
// it, and as Ctrl-C does: the terminal signals the whole process group.
func TestRun(t *testing.T) {
	needCurl(t)
	env := scriptEnv(t)
	t.Run("port taken", func(t *testing.T) { portTaken(t, env) })
	t.Run("SIGTERM", func(t *testing.T) {
		tryScript(t, env, func(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) })
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		tryScript(t, env, func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) })
	})
}

// tryScript runs the script, does what it proposes, and ends it: nothing may be left.
func tryScript(t *testing.T, env []string, end func(pid int) error) {
	s := startScript(t, env)
	urls := s.tryAll(t)
	if err := end(s.cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the script ends with %v:\n%s", err, s.stderr.Bytes())
	}
	for _, u := range urls {
		if resp, err := http.Get(u); err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s still answers", u)
		}
	}
}

// portTaken shows that the script says what the host says, and fails.
func portTaken(t *testing.T, env []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	cmd := exec.Command("./run.sh")
	cmd.Env = append(env[:len(env):len(env)], "WT_LISTEN="+ln.Addr().String())
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() <= 0 {
		t.Errorf("the script ends with %v", err)
	}
	if !strings.Contains(string(out), "port "+port+" is in use") || !strings.Contains(string(out), "--listen") {
		t.Errorf("the script says:\n%s", out)
	}
}

// scriptEnv gives the script a free port, a home and a data folder of its own. Go keeps what it
// has downloaded and built.
func scriptEnv(t *testing.T) []string {
	t.Helper()
	caches, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirs := strings.Fields(string(caches))
	home := t.TempDir()
	return append(os.Environ(), "GOMODCACHE="+dirs[0], "GOCACHE="+dirs[1], "HOME="+home, "WT_LISTEN=127.0.0.1:0",
		"WT_DATA="+filepath.Join(home, "data"), "WT="+exampletest.Build(t, "cmd/wt"))
}

// needCurl skips the test where there is no curl to try the lines with.
func needCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		exampletest.Missing(t, "curl is not installed: what make run prints was not tried")
	}
}

// script is a run of run.sh.
type script struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	lines  *bufio.Scanner
}

func startScript(t *testing.T, env []string) *script {
	t.Helper()
	s := &script{cmd: exec.Command("./run.sh")}
	s.cmd.Env, s.cmd.Stderr = env, &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) } // what a failed run has left
	timer := time.AfterFunc(time.Minute, kill)
	t.Cleanup(func() { timer.Stop(); kill() })
	return s
}

// tryAll runs each curl line that the script prints, and gives all addresses that
// it prints.
func (s *script) tryAll(t *testing.T) (urls []string) {
	t.Helper()
	tried := 0
	for s.lines.Scan() && !strings.HasPrefix(s.lines.Text(), "Ctrl-C ends") {
		line := strings.TrimSpace(s.lines.Text())
		if i := strings.Index(line, "http://"); i >= 0 {
			urls = append(urls, strings.TrimRight(line[i:], "'"))
		}
		if strings.HasPrefix(line, "curl ") {
			try(t, line)
			tried++
		}
	}
	if tried != len(wanted) {
		t.Fatalf("the script prints %d curl lines, want %d:\n%s", tried, len(wanted), s.stderr.Bytes())
	}
	return urls
}

func try(t *testing.T, line string) {
	t.Helper()
	out, err := exec.Command("sh", "-c", line).Output()
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	for name, want := range wanted {
		if strings.Contains(line, "/default/"+name) && !strings.HasPrefix(string(out), want) {
			t.Errorf("%s\nanswers %s\nwant %s…", line, out, want)
		}
	}
}
