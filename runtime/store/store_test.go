package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wthost/wt/runtime/store/storetest"
	"github.com/wthost/wt/runtime/webtask"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) webtask.Store { return openTest(t, t.TempDir()) })
}

func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), "sqlite:"+filepath.Join(dir, "wt.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeTest(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, dir)
	code := storetest.NewCode("acme", "1")
	if err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: "x", Token: "t"}, code); err != nil {
		t.Fatal(err)
	}
	closeTest(t, s)
	info, err := os.Stat(filepath.Join(dir, "wt.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v; want mode 0600", info, err)
	}
	s = openTest(t, dir)
	defer closeTest(t, s)
	if task, err := s.Task(t.Context(), "acme", "x"); err != nil || task.Token != "t" {
		t.Errorf("Task = %+v, %v", task, err)
	}
	if got, err := s.Code(t.Context(), "acme", code.ID); err != nil || got != *code {
		t.Errorf("Code = %+v, %v", got, err)
	}
}

// The promises to survive a power cut rest on these.
func TestPragmas(t *testing.T) {
	s := openTest(t, t.TempDir())
	defer closeTest(t, s)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		for _, db := range []*sql.DB{s.write, s.read} {
			var got string
			if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
			}
		}
	}
}

func TestNewerDatabase(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	if _, err := s.write.Exec(`UPDATE schema_version SET version = 99`); err != nil {
		t.Fatal(err)
	}
	closeTest(t, s)
	_, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "wt.db"))
	if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "use the newer wt") {
		t.Errorf("Open: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for dsn, want := range map[string]string{
		"sqlite:":                      "no path",
		"sqlite:" + dir:                "is a directory",
		"sqlite:" + dir + "/none/x.db": "no such file",
		"sqlite:" + garbage:            "damaged",
		"mysql://root:sesame@host/db":  `scheme "mysql"`,
		"wt.db":                        "sqlite:PATH",
	} {
		_, err := Open(t.Context(), dsn)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q): %v; want an error with %q", dsn, err, want)
		} else if strings.Contains(err.Error(), "sesame") {
			t.Errorf("Open(%q) repeats the password: %v", dsn, err)
		}
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "wt.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE fetched (x)`); err != nil { // stands in the way, late in the script
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "wt.db")); err == nil {
		t.Fatal("migrated over a table that was there")
	}
	var n int
	if err := db.QueryRow(`SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d tables, %v; want 1", n, err)
	}
}

func TestTwoOpeners(t *testing.T) {
	dir := t.TempDir()
	done := make(chan *Store, 2)
	for range 2 { // both find an empty database
		go func() {
			s, err := Open(context.Background(), "sqlite:"+filepath.Join(dir, "wt.db"))
			if err != nil {
				t.Error(err)
			}
			done <- s
		}()
	}
	a, b := <-done, <-done
	if t.Failed() {
		return
	}
	defer closeTest(t, a)
	defer closeTest(t, b)
	for i, s := range []*Store{a, b} {
		if err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: fmt.Sprint(i)}, nil); err != nil {
			t.Error(err)
		}
	}
	if tasks, err := a.ListTasks(t.Context(), webtask.TaskQuery{}); err != nil || len(tasks) != 2 {
		t.Errorf("%d tasks, %v", len(tasks), err)
	}
}

func TestLockDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	unlock, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockDir(dir); webtask.CodeOf(err) != webtask.Conflict || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second LockDir: %v, want a Conflict that names the folder", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := LockDir(dir)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

// A full disk is an error that says so, and the store works on once there is room.
func TestDiskFull(t *testing.T) {
	s := openTest(t, t.TempDir())
	defer closeTest(t, s)
	if _, err := s.write.Exec(`PRAGMA max_page_count = 20`); err != nil {
		t.Fatal(err)
	}
	big := storetest.NewCode("acme", strings.Repeat("x", 1<<20))
	err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: "big"}, big)
	if webtask.CodeOf(err) != webtask.Unavailable || !strings.Contains(err.Error(), "full") {
		t.Errorf("PutTask: %v, want Unavailable", err)
	}
	if _, err := s.Task(t.Context(), "acme", "big"); webtask.CodeOf(err) != webtask.NotFound {
		t.Errorf("half a task is there: %v", err)
	}
	if err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: "small"}, nil); err != nil {
		t.Errorf("a small task: %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	s := openTest(t, t.TempDir())
	defer closeTest(t, s)
	if _, err := s.write.Exec(`PRAGMA query_only = 1`); err != nil {
		t.Fatal(err)
	}
	err := s.PutTask(t.Context(), webtask.Task{Container: "acme", Name: "x"}, nil)
	if webtask.CodeOf(err) != webtask.Unavailable {
		t.Errorf("PutTask: %v, want Unavailable", err)
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	closeTest(b, openTest(b, dir))
	for b.Loop() {
		closeTest(b, openTest(b, dir))
	}
}

func BenchmarkPutTask(b *testing.B) {
	s := openTest(b, b.TempDir())
	defer closeTest(b, s)
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprint("t", i)
		if err := s.PutTask(b.Context(), webtask.Task{Container: "acme", Name: name, Token: strings.Repeat("x", 400)},
			storetest.NewCode("acme", name)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTask(b *testing.B) {
	s := openTest(b, b.TempDir())
	defer closeTest(b, s)
	if err := s.PutTask(b.Context(), webtask.Task{Container: "acme", Name: "x", Token: strings.Repeat("x", 400)}, nil); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Task(b.Context(), "acme", "x"); err != nil {
				b.Error(err)
			}
		}
	})
}
