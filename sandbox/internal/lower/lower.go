// Package lower turns JavaScript that goja does not take (ES modules, async
// generators, decorators …) into JavaScript that it takes, with esbuild. It is
// also where syntax errors get their text: file, line, column, source line.
package lower

import (
	"fmt"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// SyntaxError is where and why code does not parse.
type SyntaxError struct {
	File     string
	Line     int // from 1
	Column   int // from 1, in characters
	LineText string
	Text     string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Frame is the source line with a caret below the column.
func (e *SyntaxError) Frame() string {
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string([]rune(e.LineText)[:max(0, min(e.Column-1, len([]rune(e.LineText))))]))
	return e.LineText + "\n" + pad + "^"
}

// unsupported is what goja lacks, or gets wrong, and esbuild can rewrite: a
// class field named get, set or async is a syntax error in goja.
var unsupported = map[string]bool{
	"async-generator": false, "for-await": false, "decorators": false, "using": false,
	"dynamic-import": false, "class-field": false, "class-static-field": false,
}

// Transform parses code and lowers it to a CommonJS module with an inline source
// map. Code that is no JavaScript but TypeScript, whatever its file is called, is
// taken too. A *SyntaxError says what is wrong with it.
func Transform(file, code string) (string, error) {
	out, err := transform(file, code, loader(file))
	if err != nil && loader(file) == api.LoaderJS {
		if ts, tsErr := transform(file, code, api.LoaderTS); tsErr == nil {
			return ts, nil
		}
	}
	return out, err
}

func transform(file, code string, loader api.Loader) (string, error) {
	result := api.Transform(code, api.TransformOptions{
		Sourcefile: file, Loader: loader, Format: api.FormatCommonJS, Platform: api.PlatformNode,
		Target: api.ESNext, Supported: unsupported, LogLevel: api.LogLevelSilent,
		Sourcemap: api.SourceMapInline, SourcesContent: api.SourcesContentExclude,
	})
	if len(result.Errors) > 0 {
		return "", syntaxError(file, result.Errors[0])
	}
	return string(result.Code), nil
}

func loader(file string) api.Loader {
	switch path.Ext(file) {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	}
	return api.LoaderJS
}

func syntaxError(file string, m api.Message) *SyntaxError {
	e := &SyntaxError{File: file, Line: 1, Column: 1, Text: m.Text}
	if m.Location != nil {
		e.Line, e.LineText = m.Location.Line, m.Location.LineText
		e.Column = len([]rune(e.LineText[:min(m.Location.Column, len(e.LineText))])) + 1
	}
	return e
}
