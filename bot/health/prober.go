package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"deckhand/commands/check"
)

const (
	maxBody      = 1 << 20 // bytes of a body that are read
	maxRedirects = 5
)

// Prober looks at endpoints over HTTP. It makes a connection of its own for each look: what people's browsers will
// do next is what is tested, and ten thousand idle connections would cost 280 MB. It uses no proxy and keeps
// no cookies. It is safe for many goroutines.
type Prober struct {
	following, staying *http.Client
	buffers            sync.Pool // of *[]byte
}

// NewProber makes a prober.
func NewProber() *Prober { return NewProberWith(func(address string) string { return address }) }

// NewProberWith makes a prober that dials what hosts answers for an address, "myapp.example.com:80", as a hosts file would have it.
// What must never be looked at is refused all the same.
func NewProberWith(hosts func(address string) string) *Prober {
	dialer := &net.Dialer{Control: refuse, KeepAlive: -1}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, hosts(address))
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		// What is read and written is small; half the default of each buffer is enough.
		ReadBufferSize:  2 << 10,
		WriteBufferSize: 1 << 10,
	}
	return &Prober{
		following: &http.Client{Transport: transport, CheckRedirect: atMostFive},
		staying:   &http.Client{Transport: transport, CheckRedirect: stay},
		buffers:   sync.Pool{New: func() any { b := make([]byte, 8<<10); return &b }},
	}
}

func atMostFive(_ *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	return nil
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// clientFor answers the client that follows redirects, unless a redirect is what the check wants to see.
func (p *Prober) clientFor(c check.Check) *http.Client {
	if slices.ContainsFunc(c.Status, func(code int) bool { return code >= 300 && code < 400 }) {
		return p.staying
	}
	return p.following
}

var (
	errRedirects = errors.New("more than 5 redirects")
	errForbidden = errors.New("refused to look at a link-local address")
)

// refuse stops a connection to a forbidden address. It sees every address that is really dialled: after names
// are resolved, after redirects, however the address was written.
func refuse(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address %s: %w", address, err)
	}
	if check.Forbidden(at.Addr()) {
		return errForbidden
	}
	return nil
}

// Probe looks at the endpoint once. The latency runs to the end of the body.
func (p *Prober) Probe(ctx context.Context, c check.Check) check.Result {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	code, detail, err := p.look(ctx, c)
	result := check.Result{Check: c.Name, At: begin.UTC().Truncate(time.Millisecond), Latency: time.Since(begin), Code: code, Detail: detail}
	switch {
	case err != nil:
		result.Detail = explain(err, c.Timeout)
	case detail == "":
		result.OK = true
		result.Detail = "HTTP " + strconv.Itoa(code)
	}
	return result
}

// look answers the HTTP status (0 where none came) and what was wrong with the answer, "" where nothing was.
func (p *Prober) look(ctx context.Context, c check.Check) (code int, wrong string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return 0, "", err
	}
	request.Header["User-Agent"] = agent
	response, err := p.clientFor(c).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	code = response.StatusCode
	if !accepted(c.Status, code) {
		return code, "HTTP " + strconv.Itoa(code), nil
	}
	buffer := p.buffers.Get().(*[]byte)
	defer p.buffers.Put(buffer)
	found, read, err := search(response.Body, c.Body, *buffer)
	switch {
	case err != nil:
		return code, "", err
	case found:
		return code, "", nil
	case read >= maxBody:
		return code, fmt.Sprintf("the first 1 MiB of the body does not contain %q", c.Body), nil
	default:
		return code, fmt.Sprintf("the body does not contain %q", c.Body), nil
	}
}

var agent = []string{"deckhand"} //nolint:gochecknoglobals // a constant

func accepted(status []int, code int) bool {
	if len(status) == 0 {
		return code >= 200 && code < 400
	}
	return slices.Contains(status, code)
}

// search reads up to maxBody bytes, to the end, and tells whether text is among them. It holds no more than
// one buffer of them, however many endpoints answer at once.
func search(body io.Reader, text string, buffer []byte) (found bool, read int, err error) {
	if len(text) >= len(buffer)/2 {
		buffer = make([]byte, 4*len(text))
	}
	found = text == ""
	kept := 0
	for read < maxBody {
		n, err := body.Read(buffer[kept:min(len(buffer), kept+maxBody-read)])
		read += n
		if !found {
			held := buffer[:kept+n]
			found = bytes.Contains(held, []byte(text))
			kept = copy(buffer, held[max(0, len(held)-len(text)+1):])
		} else {
			kept = 0
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, read, err
		}
	}
	return found, read, nil
}

// trimmed is an error's text, short enough for a message.
func trimmed(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return text
}
