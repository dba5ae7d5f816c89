package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/wthost/wt/runtime/webtask"
)

// Issued is a token that a host made.
type Issued struct {
	Token string
	// URL is where the token's code runs.
	URL string
}

// Issue asks for a token. Where the claims have a name, the token becomes the
// task of that name.
func (c *Client) Issue(ctx context.Context, r webtask.IssueRequest) (Issued, error) {
	header, body, err := c.do(ctx, call{
		method: http.MethodPost, path: "/api/tokens/issue", body: issueBody(r), accept: "text/plain, */*;q=0.5",
	})
	if err != nil {
		return Issued{}, err
	}
	token := strings.TrimSpace(string(body))
	if token == "" || strings.ContainsAny(token, " \t\r\n<{") {
		return Issued{}, webtask.Errorf(webtask.BadGateway, "%s answered with something that is not a token", c.cfg.URL).
			WithHint("is this the address of a webtask host?")
	}
	container, _ := r.Container.Literal()
	return Issued{Token: token, URL: c.runURL(header.Get("Location"), TaskAddress{
		Host: r.Host, Container: container, Name: r.Name, Token: token,
	})}, nil
}

// issueBody drops the list of ancestors, which only a host fills in.
func issueBody(r webtask.IssueRequest) any {
	return struct {
		webtask.IssueRequest
		Ancestors []string `json:"ca,omitempty"`
	}{IssueRequest: r}
}

// InspectOptions says what Inspect returns beside the claims.
type InspectOptions struct {
	Decrypt   bool // the secrets, in the clear
	FetchCode bool // the code
	Meta      bool // the metadata
}

// Inspection is what a host tells about a token.
type Inspection struct {
	webtask.Claims
	// Sealed shadows the claim, which is an object when secrets are decrypted.
	Sealed json.RawMessage `json:"ectx"`
	// Secrets are the decrypted secrets, if asked for.
	Secrets map[string]any `json:"-"`
	Code    *string        `json:"code"`
	Meta    map[string]any `json:"meta"`
	// RunURL is where the token's code runs, if the host said so.
	RunURL string `json:"webtask_url"`
	// Raw is the whole answer; with Decrypt it holds secrets.
	Raw map[string]json.RawMessage `json:"-"`
}

// Inspect asks what is in a token.
func (c *Client) Inspect(ctx context.Context, token string, o InspectOptions) (Inspection, error) {
	q := url.Values{"token": {token}}
	setTrue(q, "decrypt", o.Decrypt)
	setTrue(q, "fetch_code", o.FetchCode)
	setTrue(q, "meta", o.Meta)
	var raw json.RawMessage
	if err := c.doJSON(ctx, call{method: http.MethodGet, path: "/api/tokens/inspect", query: q}, &raw); err != nil {
		return Inspection{}, err
	}
	return parseInspection(raw)
}

func parseInspection(raw []byte) (Inspection, error) {
	var in Inspection
	err := json.Unmarshal(raw, &in)
	if err == nil {
		err = json.Unmarshal(raw, &in.Raw)
	}
	if err != nil {
		return Inspection{}, webtask.Errorf(webtask.BadGateway, "the host's description of the token is not understood: %w", err)
	}
	_ = json.Unmarshal(in.Sealed, &in.Secrets) // a string unless decrypted
	return in, nil
}

func setTrue(q url.Values, key string, on bool) {
	if on {
		q.Set(key, "true")
	}
}

// Revoke ends a token and all tokens issued from it.
func (c *Client) Revoke(ctx context.Context, token string) error {
	_, _, err := c.do(ctx, call{
		method: http.MethodPost, path: "/api/tokens/revoke", query: url.Values{"token": {token}}, accept: "*/*",
	})
	return err
}
