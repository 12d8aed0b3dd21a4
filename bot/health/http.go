package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/probe"
)

const (
	maxBody        = 1 << 20 // bytes of a body that are read
	usualRedirects = 5
)

var agent = []string{"deckhand"} //nolint:gochecknoglobals // a constant

// redirectsError says that there were more redirects than the check follows.
type redirectsError int

func (e redirectsError) Error() string { return fmt.Sprintf("more than %d redirects", int(e)) }

// schemeError says that a redirect leads to what is no endpoint.
type schemeError string

func (e schemeError) Error() string {
	return "a redirect leads to " + trimmed(string(e)) + ":, which is neither http nor https"
}

// following follows redirects up to a number. What the check sends beside the request line goes to no other host, and not
// from TLS to plain text: there may be a secret in it.
func following(most int) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if len(via) > most {
			return redirectsError(most)
		}
		if next.URL.Scheme != "http" && next.URL.Scheme != "https" {
			return schemeError(next.URL.Scheme)
		}
		host := next.URL.Hostname()
		address, err := netip.ParseAddr(host)
		if err == nil && probe.Forbidden(address) || err != nil && (probe.MetadataName(host) || probe.Numeric(host)) {
			return errForbidden // before anybody is asked what it stands for
		}
		if first := via[0].URL; next.URL.Host != first.Host || first.Scheme == "https" && next.URL.Scheme != "https" {
			next.Header = http.Header{"User-Agent": agent}
			next.Host, next.Body, next.GetBody, next.ContentLength = "", nil, nil, 0
		}
		return nil
	}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// clientFor answers the client that follows as many redirects as the check says: unless it says, five, and none where a redirect is what
// it wants to see.
func (g *gate) clientFor(c check.Check) *http.Client {
	switch most := mostRedirects(c); {
	case most < 0:
		return g.staying
	case most == usualRedirects:
		return g.following
	default:
		return &http.Client{Transport: g.transport, CheckRedirect: following(most)}
	}
}

// mostRedirects is how many redirects a look follows; below 0 none, so that a redirect is an answer.
func mostRedirects(c check.Check) int {
	asked := 0
	if c.Request != nil {
		asked = c.Request.Redirects
	}
	switch {
	case asked < 0, asked == 0 && slices.ContainsFunc(c.Status, func(code int) bool { return code >= 300 && code < 400 }):
		return -1
	case asked == 0:
		return usualRedirects
	default:
		return asked
	}
}

func (p *Prober) lookHTTP(ctx context.Context, c check.Check, t *trace) (sight, error) {
	ctx = bounded(ctx)
	if t != nil {
		ctx = t.watch(ctx)
	}
	request, secrets, err := p.request(ctx, c)
	if err != nil {
		return sight{}, err
	}
	response, err := p.gate(c).clientFor(c).Do(request)
	if err != nil {
		return sight{}, err
	}
	defer func() { _ = response.Body.Close() }()
	seen := sight{code: response.StatusCode}
	if response.TLS != nil && len(response.TLS.PeerCertificates) > 0 {
		seen.certificate(response.TLS.PeerCertificates[0])
	}
	if !accepted(c.Status, seen.code) {
		seen.wrong = "HTTP " + strconv.Itoa(seen.code)
		return seen, nil
	}
	if seen.wrong = endsSoon(c, seen.expires, time.Now()); seen.wrong == "" {
		seen.wrong = headersBroken(c.Headers, response.Header)
	}
	if seen.wrong == "" {
		seen.wrong, err = p.readBody(c, response.Body)
	}
	t.end()
	seen.wrong = without(compressed(c, seen.wrong, response.Header), secrets)
	return seen, err
}

// compressed adds to what is wrong with a body that it came in a way that was not asked for.
func compressed(c check.Check, wrong string, header http.Header) string {
	if encoding := header.Get("Content-Encoding"); wrong != "" && encoding != "" && (c.Body != "" || len(c.JSON) > 0) {
		wrong += "; it came compressed (" + trimmed(encoding) + "), which was not asked for"
	}
	return wrong
}

// request is what the check sends, and the secrets in it.
func (p *Prober) request(ctx context.Context, c check.Check) (*http.Request, []string, error) {
	if c.Request == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
		if err == nil {
			request.Header["User-Agent"] = agent
		}
		return request, nil, err
	}
	body, secret, err := p.revealed(c, c.Request.Body)
	if err != nil {
		return nil, nil, err
	}
	secrets := []string{secret}
	method := c.Request.Method
	if method == "" {
		method = http.MethodGet
	}
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL, content)
	if err != nil {
		return nil, nil, err
	}
	request.Header["User-Agent"] = agent
	for name, value := range c.Request.Headers {
		value, secret, err := p.revealed(c, value)
		if err != nil {
			return nil, nil, err
		}
		secrets = append(secrets, secret)
		if strings.EqualFold(name, "Host") {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	return request, secrets, nil
}

// revealed puts the secret in the place of a reference. Only what the configuration says is looked up.
func (p *Prober) revealed(c check.Check, value string) (whole, secret string, err error) {
	before, reference, ok := probe.Reference(value)
	if !ok || !c.FromConfig {
		return value, "", nil
	}
	if p.eyes.Secret == nil {
		return "", "", unseenError{"the secret " + reference + " cannot be looked up here"}
	}
	secret, err = p.eyes.Secret(reference)
	if err != nil {
		return "", "", unseenError{fmt.Sprintf("the secret %s cannot be looked up: %s", reference, trimmed(err.Error()))}
	}
	return before + secret, secret, nil
}

// without hides secrets that an endpoint sent back.
func without(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return text
}

func accepted(status []int, code int) bool {
	if len(status) == 0 {
		return code >= 200 && code < 400
	}
	return slices.Contains(status, code)
}

// headersBroken says which header is not as it must be; "" where all are.
func headersBroken(wanted map[string]string, got http.Header) string {
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		values, there := got[http.CanonicalHeaderKey(name)]
		switch {
		case !there:
			return "the header " + name + " is not there"
		case !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, wanted[name]) }):
			return fmt.Sprintf("the header %s is %q and does not contain %q", name, trimmed(strings.Join(values, ", ")), wanted[name])
		}
	}
	return ""
}

// readBody reads the body to its end, or to its first mebibyte, and says what is wrong with it.
func (p *Prober) readBody(c check.Check, body io.Reader) (wrong string, err error) {
	if len(c.JSON) > 0 {
		return readJSON(c, body)
	}
	buffer := p.buffers.Get().(*[]byte)
	defer p.buffers.Put(buffer)
	found, read, err := search(body, c.Body, *buffer)
	switch {
	case err != nil:
		return "", err
	case found:
		return "", nil
	case read >= maxBody:
		return fmt.Sprintf("the first 1 MiB of the body does not contain %q", c.Body), nil
	default:
		return fmt.Sprintf("the body does not contain %q", c.Body), nil
	}
}

func readJSON(c check.Check, body io.Reader) (wrong string, err error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil {
		return "", err
	}
	if len(raw) > maxBody {
		return "the body is larger than 1 MiB and was not read as JSON", nil
	}
	if !bytes.Contains(raw, []byte(c.Body)) {
		return fmt.Sprintf("the body does not contain %q", c.Body), nil
	}
	var document any
	if err := json.Unmarshal(raw, &document); err != nil {
		return "the body is not JSON", nil //nolint:nilerr // the endpoint's, not ours
	}
	for _, text := range c.JSON {
		condition, err := probe.ParseCondition(text)
		if err != nil {
			return err.Error(), nil //nolint:nilerr // said as what is wrong with the check
		}
		if wrong := condition.Broken(document); wrong != "" {
			return wrong, nil
		}
	}
	return "", nil
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
