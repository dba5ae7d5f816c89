package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
)

// thrown is a value that a script threw or rejected with.
type thrown struct{ value goja.Value }

func (t *thrown) Error() string { return "thrown" }

// asError describes what ended a job: what a script threw outside of its
// handler, an interrupt, or a mistake of the engine.
func (in *Instance) asError(err error) *sandbox.Error {
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		if e, ok := interrupted.Value().(*sandbox.Error); ok {
			return e
		}
	}
	var overflow *goja.StackOverflowError
	if errors.As(err, &overflow) {
		return &sandbox.Error{Kind: sandbox.ErrStack, Name: "RangeError",
			Message: fmt.Sprintf("Maximum call stack size exceeded: calls nest deeper than %d.", in.unit.engine.limits.StackDepth)}
	}
	return in.scriptError(sandbox.ErrUncaught, err)
}

// scriptError describes an error that came out of a script.
func (in *Instance) scriptError(kind sandbox.ErrorKind, err error) *sandbox.Error {
	var t *thrown
	if errors.As(err, &t) {
		return in.describe(kind, t.value)
	}
	var ex *goja.Exception
	if errors.As(err, &ex) {
		e := in.describe(kind, ex.Value())
		if e.Stack == "" {
			e.Stack = in.unit.cleanStack(ex.String())
		}
		return e
	}
	return &sandbox.Error{Kind: sandbox.ErrInternal, Message: "The JavaScript engine failed.", Err: err}
}

// describe reads what there is to say of a thrown value. Reading may run code of
// the script; what that throws is left out.
func (in *Instance) describe(kind sandbox.ErrorKind, v goja.Value) *sandbox.Error {
	e := &sandbox.Error{Kind: kind}
	if v == nil {
		v = goja.Undefined()
	}
	obj, ok := v.(*goja.Object)
	if !ok {
		e.Message = v.String()
		e.Details, _ = in.stringify(v)
		return e
	}
	get := func(name string) (s string) {
		_ = in.vm.Try(func() {
			if p := obj.Get(name); p != nil && p.ExportType() != nil && p.ExportType().Kind().String() == "string" {
				s = p.String()
			}
		})
		return s
	}
	e.Name, e.Message = get("name"), get("message")
	_ = in.vm.Try(func() {
		if p := obj.Get("statusCode"); p != nil && !goja.IsUndefined(p) {
			e.Status = int(p.ToInteger())
		}
	})
	if stack := get("stack"); stack != "" && isError(obj) {
		e.Stack = in.unit.cleanStack(stack)
	}
	if isError(obj) {
		_ = in.vm.Try(func() { e.Details, _ = json.Marshal(obj.String()) })
	} else {
		e.Details, _ = in.stringify(v)
	}
	if e.Message == "" {
		_ = in.vm.Try(func() { e.Message = obj.String() })
	}
	return e
}

func isError(obj *goja.Object) bool { return obj.ClassName() == "Error" }

func tooLarge(limit int64) *sandbox.Error {
	return &sandbox.Error{Kind: sandbox.ErrAnswerTooLarge,
		Message: fmt.Sprintf("The answer exceeds the limit of %d bytes. Use a (ctx, req, res) function to stream large answers.", limit)}
}

// frame matches a line of a goja stack: "\tat name (file:line:column(pc))", or
// without a name and parentheses.
var frame = regexp.MustCompile(`^\s*at (.*?)\(?([^\s()]+):(\d+):(\d+)\(\d+\)\)?$`)

// cleanStack gives a stack the form that Node's have, and keeps the frames of the
// script: the sandbox's own say nothing to its author.
func (u *Unit) cleanStack(stack string) string {
	var out []string
	for line := range strings.SplitSeq(strings.TrimRight(stack, "\n"), "\n") {
		m := frame.FindStringSubmatch(line)
		switch {
		case m != nil && strings.HasPrefix(m[2], "wt:"):
		case m != nil:
			out = append(out, "    at "+u.location(strings.TrimSpace(m[1]), m[2], m[3], m[4]))
		case strings.HasPrefix(line, "\tat "):
			if !strings.HasSuffix(line, "(native)") {
				out = append(out, "    "+strings.TrimSpace(line))
			}
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func (u *Unit) location(name, file, line, column string) string {
	if n, _ := strconv.Atoi(column); line == "1" && file == u.def.File && n > len(prefix) {
		column = strconv.Itoa(n - len(prefix))
	}
	at := file + ":" + line + ":" + column
	if name == "" || name == "<anonymous>" {
		return at
	}
	return name + " (" + at + ")"
}

// stringify is JSON.stringify as callbacks use it: what has no JSON form, and
// what is falsy, becomes {}.
func (in *Instance) stringify(v goja.Value) (text json.RawMessage, err error) {
	if v == nil || !v.ToBoolean() {
		return json.RawMessage("{}"), nil
	}
	obj, ok := v.(*goja.Object)
	if ok {
		text, err := obj.MarshalJSON()
		if err == nil && string(text) == "null" {
			text = json.RawMessage("{}")
		}
		return text, err
	}
	// The engine quotes a primitive as it would inside of an array.
	text, err = in.vm.NewArray(v).MarshalJSON()
	if err != nil {
		return nil, err
	}
	return text[1 : len(text)-1], nil
}
