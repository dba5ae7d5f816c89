package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// readBody reads a body of at most MaxBody.
func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, webtask.Errorf(webtask.TooLarge, "the request body is larger than %d MiB", MaxBody>>20).
			WithHint("bundle and minify the code, or serve it from a url")
	case err != nil:
		return nil, webtask.Errorf(webtask.BadRequest, "the request body cannot be read: %w", err)
	}
	return b, nil
}

// readJSON reads the body, whatever its type is said to be, as a JSON object
// into v. An empty body is an empty object.
func readJSON(r *http.Request, v any) error {
	b, err := readBody(r)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return explainJSON(b, err)
	}
	return nil
}

// explainJSON says where JSON is wrong, without repeating what is there.
func explainJSON(body []byte, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line, column := position(body, syntax.Offset)
		return webtask.Errorf(webtask.BadRequest, "the body is not JSON: line %d, column %d: %v", line, column, err)
	case errors.As(err, &wrongType) && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")):
		return webtask.Errorf(webtask.BadRequest, "the body must be a JSON object")
	case errors.As(err, &wrongType):
		kind, _, _ := strings.Cut(wrongType.Value, " ") // the rest may be the value
		field := strings.TrimPrefix(strings.TrimPrefix(wrongType.Field, "Claims."), "Limits.")
		return webtask.Errorf(webtask.BadRequest, "the body's %q has the wrong type: a %s cannot stand there", field, kind)
	}
	return webtask.Errorf(webtask.BadRequest, "the body is not valid: %v", err)
}

// position turns an offset, of the byte after the wrong one, into a line and a
// column, both from 1.
func position(b []byte, offset int64) (line, column int) {
	before := b[:min(max(offset-1, 0), int64(len(b)))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
}

// flag reads a switch: clients send true and 1.
func flag(q url.Values, name string) bool {
	v := q.Get(name)
	return v == "1" || strings.EqualFold(v, "true")
}

const maxPage = 100

// taskQuery reads offset, limit and meta.
func taskQuery(q url.Values) (webtask.TaskQuery, error) {
	offset, err := number(q, "offset")
	if err != nil {
		return webtask.TaskQuery{}, err
	}
	limit, err := number(q, "limit")
	if err != nil {
		return webtask.TaskQuery{}, err
	}
	if limit == 0 || limit > maxPage {
		limit = maxPage
	}
	query := webtask.TaskQuery{Offset: offset, Limit: limit}
	for _, m := range q["meta"] {
		k, v, ok := strings.Cut(m, ":")
		if !ok {
			return webtask.TaskQuery{}, webtask.Errorf(webtask.BadRequest, "the parameter meta is written key:value")
		}
		if query.Meta == nil {
			query.Meta = map[string]string{}
		}
		if old, twice := query.Meta[k]; twice && old != v {
			return webtask.TaskQuery{}, webtask.Errorf(webtask.BadRequest, "the parameter meta asks for two values of %q", k)
		}
		query.Meta[k] = v
	}
	return query, nil
}

func number(q url.Values, name string) (int, error) {
	s := q.Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, webtask.Errorf(webtask.BadRequest, "the parameter %s must be a whole number, 0 or more", name)
	}
	return n, nil
}
