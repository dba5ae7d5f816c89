package web

import (
	"strings"

	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// request is the state of a Request, and what fetch makes of its arguments
// without making a Request.
type request struct {
	method   string
	url      string
	headers  *headers
	shown    *goja.Object // the Headers object, once it has been asked for
	body     *body
	redirect string
	signal   *goja.Object
}

func (q *request) content() *body { return q.body }

var requestClass = &jsval.Class{
	Name: "Request",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		return newRequest(r, call.Argument(0), call.Argument(1))
	},
	Show:    jsval.Fields("method", "url", "headers", "redirect", "bodyUsed"),
	Methods: bodyMethods[*request](jsval.Fns{"clone": cloneRequest}),
	Getters: jsval.Fns{
		"method":   requestText(func(q *request) string { return q.method }),
		"url":      requestText(func(q *request) string { return q.url }),
		"redirect": requestText(func(q *request) string { return q.redirect }),
		"mode":     requestText(func(*request) string { return "cors" }),
		"credentials": requestText(func(*request) string {
			return "same-origin"
		}),
		"cache":       requestText(func(*request) string { return "default" }),
		"referrer":    requestText(func(*request) string { return "about:client" }),
		"destination": requestText(func(*request) string { return "" }),
		"headers": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			q := jsval.This[*request](r, c)
			if q.shown == nil {
				q.shown = jsval.Make(r, "Headers", q.headers)
			}
			return q.shown
		},
		"signal": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			q := jsval.This[*request](r, c)
			if q.signal == nil {
				q.signal = jsval.Construct(r, r.Global("AbortController")).Get("signal").(*goja.Object)
			}
			return q.signal
		},
		"bodyUsed": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			return r.VM.ToValue(jsval.This[*request](r, c).body.used)
		},
	},
}

func requestText(get func(*request) string) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(get(jsval.This[*request](r, c)))
	}
}

func newRequest(r *realm.Realm, input, init goja.Value) *request {
	q := &request{method: "GET", redirect: "follow"}
	if other, ok := jsval.State[*request](input); ok {
		*q = *other
		q.shown = nil
		q.headers = other.headers.clone()
	} else {
		q.url = requestURL(r, input.String())
	}
	o, hasInit := init.(*goja.Object)
	if hasInit {
		q.apply(r, o)
	}
	if q.headers == nil {
		q.headers = &headers{}
	}
	if other, ok := jsval.State[*request](input); ok && q.body == other.body && !other.body.null {
		if other.body.used {
			panic(r.VM.NewTypeError("Cannot construct a Request with a Request object that has already been used."))
		}
		q.body = &body{held: other.body.held}
		other.body.used = true
	}
	if q.body == nil {
		q.body = &body{null: true}
	}
	if hasInit {
		q.applyBody(r, o.Get("body"))
	}
	return q
}

// requestURL gives the absolute address, for fetch has no base to resolve with.
func requestURL(r *realm.Realm, s string) string {
	u, err := url.Parse(s)
	if err != nil {
		panic(jsval.Error(r, "TypeError", "", "Failed to parse URL from "+s))
	}
	if u.Username() != "" || u.Password() != "" {
		panic(jsval.Error(r, "TypeError", "", "Request cannot be constructed from a URL that includes credentials: "+s))
	}
	return u.Href(false)
}

// apply reads the members of a RequestInit apart from the body.
func (q *request) apply(r *realm.Realm, init *goja.Object) {
	if v := init.Get("method"); v != nil && !goja.IsUndefined(v) {
		q.method = methodName(r, v.String())
	}
	if v := init.Get("headers"); v != nil && !goja.IsUndefined(v) {
		q.headers = newHeaders(r, v)
	}
	if v := init.Get("redirect"); v != nil && !goja.IsUndefined(v) {
		q.redirect = v.String()
		if q.redirect != "follow" && q.redirect != "manual" && q.redirect != "error" {
			panic(r.VM.NewTypeError("Request constructor: %s is not an accepted type. Expected one of follow, manual, error.", q.redirect))
		}
	}
	if v := init.Get("signal"); v != nil && !goja.IsUndefined(v) {
		q.signal, _ = v.(*goja.Object)
		ours := q.signal != nil && r.VM.InstanceOf(q.signal, r.Global("AbortSignal").(*goja.Object))
		if !ours && !goja.IsNull(v) {
			panic(r.VM.NewTypeError("Failed to construct 'Request': member signal is not of type AbortSignal."))
		}
	}
}

func (q *request) applyBody(r *realm.Realm, v goja.Value) {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return
	}
	if q.method == "GET" || q.method == "HEAD" {
		panic(r.VM.NewTypeError("Request with GET/HEAD method cannot have body."))
	}
	var contentType string
	q.body, contentType = newBody(r, v)
	if _, has := q.headers.get("content-type"); !has && contentType != "" {
		q.headers.list = append(q.headers.list, [2]string{"content-type", contentType})
	}
}

// methodName checks a method and writes the usual ones in upper case.
func methodName(r *realm.Realm, s string) string {
	for i := range len(s) {
		if !tokenChar(s[i]) {
			s = ""
			break
		}
	}
	switch upper := strings.ToUpper(s); upper {
	case "", "CONNECT", "TRACE", "TRACK":
		panic(r.VM.NewTypeError("'%s' is not a valid HTTP method.", s))
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return upper
	}
	return s
}

func cloneRequest(r *realm.Realm, c goja.FunctionCall) goja.Value {
	q := *jsval.This[*request](r, c)
	q.body, q.shown = q.body.clone(r), nil
	q.headers = q.headers.clone()
	return jsval.Make(r, "Request", &q)
}
