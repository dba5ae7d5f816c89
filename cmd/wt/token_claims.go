package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wthost/wt/runtime/webtask"
)

// parseClaimsFlag reads --claims. A claim that is not known is more likely
// misspelt than meant. Errors do not repeat the text, which may hold secrets.
func parseClaimsFlag(text string) (webtask.IssueRequest, error) {
	var r webtask.IssueRequest
	if text == "" {
		return r, nil
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	err := dec.Decode(&r)
	if err == nil && !dec.More() {
		return r, nil
	}
	f := usagef("--claims is not a JSON object of claims")
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		return r, f.withHint("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return r, f.withHint(`write --claims '{"ten":"NAME","dd":1}'`)
}

// setNumbers sets the claims whose flags were given.
func setNumbers(cmd *cobra.Command, c *webtask.Claims) error {
	for _, n := range numbers(c) {
		if !cmd.Flags().Changed(n.flag) {
			continue
		}
		text, err := cmd.Flags().GetString(n.flag)
		if err != nil {
			return err
		}
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v < 0 {
			return usagef("--%s takes a whole number", n.flag)
		}
		*n.claim = webtask.Int(v)
		if n.flag == "pb" {
			if v > webtask.ParseOnArity {
				return usagef("--pb takes 0, 1 or 2")
			}
			c.ParseBody = n.claim
		}
	}
	if c.Expires != 0 && c.Expires <= c.NotBefore {
		return usagef("--exp must be later than --nbf")
	}
	return nil
}

// commaPairs reads --ectx and --pctx, in which commas separate the pairs.
func commaPairs(flag string, list []string) (map[string]any, error) {
	var single []string
	for _, s := range list {
		single = append(single, strings.Split(s, ",")...)
	}
	pairs, err := needValues(flag, single)
	if err != nil {
		return nil, err
	}
	return nested(flag, pairs)
}
