package webtask

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Claims are the claims of a webtask token (protocol v1): what its bearer may
// do and, where URL is set, which code runs with what.
type Claims struct {
	ID        string   `json:"jti,omitempty"`
	IssuedAt  int64    `json:"iat,omitempty"`
	Ancestors []string `json:"ca"` // ids of the tokens it descends from, root first

	// Container restricts the token to containers; empty means all of them,
	// which makes it a master token.
	Container Containers `json:"ten,omitempty"`
	// Name is the task's name; it needs a literal Container.
	Name string `json:"jtn,omitempty"`
	// Names restricts which tasks the token may manage.
	Names []string `json:"jtnm,omitempty"`

	// URL is where the code lives: http, https, or CodeURL for code in the store.
	URL string `json:"url,omitempty"`
	// Pin is the lower-case hex SHA-256 that the code at URL must have.
	Pin string `json:"pin,omitempty"`
	// Sealed holds the secrets, sealed for this container and name.
	Sealed string `json:"ectx,omitempty"`
	// Params are public parameters: signed, but readable by the bearer.
	Params map[string]any `json:"pctx,omitempty"`

	MergeBody Int  `json:"mb,omitempty"` // 1: a parsed body is merged into ctx.data
	ParseBody *Int `json:"pb,omitempty"` // ParseNever, ParseAlways or ParseOnArity (default)

	// Depth is how many generations of tokens may be issued from this one.
	Depth Int `json:"dd"`
	// NoSelfRevoke is 1 when the token may not revoke itself.
	NoSelfRevoke Int `json:"dr,omitempty"`

	NotBefore Int    `json:"nbf,omitempty"` // Unix seconds, 0: none
	Expires   Int    `json:"exp,omitempty"` // Unix seconds, 0: never
	Host      string `json:"host,omitempty"`

	Limits
}

// The values of Claims.ParseBody.
const (
	ParseNever   = 0
	ParseAlways  = 1
	ParseOnArity = 2
)

// Limits are a token's rate limits: calls per second, minute, hour, day, week
// and month, for the container (inherited by tokens issued from it) and for
// the token alone (not inherited). 0 means no limit.
type Limits struct {
	Second Int `json:"ls,omitempty"`
	Minute Int `json:"lm,omitempty"`
	Hour   Int `json:"lh,omitempty"`
	Day    Int `json:"ld,omitempty"`
	Week   Int `json:"lw,omitempty"`
	Month  Int `json:"lo,omitempty"`

	TokenSecond Int `json:"lts,omitempty"`
	TokenMinute Int `json:"ltm,omitempty"`
	TokenHour   Int `json:"lth,omitempty"`
	TokenDay    Int `json:"ltd,omitempty"`
	TokenWeek   Int `json:"ltw,omitempty"`
	TokenMonth  Int `json:"lto,omitempty"`
}

// IssueRequest is the body of POST /api/tokens/issue: the claims that are asked
// for, and what the host turns into claims.
type IssueRequest struct {
	Claims
	// Code is inline code, which the host stores; nil means none.
	Code *string `json:"code,omitempty"`
	// Secrets are sealed into the token.
	Secrets map[string]any `json:"ectx,omitempty"`
	// Meta is stored beside a named task.
	Meta map[string]string `json:"meta,omitempty"`
}

// Int is an integer that clients also send as a string of digits.
type Int int64

// UnmarshalJSON accepts 5, "5" and null.
func (n *Int) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return errors.New("a whole number is needed") // not the value, which may be long
	}
	*n = Int(v)
	return nil
}

// Containers is a container restriction: one name, names separated by commas,
// or a /regular expression/ that must match the whole name.
type Containers string

// UnmarshalJSON also accepts an array of names.
func (c *Containers) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '[' {
		var list []string
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		*c = Containers(strings.Join(list, ","))
		return nil
	}
	return json.Unmarshal(b, (*string)(c))
}

// Literal is the one container that c names, or "" and false where it names
// several, a pattern, or none.
func (c Containers) Literal() (string, bool) {
	s := string(c)
	return s, s != "" && !strings.HasPrefix(s, "/") && !strings.Contains(s, ",")
}

// Allows reports whether c lets a token act on the container.
func (c Containers) Allows(container string) bool {
	s := string(c)
	if s == "" {
		return true
	}
	if len(s) > 1 && s[0] == '/' && s[len(s)-1] == '/' {
		re, err := regexp.Compile(`^(?:` + s[1:len(s)-1] + `)$`)
		return err == nil && re.MatchString(container)
	}
	for name := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(name) == container {
			return true
		}
	}
	return false
}

// codeScheme is how a url claim refers to code in the store.
const codeScheme = "webtask://code/"

// CodeURL is the url claim for code in the store.
func CodeURL(container, id string) string { return codeScheme + container + "/" + id }

// ParseCodeURL undoes CodeURL; ok is false for any other URL.
func ParseCodeURL(u string) (container, id string, ok bool) {
	rest, ok := strings.CutPrefix(u, codeScheme)
	if !ok {
		return "", "", false
	}
	container, id, ok = strings.Cut(rest, "/")
	return container, id, ok
}
