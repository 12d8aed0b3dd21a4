package health

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"deckhand/commands/check"
)

// TestMain makes an authority that this process trusts, as an operator would: by SSL_CERT_FILE.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "authority")
	if err == nil {
		err = trust(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// authority signs what the tests trust.
var authority struct { //nolint:gochecknoglobals // made once, before the tests
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func trust(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test's authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	authority.key = key
	if authority.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_FILE", file)
}

// signed is a certificate for 127.0.0.1 and two names from the authority.
func signed(t *testing.T, lasts time.Duration) tls.Certificate {
	t.Helper()
	return issued(t, authority.cert, authority.key, lasts)
}

// issued is one from any authority.
func issued(t *testing.T, by *x509.Certificate, with crypto.PrivateKey, lasts time.Duration) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"a.example.com", "b.example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lasts), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), with)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// secure serves TLS with a certificate.
func secure(t *testing.T, certificate tls.Certificate) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// looks probes with the rights of the configuration.
func looks(t *testing.T, c check.Check) check.Result {
	t.Helper()
	c.FromConfig = true
	return looksAs(t, c)
}

func looksAs(t *testing.T, c check.Check) check.Result {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	return NewProber(Eyes{}).Probe(t.Context(), c)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	month := secure(t, signed(t, 30*day+time.Hour))
	address := strings.TrimPrefix(month.URL, "https://")
	for name, c := range map[string]struct {
		check check.Check
		ok    bool
		says  string
	}{
		"a valid one names its names": {check.Check{URL: "tls://" + address}, true, "certificate for a.example.com, b.example.com, 127.0.0.1, valid until "},
		"it ends soon":                {check.Check{URL: "tls://" + address, ValidDays: 60}, false, "the certificate ends in 30 days, less than 60 days"},
		"it ends soon, over HTTPS":    {check.Check{URL: month.URL, ValidDays: 60}, false, "the certificate ends in 30 days, less than 60 days"},
		"it does not end soon":        {check.Check{URL: month.URL, ValidDays: 14}, true, "HTTP 200"},
		"self-signed": {
			check.Check{URL: strings.Replace(secure(t, certificate(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))).URL, "https:", "tls:", 1)},
			false, "certificate is self-signed: no authority vouches for it",
		},
		"expired": {
			check.Check{URL: strings.Replace(secure(t, signed(t, -48*time.Hour-time.Minute)).URL, "https:", "tls:", 1)},
			false, "certificate expired on " + time.Now().Add(-48*time.Hour-time.Minute).UTC().Format(time.DateOnly) + ", 2 days ago",
		},
		"expired and self-signed": {
			check.Check{URL: strings.Replace(secure(t, certificate(t, "127.0.0.1", time.Now().Add(-72*time.Hour), time.Now().Add(-time.Hour))).URL, "https:", "tls:", 1)},
			false, "it is self-signed, too",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := looks(t, c.check)
			if r.OK != c.ok || !strings.Contains(r.Detail, c.says) {
				t.Errorf("%+v, want ok %v, %q", r, c.ok, c.says)
			}
			if c.ok && time.Until(r.Expires).Round(time.Hour) != 30*day+time.Hour {
				t.Errorf("it expires at %v", r.Expires)
			}
		})
	}
}

func TestTCP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if r := looks(t, check.Check{URL: "tcp://" + address}); !r.OK || r.Detail != "connected" {
		t.Errorf("open: %+v", r)
	}
	listener.Close()
	if r := looks(t, check.Check{URL: "tcp://" + address}); r.OK || r.Detail != "connection refused" {
		t.Errorf("closed: %+v", r)
	}
}

func TestICMP(t *testing.T) {
	t.Parallel()
	r := looks(t, check.Check{URL: "icmp://127.0.0.1"})
	switch {
	case r.Unseen && strings.Contains(r.Detail, "ping_group_range"):
		t.Log("this machine allows no ICMP, and the check says so")
	case !r.OK || r.Detail != "echo from 127.0.0.1":
		t.Errorf("%+v", r)
	}
	if got := checksum([]byte{8, 0, 0, 0, 0, 1, 0, 2}); got != 0xf7fc {
		t.Errorf("the checksum is %#x", got)
	}
}

func TestPrivateAddressesAreNotForChecksFromChat(t *testing.T) {
	t.Parallel()
	s := endpoint(t)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, url := range []string{s.URL + "/ok", "http://localhost" + port + "/ok", "tcp://127.0.0.1" + port, "tls://localhost" + port, "icmp://localhost", "dns://example.com?server=127.0.0.1" + port} {
		r := looksAs(t, check.Check{URL: url})
		if r.OK || !r.Refused || !strings.Contains(r.Detail, "private address") {
			t.Errorf("%s: %+v", url, r)
		}
	}
	allowed := NewProber(Eyes{Private: true})
	if r := allowed.Probe(t.Context(), check.Check{URL: s.URL + "/ok", Timeout: 5 * time.Second}); !r.OK {
		t.Errorf("allowed: %+v", r)
	}
	terminal := check.Check{URL: s.URL + "/ok"}
	terminal.Owner.User = "terminal:ann"
	if r := looksAs(t, terminal); !r.OK {
		t.Errorf("from a terminal: %+v", r)
	}
	mapped := NewProber(Eyes{Hosts: func(string) string { return strings.TrimPrefix(s.URL, "http://") }})
	if r := mapped.Probe(t.Context(), check.Check{URL: "http://myapp.example.com/ok", Timeout: 5 * time.Second}); !r.OK {
		t.Errorf("by the hosts file: %+v", r)
	}
	forbidden := NewProber(Eyes{Hosts: func(string) string { return "169.254.169.254:80" }})
	if r := forbidden.Probe(t.Context(), check.Check{URL: "http://myapp.example.com/ok", Timeout: 5 * time.Second}); r.OK || !r.Refused {
		t.Errorf("the metadata address by the hosts file: %+v", r)
	}
}

func TestARedirectFromOutsideToInsideIsRefused(t *testing.T) {
	t.Parallel()
	inside := endpoint(t)
	outside := httptest.NewServer(http.RedirectHandler(inside.URL+"/ok", http.StatusFound))
	defer outside.Close()
	hosts := func(address string) string {
		if address == "myapp.example.com:80" {
			return outside.Listener.Addr().String()
		}
		return address
	}
	r := NewProber(Eyes{Hosts: hosts}).Probe(t.Context(), check.Check{URL: "http://myapp.example.com/", Timeout: 5 * time.Second})
	if r.OK || !r.Refused {
		t.Errorf("%+v", r)
	}
}

func TestBeats(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	h := check.Heartbeat{Every: time.Hour, Grace: 10 * time.Minute}
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, c := range map[string]struct {
		created, last time.Time
		says          string
		ok, unseen    bool
	}{
		"called in time":        {ago(9 * time.Hour), ago(30 * time.Minute), "called 30 min ago", true, false},
		"within the grace":      {ago(9 * time.Hour), ago(70 * time.Minute), "called 1 h 10 min ago", true, false},
		"late":                  {ago(9 * time.Hour), ago(70*time.Minute + time.Second), "no call for 1 h 10 min; one is due every 1 h", false, false},
		"not called yet":        {ago(time.Hour), time.Time{}, "the first is due by 2026-11-24 12:10:00 UTC", false, true},
		"never called, and due": {ago(2 * time.Hour), time.Time{}, "no call ever came; one is due every 1 h", false, false},
	} {
		seen, err := beat(h, c.created, c.last, now)
		var blind unseenError
		switch {
		case errors.As(err, &blind) != c.unseen, c.unseen && !strings.Contains(blind.why, c.says):
			t.Errorf("%s: %v", name, err)
		case !c.unseen && (seen.wrong == "") != c.ok, !c.unseen && seen.wrong+seen.says != c.says:
			t.Errorf("%s: %+v", name, seen)
		}
	}
	if r := looks(t, check.Check{URL: "heartbeat://x", Heartbeat: &h}); !r.Unseen {
		t.Errorf("nobody keeps the calls: %+v", r)
	}
}

// answersDNS is a name server that answers each question with one record of its type.
func answersDNS(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(buffer[:n]), from)
		}
	}()
	return conn.LocalAddr().String()
}

// dnsAnswer repeats the question and answers it (RFC 1035): example.com has one record of each type, nothing else exists.
func dnsAnswer(question []byte) []byte {
	end := 12
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	name, kind := question[12:end+1], question[end+2]
	answer := append([]byte{}, question[:end+5]...)
	answer[2], answer[3] = 0x85, 0x80 // an authoritative answer
	answer[10], answer[11] = 0, 0     // nothing additional
	record := map[byte][]byte{
		1: {203, 0, 113, 7}, 28: net.ParseIP("2001:db8::7"), 15: append([]byte{0, 10, 4, 'm', 'a', 'i', 'l'}, name...),
		2: append([]byte{2, 'n', 's'}, name...), 16: append([]byte{5}, "hello"...),
	}[kind]
	if !strings.EqualFold(string(name), "\x07example\x03com\x00") {
		answer[3] |= 3 // no such name
		return answer
	}
	if record == nil {
		return answer
	}
	answer[7] = 1
	answer = append(answer, name...)
	answer = append(answer, 0, kind, 0, 1, 0, 0, 0, 60, 0, byte(len(record)))
	return append(answer, record...)
}

func TestDNS(t *testing.T) {
	t.Parallel()
	server := answersDNS(t)
	for query, c := range map[string]struct {
		records []string
		ok      bool
		says    string
	}{
		"example.com?":           {nil, true, "A 203.0.113.7"},
		"example.com?type=A":     {[]string{"203.0.113.7"}, true, "A 203.0.113.7"},
		"example.com?type=aaaa":  {[]string{"2001:db8:0::7"}, true, "AAAA 2001:db8::7"},
		"example.com?type=MX":    {[]string{"mail.EXAMPLE.com"}, true, "MX 10 mail.example.com."},
		"example.com?type=NS":    {[]string{"ns.example.com"}, true, "NS ns.example.com."},
		"example.com?type=TXT":   {[]string{"hello"}, true, "TXT hello"},
		"example.com?type=A&x=":  {[]string{"203.0.113.8"}, false, `knows no "x"`},
		"EXAMPLE.com.?type=A":    {[]string{"203.0.113.8"}, false, "the answer is A 203.0.113.7, without 203.0.113.8"},
		"nothing.example.com?":   {nil, false, "name not found"},
		"example.com?type=CNAME": {nil, false, "name not found"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			r := looks(t, check.Check{URL: "dns://" + query + "&server=" + server, Records: c.records})
			if r.OK != c.ok || !strings.Contains(r.Detail, c.says) {
				t.Errorf("%+v, want ok %v, %q", r, c.ok, c.says)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	s := secure(t, signed(t, time.Hour))
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	names := func(c check.Check) string {
		c.Timeout, c.FromConfig = 10*time.Second, true
		_, steps := NewProber(Eyes{}).Trace(context.WithoutCancel(t.Context()), c)
		var out []string
		for _, step := range steps {
			if step.Took < 0 {
				t.Errorf("%+v", step)
			}
			out = append(out, step.Name)
		}
		return strings.Join(out, " ")
	}
	for url, want := range map[string]string{
		s.URL:                                   "connect TLS first byte body",
		url:                                     "DNS connect TLS",
		strings.Replace(url, "https", "tcp", 1): "DNS connect",
		strings.Replace(s.URL, "https", "tls", 1): "connect TLS",
	} {
		if got := names(check.Check{URL: url}); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}
