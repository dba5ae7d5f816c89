package tasks

import (
	"context"
	"slices"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// Info is a named webtask as managers see it.
type Info struct {
	Container string            `json:"container"`
	Name      string            `json:"name"`
	Token     string            `json:"token"`
	Meta      map[string]string `json:"meta,omitempty"`
	Secrets   any               `json:"secrets,omitempty"` // map[string]any, only if asked for
	Code      *string           `json:"code,omitempty"`
	URL       string            `json:"webtask_url"`
}

// GetOptions says what Get adds to a task.
type GetOptions struct {
	Decrypt   bool // the secrets, in the clear
	FetchCode bool
}

// Get reads a named webtask.
func (s *Service) Get(ctx context.Context, caller webtask.Claims, container, name string, opts GetOptions) (Info, error) {
	if err := checkManage(&caller, container, name); err != nil {
		return Info{}, err
	}
	t, err := s.Store.Task(ctx, container, name)
	if err != nil {
		return Info{}, err
	}
	return s.info(ctx, t, opts)
}

func checkManage(caller *webtask.Claims, container, name string) error {
	if err := webtask.CheckName("container", container); err != nil {
		return err
	}
	if err := webtask.CheckName("task", name); err != nil {
		return err
	}
	return mayManage(caller, container, name)
}

func (s *Service) info(ctx context.Context, t webtask.Task, opts GetOptions) (Info, error) {
	out := Info{Container: t.Container, Name: t.Name, Token: t.Token, Meta: t.Meta, URL: s.TaskURL(t.Container, t.Name)}
	if !opts.Decrypt && !opts.FetchCode {
		return out, nil
	}
	c, err := s.Tokens.Verify(t.Token)
	if err != nil {
		return Info{}, unreadable(t, err)
	}
	if opts.Decrypt {
		secrets, err := s.open(&c)
		if err != nil {
			return Info{}, err
		}
		out.Secrets = secrets
	}
	if opts.FetchCode {
		if out.Code, err = s.fetchCode(ctx, &c); err != nil {
			return Info{}, err
		}
	}
	return out, nil
}

// unreadable: the stored token is not the caller's, so its error must not make
// the caller look unauthorized.
func unreadable(t webtask.Task, err error) error {
	return webtask.Errorf(webtask.Conflict, "the stored webtask %q in container %q cannot be read: %w", t.Name, t.Container, err).
		WithHint("put its key back in the key ring, or delete the webtask and create it again")
}

// List lists the named webtasks of a container, or of all where the query has
// none, which takes a master token. A token for some names lists only those. Code
// is added as far as it can be had.
func (s *Service) List(ctx context.Context, caller webtask.Claims, q webtask.TaskQuery, opts GetOptions) ([]Info, error) {
	if q.Container == "" && !isMaster(&caller) {
		return nil, forbidden("only a master token lists the webtasks of all containers").
			WithHint("name a container: GET /api/webtask/{container}")
	}
	if q.Container != "" {
		if err := webtask.CheckName("container", q.Container); err != nil {
			return nil, err
		}
		if err := mayManage(&caller, q.Container, ""); err != nil {
			return nil, err
		}
	}
	list := s.Store.ListTasks
	if len(caller.Names) > 0 {
		list = func(ctx context.Context, q webtask.TaskQuery) ([]webtask.Task, error) {
			return s.listNames(ctx, caller.Names, q)
		}
	}
	tasks, err := list(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Info, len(tasks)) // not nil: clients expect a list
	for i, t := range tasks {
		if out[i], err = s.info(ctx, t, GetOptions{Decrypt: opts.Decrypt}); err != nil {
			return nil, err
		}
	}
	if opts.FetchCode {
		s.addCode(ctx, tasks, out)
	}
	return out, ctx.Err()
}

// The limits of the code in a list.
const (
	maxListedCode = 20 << 20 // bytes in all
	listedTime    = 20 * time.Second
)

// addCode adds the code of listed tasks. One whose code cannot be had, or has no
// room, stays without: the rest of the list is of use.
func (s *Service) addCode(ctx context.Context, tasks []webtask.Task, out []Info) {
	ctx, cancel := context.WithTimeout(ctx, listedTime)
	defer cancel()
	room := maxListedCode
	for i, t := range tasks {
		if ctx.Err() != nil || room <= 0 {
			return
		}
		c, err := s.Tokens.Verify(t.Token)
		if err != nil {
			continue
		}
		code, err := s.fetchCode(ctx, &c)
		if err != nil || code == nil {
			continue
		}
		if room -= len(*code); room >= 0 {
			out[i].Code = code
		}
	}
}

// listNames is a list of the tasks with the given names: there are few.
func (s *Service) listNames(ctx context.Context, names []string, q webtask.TaskQuery) ([]webtask.Task, error) {
	var tasks []webtask.Task
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		t, err := s.Store.Task(ctx, q.Container, name)
		if webtask.CodeOf(err) == webtask.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if hasMeta(t.Meta, q.Meta) {
			tasks = append(tasks, t)
		}
	}
	tasks = tasks[min(max(q.Offset, 0), len(tasks)):]
	if q.Limit > 0 {
		tasks = tasks[:min(q.Limit, len(tasks))]
	}
	return tasks, nil
}

func hasMeta(meta, want map[string]string) bool {
	for k, v := range want {
		if got, ok := meta[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// Delete removes a named webtask. Its token stays valid where it was handed
// out: to end it, revoke it.
func (s *Service) Delete(ctx context.Context, caller webtask.Claims, container, name string) error {
	if err := checkManage(&caller, container, name); err != nil {
		return err
	}
	return s.Store.DeleteTask(ctx, container, name)
}
