package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wthost/wt/runtime/store/storetest"
	"github.com/wthost/wt/runtime/webtask"
)

// writerEnv makes the test binary a process that creates tasks in a folder.
const writerEnv = "STORE_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		if err := createTasks(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const killTasks = 1000

// createTasks prints the name of each task once the store has acknowledged it.
func createTasks(dir string) error {
	s, err := Open(context.Background(), "sqlite:"+filepath.Join(dir, "wt.db"))
	if err != nil {
		return err
	}
	for i := range killTasks {
		name := fmt.Sprint("t", i)
		if err := s.PutTask(context.Background(), killTask(name), killCode(name)); err != nil {
			return err
		}
		fmt.Println(name)
	}
	return s.Close()
}

func killTask(name string) webtask.Task {
	return webtask.Task{Container: "acme", Name: name, Token: strings.Repeat(name, 50), Meta: map[string]string{"name": name}}
}

func killCode(name string) *webtask.Code {
	return storetest.NewCode("acme", strings.Repeat("// "+name+"\n", 300))
}

func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	acknowledged := killWriter(t, dir, killTasks/2)
	s := openTest(t, dir)
	defer closeTest(t, s)
	for _, name := range acknowledged {
		got, err := s.Task(t.Context(), "acme", name)
		want := killTask(name)
		if err != nil || got.Token != want.Token || got.Meta["name"] != name {
			t.Fatalf("task %s: %+v, %v", name, got, err)
		}
		code := killCode(name)
		if c, err := s.Code(t.Context(), "acme", code.ID); err != nil || c != *code {
			t.Fatalf("code of %s: %d bytes, %v", name, len(c.Source), err)
		}
	}
	var check string
	if err := s.write.QueryRow(`PRAGMA integrity_check`).Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity check: %q, %v", check, err)
	}
	if err := s.PutTask(t.Context(), killTask("after"), killCode("after")); err != nil {
		t.Errorf("a write after it: %v", err)
	}
}

// killWriter kills a writer after n tasks; it returns all that were acknowledged.
func killWriter(t *testing.T, dir string, n int) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), writerEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		names = append(names, lines.Text())
		if len(names) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(names) < n || len(names) == killTasks {
		t.Fatalf("the writer was not killed in the middle: %v after %d tasks", err, len(names))
	}
	return names
}
