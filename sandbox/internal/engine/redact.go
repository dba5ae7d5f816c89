package engine

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

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

// addStrings adds every string in what encoding/json decodes into, and the text of
// every number as scripts print it.
func addStrings(r *redact.Redactor, v any) {
	switch v := v.(type) {
	case string:
		r.Add(v)
	case float64:
		addNumber(r, v)
	case json.Number:
		r.Add(v.String())
		if f, err := v.Float64(); err == nil {
			addNumber(r, f)
		}
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

// addNumber adds a number's decimal text, and the text by which JavaScript has it,
// which for numbers out of the ordinary has an exponent.
func addNumber(r *redact.Redactor, v float64) {
	r.Add(strconv.FormatFloat(v, 'f', -1, 64))
	if text, err := json.Marshal(v); err == nil { // JSON writes them as JavaScript does
		r.Add(string(text))
	}
}

const (
	// maxLogged is how much a call may log. What would come after it is left out.
	maxLogged = 1 << 20
	maxLine   = 16 << 10
	// maxText bounds each text of an error.
	maxText = 32 << 10
)

// log writes a line of the call.
func (c *Call) log(level effect.Level, line string) {
	if c.state == over || c.logged > maxLogged {
		return
	}
	line = cut(c.unit.redactor().Redact(cut(line, maxLogged)), maxLine)
	if c.logged += len(line); c.logged > maxLogged {
		level, line = effect.Warn, "the request has logged more than 1 MiB; its further lines are left out"
	}
	c.world.Log(level, line)
}

// cut shortens a text to n bytes at a character's boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// failWith tells the caller that the call failed.
func (c *Call) failWith(e *sandbox.Error) {
	r := c.unit.redactor()
	out := *e
	text := func(s string) string { return cut(r.Redact(cut(s, maxLogged)), maxText) }
	out.Message, out.Name, out.Stack = text(e.Message), text(e.Name), text(e.Stack)
	if len(e.Details) > 2*maxText {
		out.Details = nil
	} else if e.Details != nil {
		out.Details = []byte(r.Redact(string(e.Details)))
	}
	if e.Err != nil {
		out.Err = errors.New(text(e.Err.Error()))
	}
	c.world.Fail(&out)
}
