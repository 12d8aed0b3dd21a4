package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"deckhand/commands/check"
)

// explain says in a few words why no answer, or no whole answer, came.
func explain(err error, timeout time.Duration) string {
	var network net.Error
	var redirects redirectsError
	switch {
	case errors.Is(err, errForbidden):
		return errForbidden.Error()
	case errors.Is(err, errPrivate):
		return errPrivate.Error()
	case errors.As(err, &redirects):
		return redirects.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer within " + check.Span(timeout)
	case errors.Is(err, context.Canceled):
		return "the look was stopped"
	}
	for _, explained := range []func(error) string{explainName, explainTLS, explainConnection} {
		if words := explained(err); words != "" {
			return words
		}
	}
	var outer *url.Error // it repeats the URL, which may carry a secret
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return "no usable answer: " + trimmed(err.Error())
}

func explainName(err error) string {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return ""
	case dns.IsNotFound:
		return "name not found"
	default:
		return "the name server does not answer for this name"
	}
}

func explainTLS(err error) string {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		return explainInvalid(invalid, time.Now())
	}
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &host):
		return "certificate is for another name"
	case errors.As(err, &authority):
		return explainUnknownAuthority(authority)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the endpoint does not speak TLS"
	case errors.As(err, &alert):
		return "the endpoint refused the TLS handshake"
	default:
		return ""
	}
}

func explainConnection(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection was closed before the answer was complete"
	default:
		return ""
	}
}
