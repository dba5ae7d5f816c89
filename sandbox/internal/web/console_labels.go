package web

import (
	"fmt"
	"time"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
)

func label(call goja.FunctionCall) string {
	if goja.IsUndefined(call.Argument(0)) {
		return "default"
	}
	return call.Argument(0).String()
}

func (c *console) count(_ *realm.Realm, call goja.FunctionCall) goja.Value {
	name := label(call)
	if len(c.counts) >= maxLabels {
		clear(c.counts)
	}
	c.counts[name]++
	c.write(effect.Info, fmt.Sprintf("%s: %d", name, c.counts[name]))
	return goja.Undefined()
}

func (c *console) countReset(_ *realm.Realm, call goja.FunctionCall) goja.Value {
	delete(c.counts, label(call))
	return goja.Undefined()
}

func (c *console) time(_ *realm.Realm, call goja.FunctionCall) goja.Value {
	if len(c.timers) < maxLabels {
		c.timers[label(call)] = time.Now()
	}
	return goja.Undefined()
}

func (c *console) timeEnd(r *realm.Realm, call goja.FunctionCall) goja.Value {
	call.Arguments = call.Arguments[:min(1, len(call.Arguments))]
	c.timeLog(r, call)
	delete(c.timers, label(call))
	return goja.Undefined()
}

func (c *console) timeLog(_ *realm.Realm, call goja.FunctionCall) goja.Value {
	name := label(call)
	start, ok := c.timers[name]
	if !ok {
		c.write(effect.Warn, fmt.Sprintf("Warning: No such label '%s' for console.timeLog()", name))
		return goja.Undefined()
	}
	text := fmt.Sprintf("%s: %s", name, elapsed(time.Since(start)))
	if len(call.Arguments) > 1 {
		text += " " + c.format(call.Arguments[1:])
	}
	c.write(effect.Info, text)
	return goja.Undefined()
}

func elapsed(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3gms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.3fs", d.Seconds())
}
