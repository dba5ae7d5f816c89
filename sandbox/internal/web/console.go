package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// console is the state of one realm's console.
type console struct {
	r      *realm.Realm
	indent string
	counts map[string]int
	timers map[string]time.Time
}

// The bounds on what a script can make the console keep.
const (
	maxGroups = 64
	maxLabels = 1000
)

func newConsole(r *realm.Realm) goja.Value {
	c := &console{r: r, counts: map[string]int{}, timers: map[string]time.Time{}}
	o := r.VM.NewObject()
	fns := jsval.Fns{
		"dir": c.dir, "assert": c.assert, "trace": c.trace, "table": c.table,
		"count": c.count, "countReset": c.countReset,
		"time": c.time, "timeEnd": c.timeEnd, "timeLog": c.timeLog,
		"group": c.group, "groupCollapsed": c.group, "groupEnd": c.groupEnd,
	}
	for name, level := range map[string]effect.Level{
		"log": effect.Info, "info": effect.Info, "debug": effect.Debug, "dirxml": effect.Info,
		"warn": effect.Warn, "error": effect.Error,
	} {
		fns[name] = func(_ *realm.Realm, call goja.FunctionCall) goja.Value {
			c.write(level, c.format(call.Arguments))
			return goja.Undefined()
		}
	}
	jsval.Export(r, o, fns)
	return o
}

func (c *console) write(level effect.Level, text string) {
	if c.indent != "" {
		text = c.indent + strings.ReplaceAll(text, "\n", "\n"+c.indent)
	}
	c.r.Effects.Log(level, text)
}

// format is util.format, which is evaluated only for what is not plain text.
func (c *console) format(args []goja.Value) string {
	if text, ok := plain(args); ok {
		return text
	}
	util := jsval.Module(c.r, "util")
	return jsval.Call(c.r, util.Get("format"), util, args...).String()
}

// plain joins strings, numbers and the like that need no formatting.
func plain(args []goja.Value) (string, bool) {
	parts := make([]string, len(args))
	for i, v := range args {
		if i == 0 && len(args) > 1 && goja.IsString(v) && strings.Contains(v.String(), "%") {
			return "", false
		}
		switch {
		case goja.IsString(v), goja.IsUndefined(v), goja.IsNull(v):
		case goja.IsNumber(v) && v.ToFloat() != 0:
		default:
			if _, isBool := jsval.Exported[bool](v); !isBool {
				return "", false
			}
		}
		parts[i] = v.String()
	}
	return strings.Join(parts, " "), true
}

func (c *console) dir(r *realm.Realm, call goja.FunctionCall) goja.Value {
	util := jsval.Module(r, "util")
	c.write(effect.Info, jsval.Call(r, util.Get("inspect"), util, call.Argument(0), call.Argument(1)).String())
	return goja.Undefined()
}

func (c *console) assert(r *realm.Realm, call goja.FunctionCall) goja.Value {
	if call.Argument(0).ToBoolean() {
		return goja.Undefined()
	}
	text := "Assertion failed"
	if len(call.Arguments) > 1 {
		text += ": " + c.format(call.Arguments[1:])
	}
	c.write(effect.Warn, text)
	return goja.Undefined()
}

func (c *console) trace(r *realm.Realm, call goja.FunctionCall) goja.Value {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix("Trace: "+c.format(call.Arguments), ": "))
	for _, f := range r.VM.CaptureCallStack(20, nil)[1:] {
		p := f.Position()
		fmt.Fprintf(&b, "\n    at %s (%s:%d:%d)", f.FuncName(), f.SrcName(), p.Line, p.Column)
	}
	c.write(effect.Error, b.String())
	return goja.Undefined()
}

func (c *console) group(_ *realm.Realm, call goja.FunctionCall) goja.Value {
	if len(call.Arguments) > 0 {
		c.write(effect.Info, c.format(call.Arguments))
	}
	if len(c.indent) < 2*maxGroups {
		c.indent += "  "
	}
	return goja.Undefined()
}

func (c *console) groupEnd(*realm.Realm, goja.FunctionCall) goja.Value {
	c.indent = strings.TrimSuffix(c.indent, "  ")
	return goja.Undefined()
}
