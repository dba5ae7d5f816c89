package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/client"
)

// lsFlags are the flags of wt ls.
type lsFlags struct {
	target        *targetFlags
	out           *outputFlags
	offset, limit int
	meta          []string
	details       bool
	verbose       bool
}

func newLsCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List the tasks of a container",
		Example: "  wt ls\n  wt ls --meta team=web -o json",
		Args:    takes(0, 0),
	}
	l := &lsFlags{out: addOutputFlag(cmd)}
	l.out.addShowToken(cmd)
	f := cmd.Flags()
	f.IntVar(&l.offset, "offset", 0, "leave out this many tasks")
	f.IntVar(&l.limit, "limit", 100, "show this many tasks at most")
	f.StringArrayVar(&l.meta, "meta", nil, "only tasks with this `KEY=VALUE` in their metadata (repeatable)")
	f.BoolVarP(&l.details, "details", "d", false, "show everything about each task")
	f.BoolVar(&l.verbose, "verbose", false, "the same as --details")
	l.target = addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		q, err := l.query(env)
		if err != nil {
			return err
		}
		t, err := l.target.resolve(env)
		if err != nil {
			return err
		}
		tasks, err := t.Tasks(cmd.Context(), t.container, q)
		if err != nil {
			return asQuery(err)
		}
		return l.print(env, tasks)
	}
	return cmd
}

func (l *lsFlags) query(env *Env) (client.TaskQuery, error) {
	if l.offset < 0 || l.limit < 1 {
		return client.TaskQuery{}, usagef("--offset takes 0 or more, --limit 1 or more")
	}
	meta, err := env.meta(l.meta, "")
	return client.TaskQuery{Offset: l.offset, Limit: l.limit, Meta: meta}, err
}

// listed is a task as programs read it.
type listed struct {
	Container string         `json:"container"`
	Name      string         `json:"name"`
	URL       string         `json:"url"`
	Meta      map[string]any `json:"meta,omitempty"`
	Token     string         `json:"token,omitempty"`
}

func (l *lsFlags) print(env *Env, tasks []client.Task) error {
	list := make([]listed, 0, len(tasks)) // an empty list is [], not null
	for _, t := range tasks {
		item := listed{Container: t.Container, Name: t.Name, URL: t.URL, Meta: t.Meta}
		if name := claimsOf(t.Token).Name; item.Name == "" {
			item.Name = name
		}
		if l.out.showToken {
			item.Token = t.Token
		}
		list = append(list, item)
	}
	if l.out.json() {
		return printJSON(env.Stdout, list)
	}
	show := func() error { return printTable(env.Stdout, list) }
	if l.details || l.verbose {
		show = func() error { return l.printDetails(env, tasks) }
	}
	if err := show(); err != nil {
		return err
	}
	switch {
	case len(list) == 0 && l.offset == 0:
		env.note("there are no tasks; wt create FILE makes one")
	case len(list) == l.limit:
		env.note("there may be more: wt ls --offset %d", l.offset+l.limit)
	}
	return nil
}

func printTable(w io.Writer, list []listed) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range list {
		line := t.Name + "\t" + t.URL
		if t.Token != "" {
			line += "\t" + t.Token
		}
		_, _ = fmt.Fprintln(tw, line) // Flush returns the error
	}
	return tw.Flush()
}

func (l *lsFlags) printDetails(env *Env, tasks []client.Task) error {
	for i, t := range tasks {
		if i > 0 {
			if _, err := fmt.Fprintln(env.Stdout); err != nil {
				return err
			}
		}
		d := describe(client.Inspection{Claims: claimsOf(t.Token), Meta: t.Meta, RunURL: t.URL})
		d.set("name", t.Name)
		d.set("container", t.Container)
		if l.out.showToken {
			d.set("token", t.Token)
		}
		if err := d.print(env.Stdout); err != nil {
			return err
		}
	}
	return nil
}
