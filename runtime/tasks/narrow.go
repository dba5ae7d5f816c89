package tasks

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/wthost/wt/runtime/webtask"
)

// narrow makes the claims of a token issued from the caller's: what was asked
// for, never more than the caller has, and what the caller's token hands on. It
// leaves Sealed to its caller, and does not look at where code comes from.
func narrow(caller, want *webtask.Claims, now time.Time) (webtask.Claims, error) {
	c := *want
	c.ID = webtask.NewTokenID()
	c.IssuedAt = now.Unix()
	c.Ancestors = append(slices.Clone(caller.Ancestors), caller.ID)
	c.Sealed = ""
	for _, step := range []func(caller, c *webtask.Claims) error{
		narrowDepth, narrowContainer, narrowNames, narrowLimits, narrowCode, checkForm,
	} {
		if err := step(caller, &c); err != nil {
			return webtask.Claims{}, err
		}
	}
	if err := narrowWindow(caller, &c, now); err != nil {
		return webtask.Claims{}, err
	}
	return c, nil
}

func narrowDepth(caller, c *webtask.Claims) error {
	switch {
	case caller.Depth <= 0:
		return forbidden("the token cannot issue tokens or create webtasks (dd is 0)").
			WithHint("use the token that issued it")
	case c.Depth < 0:
		return badRequest("dd cannot be negative")
	case c.Depth >= caller.Depth:
		return forbidden("dd can be at most %d, one less than the dd of the token that issues", caller.Depth-1)
	}
	return nil
}

func narrowContainer(caller, c *webtask.Claims) error {
	if c.Container == "" {
		c.Container = caller.Container
	}
	if err := checkContainers(c.Container); err != nil {
		return err
	}
	if !within(caller.Container, c.Container) {
		return forbidden("the token does not allow access to container %q", string(c.Container))
	}
	return nil
}

func narrowNames(caller, c *webtask.Claims) error {
	if len(c.Names) == 0 {
		c.Names = caller.Names
	}
	for _, name := range c.Names {
		if err := webtask.CheckName("task", name); err != nil {
			return err
		}
		if !allowsName(caller, name) {
			return forbidden("the token does not allow access to webtask %q", name)
		}
	}
	if c.Name == "" {
		return nil
	}
	container, ok := c.Container.Literal()
	if !ok {
		return badRequest("a named webtask (jtn) needs a token for one container: set ten to its name")
	}
	if err := webtask.CheckName("task", c.Name); err != nil {
		return err
	}
	return mayManage(caller, container, c.Name)
}

// narrowLimits hands on the limits of the container. Those of the token are its
// own.
func narrowLimits(caller, c *webtask.Claims) error {
	from, to := containerLimits(&caller.Limits), containerLimits(&c.Limits)
	for i, name := range []string{"ls", "lm", "lh", "ld", "lw", "lo"} {
		if *to[i] == 0 {
			*to[i] = *from[i]
		}
		if *from[i] > 0 && *to[i] > *from[i] {
			return forbidden("%s can be at most %d, the limit of the token that issues", name, *from[i])
		}
	}
	l := &c.Limits
	for _, n := range append(to[:], &l.TokenSecond, &l.TokenMinute, &l.TokenHour, &l.TokenDay, &l.TokenWeek, &l.TokenMonth) {
		if *n < 0 {
			return badRequest("a rate limit cannot be negative")
		}
	}
	return nil
}

func containerLimits(l *webtask.Limits) [6]*webtask.Int {
	return [...]*webtask.Int{&l.Second, &l.Minute, &l.Hour, &l.Day, &l.Week, &l.Month}
}

// narrowCode hands on the code, and how it is called, of a token that fixes it.
func narrowCode(caller, c *webtask.Claims) error {
	for k, v := range caller.Params {
		if own, ok := c.Params[k]; ok && !reflect.DeepEqual(own, v) {
			return forbidden("the param %q is fixed by the token that issues", k)
		}
	}
	if len(caller.Params) > 0 {
		c.Params = maps.Clone(c.Params)
		if c.Params == nil {
			c.Params = map[string]any{}
		}
		maps.Copy(c.Params, caller.Params)
	}
	if caller.URL == "" {
		return nil
	}
	if c.URL == "" {
		c.URL = caller.URL
	}
	if c.Pin == "" {
		c.Pin = caller.Pin
	}
	if c.URL != caller.URL || caller.Pin != "" && c.Pin != caller.Pin {
		return forbidden("the code is fixed by the token that issues")
	}
	if c.ParseBody == nil {
		c.ParseBody = caller.ParseBody
	}
	if c.MergeBody == 0 {
		c.MergeBody = caller.MergeBody
	}
	return nil
}

// narrowWindow keeps nbf and exp within the caller's; absent ones are handed on.
func narrowWindow(caller, c *webtask.Claims, now time.Time) error {
	if c.Expires < 0 || c.NotBefore < 0 {
		return badRequest("nbf and exp are seconds since 1970 and cannot be negative")
	}
	if c.Expires == 0 {
		c.Expires = caller.Expires
	}
	if c.NotBefore == 0 {
		c.NotBefore = caller.NotBefore
	}
	switch {
	case caller.Expires > 0 && c.Expires > caller.Expires:
		return forbidden("exp can be at most %d, when the token that issues expires", caller.Expires)
	case c.NotBefore < caller.NotBefore:
		return forbidden("nbf must be at least %d, from when on the token that issues is valid", caller.NotBefore)
	case c.Expires > 0 && c.Expires <= c.NotBefore:
		return badRequest("exp must be after nbf")
	case c.Expires > 0 && int64(c.Expires) <= now.Unix():
		return badRequest("exp is in the past").WithHint("exp is in seconds since 1970, UTC")
	}
	return nil
}
