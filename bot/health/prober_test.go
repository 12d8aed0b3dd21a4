package health

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"deckhand/commands/check"
)

// endpoint answers every way an endpoint can, by path.
func endpoint(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "deckhand" || r.Header.Get("Cookie") != "" {
			w.WriteHeader(http.StatusTeapot)
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		fmt.Fprint(w, "all is ok here")
	})
	mux.HandleFunc("/503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/slow-body", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begins")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "only this")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/drop", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		for range 40 {
			fmt.Fprint(w, strings.Repeat("x", 64<<10))
		}
		fmt.Fprint(w, "needle")
	})
	mux.HandleFunc("/late", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat("x", 8<<10-3), "needle", strings.Repeat("y", 100))
	})
	mux.HandleFunc("/redirect/", func(w http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscanf(r.URL.Path, "/redirect/%d", &n)
		to := "/ok"
		if n > 1 {
			to = fmt.Sprintf("/redirect/%d", n-1)
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("/metadata", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	})
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s := endpoint(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := free.Addr().String()
	free.Close()
	for name, c := range map[string]struct {
		check check.Check
		ok    bool
		code  int
		says  string
	}{
		"an answer":                           {check.Check{URL: s.URL + "/ok"}, true, 200, "HTTP 200"},
		"the text is in the body":             {check.Check{URL: s.URL + "/ok", Body: "is ok"}, true, 200, "HTTP 200"},
		"the text lies across two reads":      {check.Check{URL: s.URL + "/late", Body: "needle"}, true, 200, "HTTP 200"},
		"the text is not in the body":         {check.Check{URL: s.URL + "/ok", Body: "OK"}, false, 200, `the body does not contain "OK"`},
		"the text comes after a mebibyte":     {check.Check{URL: s.URL + "/huge", Body: "needle"}, false, 200, `the first 1 MiB of the body does not contain "needle"`},
		"a huge body is read in part":         {check.Check{URL: s.URL + "/huge"}, true, 200, "HTTP 200"},
		"a long text to look for":             {check.Check{URL: s.URL + "/huge", Body: strings.Repeat("x", 20_000)}, true, 200, "HTTP 200"},
		"an error status":                     {check.Check{URL: s.URL + "/503"}, false, 503, "HTTP 503"},
		"an error status that is wanted":      {check.Check{URL: s.URL + "/503", Status: []int{200, 503}}, true, 503, "HTTP 503"},
		"another status than the wanted":      {check.Check{URL: s.URL + "/ok", Status: []int{204}}, false, 200, "HTTP 200"},
		"no answer in time":                   {check.Check{URL: s.URL + "/slow", Timeout: 80 * time.Millisecond}, false, 0, "no answer within 80 ms"},
		"the body does not end in time":       {check.Check{URL: s.URL + "/slow-body", Timeout: 80 * time.Millisecond}, false, 200, "no answer within 80 ms"},
		"closed in mid-body":                  {check.Check{URL: s.URL + "/cut"}, false, 200, "the connection was closed before the answer was complete"},
		"closed before an answer":             {check.Check{URL: s.URL + "/drop"}, false, 0, "the connection was closed before the answer was complete"},
		"nobody listens":                      {check.Check{URL: "http://" + closed}, false, 0, "connection refused"},
		"five redirects":                      {check.Check{URL: s.URL + "/redirect/5"}, true, 200, "HTTP 200"},
		"six redirects":                       {check.Check{URL: s.URL + "/redirect/6"}, false, 0, "more than 5 redirects"},
		"a redirect that is wanted":           {check.Check{URL: s.URL + "/redirect/1", Status: []int{302}}, true, 302, "HTTP 302"},
		"a redirect to the metadata address":  {check.Check{URL: s.URL + "/metadata"}, false, 0, "refused to look at a link-local address"},
		"the metadata address":                {check.Check{URL: "http://169.254.169.254/"}, false, 0, "refused to look at a link-local address"},
		"the metadata address in IPv6 dress":  {check.Check{URL: "http://[::ffff:169.254.169.254]/"}, false, 0, "refused to look at a link-local address"},
		"EC2's IPv6 metadata address":         {check.Check{URL: "http://[fd00:ec2::254]/"}, false, 0, "refused to look at a link-local address"},
		"a link-local address with an extent": {check.Check{URL: "http://[fe80::1%25lo]/"}, false, 0, "refused to look at a link-local address"},
		"the address of nothing":              {check.Check{URL: "http://0.0.0.0/"}, false, 0, "refused to look at a link-local address"},
		"plain HTTP where TLS is asked":       {check.Check{URL: strings.Replace(s.URL, "http:", "https:", 1)}, false, 0, "the endpoint does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check.Name, c.check.FromConfig = "myapp", true
			if c.check.Timeout == 0 {
				c.check.Timeout = 10 * time.Second
			}
			r := NewProber(Eyes{}).Probe(t.Context(), c.check)
			if r.OK != c.ok || r.Code != c.code || !strings.Contains(r.Detail, c.says) {
				t.Errorf("result %+v, want ok %v, code %d, %q", r, c.ok, c.code, c.says)
			}
			if r.Check != "myapp" || r.At.IsZero() || r.Latency <= 0 {
				t.Errorf("result %+v", r)
			}
		})
	}
}

func TestProbeTLS(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		from, to time.Time
		host     string
		says     string
	}{
		"expired":       {now.Add(-48 * time.Hour), now.Add(-24 * time.Hour), "127.0.0.1", "certificate expired on "},
		"not valid yet": {now.Add(24 * time.Hour), now.Add(48 * time.Hour), "127.0.0.1", "certificate not valid yet, only from "},
		"self-signed":   {now.Add(-time.Hour), now.Add(time.Hour), "127.0.0.1", "certificate is self-signed: no authority vouches for it"},
		"another name":  {now.Add(-time.Hour), now.Add(time.Hour), "127.0.0.2", "certificate is for another name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, c.host, c.from, c.to)}}
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			defer s.Close()
			r := NewProber(Eyes{}).Probe(t.Context(), check.Check{URL: s.URL, Timeout: 10 * time.Second, FromConfig: true})
			if r.OK || !strings.HasPrefix(r.Detail, c.says) {
				t.Errorf("result %+v, want %q", r, c.says)
			}
		})
	}
}

func certificate(t *testing.T, host string, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, IPAddresses: []net.IP{net.ParseIP(host)},
		NotBefore: from, NotAfter: to, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestProberUsesNoProxy(t *testing.T) {
	t.Parallel()
	p := NewProber(Eyes{})
	for _, g := range []*gate{p.anywhere, p.publicOnly} {
		if g.transport.Proxy != nil {
			t.Error("the environment may name a proxy, which would reach what the prober refuses")
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: "http://myapp.example.com/?token=secret", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	for want, err := range map[string]error{
		"name not found": dial(&net.DNSError{Err: "no such host", Name: "myapp.example.com", IsNotFound: true}),
		"the name server does not answer for this name": dial(&net.DNSError{Err: "server misbehaving", Name: "myapp.example.com"}),
		"no route to the host":                          dial(syscall.EHOSTUNREACH),
		"connection reset":                              dial(syscall.ECONNRESET),
		"the endpoint refused the TLS handshake":        dial(tls.AlertError(40)),
		"no answer within 5 s":                          dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}),
		"the look was stopped":                          dial(context.Canceled),
		"no usable answer: dial tcp: something new":     dial(errors.New("something\nnew")),
	} {
		if got := explain(err, 5*time.Second); got != want {
			t.Errorf("explain(%v) = %q, want %q", err, got, want)
		}
	}
}

func BenchmarkProbe(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }))
	defer s.Close()
	b.Run("prober", func(b *testing.B) {
		p := NewProber(Eyes{})
		c := check.Check{Name: "myapp", URL: s.URL, Timeout: 5 * time.Second, Status: []int{200}, Body: "ok", FromConfig: true}
		b.ReportAllocs()
		for b.Loop() {
			if r := p.Probe(b.Context(), c); !r.OK {
				b.Fatal(r)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: 5 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			r, err := client.Get(s.URL)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
	})
}
