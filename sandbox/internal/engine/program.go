// Package engine runs scripts on goja: compiled programs, instances with their
// event loops, and the units that share instances among calls. Its interface is
// asynchronous, so that a worker's wire and a pool in process can both drive it.
// It must not know processes, sockets or the network.
package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/wthost/wt/sandbox"
	"github.com/wthost/wt/sandbox/internal/lower"
)

// prefix and suffix make a CommonJS module of a script: a function of what a
// module sees. They add no line, so that lines in stack traces are the script's.
const (
	prefix = "(function (exports, require, module, __filename, __dirname) {"
	suffix = "\n})"
)

// program is a compiled script, shared by all its instances.
type program struct {
	file string
	code *goja.Program
	// json says that the script may parse JSON: see replaceParse.
	json bool
}

func speaksJSON(code string) bool {
	return strings.Contains(code, "json") || strings.Contains(code, "JSON") || strings.Contains(code, "Json")
}

// compile makes a program of a script. Code that goja takes runs as it was
// written; other code is lowered first. Its errors are *sandbox.Error.
func compile(file, code string) (*program, error) {
	code = strings.TrimPrefix(code, "\ufeff")
	if strings.HasPrefix(code, "#!") {
		code = "//" + code[2:]
	}
	p := &program{file: file, json: speaksJSON(code)}
	var err error
	if p.code, err = parse(file, prefix+code+suffix, parser.WithDisableSourceMaps); err == nil {
		return p, nil
	}
	lowered, err := lower.Transform(file, code)
	if err != nil {
		return nil, syntaxError(err)
	}
	// The map says where lines came from. It starts at the first line, so the
	// wrapper goes onto it; only that line's columns are off.
	body, sourceMap, _ := cutMap(lowered)
	p.code, err = parse(file, prefix+body+suffix+sourceMap, parser.WithSourceMapLoader(noFiles))
	if err != nil {
		return nil, syntaxError(err)
	}
	return p, nil
}

func parse(file, text string, opt parser.Option) (p *goja.Program, err error) {
	defer func() { // odd code finds mistakes in parsers
		if x := recover(); x != nil {
			err = fmt.Errorf("the compiler failed: %v", x)
		}
	}()
	ast, err := goja.Parse(file, text, opt)
	if err != nil {
		return nil, err
	}
	return goja.CompileAST(ast, false)
}

// noFiles keeps goja from reading the source maps that code names.
func noFiles(string) ([]byte, error) { return nil, nil }

const mapComment = "\n//# sourceMappingURL=data:"

// cutMap splits lowered code into the code and its trailing map comment.
func cutMap(code string) (body, sourceMap string, ok bool) {
	i := strings.LastIndex(code, mapComment)
	if i < 0 {
		return code, "", false
	}
	return code[:i], code[i:], true
}

func syntaxError(err error) *sandbox.Error {
	e := &sandbox.Error{Kind: sandbox.ErrCompile, Name: "SyntaxError", Err: err}
	var se *lower.SyntaxError
	if errors.As(err, &se) {
		e.Message = "SyntaxError: " + se.Error()
		e.Stack = se.Error() + "\n" + se.Frame()
	} else {
		e.Message = strings.Replace(err.Error(), "SyntaxError: SyntaxError: ", "SyntaxError: ", 1)
		if !strings.HasPrefix(e.Message, "SyntaxError") {
			e.Message = "SyntaxError: " + e.Message
		}
		e.Stack = e.Message
	}
	return e
}
