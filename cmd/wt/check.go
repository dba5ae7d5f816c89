package main

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// loaders are the languages that are checked before code is sent, by extension.
var loaders = map[string]api.Loader{
	".ts": api.LoaderTS, ".mts": api.LoaderTS, ".cts": api.LoaderTS,
}

var exports = regexp.MustCompile(`\b(exports|export|return)\b`)

// checkCode reports the first syntax error of the code, and warns about code
// that gives the host no function to call.
func (e *Env) checkCode(s source, code string) error {
	file := s.spec
	if u, err := url.Parse(file); err == nil && s.kind == fromURL {
		file = u.Path
	}
	ext := strings.ToLower(path.Ext(file))
	if ext == ".jsx" || ext == ".tsx" {
		return usagef("%s: JSX does not work yet", s.given).withHint("compile it to JavaScript first")
	}
	loader, typed := loaders[ext]
	if !typed || s.kind == fromStdin {
		loader = api.LoaderJS
	}
	result := parse(s.given, code, loader)
	if len(result.Errors) > 0 && loader == api.LoaderJS && len(parse(s.given, code, api.LoaderTS).Errors) == 0 {
		result.Errors = nil // a host takes TypeScript by any name
	}
	if len(result.Errors) > 0 {
		return usagef("%s", showSyntaxError(result.Errors[0], s.given)).
			withHint("nothing was sent; correct the code, or give --no-check to send it as it is")
	}
	if !exports.MatchString(code) {
		e.warn("the code exports no function; add module.exports = function (ctx, cb) { … }")
	}
	return nil
}

func parse(name, code string, loader api.Loader) api.TransformResult {
	return api.Transform(code, api.TransformOptions{
		Loader: loader, Sourcefile: name, LogLevel: api.LogLevelSilent, Target: api.ESNext,
	})
}

// showSyntaxError gives file, line, column, what is wrong, the line and a mark.
func showSyntaxError(m api.Message, file string) string {
	at := m.Location
	if at == nil {
		return file + ": " + m.Text
	}
	line, column := window(at.LineText, at.Column)
	return fmt.Sprintf("%s:%d:%d: %s\n  %s\n  %s^", file, at.Line, at.Column+1, m.Text, line, pad(line[:column]))
}

// window cuts a long line, such as a minified file, around a column, and
// returns the column's place in what is left.
func window(line string, column int) (string, int) {
	const before, after = 60, 40
	column = min(column, len(line))
	start := max(0, column-before)
	end := min(len(line), column+after)
	return strings.ToValidUTF8(line[start:end], "?"), column - start
}

// pad is as wide as s on a terminal.
func pad(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}
