package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"deckhand/aws"
	"deckhand/commands/probe"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// probeMark begins the program of a probe.
const probeMark = `"""deckhand probe, version 1`

// pretended is what a played probe says of itself.
const pretended = "This is a pretend AWS: the probe looked from this machine, not from "

const mostOfBody = 1 << 20

// invokeOrProbe runs a function. A probe really looks, from this machine, while the world goes on.
func invokeOrProbe(r *region, in any) (any, error) {
	call, ok := in.(*lambda.InvokeInput)
	if !ok {
		return nil, fmt.Errorf("sandbox: the input is %T, not %T", in, call)
	}
	out, err := invoke(r, call)
	if err != nil {
		return nil, err
	}
	f := r.functions[plainName(*call.FunctionName)]
	synchronous := call.InvocationType == "" || call.InvocationType == types.InvocationTypeRequestResponse
	if !synchronous || !bytes.Contains(unzipped(f.code)["index.py"], []byte(probeMark)) {
		return out, nil
	}
	hosts, region, payload := r.world.options.Hosts, r.name, call.Payload
	return slow(func(ctx context.Context) (any, error) {
		out.Payload, err = json.Marshal(probed(ctx, payload, region, hosts))
		if ctx.Err() != nil {
			return nil, cancelled(ctx)
		}
		return out, err
	}), nil
}

// probed does what the function of a probe does. Of this machine's own addresses it says what it says of private ones: the world's machines
// answer there.
func probed(ctx context.Context, payload []byte, region string, hosts func(string) string) aws.ProbeAnswer {
	var ask aws.ProbeAsk
	answer := aws.ProbeAnswer{Version: aws.ProbeVersion, Pretended: pretended + region + "."}
	if json.Unmarshal(payload, &ask) != nil || ask.Version != aws.ProbeVersion {
		answer.Failure = &aws.ProbeFailure{Kind: aws.ProbeUnversed}
		return answer
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(ask.TimeoutMS)*time.Millisecond)
	defer cancel()
	e := &eye{ask: ask, answer: &answer, region: region, hosts: hosts, took: map[string]float64{}}
	begun := time.Now()
	if err := e.look(ctx); err != nil {
		answer.Failure = failureOf(err)
	}
	answer.LatencyMS = ms(time.Since(begun))
	e.mu.Lock()
	defer e.mu.Unlock()
	answer.TookMS = e.took
	return answer
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// eye is one look.
type eye struct {
	ask    aws.ProbeAsk
	answer *aws.ProbeAnswer
	region string
	hosts  func(string) string
	mu     sync.Mutex
	took   map[string]float64
}

// seenError is a failure that is known by its kind.
type seenError struct{ aws.ProbeFailure }

func (e seenError) Error() string { return string(e.Kind) }

func seen(kind aws.ProbeKind, text string) error {
	return seenError{aws.ProbeFailure{Kind: kind, Text: text}}
}

func (e *eye) refuse(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return err
	case probe.Forbidden(at.Addr()):
		return seen(aws.ProbeForbidden, "")
	case probe.Private(at.Addr()) && !e.ask.Private:
		return seen(aws.ProbePrivate, "")
	}
	return nil
}

// dial connects. Where the world's own names lead is no private address of anybody's.
func (e *eye) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if e.hosts != nil {
		if led := e.hosts(address); led != address {
			return (&net.Dialer{}).DialContext(ctx, network, led)
		}
	}
	return (&net.Dialer{Control: e.refuse}).DialContext(ctx, network, address)
}

func (e *eye) look(ctx context.Context) error {
	u, err := url.Parse(e.ask.URL)
	if err != nil {
		return seen(aws.ProbeOther, "the address cannot be read")
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		return e.lookHTTP(ctx)
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	defer e.part("connect")()
	conn, err := e.dial(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	if u.Scheme != "tls" {
		return nil
	}
	client := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
	if err := client.HandshakeContext(ctx); err != nil {
		return err
	}
	e.certificate(client.ConnectionState().PeerCertificates[0])
	return nil
}

func (e *eye) certificate(leaf *x509.Certificate) {
	e.answer.Expires, e.answer.Names = leaf.NotAfter.Unix(), leaf.DNSNames
}

// part takes the time until what it answers is called.
func (e *eye) part(name string) func() {
	begun := time.Now()
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.took[name] += ms(time.Since(begun))
	}
}

// next judges a redirect.
func (e *eye) next(request *http.Request, via []*http.Request) error {
	switch {
	case e.ask.Redirects < 0:
		return http.ErrUseLastResponse
	case len(via) > e.ask.Redirects:
		return seen(aws.ProbeRedirects, "")
	case request.URL.Scheme != "http" && request.URL.Scheme != "https":
		return seen(aws.ProbeScheme, request.URL.Scheme)
	case probe.MetadataName(request.URL.Hostname()), forbidden(request.URL.Hostname()):
		return seen(aws.ProbeForbidden, "")
	}
	if first := via[0].URL; request.URL.Host != first.Host || first.Scheme == "https" && request.URL.Scheme != "https" {
		request.Header = http.Header{"User-Agent": {e.agent()}}
		request.Host, request.Body, request.GetBody, request.ContentLength = "", nil, nil, 0
	}
	return nil
}

func forbidden(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && probe.Forbidden(address)
}

func (e *eye) agent() string { return "deckhand (" + e.region + ")" }

func (e *eye) lookHTTP(ctx context.Context) error {
	connected := func() {}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(string, string) { connected = e.part("connect") },
		ConnectDone:  func(string, string, error) { connected() },
	})
	request, err := http.NewRequestWithContext(ctx, e.ask.Method, e.ask.URL, strings.NewReader(e.ask.Body))
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", e.agent())
	for name, value := range e.ask.Headers {
		if request.Header.Set(name, value); strings.EqualFold(name, "Host") {
			request.Host = value
		}
	}
	client := &http.Client{CheckRedirect: e.next, Transport: &http.Transport{DialContext: e.dial, DisableKeepAlives: true, DisableCompression: true}}
	first := e.part("first_byte")
	response, err := client.Do(request)
	first()
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read as far as wanted
	defer e.part("body")()
	return e.read(response)
}

func (e *eye) read(response *http.Response) error {
	a := e.answer
	a.Status, a.Headers = response.StatusCode, map[string][]string{}
	if response.TLS != nil {
		e.certificate(response.TLS.PeerCertificates[0])
	}
	for _, name := range append(slices.Clone(e.ask.WantHeaders), "Content-Encoding") {
		if values := response.Header.Values(name); len(values) > 0 {
			a.Headers[name] = values
		}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, mostOfBody+1))
	if err != nil {
		return err
	}
	a.Read, a.Whole = len(body), len(body) <= mostOfBody
	body = body[:min(len(body), mostOfBody)]
	a.Found = e.ask.Find != "" && bytes.Contains(body, []byte(e.ask.Find))
	if e.ask.WantBody {
		a.Body = body
	}
	return nil
}

func failureOf(err error) *aws.ProbeFailure {
	var known seenError
	var network net.Error
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	kind, text := aws.ProbeOther, ""
	switch {
	case errors.As(err, &known):
		return &known.ProbeFailure
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		kind = aws.ProbeLate
	case errors.As(err, &dns):
		kind = aws.ProbeResolver
		if dns.IsNotFound {
			kind = aws.ProbeName
		}
	case errors.As(err, &authority):
		kind = aws.ProbeAuthority
	case errors.As(err, &host):
		kind = aws.ProbeHost
	case errors.As(err, &invalid):
		kind = aws.ProbeCertificate
		if invalid.Reason == x509.Expired {
			kind = aws.ProbeExpired
		}
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		kind = aws.ProbeNoTLS
	case errors.Is(err, syscall.ECONNREFUSED):
		kind = aws.ProbeRefused
	case errors.Is(err, syscall.ECONNRESET):
		kind = aws.ProbeReset
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		kind = aws.ProbeUnreachable
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		kind = aws.ProbeClosed
	case strings.Contains(err.Error(), "malformed HTTP"):
		kind, text = aws.ProbeHTTP, strconv.Quote(err.Error())
	default:
		text = err.Error()
	}
	return &aws.ProbeFailure{Kind: kind, Text: text}
}
