package node

import (
	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

var urlFns = jsval.Fns{
	"toASCII": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(domainToASCII(c.Argument(0).String()))
	},
}

// domainToASCII gives a host as a URL would carry it, "" if it cannot.
func domainToASCII(host string) string {
	u, err := url.Parse("ws://" + host)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
