package realm

import (
	"sync"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// Source is a built-in that is written in JavaScript: an expression, compiled
// once per process, that evaluates to a function of (realm helpers). Make it
// with NewSource and use Call in a Builtin.
type Source struct {
	name, text string
	once       sync.Once
	program    *goja.Program
}

// NewSource takes a file's name, for stack traces, and its text.
func NewSource(name, text string) *Source { return &Source{name: name, text: text} }

// Call evaluates the source in the realm and calls the resulting function.
func (s *Source) Call(r *Realm, args ...goja.Value) goja.Value {
	s.once.Do(func() {
		ast, err := goja.Parse("wt:"+s.name, s.text, parser.WithDisableSourceMaps)
		if err != nil {
			panic(err)
		}
		s.program, err = goja.CompileAST(ast, true)
		if err != nil {
			panic(err)
		}
	})
	v, err := r.VM.RunProgram(s.program)
	if err != nil {
		panic(err)
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		panic(s.name + " is not a function")
	}
	v, err = fn(goja.Undefined(), args...)
	if err != nil {
		panic(err)
	}
	return v
}
