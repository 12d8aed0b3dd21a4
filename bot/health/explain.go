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
	"strings"
	"syscall"
	"time"

	"deckhand/commands/check"
)

// explain says in a few words why no answer, or no whole answer, came.
func explain(err error, timeout time.Duration) string {
	var redirects redirectsError
	var scheme schemeError
	switch {
	case errors.Is(err, errForbidden):
		return errForbidden.Error()
	case errors.Is(err, errPrivate):
		return errPrivate.Error()
	case errors.As(err, &redirects):
		return redirects.Error()
	case errors.As(err, &scheme):
		return scheme.Error()
	case late(err):
		return "no answer within " + check.Span(timeout)
	case errors.Is(err, context.Canceled):
		return "the look was stopped"
	}
	for _, explained := range []func(error) string{explainName, explainTLS, explainConnection, explainHTTP} {
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

// explainHTTP says what came instead of HTTP. The library's errors of that have no types of their own.
func explainHTTP(err error) string {
	text := err.Error()
	switch _, came, _ := strings.Cut(text, "malformed HTTP response "); {
	case strings.HasPrefix(came, `"\x00\x00`): // the length of a frame (RFC 9113, 4.1)
		return "the endpoint speaks HTTP/2 only, and checks ask by HTTP/1.1"
	case came != "":
		return "what came is not HTTP: " + trimmed(came)
	case strings.Contains(text, "server response headers exceeded"):
		return "the headers of the answer are larger than 64 KiB"
	default:
		return ""
	}
}

// late tells whether time ran out.
func late(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
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

// How crypto/tls tells of an alert that the other side sent (RFC 8446, 6.2).
const (
	remoteError         = "remote error"
	certificateRequired = "tls: certificate required"
)

func explainTLS(err error) string {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		return explainInvalid(invalid, time.Now())
	}
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var operation *net.OpError
	switch {
	case errors.As(err, &host):
		return "certificate is for another name: for " + namesOf(host.Certificate) + ", not for " + trimmed(host.Host)
	case errors.As(err, &authority):
		return explainUnknownAuthority(authority)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the endpoint does not speak TLS"
	case errors.As(err, &operation) && operation.Op == remoteError && operation.Err.Error() == certificateRequired:
		return "the endpoint wants a certificate of whoever asks, and checks have none"
	case errors.As(err, &alert), errors.As(err, &operation) && operation.Op == remoteError:
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
