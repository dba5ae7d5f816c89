package web

import (
	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// address is the state of a URL object.
type address struct {
	*url.Url
	params *params      // nil until searchParams has been asked for
	shown  *goja.Object // the URLSearchParams object of params
}

var urlClass = &jsval.Class{
	Name: "URL",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		if len(call.Arguments) == 0 {
			panic(jsval.Error(r, "TypeError", "ERR_MISSING_ARGS", `The "url" argument must be specified`))
		}
		u, err := parseURL(call.Argument(0), call.Argument(1))
		if err != nil {
			panic(invalidURL(r, call.Argument(0), call.Argument(1)))
		}
		return &address{Url: u}
	},
	Methods: jsval.Fns{"toString": href, "toJSON": href},
	Show: jsval.Fields("href", "origin", "protocol", "username", "password", "host", "hostname", "port",
		"pathname", "search", "searchParams", "hash"),
	Statics: jsval.Fns{
		"canParse": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			_, err := parseURL(c.Argument(0), c.Argument(1))
			return r.VM.ToValue(err == nil)
		},
		"parse": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			u, err := parseURL(c.Argument(0), c.Argument(1))
			if err != nil {
				return goja.Null()
			}
			return jsval.Make(r, "URL", &address{Url: u})
		},
	},
	Getters: jsval.Fns{
		"href":         href,
		"origin":       urlPart(origin),
		"protocol":     urlPart((*url.Url).Protocol),
		"username":     urlPart((*url.Url).Username),
		"password":     urlPart((*url.Url).Password),
		"host":         urlPart((*url.Url).Host),
		"hostname":     urlPart((*url.Url).Hostname),
		"port":         urlPart((*url.Url).Port),
		"pathname":     urlPart((*url.Url).Pathname),
		"search":       urlPart((*url.Url).Search),
		"searchParams": searchParams,
		"hash":         urlPart((*url.Url).Hash),
	},
	Setters: jsval.Fns{
		"href":     setHref,
		"protocol": setURLPart((*url.Url).SetProtocol),
		"username": setURLPart((*url.Url).SetUsername),
		"password": setURLPart((*url.Url).SetPassword),
		"host":     setURLPart((*url.Url).SetHost),
		"hostname": setURLPart((*url.Url).SetHostname),
		"port":     setURLPart((*url.Url).SetPort),
		"pathname": setURLPart((*url.Url).SetPathname),
		"search":   setURLPart((*url.Url).SetSearch),
		"hash":     setURLPart((*url.Url).SetHash),
	},
}

func parseURL(input, base goja.Value) (*url.Url, error) {
	if goja.IsUndefined(base) {
		return url.Parse(input.String())
	}
	return url.ParseRef(base.String(), input.String())
}

func invalidURL(r *realm.Realm, input, base goja.Value) *goja.Object {
	e := jsval.Error(r, "TypeError", "ERR_INVALID_URL", "Invalid URL")
	_ = e.Set("input", input.String())
	if !goja.IsUndefined(base) {
		_ = e.Set("base", base.String())
	}
	return e
}

func href(r *realm.Realm, c goja.FunctionCall) goja.Value {
	return r.VM.ToValue(jsval.This[*address](r, c).Href(false))
}

func origin(u *url.Url) string {
	switch u.Scheme() {
	case "http", "https", "ws", "wss", "ftp":
		return u.Protocol() + "//" + u.Host()
	case "blob":
		inner, err := url.Parse(u.Pathname())
		if err == nil && (inner.Scheme() == "http" || inner.Scheme() == "https") {
			return origin(inner)
		}
	}
	return "null"
}

func urlPart(get func(*url.Url) string) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(get(jsval.This[*address](r, c).Url))
	}
}

func setURLPart(set func(*url.Url, string)) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		u := jsval.This[*address](r, c)
		set(u.Url, c.Argument(0).String())
		u.refresh()
		return goja.Undefined()
	}
}

func setHref(r *realm.Realm, c goja.FunctionCall) goja.Value {
	u := jsval.This[*address](r, c)
	parsed, err := url.Parse(c.Argument(0).String())
	if err != nil {
		panic(invalidURL(r, c.Argument(0), goja.Undefined()))
	}
	u.Url = parsed
	u.refresh()
	return goja.Undefined()
}

func searchParams(r *realm.Realm, c goja.FunctionCall) goja.Value {
	u := jsval.This[*address](r, c)
	if u.shown == nil {
		u.params = &params{owner: u}
		u.refresh()
		u.shown = jsval.Make(r, "URLSearchParams", u.params)
	}
	return u.shown
}

// refresh makes the searchParams show the URL's query.
func (u *address) refresh() {
	if u.params != nil {
		u.params.list = parseParams(u.Query())
	}
}
