package engine

import (
	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/redact"
)

// What leaves a call other than its answer, log lines and errors, must not show
// the task's secrets.

// redactor knows the unit's secrets. It is made when it is first needed.
func (u *Unit) redactor() *redact.Redactor {
	u.redactOnce.Do(func() { addStrings(&u.redact, u.def.Secrets) })
	return &u.redact
}

// addStrings adds every string in what encoding/json decodes into.
func addStrings(r *redact.Redactor, v any) {
	switch v := v.(type) {
	case string:
		r.Add(v)
	case map[string]any:
		for _, item := range v {
			addStrings(r, item)
		}
	case []any:
		for _, item := range v {
			addStrings(r, item)
		}
	}
}

// log writes a line of the call.
func (c *Call) log(level effect.Level, line string) {
	c.world.Log(level, c.unit.redactor().Redact(line))
}

// failWith tells the caller that the call failed.
func (c *Call) failWith(e *sandbox.Error) {
	r := c.unit.redactor()
	out := *e
	out.Message, out.Name, out.Stack = r.Redact(e.Message), r.Redact(e.Name), r.Redact(e.Stack)
	if e.Details != nil {
		out.Details = []byte(r.Redact(string(e.Details)))
	}
	c.world.Fail(&out)
}
