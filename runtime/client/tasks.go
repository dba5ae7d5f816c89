package client

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/wthost/wt/runtime/webtask"
)

// Task is a named task as a host tells it.
type Task struct {
	Container string         `json:"container"`
	Name      string         `json:"name"`
	Token     string         `json:"token"`
	Meta      map[string]any `json:"meta"`
	// URL is where the task runs.
	URL     string         `json:"webtask_url"`
	Secrets map[string]any `json:"secrets"` // only when decrypted
	Code    *string        `json:"code"`    // only when fetched
}

// TaskPut creates or changes a named task. The host keeps every field that is
// nil as it is; the fields named in Drop it forgets.
type TaskPut struct {
	Code      *string           `json:"code,omitempty"`
	URL       *string           `json:"url,omitempty"`
	Pin       *string           `json:"pin,omitempty"`
	Secrets   map[string]any    `json:"secrets,omitempty"`
	Params    map[string]any    `json:"params,omitempty"`
	Meta      map[string]string `json:"meta,omitempty"`
	Host      *string           `json:"host,omitempty"`
	ParseBody *int              `json:"pb,omitempty"`
	MergeBody *int              `json:"mb,omitempty"`

	// Drop names JSON fields that are sent as null.
	Drop []string `json:"-"`
}

// MarshalJSON adds the dropped fields.
func (p TaskPut) MarshalJSON() ([]byte, error) {
	type plain TaskPut
	b, err := json.Marshal(plain(p))
	if err != nil || len(p.Drop) == 0 {
		return b, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, err
	}
	for _, key := range p.Drop {
		fields[key] = json.RawMessage("null")
	}
	return json.Marshal(fields)
}

// taskPath checks the names, which become parts of a path, and joins them.
func taskPath(container, name string) (string, error) {
	if err := webtask.CheckName("container", container); err != nil {
		return "", err
	}
	if err := webtask.CheckName("task", name); err != nil {
		return "", err
	}
	return "/api/webtask/" + url.PathEscape(container) + "/" + url.PathEscape(name), nil
}

func (c *Client) task(ctx context.Context, container, name string, r call) (Task, error) {
	path, err := taskPath(container, name)
	if err != nil {
		return Task{}, err
	}
	r.path = path
	t := Task{Container: container, Name: name}
	if err := c.doJSON(ctx, r, &t); err != nil {
		return Task{}, err
	}
	c.locate(&t)
	return t, nil
}

// locate fills in the task's URL where the host left it out.
func (c *Client) locate(t *Task) {
	t.URL = c.runURL(t.URL, TaskAddress{Container: t.Container, Name: t.Name, Token: t.Token})
}

// PutTask creates a task or changes it.
func (c *Client) PutTask(ctx context.Context, container, name string, p TaskPut) (Task, error) {
	return c.task(ctx, container, name, call{method: http.MethodPut, body: p})
}

// Task asks for one task; Meta is always in the answer.
func (c *Client) Task(ctx context.Context, container, name string, o InspectOptions) (Task, error) {
	q := url.Values{}
	setTrue(q, "decrypt", o.Decrypt)
	setTrue(q, "fetch_code", o.FetchCode)
	return c.task(ctx, container, name, call{method: http.MethodGet, query: q})
}

// TaskQuery selects tasks of one container.
type TaskQuery struct {
	// Offset tasks are left out; Limit of 0 means the host's page size.
	Offset, Limit int
	// Meta must all be equal.
	Meta map[string]string
}

// Tasks lists a page of a container's tasks, in order of their names.
func (c *Client) Tasks(ctx context.Context, container string, query TaskQuery) ([]Task, error) {
	if err := webtask.CheckName("container", container); err != nil {
		return nil, err
	}
	q := url.Values{}
	setInt(q, "offset", query.Offset)
	setInt(q, "limit", query.Limit)
	for _, key := range slices.Sorted(maps.Keys(query.Meta)) {
		q.Add("meta", key+":"+query.Meta[key])
	}
	var tasks []Task
	r := call{method: http.MethodGet, path: "/api/webtask/" + url.PathEscape(container), query: q}
	if err := c.doJSON(ctx, r, &tasks); err != nil {
		return nil, err
	}
	for i := range tasks {
		if tasks[i].Container == "" {
			tasks[i].Container = container
		}
		c.locate(&tasks[i])
	}
	return tasks, nil
}

func setInt(q url.Values, key string, n int) {
	if n != 0 {
		q.Set(key, strconv.Itoa(n))
	}
}

// DeleteTask removes a task. The error of one that is not there has the code
// webtask.NotFound.
func (c *Client) DeleteTask(ctx context.Context, container, name string) error {
	path, err := taskPath(container, name)
	if err != nil {
		return err
	}
	_, _, err = c.do(ctx, call{method: http.MethodDelete, path: path, accept: "application/json"})
	return err
}
