package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/client"
	"github.com/wthost/wt/runtime/webtask"
)

func newUpdateCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update NAME [FILE|URL|-]",
		Short: "Change the code of a task",
		Long: "Change the code of a task. Its secrets, parameters, metadata and settings stay as they are;\n" +
			"secrets do not leave the host for it.",
		Example: "  wt update sign sign.js\n  wt update sign https://example.org/sign.js --pin",
		Args:    takes(1, 2),
	}
	out := addOutputFlag(cmd)
	out.addShowToken(cmd)
	code := addCodeFlags(cmd)
	later := addLaterFlags(cmd, false)
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := later.check(cmd); err != nil {
			return err
		}
		if err := checkTaskName(args[0]); err != nil {
			return err
		}
		t, err := tf.resolve(env)
		if err != nil {
			return err
		}
		got, err := updateTask(cmd.Context(), env, update{
			target: t, name: args[0], source: env.sourceOf(first(args[1:])).resolveFile(), code: code,
		})
		if err != nil {
			return err
		}
		return printTask(env, out, taskResult{URL: got.URL, Name: got.Name, Container: got.Container, Token: got.Token})
	}
	return cmd
}

// update is a change of one task's code.
type update struct {
	target
	name   string
	source source
	code   *codeFlags
}

// updateTask looks whether the task is there, because sending its code would
// otherwise create it, and then sends nothing but the code.
func updateTask(ctx context.Context, env *Env, u update) (client.Task, error) {
	old, err := u.Task(ctx, u.container, u.name, client.InspectOptions{})
	if err != nil {
		return client.Task{}, noSuchTask(err, u.name)
	}
	compiler, _ := old.Meta["wt-compiler"].(string)
	got, err := u.code.load(ctx, env, u.source, compiler != "")
	if err != nil {
		return client.Task{}, err
	}
	put := client.TaskPut{Code: got.text}
	if got.url != "" {
		put.URL = &got.url
	}
	switch {
	case got.pin != "":
		put.Pin = &got.pin
	case claimsOf(old.Token).Pin != "":
		env.note("%s is no longer pinned", u.name)
		fallthrough
	default:
		put.Drop = []string{"pin"} // it belonged to the old code
	}
	return u.PutTask(ctx, u.container, u.name, put)
}

// noSuchTask words the error of a task that is not there.
func noSuchTask(err error, name string) error {
	if webtask.CodeOf(err) != webtask.NotFound {
		return err
	}
	f := &failure{exit: exitNotFound, msg: "there is no task " + name, err: err}
	return f.withHint("wt ls shows your tasks; wt create makes one")
}
