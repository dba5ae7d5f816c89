package web

import (
	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"

	"github.com/wthost/wt/sandbox/effect"
	"github.com/wthost/wt/sandbox/internal/realm"
	"github.com/wthost/wt/sandbox/internal/web/jsval"
)

// response is the state of a Response. The headers of one that came from the
// network become an object only when the script looks at them.
type response struct {
	effect.FetchResponse
	kind    string
	headers *headers
	shown   *goja.Object
	body    *body
}

func (s *response) content() *body { return s.body }

var responseClass = &jsval.Class{
	Name: "Response",
	New: func(r *realm.Realm, call goja.ConstructorCall) any {
		return newResponse(r, call.Argument(0), call.Argument(1))
	},
	Methods: bodyMethods[*response](jsval.Fns{"clone": cloneResponse}),
	Show:    jsval.Fields("status", "statusText", "headers", "bodyUsed", "ok", "redirected", "type", "url"),
	Statics: jsval.Fns{"json": responseJSON, "error": responseError, "redirect": responseRedirect},
	Getters: jsval.Fns{
		"status":     responseField(func(s *response) any { return s.Status }),
		"statusText": responseField(func(s *response) any { return s.StatusText }),
		"ok":         responseField(func(s *response) any { return s.Status >= 200 && s.Status <= 299 }),
		"url":        responseField(func(s *response) any { return s.URL }),
		"redirected": responseField(func(s *response) any { return s.Redirected }),
		"type":       responseField(func(s *response) any { return s.kind }),
		"bodyUsed":   responseField(func(s *response) any { return s.body.used }),
		"headers": func(r *realm.Realm, c goja.FunctionCall) goja.Value {
			s := jsval.This[*response](r, c)
			if s.shown == nil {
				s.shown = jsval.Make(r, "Headers", s.head())
			}
			return s.shown
		},
	},
}

func responseField(get func(*response) any) jsval.Fn {
	return func(r *realm.Realm, c goja.FunctionCall) goja.Value {
		return r.VM.ToValue(get(jsval.This[*response](r, c)))
	}
}

func (s *response) head() *headers {
	if s.headers == nil {
		s.headers = responseHeaders(s.Header)
	}
	return s.headers
}

func newResponse(r *realm.Realm, content, init goja.Value) *response {
	s := &response{kind: "default", headers: &headers{}}
	s.Status = 200
	if o, ok := init.(*goja.Object); ok {
		s.apply(r, o)
	}
	var contentType string
	s.body, contentType = newBody(r, content)
	if !s.body.null && (s.Status == 204 || s.Status == 205 || s.Status == 304) {
		panic(r.VM.NewTypeError("Response constructor: Invalid response status code %d", s.Status))
	}
	if _, has := s.headers.get("content-type"); !has && contentType != "" {
		s.headers.list = append(s.headers.list, [2]string{"content-type", contentType})
	}
	return s
}

func (s *response) apply(r *realm.Realm, init *goja.Object) {
	if v := init.Get("status"); v != nil && !goja.IsUndefined(v) {
		s.Status = int(v.ToInteger())
		if s.Status < 200 || s.Status > 599 {
			panic(jsval.Error(r, "RangeError", "", "init[\"status\"] must be in the range of 200 to 599, inclusive."))
		}
	}
	if v := init.Get("statusText"); v != nil && !goja.IsUndefined(v) {
		s.StatusText = v.String()
	}
	if v := init.Get("headers"); v != nil && !goja.IsUndefined(v) {
		s.headers = newHeaders(r, v)
	}
}

func cloneResponse(r *realm.Realm, c goja.FunctionCall) goja.Value {
	s := *jsval.This[*response](r, c)
	s.body = s.body.clone(r)
	s.headers = s.head().clone()
	s.shown = nil
	return jsval.Make(r, "Response", &s)
}

// responseJSON is Response.json(data, init).
func responseJSON(r *realm.Realm, c goja.FunctionCall) goja.Value {
	json := jsval.GlobalOf(r, "JSON").ToObject(r.VM)
	text := jsval.Call(r, json.Get("stringify"), json, c.Argument(0))
	if goja.IsUndefined(text) {
		panic(r.VM.NewTypeError("Value is not JSON serializable"))
	}
	s := newResponse(r, text, c.Argument(1))
	if h, ok := s.headers.get("content-type"); ok && h == "text/plain;charset=UTF-8" {
		s.headers.set("content-type", "application/json")
	}
	return jsval.Make(r, "Response", s)
}

func responseError(r *realm.Realm, _ goja.FunctionCall) goja.Value {
	return jsval.Make(r, "Response", &response{kind: "error", headers: &headers{}, body: &body{null: true}})
}

func responseRedirect(r *realm.Realm, c goja.FunctionCall) goja.Value {
	u, err := url.Parse(c.Argument(0).String())
	if err != nil {
		panic(jsval.Error(r, "TypeError", "", "Failed to parse URL from "+c.Argument(0).String()))
	}
	status := 302
	if v := c.Argument(1); !goja.IsUndefined(v) {
		status = int(v.ToInteger())
	}
	switch status {
	case 301, 302, 303, 307, 308:
	default:
		panic(jsval.Error(r, "RangeError", "", "Invalid status code "+c.Argument(1).String()))
	}
	s := &response{kind: "default", body: &body{null: true}}
	s.Status, s.headers = status, &headers{list: effect.Header{{"location", u.Href(false)}}}
	return jsval.Make(r, "Response", s)
}
