package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/wthost/wt/runtime/client"
	"github.com/wthost/wt/runtime/webtask"
)

// description is what people read about a task or token: labels and values in
// the order in which they are printed.
type description struct {
	rows []row
}

type row struct{ label, value string }

// set adds a row or changes it; an empty value adds nothing.
func (d *description) set(label, value string) {
	if value == "" {
		return
	}
	for i := range d.rows {
		if d.rows[i].label == label {
			d.rows[i].value = value
			return
		}
	}
	d.rows = append(d.rows, row{label, value})
}

func (d *description) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range d.rows {
		_, _ = fmt.Fprintf(tw, "%s:\t%s\n", r.label, r.value) // Flush returns the error
	}
	return tw.Flush()
}

// describe never shows sealed secrets, only that there are some.
func describe(in client.Inspection) *description {
	d := &description{}
	c := in.Claims
	d.set("name", c.Name)
	d.set("container", or(string(c.Container), "every one"))
	d.set("url", in.RunURL)
	d.set("code", codePlace(c.URL))
	d.set("pin", c.Pin)
	d.set("host", c.Host)
	d.set("merge body", yes(c.MergeBody))
	d.set("parse body", parseWord(c.ParseBody))
	d.set("may issue", generations(c.Depth))
	d.set("self revocation", map[bool]string{true: "no", false: "yes"}[c.NoSelfRevoke != 0])
	d.set("token id", c.ID)
	d.set("issued", when(c.IssuedAt))
	d.set("not before", when(int64(c.NotBefore)))
	d.set("expires", when(int64(c.Expires)))
	describeLimits(d, c.Limits)
	describeMap(d, "param", c.Params)
	describeMap(d, "meta", in.Meta)
	switch {
	case in.Secrets != nil:
		describeMap(d, "secret", in.Secrets)
	case c.Sealed != "" || len(in.Sealed) > len(`""`):
		d.set("secrets", "sealed (--decrypt shows them)")
	}
	return d
}

func describeMap(d *description, kind string, m map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text, ok := m[key].(string)
		if !ok {
			b, _ := json.Marshal(m[key]) // it was JSON before
			text = string(b)
		}
		d.set(kind+" "+key, text)
	}
}

func describeLimits(d *description, l webtask.Limits) {
	for _, limit := range []struct {
		label string
		n     webtask.Int
	}{
		{"second", l.Second}, {"minute", l.Minute}, {"hour", l.Hour},
		{"day", l.Day}, {"week", l.Week}, {"month", l.Month},
		{"second (token)", l.TokenSecond}, {"minute (token)", l.TokenMinute}, {"hour (token)", l.TokenHour},
		{"day (token)", l.TokenDay}, {"week (token)", l.TokenWeek}, {"month (token)", l.TokenMonth},
	} {
		if limit.n != 0 {
			d.set("calls per "+limit.label, strconv.FormatInt(int64(limit.n), 10))
		}
	}
}

func codePlace(u string) string {
	if _, _, ok := webtask.ParseCodeURL(u); ok {
		return "stored on the host"
	}
	return u
}

func yes(n webtask.Int) string {
	if n != 0 {
		return "yes"
	}
	return ""
}

func parseWord(p *webtask.Int) string {
	if p == nil {
		return ""
	}
	switch *p {
	case webtask.ParseNever:
		return "never"
	case webtask.ParseAlways:
		return "always"
	}
	return "unless the function takes three arguments"
}

func generations(n webtask.Int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d generations of tokens", n)
}

func when(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}
