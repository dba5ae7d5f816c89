package tasks

import (
	"net"
	"regexp"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

var (
	pinPattern  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$`)
)

// checkForm reports what is wrong with claims whatever the caller may do.
func checkForm(_, c *webtask.Claims) error {
	switch {
	case c.ParseBody != nil && (*c.ParseBody < webtask.ParseNever || *c.ParseBody > webtask.ParseOnArity):
		return badRequest("pb is 0 (never), 1 (always) or 2 (on arity)")
	case c.MergeBody != 0 && c.MergeBody != 1:
		return badRequest("mb is 0 or 1")
	case c.NoSelfRevoke != 0 && c.NoSelfRevoke != 1:
		return badRequest("dr is 0 or 1")
	case c.Pin != "" && !pinPattern.MatchString(c.Pin):
		return badRequest("pin is a SHA-256 of 64 lower-case hex digits")
	case c.Host != "" && (len(c.Host) > 253 || !hostPattern.MatchString(c.Host) && net.ParseIP(c.Host) == nil):
		return badRequest("host is not a domain name or an address")
	}
	return nil
}

// checkContainers reports what is wrong with the form of a restriction.
func checkContainers(c webtask.Containers) error {
	s := string(c)
	if s == "" {
		return nil
	}
	if s[0] == '/' {
		if len(s) < 3 || s[len(s)-1] != '/' {
			return badRequest("ten: a pattern is written /between slashes/")
		}
		// On its own: "x)|(.*" would escape from the group that Allows puts around it.
		if _, err := regexp.Compile(s[1 : len(s)-1]); err != nil {
			return badRequest("ten: the pattern is not a regular expression: %v", err)
		}
		return nil
	}
	if !strings.Contains(s, ",") {
		return webtask.CheckName("container", s)
	}
	for name := range strings.SplitSeq(s, ",") {
		if err := webtask.CheckName("container", strings.TrimSpace(name)); err != nil {
			return err
		}
	}
	return nil
}
