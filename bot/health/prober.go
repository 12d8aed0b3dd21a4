package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/probe"
)

// Eyes are what a Prober works with. What is left nil is not there: checks that need it answer that they could not be made.
type Eyes struct {
	// Hosts answers where to dial instead of an address, "myapp.example.com:80", as a hosts file would have it. What it names is trusted.
	Hosts func(address string) string
	// Roots are the authorities that are trusted; nil: those of the machine.
	Roots *x509.CertPool
	// Private lets checks from chat look at private addresses too.
	Private bool
	// Secret answers what a reference of the configuration stands for, "env:API_TOKEN".
	Secret func(reference string) (string, error)
	Beats  Beats
	Cloud  Cloud
	Probes Probes // look from elsewhere
	// Registry knows how long domain names are registered.
	Registry *Registry
}

// Prober looks at endpoints. It makes a connection of its own for each look: what people's browsers will
// do next is what is tested, and ten thousand idle connections would cost 280 MB. It uses no proxy and keeps
// no cookies. It is safe for many goroutines.
type Prober struct {
	eyes                 Eyes
	anywhere, publicOnly *gate
	buffers              sync.Pool // of *[]byte
	rooms                rooms
}

// gate is a way out that refuses some addresses.
type gate struct {
	private            bool // lets private addresses through
	dialer             *net.Dialer
	trusted            *net.Dialer // to where hosts leads
	hosts              func(address string) string
	transport          *http.Transport
	following, staying *http.Client
}

// NewProber makes a prober; without eyes it looks at what is in the network.
func NewProber(eyes Eyes) *Prober {
	return &Prober{
		eyes: eyes, anywhere: newGate(true, eyes.Hosts).trusting(eyes.Roots), publicOnly: newGate(eyes.Private, eyes.Hosts).trusting(eyes.Roots),
		buffers: sync.Pool{New: func() any { b := make([]byte, 8<<10); return &b }},
	}
}

// trusting trusts these authorities instead of the machine's; nil changes nothing.
func (g *gate) trusting(roots *x509.CertPool) *gate {
	if roots != nil {
		g.transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return g
}

func newGate(private bool, hosts func(string) string) *gate {
	g := &gate{private: private, hosts: hosts}
	g.dialer = &net.Dialer{Control: g.refuse, KeepAlive: -1}
	g.trusted = &net.Dialer{Control: (&gate{private: true}).refuse, KeepAlive: -1}
	g.transport = &http.Transport{
		DialContext:            g.dial,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		// What is read and written is small; half the default of each buffer is enough.
		ReadBufferSize:  2 << 10,
		WriteBufferSize: 1 << 10,
	}
	g.following = &http.Client{Transport: g.transport, CheckRedirect: following(usualRedirects)}
	g.staying = &http.Client{Transport: g.transport, CheckRedirect: stay}
	return g
}

// gate answers the way out for a check. Private addresses are for checks from the configuration, and for those that were added
// at a terminal: whoever sits there reads and writes the configuration.
func (p *Prober) gate(c check.Check) *gate {
	if c.FromConfig || strings.HasPrefix(c.Owner.User, "terminal:") {
		return p.anywhere
	}
	return p.publicOnly
}

// deadlineKey finds in a context when its look is over.
type deadlineKey struct{}

// bounded is a context whose connections end with its look. Without it, the transport goes on to connect and to shake hands after the look
// was given up, since another request could use the connection: with an endpoint that hangs there, for ever.
func bounded(ctx context.Context) context.Context {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithValue(ctx, deadlineKey{}, deadline)
	}
	return ctx
}

// closing is how long after its look a connection is cut where nobody closed it: the look's own end is told, not the connection's.
const closing = 100 * time.Millisecond

// dial opens a connection. It serves one look, and is over with it.
func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	deadline, ok := ctx.Value(deadlineKey{}).(time.Time)
	if !ok {
		return g.open(ctx, network, address)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := g.open(ctx, network, address)
	if err == nil {
		err = conn.SetDeadline(deadline.Add(closing))
	}
	return conn, err
}

// open opens a connection. What the hosts file leads to was put there by whoever runs the program.
func (g *gate) open(ctx context.Context, network, address string) (net.Conn, error) {
	if g.hosts != nil {
		if mapped := g.hosts(address); mapped != address {
			return g.trusted.DialContext(ctx, network, mapped)
		}
	}
	return g.dialer.DialContext(ctx, network, address)
}

var (
	errForbidden = errors.New("refused to look at a link-local address")
	errPrivate   = errors.New("refused to look at a private address")
)

// refuse stops a connection to an address that must not be looked at. It sees every address that is really dialled: after names
// are resolved, after redirects, however the address was written.
func (g *gate) refuse(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address %s: %w", address, err)
	}
	return g.admit(at.Addr())
}

func (g *gate) admit(address netip.Addr) error {
	switch {
	case probe.Forbidden(address):
		return errForbidden
	case !g.private && probe.Private(address):
		return errPrivate
	default:
		return nil
	}
}

// sight is what one look brought.
type sight struct {
	code    int       // HTTP status; 0 where none came
	says    string    // of a pass; "": what the code says
	wrong   string    // what was not as it must be; "" where nothing was
	expires time.Time // of the certificate; zero where none was seen
	names   string    // that it is for, where it ends soon
}

// Probe looks at the endpoint once. The latency runs to the end of the answer.
func (p *Prober) Probe(ctx context.Context, c check.Check) check.Result { return p.probe(ctx, c, nil) }

// Trace looks at the endpoint once and tells how long each part took.
func (p *Prober) Trace(ctx context.Context, c check.Check) (check.Result, []check.Step) {
	var t trace
	result := p.probe(ctx, c, &t)
	return result, t.steps()
}

func (p *Prober) probe(ctx context.Context, c check.Check, t *trace) check.Result {
	if places := c.Places(); len(places) > 0 {
		return p.lookFrom(ctx, c, places)
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	seen, err := p.look(ctx, c, t)
	result := check.Result{
		Check: c.Name, At: begin.UTC().Truncate(time.Millisecond), Latency: time.Since(begin), Code: seen.code, Expires: seen.expires, Names: seen.names,
	}
	var blind unseenError
	switch {
	case errors.As(err, &blind):
		result.Unseen, result.Detail = true, blind.why
	case err != nil:
		result.Detail = explain(err, c.Timeout)
		if seen.code > 0 && late(err) {
			result.Detail += ": HTTP " + strconv.Itoa(seen.code) + " came, but its body did not end"
		}
		result.Refused = errors.Is(err, errForbidden) || errors.Is(err, errPrivate)
	case seen.wrong != "":
		result.Detail = seen.wrong
	case c.MaxLatency > 0 && result.Latency > c.MaxLatency:
		result.Detail = fmt.Sprintf("answered in %s, more than %s", check.Span(result.Latency), check.Span(c.MaxLatency))
	case seen.says != "":
		result.OK, result.Detail = true, seen.says
	default:
		result.OK, result.Detail = true, "HTTP "+strconv.Itoa(seen.code)
	}
	return result
}

// unseenError says why a look could not be made at all.
type unseenError struct{ why string }

func (e unseenError) Error() string { return e.why }

func (p *Prober) look(ctx context.Context, c check.Check, t *trace) (sight, error) {
	kind := c.Kind()
	if kind == check.HTTP {
		return p.lookHTTP(ctx, c, t)
	}
	target, err := probe.Parse(c.URL)
	if err != nil {
		return sight{}, unseenError{err.Error()}
	}
	switch kind {
	case check.TCP:
		return p.lookTCP(ctx, c, target, t)
	case check.TLS:
		return p.lookTLS(ctx, c, target, t)
	case check.DNS:
		return p.lookDNS(ctx, c, target)
	case check.ICMP:
		return p.lookICMP(ctx, c, target, t)
	case check.Beat:
		return p.lookBeat(ctx, c)
	case check.Domain:
		return p.lookDomain(ctx, c, target, t)
	default:
		return p.lookCloud(ctx, c, target)
	}
}

// trimmed is an error's text, short enough for a message.
func trimmed(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return text
}
