package tasks

import (
	"slices"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// Who may do what. All of it is decided here and in narrow.go:
//
//   - A token that fixes code (url) or holds secrets (ectx) is made to be run, and
//     is often public in a URL: it manages nothing. Where its depth allows, it may
//     issue tokens without a name, which keep its code, secrets and params.
//   - Any other token manages the containers of its ten and the names of its jtnm.
//     To create or replace, which issues a token, it needs a depth of more than 0;
//     to read, list and delete it does not.
//   - A token inspects its descendants, and what it could manage: the owner of a
//     container reads its tasks by name anyway, and clients update by inspecting
//     tokens that another token may have issued.
//   - A token is revoked by itself, unless dr forbids it, by its ancestors, and by
//     a master token, as someone must be able to revoke a token without parents:
//     but not by one that descends from it.

func forbidden(format string, args ...any) *webtask.Error {
	return webtask.Errorf(webtask.Forbidden, format, args...)
}

func badRequest(format string, args ...any) *webtask.Error {
	return webtask.Errorf(webtask.BadRequest, format, args...)
}

// runsOnly reports whether a token is for running code, not for management.
func runsOnly(c *webtask.Claims) bool { return c.URL != "" || c.Sealed != "" }

// isMaster reports whether a token is restricted in nothing but its depth.
func isMaster(c *webtask.Claims) bool {
	return c.Container == "" && len(c.Names) == 0 && !runsOnly(c)
}

func allowsName(c *webtask.Claims, name string) bool {
	return len(c.Names) == 0 || slices.Contains(c.Names, name)
}

// mayManage decides on one task, or on a container where name is "".
func mayManage(caller *webtask.Claims, container, name string) error {
	switch {
	case runsOnly(caller):
		return forbidden("a token that runs code (with url or ectx) cannot manage webtasks")
	case !caller.Container.Allows(container):
		return forbidden("the token does not allow access to container %q", container)
	case name != "" && !allowsName(caller, name):
		return forbidden("the token does not allow access to webtask %q", name)
	}
	return nil
}

func mayInspect(caller, target *webtask.Claims) error {
	switch {
	case runsOnly(caller):
		return forbidden("a token that runs code (with url or ectx) cannot inspect tokens")
	case isMaster(caller), caller.ID == target.ID, descends(target, caller):
		return nil
	case within(caller.Container, target.Container) && allowsName(caller, target.Name):
		return nil
	}
	return forbidden("the token to inspect was not issued by this token, nor is it for a container of this token")
}

func mayRevoke(caller, target *webtask.Claims) error {
	switch {
	case target.ID == "":
		return badRequest("the token to revoke has no id (jti)")
	case caller.ID == target.ID && target.NoSelfRevoke == 0:
		return nil
	case caller.ID == target.ID:
		return forbidden("the token cannot revoke itself (dr is 1)").WithHint("use the token that issued it")
	case descends(target, caller):
		return nil
	case descends(caller, target):
		return forbidden("the token cannot revoke a token that it descends from")
	case isMaster(caller):
		return nil
	}
	return forbidden("the token to revoke was not issued by this token, nor by one that descends from it")
}

// descends reports whether a token was issued from the ancestor, at any remove.
func descends(c, ancestor *webtask.Claims) bool {
	return ancestor.ID != "" && slices.Contains(c.Ancestors, ancestor.ID)
}

// within reports whether all that inner allows, outer allows too. A pattern lies
// only within itself and within no restriction: whether one pattern holds
// another is not for us to find out.
func within(outer, inner webtask.Containers) bool {
	switch {
	case outer == "", outer == inner:
		return true
	case inner == "", inner[0] == '/':
		return false
	}
	for name := range strings.SplitSeq(string(inner), ",") {
		if !outer.Allows(strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}
