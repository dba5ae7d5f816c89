package web

import (
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

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
		item := jsval.Get(data, key)
		if o, ok := item.(*goja.Object); ok {
			for _, name := range o.Keys() {
				cell(&row, name, jsval.Get(o, name))
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
			parts[i] = " " + s + strings.Repeat(" ", w-1-utf8.RuneCountInString(s))
		}
		return "│" + strings.Join(parts, "│") + "│"
	}
	lines := []string{line("┌", "┬", "┐"), draw(columns), line("├", "┼", "┤")}
	for _, row := range rows {
		lines = append(lines, draw(row))
	}
	return strings.Join(append(lines, line("└", "┴", "┘")), "\n")
}
