package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/webtask"
)

// createFlags are the flags of wt create.
type createFlags struct {
	target  *targetFlags
	out     *outputFlags
	secrets *secretFlags
	code    *codeFlags

	name, host, metaFile string
	params, meta         []string
	noMerge, parseBody   bool
	fresh                bool
}

func newCreateCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create [FILE|URL|-]",
		Short: "Create a task, or replace it, and print its URL",
		Long: "Create a task, or replace the one of the same name, and print its URL.\n\n" +
			"The code is a file, standard input, or lives at a URL, where the host looks for changes.",
		Example: "  wt create sign.js --secret api_key\n" +
			"  wt create https://example.org/task.js --secret k=@key.txt\n" +
			"  echo 'module.exports = cb => cb(null, 1)' | wt create --name one",
		Args: takes(0, 1),
	}
	c := addCreateFlags(cmd)
	later := addLaterFlags(cmd, true)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := later.check(cmd); err != nil {
			return err
		}
		return c.run(cmd.Context(), env, env.sourceOf(first(args)))
	}
	return cmd
}

func addCreateFlags(cmd *cobra.Command) *createFlags {
	c := &createFlags{out: addOutputFlag(cmd), secrets: addSecretFlags(cmd), code: addCodeFlags(cmd)}
	c.out.addShowToken(cmd)
	f := cmd.Flags()
	f.StringVarP(&c.name, "name", "n", "", "name of the task (from package.json, file or URL)")
	f.StringArrayVar(&c.params, "param", nil, "readable parameter as `KEY=VALUE` (repeatable)")
	f.StringArrayVar(&c.meta, "meta", nil, "metadata as `KEY=VALUE` (repeatable)")
	f.StringVar(&c.metaFile, "meta-file", "", "dotenv `FILE` with metadata; --meta wins")
	f.BoolVar(&c.noMerge, "no-merge", false, "do not merge a parsed body into ctx.data")
	f.BoolVar(&c.parseBody, "parse-body", false, "parse bodies for three-argument functions too")
	f.BoolVar(&c.fresh, "fresh", false, "run every request in a new sandbox")
	f.StringVar(&c.host, "host", "", "custom domain that calls the task")
	for _, ignored := range []string{"prod", "no-parse"} { // as in wt-cli
		f.Bool(ignored, false, "ignored")
		_ = f.MarkHidden(ignored)
	}
	c.target = addTargetFlags(cmd)
	return c
}

// run does everything that can fail here before it sends anything.
func (c *createFlags) run(ctx context.Context, env *Env, s source) error {
	t, err := c.target.resolve(env)
	if err != nil {
		return err
	}
	r, err := c.request(ctx, env, s)
	if err != nil {
		return err
	}
	r.Container = webtask.Containers(t.container)
	issued, err := t.Issue(ctx, r)
	if err != nil {
		return err
	}
	return printTask(env, c.out, taskResult{
		URL: issued.URL, Name: r.Name, Container: t.container, Token: issued.Token,
	})
}

func (c *createFlags) request(ctx context.Context, env *Env, s source) (webtask.IssueRequest, error) {
	var r webtask.IssueRequest
	var err error
	if err = checkHost(c.host); err != nil {
		return r, err
	}
	if r.Params, err = params(c.params); err != nil {
		return r, err
	}
	if r.Meta, err = env.meta(c.meta, c.metaFile); err != nil {
		return r, err
	}
	s = s.resolveFile()
	if r.Name, err = env.taskName(c.name, s, c.code.ignorePackage); err != nil {
		return r, err
	}
	if r.Secrets, err = c.secrets.read(ctx, env); err != nil {
		return r, err
	}
	got, err := c.code.load(ctx, env, s, r.Meta["wt-compiler"] != "")
	if err != nil {
		return r, err
	}
	r.Code, r.URL, r.Pin = got.text, got.url, got.pin
	r.Host, r.NoSelfRevoke = c.host, 1
	if !c.noMerge {
		r.MergeBody = 1
	}
	if c.parseBody {
		always := webtask.Int(webtask.ParseAlways)
		r.ParseBody = &always
	}
	if c.fresh {
		r.Meta["wt-fresh"] = "1"
	}
	return r, nil
}

// taskResult is what create and update print.
type taskResult struct {
	URL       string `json:"url"`
	Name      string `json:"name"`
	Container string `json:"container"`
	Token     string `json:"token,omitempty"`
}

func printTask(env *Env, out *outputFlags, r taskResult) error {
	if !out.showToken {
		r.Token = ""
	}
	if out.json() {
		return printJSON(env.Stdout, r)
	}
	text := r.URL + "\n"
	if r.Token != "" {
		text += r.Token + "\n"
	}
	_, err := fmt.Fprint(env.Stdout, text)
	return err
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
