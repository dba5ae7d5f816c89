// Package webtask holds the domain of the host: tasks, tokens' claims, error
// codes and the small interfaces its layers meet at. It uses the standard
// library only, does no I/O, and must not know HTTP, SQL, keys or JavaScript.
package webtask

import (
	"context"
	"regexp"
	"time"
)

// Task is a named webtask as the store keeps it: a token under a name.
type Task struct {
	Container string
	Name      string
	// Token is the signed webtask token; its claims say which code runs with
	// which (sealed) secrets.
	Token string
	// Meta is the task's metadata. It is stored beside the token, not in it.
	Meta    map[string]string
	Updated time.Time
}

// TaskQuery selects tasks for a list.
type TaskQuery struct {
	// Container selects one container; empty means all of them.
	Container string
	// Meta must all be equal (AND).
	Meta map[string]string
	// Offset and Limit page through the tasks in order of container and name.
	Offset, Limit int
}

// Code is source text kept by the store. Its ID is what CodeURL names.
type Code struct {
	Container string
	ID        string // lower-case hex SHA-256 of Source
	Source    string
}

// Store keeps what must survive a restart. Its methods are safe for concurrent
// use, and return an *Error with NotFound where something does not exist. A
// write that returned nil survives the death of the process and of the machine.
type Store interface {
	// PutTask creates or replaces a task, with its code (nil when the code
	// lives elsewhere), in one transaction.
	PutTask(ctx context.Context, t Task, code *Code) error
	Task(ctx context.Context, container, name string) (Task, error)
	ListTasks(ctx context.Context, q TaskQuery) ([]Task, error)
	// DeleteTask removes a task and the code only it used.
	DeleteTask(ctx context.Context, container, name string) error

	// PutCode keeps code that belongs to no named task.
	PutCode(ctx context.Context, c Code) error
	Code(ctx context.Context, container, id string) (Code, error)

	// Revoke records that a token's id, and with it every token descended from
	// it, is no longer valid.
	Revoke(ctx context.Context, jti string) error
	// Revoked lists every revoked id.
	Revoked(ctx context.Context) ([]string, error)

	// PutFetched and Fetched keep the last good code of a URL. Code that was not
	// current in the 25 hours before may be dropped.
	PutFetched(ctx context.Context, f Fetched) error
	Fetched(ctx context.Context, url string) (Fetched, error)

	// OnChange registers a function that is called after a task changed or went
	// away, on this node or another one. It must not block.
	OnChange(func(container, name string))

	Close() error
}

// Fetched is code that was fetched from a URL, with what a conditional request
// needs (RFC 9110, section 13).
type Fetched struct {
	URL          string
	Source       string
	ETag         string
	LastModified string
	At           time.Time // when it was last known to be current
}

// namePattern is what wt-cli enforces for names.
var namePattern = regexp.MustCompile(`^[-A-Za-z0-9._~!$+=:@]+$`)

// MaxName is the longest container or task name, in bytes.
const MaxName = 128

// CheckName reports why s cannot be the name of a thing of the given kind
// ("task", "container"), or nil.
func CheckName(kind, s string) error {
	switch {
	case s == "":
		return Errorf(BadRequest, "the %s name is empty", kind)
	case len(s) > MaxName:
		return Errorf(BadRequest, "the %s name has %d characters, at most %d are allowed", kind, len(s), MaxName)
	case s == "." || s == ".." || !namePattern.MatchString(s):
		return Errorf(BadRequest, "%q cannot be a %s name: use letters, digits and - . _ ~ ! $ + = : @", clip(s, 40), kind)
	}
	return nil
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
