package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/wthost/wt/runtime/client"
	"github.com/wthost/wt/runtime/profile"
)

// Env is the only door from the commands to the process they run in. Tests make
// their own.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Getenv reads an environment variable.
	Getenv func(string) string
	// Home is the folder of the profile file; it may be empty.
	Home string
	// Dir is the working directory, to which file names are relative.
	Dir string

	// IsTerminal reports whether a person sits at Stdin.
	IsTerminal func() bool
	// ReadPassword reads a line from the terminal without echo.
	ReadPassword func(context.Context) (string, error)

	// Transport sends every HTTP request of the commands.
	Transport http.RoundTripper
	// Now is the time of day.
	Now func() time.Time
	// Version names the build.
	Version string
}

// OSEnv is the Env of the real process.
func OSEnv() Env {
	home, _ := os.UserHomeDir() // a missing home is reported where it is needed
	dir, _ := os.Getwd()
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Home: home, Dir: dir,
		IsTerminal:   func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		ReadPassword: readPassword,
		Transport:    client.NewTransport(os.Getenv),
		Now:          time.Now,
		Version:      buildVersion(),
	}
}

// readPassword gives up when ctx ends, and then turns the echo on again, which
// the blocked read cannot do.
func readPassword(ctx context.Context) (string, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	line, err := await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		_ = term.Restore(fd, before)
	}
	return string(line), err
}

// await runs a read that cannot be interrupted and stops waiting for it when
// ctx ends.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := read()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// abs makes a file name absolute.
func (e *Env) abs(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(e.Dir, name)
}

// readFile reads a file of at most limit bytes. Its errors do not repeat the
// name: it may be a mistyped secret.
func (e *Env) readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(e.abs(name))
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = f.Close() }()
	return readLimited(f, limit)
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(b)) > limit {
		return nil, errTooLarge
	}
	return b, nil
}

var errTooLarge = errors.New("it is too large")

// reason is what went wrong with a file, without the file's name.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// profiles reads the profile file.
func (e *Env) profiles() (*profile.File, error) {
	if e.Home == "" {
		return nil, usagef("your home folder is not known").withHint("set the environment variable HOME")
	}
	f, err := profile.Load(profile.DefaultPath(e.Home))
	if err != nil {
		return nil, usagef("cannot read the profiles: %v", err).
			withHint("repair the file, or remove it and run wt init")
	}
	return f, nil
}
