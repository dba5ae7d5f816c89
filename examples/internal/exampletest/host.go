// Package exampletest runs the examples as their readers would: a host in a process
// of its own, tasks made by the real command line, and callers that keep every byte
// they were sent.
package exampletest

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// deadline ends what a test waits for: far more than it needs, so that only what
// never comes fails.
const deadline = 30 * time.Second

// Host is a running wt serve.
type Host struct {
	URL string // where it serves

	t    *testing.T
	bin  string
	home string
	log  logBuffer

	secrets []string
}

// Build makes the program in a folder that goes away with the test.
func Build(t *testing.T, pkg string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, "github.com/wthost/wt/"+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// Start runs a host on a free port with a home and a data folder of its own. Tasks
// may reach the stand-ins on this machine.
func Start(t *testing.T) *Host {
	t.Helper()
	h := &Host{t: t, bin: Build(t, "cmd/wt"), home: t.TempDir()}
	cmd := h.command("serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(h.home, "data"), "--allow-egress", "127.0.0.1/32")
	cmd.Stderr = &h.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.stop(cmd) })
	timer := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n') // the host says so when it is ready
	timer.Stop()
	if _, rest, ok := strings.Cut(line, " serves on "); ok && err == nil {
		h.URL, _, _ = strings.Cut(rest, " ")
		return h
	}
	t.Fatalf("wt serve says %q: %v\n%s", line, err, h.log.Bytes())
	return nil
}

// stop ends the host as an administrator would, and shows its log if the test failed.
func (h *Host) stop(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		h.t.Errorf("wt serve ends with %v", err)
	}
	h.noSecrets()
	if h.t.Failed() {
		h.t.Logf("the host's log:\n%s", h.log.Bytes())
	}
}

// Secret makes a secret that occurs nowhere by chance. When the host has ended, it
// must be neither in the host's log nor in its data folder.
func (h *Host) Secret() string {
	s := "s3cret-" + rand.Text()
	h.secrets = append(h.secrets, s)
	return s
}

// noSecrets looks for secrets in what the host leaves behind.
func (h *Host) noSecrets() {
	NoSecret(h.t, "the host's log", h.log.Bytes(), h.secrets...)
	files, err := filepath.Glob(filepath.Join(h.home, "data", "*"))
	if err != nil || len(files) == 0 {
		h.t.Errorf("the data folder has no files: %v", err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && len(text) > 0 {
			NoSecret(h.t, f, text, h.secrets...)
		}
	}
}

func (h *Host) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.bin, args...)
	cmd.Env = append(os.Environ(), "HOME="+h.home)
	return cmd
}

// Wt runs a command of the program against this host and gives its output.
func (h *Host) Wt(args ...string) string {
	h.t.Helper()
	cmd := h.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		h.t.Fatalf("wt %s: %v\n%s", args[0], err, stderr.Bytes())
	}
	return strings.TrimSpace(stdout.String())
}

// logBuffer is a buffer that may be read while a process writes to it.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
