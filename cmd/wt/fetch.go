package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const fetchTimeout = 30 * time.Second

// fetchCode gets what the code's URL answers now. lenient accepts any type of
// content, HTML too, for tasks whose compiler wants something else than
// JavaScript.
func (e *Env) fetchCode(ctx context.Context, s source, lenient bool) ([]byte, error) {
	u, err := url.Parse(s.spec)
	if err != nil || u.Host == "" {
		return nil, usagef("%q is not a URL", clip(s.given, 200))
	}
	show := u.Redacted()
	wait, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(wait, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, usagef("%q is not a URL", clip(show, 200))
	}
	req.Header.Set("Accept", "text/javascript, application/javascript, text/plain;q=0.9, */*;q=0.1")
	req.Header.Set("User-Agent", "wt/"+e.Version)
	resp, err := (&http.Client{Transport: e.Transport}).Do(req)
	if err != nil {
		return nil, fetchError(ctx, show, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, usagef("%s answers %s", show, resp.Status).withHint("%s", hintNoCheck)
	}
	body, err := readLimited(resp.Body, maxCode)
	if err != nil {
		return nil, fetchError(ctx, show, err)
	}
	if why := notCode(resp.Header.Get("Content-Type"), body); why != "" && !lenient {
		return nil, usagef("%s answers %s, which is not code", show, why).withHint("%s", hintHTML)
	}
	return body, nil
}

const (
	hintNoCheck = "if only the host can reach this URL, give --no-check"
	hintHTML    = "name the raw file, not the page that shows it; --no-check takes it as it is"
)

func fetchError(ctx context.Context, show string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer in %v", fetchTimeout)
	}
	return usagef("cannot get the code from %s: %v", show, err).withHint("%s", hintNoCheck)
}

// codeTypes are content types other than text/* under which code is served.
// Static hosts send octet-stream for file names they do not know.
var codeTypes = []string{"javascript", "ecmascript", "typescript", "octet-stream"}

// notCode says what an answer is, if it is no code.
func notCode(contentType string, body []byte) string {
	kind, _, _ := mime.ParseMediaType(contentType)
	head := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 512)])))
	if strings.Contains(kind, "html") || strings.HasPrefix(head, "<!doctype") || strings.HasPrefix(head, "<html") {
		return "HTML"
	}
	if kind == "" || strings.HasPrefix(kind, "text/") {
		return ""
	}
	for _, t := range codeTypes {
		if strings.Contains(kind, t) {
			return ""
		}
	}
	return kind
}
