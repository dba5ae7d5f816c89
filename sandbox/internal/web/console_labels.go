package web

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

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

// table draws an array or object of rows; anything else is logged as it is.
func (c *console) table(r *realm.Realm, call goja.FunctionCall) goja.Value {
	data, ok := call.Argument(0).(*goja.Object)
	if !ok {
		c.write(effect.Info, c.format(call.Arguments))
		return goja.Undefined()
	}
	columns, rows := []string{"(index)"}, [][]string{}
	at := map[string]int{}
	cell := func(row *[]string, column string, v goja.Value) {
		i, known := at[column]
		if !known {
			i = len(columns)
			at[column] = i
			columns = append(columns, column)
		}
		for len(*row) <= i {
			*row = append(*row, "")
		}
		(*row)[i] = c.quoted(v)
	}
	for _, key := range data.Keys() {
		row := []string{key}
		item := data.Get(key)
		if o, ok := item.(*goja.Object); ok {
			for _, name := range o.Keys() {
				cell(&row, name, o.Get(name))
			}
		} else {
			cell(&row, "Values", item)
		}
		rows = append(rows, row)
	}
	c.write(effect.Info, drawTable(columns, rows))
	return goja.Undefined()
}

func (c *console) quoted(v goja.Value) string {
	if goja.IsString(v) {
		return "'" + v.String() + "'"
	}
	return c.format([]goja.Value{v})
}

func drawTable(columns []string, rows [][]string) string {
	widths := make([]int, len(columns))
	for _, row := range append([][]string{columns}, rows...) {
		for i, s := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(s)+2)
		}
	}
	line := func(left, mid, right string) string {
		parts := make([]string, len(widths))
		for i, w := range widths {
			parts[i] = strings.Repeat("─", w)
		}
		return left + strings.Join(parts, mid) + right
	}
	draw := func(row []string) string {
		parts := make([]string, len(widths))
		for i, w := range widths {
			s := ""
			if i < len(row) {
				s = row[i]
			}
			space := w - utf8.RuneCountInString(s)
			parts[i] = strings.Repeat(" ", space/2) + s + strings.Repeat(" ", space-space/2)
		}
		return "│" + strings.Join(parts, "│") + "│"
	}
	lines := []string{line("┌", "┬", "┐"), draw(columns), line("├", "┼", "┤")}
	for _, row := range rows {
		lines = append(lines, draw(row))
	}
	return strings.Join(append(lines, line("└", "┴", "┘")), "\n")
}
