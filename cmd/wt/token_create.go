package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/webtask"
)

// tokenFlags are the flags of wt token create that are not numbers.
type tokenFlags struct {
	claims, ten, codeURL, code, host, jtn string
	secrets, params                       []string
	mb, dr                                bool
}

func newTokenCreateCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Issue a token with the claims given, and print it",
		Example: "  wt token create --ten ann --dd 1\n  wt token create --claims '{\"ten\":\"ann\"}' --exp 1900000000",
		Args:    takes(0, 0),
	}
	out := addOutputFlag(cmd)
	c := addTokenFlags(cmd)
	tf := addTargetFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := c.request(cmd)
		if err != nil {
			return err
		}
		t, err := tf.resolve(env)
		if err != nil {
			return err
		}
		issued, err := t.Issue(cmd.Context(), r)
		if err != nil {
			return asQuery(err)
		}
		if out.json() {
			return printJSON(env.Stdout, issued.Token)
		}
		_, err = fmt.Fprintln(env.Stdout, issued.Token)
		return err
	}
	return cmd
}

func addTokenFlags(cmd *cobra.Command) *tokenFlags {
	c := &tokenFlags{}
	f := cmd.Flags()
	f.StringVar(&c.claims, "claims", "", "claims as `JSON`; the other flags win")
	f.StringVar(&c.ten, "ten", "", "container, list of containers, or /pattern/")
	f.StringVar(&c.jtn, "jtn", "", "name: stores the token as this task")
	f.StringVar(&c.codeURL, "code-url", "", "URL of the code")
	f.StringVar(&c.code, "code", "", "the code itself")
	f.StringArrayVar(&c.secrets, "ectx", nil, "secrets as `KEY=VALUE`, commas between them (repeatable)")
	f.StringArrayVar(&c.params, "pctx", nil, "parameters as `KEY=VALUE`, commas between them (repeatable)")
	f.StringVar(&c.host, "host", "", "custom domain")
	f.BoolVar(&c.mb, "mb", false, "merge a parsed body into ctx.data")
	f.BoolVar(&c.dr, "dr", false, "the token may not revoke itself")
	for _, n := range numbers(&webtask.Claims{}) {
		f.String(n.flag, "", n.help)
	}
	return c
}

// number is a flag for a claim that is a number.
type number struct {
	flag, help string
	claim      *webtask.Int
}

func numbers(c *webtask.Claims) []number {
	l := &c.Limits
	return []number{
		{"dd", "generations of tokens that may be issued from it", &c.Depth},
		{"nbf", "not valid before, in Unix seconds", &c.NotBefore},
		{"exp", "not valid after, in Unix seconds", &c.Expires},
		{"ls", "container's calls per second", &l.Second},
		{"lm", "container's calls per minute", &l.Minute},
		{"lh", "container's calls per hour", &l.Hour},
		{"ld", "container's calls per day", &l.Day},
		{"lw", "container's calls per week", &l.Week},
		{"lo", "container's calls per month", &l.Month},
		{"lts", "token's calls per second", &l.TokenSecond},
		{"ltm", "token's calls per minute", &l.TokenMinute},
		{"lth", "token's calls per hour", &l.TokenHour},
		{"ltd", "token's calls per day", &l.TokenDay},
		{"ltw", "token's calls per week", &l.TokenWeek},
		{"lto", "token's calls per month", &l.TokenMonth},
		{"pb", "parse bodies: 0 never, 1 always, 2 by the function's arguments", new(webtask.Int)},
	}
}

// request puts the flags over the claims given as JSON.
func (c *tokenFlags) request(cmd *cobra.Command) (webtask.IssueRequest, error) {
	r, err := parseClaimsFlag(c.claims)
	if err != nil {
		return r, err
	}
	for _, s := range []struct {
		value string
		claim *string
	}{{c.ten, (*string)(&r.Container)}, {c.jtn, &r.Name}, {c.codeURL, &r.URL}, {c.host, &r.Host}} {
		*s.claim = or(s.value, *s.claim)
	}
	if cmd.Flags().Changed("code") {
		r.Code = &c.code
	}
	if r.Code != nil && r.URL != "" {
		return r, usagef("--code and --code-url exclude each other")
	}
	if c.mb {
		r.MergeBody = 1
	}
	if c.dr {
		r.NoSelfRevoke = 1
	}
	if err := setNumbers(cmd, &r.Claims); err != nil {
		return r, err
	}
	return r, c.setMaps(&r)
}

func (c *tokenFlags) setMaps(r *webtask.IssueRequest) error {
	secrets, err := commaPairs("ectx", c.secrets)
	if err != nil {
		return err
	}
	params, err := commaPairs("pctx", c.params)
	if err != nil {
		return err
	}
	if len(secrets) > 0 {
		r.Secrets = secrets
	}
	if len(params) > 0 {
		r.Params = params
	}
	return nil
}
