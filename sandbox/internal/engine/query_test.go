package engine

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/wthost/wt/sandbox"
)

// queries are odd query strings; their answers are checked against Node's
// querystring where there is a node.
var queries = map[string]string{
	"":                    `{}`,
	"a":                   `{"a":""}`,
	"a=":                  `{"a":""}`,
	"=":                   `{"":""}`,
	"=b":                  `{"":"b"}`,
	"&":                   `{}`,
	"a&&b":                `{"a":"","b":""}`,
	"a=1&a=2&a=3":         `{"a":["1","2","3"]}`,
	"a=b=c":               `{"a":"b=c"}`,
	"a=1+2%202":           `{"a":"1 2 2"}`,
	"a+b=c":               `{"a b":"c"}`,
	"a=%":                 `{"a":"%"}`,
	"a=%4":                `{"a":"%4"}`,
	"a=%zz%41":            `{"a":"%zzA"}`,
	"a=%c3%a4":            `{"a":"ä"}`,
	"a=%e2%82":            `{"a":"\ufffd"}`,
	"a=%ff%fe":            `{"a":"\ufffd\ufffd"}`,
	"a=%f0%9f%98":         `{"a":"\ufffd"}`,
	"%61=1&a=2":           `{"a":["1","2"]}`,
	"constructor=1":       `{"constructor":"1"}`,
	"toString=1&toString": `{"toString":["1",""]}`,
	"a[]=1&a[]=2":         `{"a[]":["1","2"]}`,
	"a;b=1":               `{"a;b":"1"}`,
	"?a=1":                `{"?a":"1"}`,
	"a=#":                 `{"a":"#"}`,
	"a=\u00e4":            `{"a":"ä"}`,
	"length=1&length=2":   `{"length":["1","2"]}`,
	"2=b&1=a":             `{"1":"a","2":"b"}`,
}

func TestQueries(t *testing.T) {
	vm := goja.New()
	ours := map[string]string{}
	for q, want := range queries {
		text, err := json.Marshal(parseQuery(vm, q))
		if err != nil {
			t.Fatal(err)
		}
		ours[q] = string(text)
		if !sameJSON(t, ours[q], want) {
			t.Errorf("%q: %s, want %s", q, text, want)
		}
	}
	if got := parseQuery(vm, "__proto__=1").Get("__proto__").String(); got != "1" {
		t.Errorf("__proto__ is %s", got)
	}
	if n := len(parseQuery(vm, strings.Repeat("a&", 5000)+"b").Get("a").ToObject(vm).Keys()); n != 1000 {
		t.Errorf("%d pairs were taken", n)
	}
}

func TestQueriesAsNodeDoes(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	in, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "-e", `const qs = require('querystring'), o = JSON.parse(require('fs').readFileSync(0));
		for (const k of Object.keys(o)) o[k] = JSON.stringify(qs.parse(k)); console.log(JSON.stringify(o))`)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]string
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	for q, want := range queries {
		if !sameJSON(t, theirs[q], want) {
			t.Errorf("%q: node says %s, the table %s", q, theirs[q], want)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	canon := func(s string) string {
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		text, _ := json.Marshal(v)
		return string(text)
	}
	return canon(a) == canon(b)
}

func FuzzQuery(f *testing.F) {
	for q := range queries {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		parseQuery(goja.New(), q)
	})
}

func TestContext(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	for _, tt := range []struct{ name, code, want string }{
		{"delete", `delete ctx.query; cb(null, ['query' in ctx, ctx.query === undefined, Object.keys(ctx).includes('query')])`, "[false,true,false]"},
		{"delete and set", `delete ctx.query; ctx.query = 1; cb(null, [ctx.query, Object.keys(ctx).filter(k => k === 'query').length])`, "[1,1]"},
		{"add", `ctx.mine = {a: 1}; cb(null, [ctx.mine, Object.keys(ctx).pop(), 'mine' in ctx])`, `[{"a":1},"mine",true]`},
		{"add and delete", `ctx.mine = 1; delete ctx.mine; cb(null, [ctx.mine === undefined, Object.keys(ctx).includes('mine')])`, "[true,false]"},
		{"stringify", `cb(null, JSON.stringify(ctx).length > 20)`, "true"},
		{"spread", `cb(null, Object.keys({...ctx}))`, `["data","query","params","secrets","meta","headers","id"]`},
		{"assign", `cb(null, Object.assign({}, ctx).query.a)`, `"1"`},
		{"destructure", `const {query, ...rest} = ctx; cb(null, ['query' in rest, rest.id])`, `[false,"r1"]`},
		{"for in", `const k = []; for (const n in ctx) k.push(n); cb(null, k.length)`, "7"},
		{"same value", `ctx.query.z = 1; cb(null, [ctx.query.z, ctx.secrets === ctx.secrets])`, "[1,true]"},
		{"own copies", `ctx.secrets.k = 'changed'; cb(null, ctx.secrets.k)`, `"changed"`},
		{"proto", `cb(null, [typeof ctx.hasOwnProperty, ctx.toString === Object.prototype.toString])`, `["function",true]`},
		{"define", `Object.defineProperty(ctx, 'd', {value: 5, enumerable: true, configurable: true, writable: true}); cb(null, ctx.d)`, "5"},
		{"symbols", `const s = Symbol(); try { ctx[s] = 1 } catch {} cb(null, 'alive')`, `"alive"`},
		{"callback is no context", `cb(null, cb.query === undefined)`, "true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := e.Load(code("module.exports = (ctx, cb) => {" + tt.code + "}"))
			if got := begin(u).wait().String(); got != "200 "+tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := begin(u).wait().String(); tt.name == "own copies" && got != "200 "+tt.want {
				t.Errorf("the second time %s", got)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	e := New(sandbox.Limits{})
	defer e.Close()
	form, js, text := "application/x-www-form-urlencoded", "application/json; charset=utf-8", "text/plain"
	for _, tt := range []struct {
		name, kind, body string
		merge            bool
		want             string
	}{
		{"json", js, `{"x":1}`, false, `[{"x":1},"{\"x\":1}",{"q":"1","k":"s3cret"}]`},
		{"merged", js, `{"x":1,"q":2,"k":3,"e":4}`, true, `[{"x":1,"q":2,"k":3,"e":4},"{\"x\":1,\"q\":2,\"k\":3,\"e\":4}",{"q":"1","k":"s3cret","x":1,"e":4}]`},
		{"merged form", form, `x=1&q=2`, true, `[{"x":"1","q":"2"},"x=1&q=2",{"q":"1","k":"s3cret","x":"1"}]`},
		{"array is not merged", js, `[1]`, true, `[[1],"[1]",{"q":"1","k":"s3cret"}]`},
		{"bad json", js, `{x`, true, `[null,"{x",{"q":"1","k":"s3cret"}]`},
		{"deep json", js, strings.Repeat("[", 6000), true, `[null,"` + strings.Repeat("[", 6000) + `",{"q":"1","k":"s3cret"}]`},
		{"proto", js, `{"__proto__":{"y":1}}`, true, `[{"__proto__":{"y":1}},"{\"__proto__\":{\"y\":1}}",{"q":"1","k":"s3cret"}]`},
		{"text", text, `{"x":1}`, true, `[null,"{\"x\":1}",{"q":"1","k":"s3cret"}]`},
		{"no kind", "", `7`, false, `[7,"7",{"q":"1","k":"s3cret"}]`},
		{"bytes", text, "\xff", false, `[null,"` + "\ufffd" + `",{"q":"1","k":"s3cret"}]`},
		{"scalar", js, `"s"`, true, `["s","\"s\"",{"q":"1","k":"s3cret"}]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := e.Load(code(`module.exports = (ctx, cb) => cb(null, [ctx.body, ctx.body_raw, ctx.data])`))
			w := beginWith(u, newWorld(), func(r *Request) {
				r.Query, r.Merge = "q=1", tt.merge
				r.Header = func() sandbox.Header {
					if tt.kind == "" {
						return nil
					}
					return sandbox.Header{{"Content-Type", tt.kind}}
				}
			}, tt.body)
			if got := w.wait().String(); got != "200 "+tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
