package health

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/commands/check"
)

// accepts is a listener that gives each connection to serve, and closes it then. It answers its address.
func accepts(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// speaks is an endpoint that says what it likes, once the head of a request has come, and hangs up.
func speaks(t *testing.T, says func(net.Conn)) string {
	t.Helper()
	return "http://" + accepts(t, func(conn net.Conn) {
		for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != ""; {
		}
		says(conn)
	}) + "/"
}

// text says one thing.
func text(says string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, says) }
}

// drips says one thing and then a bit more every few milliseconds, until nobody listens.
func drips(says, more string) func(net.Conn) {
	return func(conn net.Conn) {
		for _, err := io.WriteString(conn, says); err == nil; _, err = io.WriteString(conn, more) {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// floods says one thing and then more without end.
func floods(says, more string) func(net.Conn) {
	return func(conn net.Conn) {
		lump := []byte(more)
		for _, err := io.WriteString(conn, says); err == nil; {
			_, err = conn.Write(lump)
		}
	}
}

func TestEndpointsThatMisbehave(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\n"
	var bomb bytes.Buffer
	squeeze := gzip.NewWriter(&bomb)
	_, _ = squeeze.Write(make([]byte, 64<<20))
	_ = squeeze.Close()
	packed := fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", head, bomb.Len(), bomb.String())
	redirect := func(to string) func(net.Conn) {
		return text("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n")
	}
	refused, brief := "refused to look at a link-local address", 150*time.Millisecond
	for name, c := range map[string]struct {
		says  func(net.Conn)
		check check.Check
		ok    bool
		want  string
	}{
		"nothing at all":                     {text(""), check.Check{}, false, "the connection was closed before the answer was complete"},
		"another protocol":                   {text("SSH-2.0-OpenSSH_9.6\r\n"), check.Check{}, false, `what came is not HTTP: "SSH-2.0-OpenSSH_9.6"`},
		"noise":                              {text("\x16\x03\x01\x02\x00\r\n\r\n"), check.Check{}, false, `what came is not HTTP: "\x16\x03\x01\x02\x00"`},
		"HTTP/2 alone":                       {text("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80\r\n"), check.Check{}, false, "the endpoint speaks HTTP/2 only, and checks ask by HTTP/1.1"},
		"headers that drip":                  {drips(head+"X-A: ", "a"), check.Check{Timeout: brief}, false, "no answer within 150 ms"},
		"a status that drips":                {drips("HTTP/1.1 200 ", "O"), check.Check{Timeout: brief}, false, "no answer within 150 ms"},
		"interim answers without end":        {drips("", "HTTP/1.1 103 Early Hints\r\n\r\n"), check.Check{Timeout: brief}, false, ""},
		"a body that drips":                  {drips(head+"\r\n", "x"), check.Check{Timeout: brief}, false, "no answer within 150 ms: HTTP 200 came, but its body did not end"},
		"chunks that drip":                   {drips(head+"Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), check.Check{Timeout: brief, Body: "ok"}, false, "no answer within 150 ms: HTTP 200 came, but its body did not end"},
		"a body without end":                 {floods(head+"\r\n", strings.Repeat("x", 4<<10)), check.Check{}, true, "HTTP 200"},
		"a body without end and without it":  {floods(head+"\r\n", strings.Repeat("x", 4<<10)), check.Check{Body: "ok"}, false, `the first 1 MiB of the body does not contain "ok"`},
		"JSON without end":                   {floods(head+"\r\n[", strings.Repeat("1,", 4<<10)), check.Check{JSON: []string{"$[0] == 1"}}, false, "the body is larger than 1 MiB and was not read as JSON"},
		"headers without end":                {floods(head, "X-A: "+strings.Repeat("a", 1000)+"\r\n"), check.Check{}, false, "the headers of the answer are larger than 64 KiB"},
		"one header without end":             {floods(head+"X-A: ", strings.Repeat("a", 1000)), check.Check{}, false, "the headers of the answer are larger than 64 KiB"},
		"less than it says":                  {text(head + "Content-Length: 100\r\n\r\nonly this"), check.Check{}, false, "the connection was closed before the answer was complete"},
		"more than it says":                  {text(head + "Content-Length: 2\r\n\r\nok and more"), check.Check{Body: "more"}, false, `the body does not contain "more"`},
		"two lengths that differ":            {text(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), check.Check{}, false, "no usable answer: "},
		"a length that is none":              {text(head + "Content-Length: many\r\n\r\nok"), check.Check{}, false, "no usable answer: "},
		"a chunk that is none":               {text(head + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"), check.Check{}, false, "no usable answer: "},
		"the last chunk is missing":          {text(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), check.Check{}, false, "the connection was closed before the answer was complete"},
		"64 MiB in 64 KB":                    {text(packed), check.Check{}, true, "HTTP 200"},
		"64 MiB in 64 KB, looked into":       {text(packed), check.Check{Body: "ok"}, false, `the body does not contain "ok"; it came compressed (gzip), which was not asked for`},
		"64 MiB in 64 KB, read as JSON":      {text(packed), check.Check{JSON: []string{"$.up"}}, false, "the body is not JSON; it came compressed (gzip), which was not asked for"},
		"a protocol in place of an answer":   {text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), check.Check{}, false, "HTTP 101"},
		"a redirect to itself":               {redirect("/"), check.Check{}, false, "more than 5 redirects"},
		"a redirect to nowhere":              {text("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), check.Check{}, true, "HTTP 302"},
		"a redirect to a file":               {redirect("file:///etc/passwd"), check.Check{}, false, "a redirect leads to file:, which is neither http nor https"},
		"a redirect to metadata":             {redirect("http://169.254.169.254/latest/meta-data/"), check.Check{}, false, refused},
		"a redirect to metadata over IPv6":   {redirect("http://[fd00:ec2::254]/"), check.Check{}, false, refused},
		"a redirect to metadata, mapped":     {redirect("http://[::ffff:169.254.169.254]/"), check.Check{}, false, refused},
		"a redirect to metadata, mapped hex": {redirect("http://[::ffff:a9fe:a9fe]/"), check.Check{}, false, refused},
		"a redirect to metadata, compatible": {redirect("http://[::a9fe:a9fe]/"), check.Check{}, false, refused},
		"a redirect to metadata by NAT64":    {redirect("http://[64:ff9b::a9fe:a9fe]/"), check.Check{}, false, refused},
		"a redirect to metadata by 6to4":     {redirect("http://[2002:a9fe:a9fe::]/"), check.Check{}, false, refused},
		"a redirect to metadata in decimal":  {redirect("http://2852039166/"), check.Check{}, false, refused},
		"a redirect to metadata in octal":    {redirect("http://0251.0376.0251.0376/"), check.Check{}, false, refused},
		"a redirect to metadata in hex":      {redirect("http://0xa9.0xfe.0xa9.0xfe/"), check.Check{}, false, refused},
		"a redirect to metadata, short":      {redirect("http://169.16689662/"), check.Check{}, false, refused},
		"a redirect to metadata by name":     {redirect("http://metadata.google.internal/computeMetadata/v1/"), check.Check{}, false, refused},
		"a redirect to metadata, last dot":   {redirect("http://METADATA.google.internal./"), check.Check{}, false, refused},
		"a redirect to metadata, with port":  {redirect("http://169.254.169.254:8080/"), check.Check{}, false, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check.URL = speaks(t, c.says)
			begin := time.Now()
			r := looks(t, c.check)
			if r.OK != c.ok || r.Unseen || c.want != "" && !strings.HasPrefix(r.Detail, c.want) || r.Detail == "" {
				t.Errorf("%+v, want ok %v, %q", r, c.ok, c.want)
			}
			if strings.HasPrefix(c.want, "refused") != r.Refused {
				t.Errorf("refused %v: %+v", r.Refused, r)
			}
			if limit := c.check.Timeout; limit > 0 && time.Since(begin) > limit+5*time.Second {
				t.Errorf("it took %v with a timeout of %v", time.Since(begin), limit)
			}
			if strings.ContainsAny(r.Detail, "\n\x00\x16") || len(r.Detail) > 300 {
				t.Errorf("%q is no sentence for people", r.Detail)
			}
		})
	}
}

// TestABodyWithoutEndCostsLittle floods a hundred looks at once.
func TestABodyWithoutEndCostsLittle(t *testing.T) {
	url := speaks(t, floods("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 32<<10)))
	p := NewProber(Eyes{})
	c := check.Check{URL: url, Timeout: 20 * time.Second, Body: "ok", FromConfig: true}
	p.Probe(t.Context(), c)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if r := p.Probe(t.Context(), c); r.Code != http.StatusOK {
			t.Fatalf("%+v", r)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / 100; each > 100<<10 {
		t.Errorf("%d bytes a look", each)
	}
}

// TestANameThatChangesItsAddress resolves a name to an endpoint first, and to where nobody may look afterwards: what counts is the address that
// is dialled.
func TestANameThatChangesItsAddress(t *testing.T) {
	t.Parallel()
	s := endpoint(t)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for name, c := range map[string]struct {
		addresses [][4]byte
		config    bool
		want      []string
	}{
		"to metadata":           {[][4]byte{{127, 0, 0, 1}, {169, 254, 169, 254}}, true, []string{"HTTP 200", "refused to look at a link-local address"}},
		"to a private address":  {[][4]byte{{10, 0, 0, 1}, {127, 0, 0, 1}}, false, []string{"refused to look at a private address", "refused to look at a private address"}},
		"to the address of all": {[][4]byte{{127, 0, 0, 1}, {0, 0, 0, 0}}, true, []string{"HTTP 200", "refused to look at a link-local address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, turn := rebinds(t, c.addresses)
			p := NewProber(Eyes{})
			for _, g := range []*gate{p.anywhere, p.publicOnly} {
				g.dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, "udp", server)
				}}
			}
			for n, want := range c.want {
				turn.Store(int32(n))
				r := p.Probe(t.Context(), check.Check{URL: "http://example.com" + port + "/ok", Timeout: 10 * time.Second, FromConfig: c.config})
				if r.Detail != want || r.Refused != strings.HasPrefix(want, "refused") {
					t.Errorf("look %d: %+v, want %q", n, r, want)
				}
			}
		})
	}
}

// rebinds is a name server that answers example.com with the address whose turn it is.
func rebinds(t *testing.T, addresses [][4]byte) (server string, turn *atomic.Int32) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	turn = &atomic.Int32{}
	go func() {
		buffer := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			answer := dnsAnswer(buffer[:n])
			if kind := answer[bytes.IndexByte(answer[12:], 0)+12+2]; kind == 1 {
				address := addresses[turn.Load()]
				copy(answer[len(answer)-4:], address[:])
			} else {
				answer[7] = 0 // there is no other address
				answer = answer[:bytes.IndexByte(answer[12:], 0)+12+5]
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().String(), turn
}

func TestTLSThatMisbehaves(t *testing.T) {
	t.Parallel()
	now := time.Now()
	serve := func(t *testing.T, config *tls.Config) string {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.TLS = config
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
	day := func(at time.Time) string { return at.UTC().Format(time.DateOnly) }
	for name, c := range map[string]struct {
		url  func(*testing.T) string
		want string
	}{
		"another name": {
			func(t *testing.T) string {
				return strings.Replace(secure(t, signed(t, time.Hour)).URL, "127.0.0.1", "localhost", 1)
			}, "certificate is for another name: for a.example.com, b.example.com, 127.0.0.1, not for localhost",
		},
		"not valid yet": {
			func(t *testing.T) string {
				return serve(t, &tls.Config{Certificates: []tls.Certificate{certificate(t, "127.0.0.1", now.Add(48*time.Hour), now.Add(96*time.Hour))}})
			}, "certificate not valid yet, only from " + day(now.Add(48*time.Hour)),
		},
		"expired": {
			func(t *testing.T) string { return secure(t, signed(t, -50*time.Hour)).URL },
			"certificate expired on " + day(now.Add(-50*time.Hour)) + ", 2 days ago",
		},
		"an authority that nobody knows": {
			func(t *testing.T) string { return serve(t, &tls.Config{Certificates: []tls.Certificate{stranger(t)}}) }, "certificate from an unknown authority",
		},
		"it wants a certificate": {
			func(t *testing.T) string {
				return serve(t, &tls.Config{Certificates: []tls.Certificate{signed(t, time.Hour)}, ClientAuth: tls.RequireAnyClientCert})
			}, "the endpoint wants a certificate of whoever asks, and checks have none",
		},
		"a handshake that does not end": {
			func(t *testing.T) string {
				return strings.Replace(speaks(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }), "http:", "https:", 1)
			}, "no answer within 300 ms",
		},
		"closed in the handshake": {
			func(t *testing.T) string {
				return "https://" + accepts(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) })
			}, "the connection was closed before the answer was complete",
		},
		"an old version": {
			func(t *testing.T) string {
				return serve(t, &tls.Config{Certificates: []tls.Certificate{signed(t, time.Hour)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
			}, "the endpoint refused the TLS handshake",
		},
	} {
		for _, scheme := range []string{"https:", "tls:"} {
			if scheme == "tls:" && strings.HasPrefix(c.want, "the endpoint wants") {
				continue // the handshake is over for us by then, and the certificate valid
			}
			t.Run(name+" over "+scheme, func(t *testing.T) {
				t.Parallel()
				r := looks(t, check.Check{URL: strings.Replace(c.url(t), "https:", scheme, 1), Timeout: map[bool]time.Duration{true: 300 * time.Millisecond, false: 10 * time.Second}[strings.HasPrefix(c.want, "no answer")]})
				if r.OK || r.Detail != c.want {
					t.Errorf("%q, want %q", r.Detail, c.want)
				}
			})
		}
	}
}

// stranger is a certificate of an authority that nobody knows.
func stranger(t *testing.T) tls.Certificate {
	t.Helper()
	ca := certificate(t, "127.0.0.9", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	parent, err := x509.ParseCertificate(ca.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return issued(t, parent, ca.PrivateKey, time.Hour)
}
