// Package redact takes secrets out of text: out of log lines, error messages and
// stack traces, also where they are encoded. It must not know where the text or
// the secrets come from.
package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// MinRedact is the length in bytes from which on a secret is redacted. Shorter
// values are left alone: they occur in ordinary text all the time, and to
// replace them would make logs useless without hiding anything.
const MinRedact = 4

// Redacted stands in the place of a secret.
const Redacted = "[redacted]"

// Redactor replaces secrets in text: their plain form and their base64, URL-encoded
// and JSON-escaped forms. Redact takes time in proportion to the text, however many
// secrets there are. It is safe for concurrent use; its zero value is ready.
type Redactor struct {
	mu     sync.RWMutex
	counts map[string]int // how often a value was added
	// forms are found by their first MinRedact bytes; each bucket counts, as two
	// values may share a form.
	forms map[[MinRedact]byte]map[string]int
}

// Add makes Redact replace the values. A value that was added twice has to be
// removed twice.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
		r.forms = map[[MinRedact]byte]map[string]int{}
	}
	for _, v := range values {
		if len(v) < MinRedact {
			continue
		}
		if r.counts[v]++; r.counts[v] > 1 {
			continue
		}
		for _, f := range formsOf(v) {
			k := prefix(f)
			if r.forms[k] == nil {
				r.forms[k] = map[string]int{}
			}
			r.forms[k][f]++
		}
	}
}

// Remove undoes Add for values that are no longer in use.
func (r *Redactor) Remove(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		switch r.counts[v] {
		case 0:
			continue
		case 1:
			delete(r.counts, v)
		default:
			r.counts[v]--
			continue
		}
		for _, f := range formsOf(v) {
			k := prefix(f)
			if r.forms[k][f]--; r.forms[k][f] == 0 {
				delete(r.forms[k], f)
			}
			if len(r.forms[k]) == 0 {
				delete(r.forms, k)
			}
		}
	}
}

// Redact returns s with every known secret replaced. Where secrets overlap, all
// the text that any of them covers goes.
func (r *Redactor) Redact(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.forms) == 0 {
		return s
	}
	var out strings.Builder
	kept, covered := 0, 0 // s[:kept] is written; a secret reaches up to covered
	for i := 0; i+MinRedact <= len(s); i++ {
		end := i
		for f := range r.forms[prefix(s[i:])] {
			if len(f) > end-i && strings.HasPrefix(s[i:], f) {
				end = i + len(f)
			}
		}
		if end == i {
			continue
		}
		if i >= covered { // else it goes on from the one before
			out.WriteString(s[kept:i])
			out.WriteString(Redacted)
		}
		covered = max(covered, end)
		kept = covered
	}
	if kept == 0 {
		return s
	}
	out.WriteString(s[kept:])
	return out.String()
}

func prefix(s string) (k [MinRedact]byte) {
	copy(k[:], s)
	return k
}

// formsOf lists the ways in which a value appears in text.
func formsOf(v string) []string {
	forms := []string{v, jsonForm(v, true), jsonForm(v, false)}
	query, path := url.QueryEscape(v), url.PathEscape(v)
	component := strings.ReplaceAll(query, "+", "%20")
	for _, f := range []string{query, path, component, looseComponent.Replace(component)} {
		forms = append(forms, f, lowerEscapes(f))
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		forms = append(forms, enc.EncodeToString([]byte(v)), enc.WithPadding(base64.NoPadding).EncodeToString([]byte(v)))
		forms = append(forms, embedded(v, enc)...)
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// looseComponent undoes what JavaScript's encodeURIComponent does not escape.
var looseComponent = strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

func jsonForm(v string, escapeHTML bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	if err := enc.Encode(v); err != nil { // cannot happen for a string
		return v
	}
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// embedded lists the base64 digits that v alone decides when it stands in the
// middle of something encoded, as a password does in a Basic Authorization
// header: one form for each of the three ways it can be aligned.
func embedded(v string, enc *base64.Encoding) []string {
	const minDigits = 8 // fewer would be found by chance
	var forms []string
	for before := range 3 {
		bits := 8 * (before + len(v))
		digits := enc.EncodeToString(append(make([]byte, before), v...))
		first, last := (8*before+5)/6, bits/6
		if last-first >= minDigits {
			forms = append(forms, digits[first:last])
		}
	}
	return forms
}
