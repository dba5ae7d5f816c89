package code

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// freshness is how long the server lets its answer be used (RFC 9111, sections
// 4.2.1 and 4.2.3), as far as this cache, which is shared, cares. Later calls cap
// it, so what is very large need not be exact.
func freshness(h http.Header, now time.Time) time.Duration {
	d := directives(h.Values("Cache-Control"))
	for _, name := range []string{"no-cache", "no-store", "private"} {
		if _, ok := d[name]; ok {
			return 0
		}
	}
	for _, name := range []string{"s-maxage", "max-age"} {
		if v, ok := d[name]; ok {
			return max(seconds(v)-seconds(h.Get("Age")), 0)
		}
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil {
		return 0
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = now
	}
	return max(expires.Sub(date)-seconds(h.Get("Age")), 0)
}

// directives reads Cache-Control. Of a directive that is repeated the first one
// counts. Commas in quoted values split them: what is left has a name that means
// nothing.
func directives(lines []string) map[string]string {
	out := map[string]string{}
	for _, line := range lines {
		for d := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, ok := out[name]; !ok {
				out[name] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return out
}

// seconds reads a delta-seconds; what is none is 0: stale.
func seconds(s string) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		n = 1 << 31 // too large, RFC 9111, section 1.2.2
	}
	return time.Duration(n) * time.Second
}
