package health

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/probe"
)

const day = 24 * time.Hour

// lookTLS shakes hands and tells what the certificate is for and how long it is valid.
func (p *Prober) lookTLS(ctx context.Context, c check.Check, target probe.Target, t *trace) (sight, error) {
	conn, err := p.connect(ctx, c, target, t)
	if err != nil {
		return sight{}, err
	}
	defer func() { _ = conn.Close() }()
	t.start(partTLS)
	client := tls.Client(conn, &tls.Config{ServerName: target.Host, RootCAs: p.eyes.Roots, MinVersion: tls.VersionTLS12})
	err = client.HandshakeContext(ctx)
	t.stop(partTLS)
	if err != nil {
		return sight{}, err
	}
	leaf := client.ConnectionState().PeerCertificates[0]
	left := time.Until(leaf.NotAfter)
	seen := sight{
		wrong: endsSoon(c, leaf.NotAfter, time.Now()),
		says:  fmt.Sprintf("certificate for %s, valid until %s, %s more", namesOf(leaf), leaf.NotAfter.UTC().Format(time.DateOnly), days(left)),
	}
	seen.certificate(leaf)
	return seen, nil
}

// certificate keeps when a certificate ends, and its names where that is soon.
func (s *sight) certificate(leaf *x509.Certificate) {
	s.expires = leaf.NotAfter
	if time.Until(leaf.NotAfter) < 31*day {
		s.names = namesOf(leaf)
	}
}

// endsSoon says that a certificate is valid for less time than the check wants.
func endsSoon(c check.Check, expires, now time.Time) string {
	if left := expires.Sub(now); c.ValidDays > 0 && !expires.IsZero() && left < time.Duration(c.ValidDays)*day {
		return fmt.Sprintf("the certificate ends in %s, less than %s", days(left), days(time.Duration(c.ValidDays)*day))
	}
	return ""
}

func days(d time.Duration) string {
	switch n := int(d / day); {
	case d < day:
		return check.Span(d)
	case n == 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}

// mostNames is how many of a certificate's names are told.
const mostNames = 3

// namesOf answers the names and addresses that a certificate is for.
func namesOf(leaf *x509.Certificate) string {
	names := append([]string{}, leaf.DNSNames...)
	for _, address := range leaf.IPAddresses {
		names = append(names, address.String())
	}
	if len(names) == 0 {
		names = []string{leaf.Subject.CommonName}
	}
	more := ""
	if over := len(names) - mostNames; over > 0 {
		names, more = names[:mostNames], fmt.Sprintf(" and %d more", over)
	}
	return trimmed(strings.Join(names, ", ") + more)
}

// explainInvalid says why a certificate is not valid.
func explainInvalid(invalid x509.CertificateInvalidError, now time.Time) string {
	leaf := invalid.Cert
	switch {
	case invalid.Reason != x509.Expired || leaf == nil:
		return "certificate not valid"
	case leaf.NotBefore.After(now):
		return "certificate not valid yet, only from " + leaf.NotBefore.UTC().Format(time.DateOnly)
	}
	text := fmt.Sprintf("certificate expired on %s, %s ago", leaf.NotAfter.UTC().Format(time.DateOnly), days(now.Sub(leaf.NotAfter)))
	if selfSigned(leaf) {
		text += "; it is self-signed, too"
	}
	return text
}

func explainUnknownAuthority(err x509.UnknownAuthorityError) string {
	if err.Cert != nil && selfSigned(err.Cert) {
		return "certificate is self-signed: no authority vouches for it"
	}
	return "certificate from an unknown authority"
}

// selfSigned tells whether a certificate vouches for itself.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}
