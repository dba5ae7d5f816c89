package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestRedactForms(t *testing.T) {
	const secret = "p@ss w/\"ö<&>'rd?~\\\n"
	js, _ := json.Marshal(map[string]string{"k": secret})
	std := base64.StdEncoding.EncodeToString([]byte(secret))
	tests := map[string]string{
		"plain":          "x" + secret + "y",
		"json":           string(js),
		"query":          "a=" + url.QueryEscape(secret),
		"query in lower": "a=" + strings.ToLower(url.QueryEscape(secret)),
		"path":           "/a/" + url.PathEscape(secret) + "/b",
		"component":      "p%40ss%20w%2F%22%C3%B6%3C%26%3E'rd%3F~%5C%0A", // encodeURIComponent
		"base64":         "v: " + std,
		"base64 no pad":  strings.TrimRight(std, "="),
		"base64url":      base64.URLEncoding.EncodeToString([]byte(secret)),
	}
	var r Redactor
	r.Add(secret)
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got := r.Redact(text)
			if !strings.Contains(got, Redacted) || strings.Contains(got, "ss") {
				t.Errorf("Redact(%q) = %q", text, got)
			}
		})
	}
}

func TestRedact(t *testing.T) {
	tests := map[string]struct {
		secrets    []string
		text, want string
	}{
		"none known":    {nil, "abcdef", "abcdef"},
		"not there":     {[]string{"secret"}, "nothing here", "nothing here"},
		"alone":         {[]string{"secret"}, "secret", "[redacted]"},
		"several":       {[]string{"secret"}, "a secret, a secret.", "a [redacted], a [redacted]."},
		"short ones":    {[]string{"", "a", "abc"}, "abcabc", "abcabc"},
		"four":          {[]string{"abcd"}, "xabcdx", "x[redacted]x"},
		"overlapping":   {[]string{"abcdef", "defghi"}, "-abcdefghi-", "-[redacted]-"},
		"longest":       {[]string{"abcd", "abcdefgh"}, "abcdefghi", "[redacted]i"},
		"inside":        {[]string{"abcdefgh", "cdef"}, "-abcdefgh-", "-[redacted]-"},
		"self overlap":  {[]string{"aaaa"}, "aaaaaa-", "[redacted]-"},
		"end of text":   {[]string{"abcdef"}, "x abcde", "x abcde"},
		"ends in quote": {[]string{`abc"`}, `{"k":"abc\""}`, `{"k":"[redacted]"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var r Redactor
			r.Add(test.secrets...)
			if got := r.Redact(test.text); got != test.want {
				t.Errorf("Redact(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestRedactBasicAuth(t *testing.T) {
	const secret = "correct horse battery"
	var r Redactor
	r.Add(secret)
	for _, user := range []string{"", "u", "us", "use", "user"} {
		header := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + "!"))
		got := r.Redact("Basic " + header)
		left, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(got, Redacted, "")[len("Basic "):])
		if !strings.Contains(got, Redacted) || strings.Contains(string(left), "horse") {
			t.Errorf("user %q: %q is left as %q", user, header, got)
		}
	}
}

func TestRedactorCounts(t *testing.T) {
	var r Redactor
	r.Add("secret", "secret")
	r.Remove("secret", "unknown")
	if got := r.Redact("secret"); got != Redacted {
		t.Errorf("after one Remove of two: %q", got)
	}
	r.Remove("secret")
	if got := r.Redact("secret"); got != "secret" {
		t.Errorf("after the last Remove: %q", got)
	}
	if len(r.counts)+len(r.forms) != 0 {
		t.Errorf("left in memory: %v %v", r.counts, r.forms)
	}
}

func BenchmarkRedact(b *testing.B) {
	var r Redactor
	for i := range 1000 {
		r.Add(strings.Repeat(string(rune('a'+i%26)), 8) + strings.Repeat("x", i%50))
	}
	line := strings.Repeat("GET /api/run/acme/task 200 in 12 ms; ", 10)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		r.Redact(line)
	}
}
