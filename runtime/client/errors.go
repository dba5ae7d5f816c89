package client

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// decodeError makes an error of an answer with a failing status. Hosts send
// JSON with a message; a proxy between may send anything, of which only short
// plain text is worth showing.
func decodeError(resp *http.Response, body []byte) *webtask.Error {
	var answer struct {
		Message string          `json:"message"`
		Error   json.RawMessage `json:"error"`
		Code    json.RawMessage `json:"code"`
		Hint    string          `json:"hint"`
	}
	e := &webtask.Error{Code: webtask.CodeOfStatus(resp.StatusCode)}
	if json.Unmarshal(body, &answer) == nil {
		e.Message, e.Hint = answer.Message, answer.Hint
		if code := text(answer.Code); code != "" {
			e.Code = webtask.ErrorCode(code)
		}
		if e.Message == "" {
			e.Message = text(answer.Error)
		}
	} else if t := strings.TrimSpace(string(body)); isPlain(resp, t) {
		e.Message = t
	}
	if e.Message == "" {
		e.Message = "the host answered " + resp.Status
	}
	return e
}

// text is the string that raw holds, or "": older hosts send a number as code.
func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

func isPlain(resp *http.Response, s string) bool {
	return len(s) < 500 && !strings.HasPrefix(s, "<") &&
		!strings.Contains(resp.Header.Get("Content-Type"), "html")
}
