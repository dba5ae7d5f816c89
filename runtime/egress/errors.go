package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// problem is an error whose text is for users as it stands.
type problem string

func (p problem) Error() string { return string(p) }

// explained is an error in words for users; its cause is for the log.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// explain words an error for users. What it does not know it does not repeat: the
// text of an error of the system may name addresses and files of this host.
func explain(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, context.Canceled) {
		return err
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // without the URL, whose query may hold a key
	}
	return &explained{text: words(err), err: err}
}

func words(err error) string {
	var p problem
	var refused *Refused
	var done *explained
	var timeout net.Error
	switch {
	case errors.As(err, &done):
		return done.text
	case errors.As(err, &p):
		return string(p)
	case errors.As(err, &refused):
		return refused.Error() + " (the operator can allow it with --allow-egress)"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return "there is no way to its address"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended before the answer did"
	}
	return moreWords(err)
}

func moreWords(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var roots x509.SystemRootsError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch text := err.Error(); {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no host named %q", dns.Name)
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %q could not be looked up", dns.Name)
	case errors.As(err, &roots):
		return "certificates cannot be checked on this host"
	case errors.As(err, &cert):
		return "its certificate is not accepted: " + strings.TrimPrefix(cert.Err.Error(), "x509: ")
	case errors.As(err, &record), errors.As(err, &alert), strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "no secure connection could be made with it"
	case strings.HasPrefix(text, "net/http: invalid"):
		return strings.TrimPrefix(text, "net/http: ")
	case strings.Contains(text, "server closed idle connection"):
		return "the connection ended before the answer did"
	case strings.Contains(text, "malformed HTTP"):
		return "its answer is not HTTP"
	case strings.HasPrefix(text, "failed to parse Location header"):
		return "it redirects to a place that cannot be asked"
	}
	return "the request failed"
}

// body words the errors of an answer's body.
type body struct{ io.ReadCloser }

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, explain(err)
}
