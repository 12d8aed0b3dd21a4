package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/probe"
)

// Probes is the door to the functions that look from elsewhere. A call is never repeated where the function may have run.
type Probes interface {
	InvokeFunction(ctx context.Context, t aws.Target, call aws.FunctionCall) (aws.FunctionAnswer, error)
}

const (
	// placeWidth is how many looks may be under way at once from one place: a new account of AWS runs 10 functions at a time in a region,
	// and other functions want to run too.
	placeWidth = 8
	// placeWait is how long a look waits for room at its place.
	placeWait = 20 * time.Second
	// farMargin is how much longer than the look itself its probe may take: to begin, and to be reached.
	farMargin = 8 * time.Second
)

// rooms are how many looks are under way from each place.
type rooms struct {
	mu   sync.Mutex
	each map[probe.Place]chan struct{}
}

func (r *rooms) at(p probe.Place) chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.each == nil {
		r.each = map[probe.Place]chan struct{}{}
	}
	if r.each[p] == nil {
		r.each[p] = make(chan struct{}, placeWidth)
	}
	return r.each[p]
}

// enter waits for room at a place, and answers how to leave it.
func (r *rooms) enter(ctx context.Context, p probe.Place) (leave func(), err error) {
	room := r.at(p)
	wait, cancel := context.WithTimeout(ctx, placeWait)
	defer cancel()
	select {
	case room <- struct{}{}:
		return func() { <-room }, nil
	case <-wait.Done():
		return nil, unseenError{"its probe is busy with other looks"}
	}
}

// lookFrom looks from every place at once, and makes one result of what they saw.
func (p *Prober) lookFrom(ctx context.Context, c check.Check, places []probe.Place) check.Result {
	at := time.Now().UTC().Truncate(time.Millisecond)
	views := make([]check.View, len(places))
	var looks sync.WaitGroup
	for i, place := range places {
		looks.Go(func() { views[i] = check.View{From: place.String(), Result: p.lookAt(ctx, c, place)} })
	}
	looks.Wait()
	return check.Agreed(c, at, views)
}

// lookAt looks from one place.
func (p *Prober) lookAt(ctx context.Context, c check.Check, place probe.Place) check.Result {
	if place.Region == "" {
		c.From = nil
		return p.probe(ctx, c, nil)
	}
	unseen := check.Result{Check: c.Name, At: time.Now().UTC().Truncate(time.Millisecond), Unseen: true}
	ask, secrets, err := p.ask(c)
	var answer aws.ProbeAnswer
	if err == nil {
		answer, err = p.send(ctx, c, place, ask)
	}
	if err != nil {
		unseen.Detail = without(trimmed(err.Error()), secrets)
		return unseen
	}
	r := p.judge(c, answer)
	r.At, r.Detail = unseen.At, without(r.Detail, secrets)
	return r
}

// ask is what a probe is asked. It carries the secrets that the request needs, which this place looks up for each look.
func (p *Prober) ask(c check.Check) (aws.ProbeAsk, []string, error) {
	target, err := probe.Parse(c.URL)
	if err != nil {
		return aws.ProbeAsk{}, nil, unseenError{err.Error()}
	}
	ask := aws.ProbeAsk{
		Version: aws.ProbeVersion, URL: c.URL, Redirects: mostRedirects(c), TimeoutMS: c.Timeout.Milliseconds(), Private: p.gate(c).private,
		WantHeaders: slices.Sorted(maps.Keys(c.Headers)), Find: c.Body, WantBody: len(c.JSON) > 0,
	}
	if c.Kind() != check.HTTP {
		ask.URL = target.Scheme + "://" + target.Address()
		return ask, nil, nil
	}
	ask.Method = http.MethodGet
	var secrets []string
	if r := c.Request; r != nil {
		if r.Method != "" {
			ask.Method = r.Method
		}
		body, secret, err := p.revealed(c, r.Body)
		if err != nil {
			return ask, nil, err
		}
		ask.Body, ask.Headers, secrets = body, maps.Clone(r.Headers), append(secrets, secret)
		for name, value := range ask.Headers {
			if ask.Headers[name], secret, err = p.revealed(c, value); err != nil {
				return ask, nil, err
			}
			secrets = append(secrets, secret)
		}
	}
	return ask, secrets, nil
}

// send asks a probe. An error says why nothing is known of the endpoint.
func (p *Prober) send(ctx context.Context, c check.Check, place probe.Place, ask aws.ProbeAsk) (answer aws.ProbeAnswer, err error) {
	if p.eyes.Probes == nil {
		return answer, unseenError{"probes cannot be asked here"}
	}
	payload, err := json.Marshal(ask)
	if err != nil {
		return answer, unseenError{"its probe cannot be asked: " + err.Error()}
	}
	leave, err := p.rooms.enter(ctx, place)
	if err != nil {
		return answer, err
	}
	defer leave()
	limit := c.Timeout + farMargin
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	said, err := p.eyes.Probes.InvokeFunction(limited, aws.Target{Region: place.Region, Account: place.Account}, aws.FunctionCall{
		Function: place.Function(), Payload: payload, Patience: limit,
	})
	if err != nil {
		return answer, unasked(limited, place, limit, err)
	}
	if said.Failure != "" {
		return answer, unseenError{"its probe failed" + complaint(said.Payload)}
	}
	if err := json.Unmarshal(said.Payload, &answer); err != nil || answer.Version == 0 {
		return answer, unseenError{"what its probe answered cannot be read"}
	}
	if answer.Version != aws.ProbeVersion || answer.Failure != nil && answer.Failure.Kind == aws.ProbeUnversed {
		return answer, unseenError{"its probe is of another version: probe create " + place.String() + " brings it up to date"}
	}
	return answer, nil
}

// unasked says why a probe did not answer.
func unasked(limited context.Context, place probe.Place, limit time.Duration, err error) error {
	words := commands.Words(err)
	switch {
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return unseenError{"its probe did not answer within " + check.Span(limit)}
	case words.Kind == commands.NotFound:
		return unseenError{"there is no probe: probe create " + place.String() + " makes one"}
	case words.Kind == commands.Uncertain:
		return unseenError{"no clear answer came back from its probe"}
	default:
		return unseenError{strings.TrimSuffix(words.Message, ".")}
	}
}

// complaint is what a function that failed says of itself.
func complaint(payload []byte) string {
	var said struct{ ErrorMessage, ErrorType string }
	if json.Unmarshal(payload, &said) != nil || said.ErrorMessage == "" && said.ErrorType == "" {
		return ""
	}
	return ": " + strings.Trim(said.ErrorType+": "+said.ErrorMessage, ": ")
}

// judge makes a result of what a probe saw, by the same rules as of what is seen from here.
func (p *Prober) judge(c check.Check, a aws.ProbeAnswer) check.Result {
	r := check.Result{Check: c.Name, Latency: time.Duration(a.LatencyMS * float64(time.Millisecond)), Code: a.Status}
	if a.Expires > 0 {
		if r.Expires = time.Unix(a.Expires, 0).UTC(); time.Until(r.Expires) < 31*day {
			r.Names = strings.Join(a.Names[:min(len(a.Names), mostNames)], ", ")
		}
	}
	wrong := p.fault(c, a, r.Expires)
	switch {
	case wrong != "":
		r.Detail = wrong
		r.Refused = a.Failure != nil && (a.Failure.Kind == aws.ProbeForbidden || a.Failure.Kind == aws.ProbePrivate)
	case c.MaxLatency > 0 && r.Latency > c.MaxLatency:
		r.Detail = fmt.Sprintf("answered in %s, more than %s", check.Span(r.Latency), check.Span(c.MaxLatency))
	default:
		r.OK, r.Detail = true, passes(c, a, r.Expires)
	}
	return r
}

func passes(c check.Check, a aws.ProbeAnswer, expires time.Time) string {
	switch c.Kind() {
	case check.TCP:
		return "connected"
	case check.TLS:
		return fmt.Sprintf("certificate valid until %s, %s more", expires.Format(time.DateOnly), days(time.Until(expires)))
	default:
		return "HTTP " + strconv.Itoa(a.Status)
	}
}

// fault says what was not as it must be; "" where all was.
func (p *Prober) fault(c check.Check, a aws.ProbeAnswer, expires time.Time) string {
	web := c.Kind() == check.HTTP
	switch {
	case web && a.Status > 0 && !accepted(c.Status, a.Status):
		return "HTTP " + strconv.Itoa(a.Status)
	case a.Failure != nil:
		wrong := failed(*a.Failure, c.Timeout)
		if a.Failure.Kind == aws.ProbeLate && a.Status > 0 {
			wrong += ": HTTP " + strconv.Itoa(a.Status) + " came, but its body did not end"
		}
		return wrong
	}
	wrong := endsSoon(c, expires, time.Now())
	if wrong != "" || !web {
		return wrong
	}
	header := http.Header{}
	for name, values := range a.Headers {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if wrong = headersBroken(c.Headers, header); wrong != "" {
		return wrong
	}
	return compressed(c, bodyFault(c, a), header)
}

func bodyFault(c check.Check, a aws.ProbeAnswer) string {
	switch {
	case len(c.JSON) > 0 && !a.Whole:
		return "the body is larger than 1 MiB and was not read as JSON"
	case len(c.JSON) > 0:
		wrong, err := readJSON(c, bytes.NewReader(a.Body))
		if err != nil {
			return err.Error()
		}
		return wrong
	case c.Body == "" || a.Found:
		return ""
	case !a.Whole:
		return fmt.Sprintf("the first 1 MiB of the body does not contain %q", c.Body)
	default:
		return fmt.Sprintf("the body does not contain %q", c.Body)
	}
}

// failed puts a failure into the words that are used of a look from here.
func failed(f aws.ProbeFailure, timeout time.Duration) string {
	words := map[aws.ProbeKind]string{
		aws.ProbeLate: "no answer within " + check.Span(timeout), aws.ProbeName: "name not found", aws.ProbeResolver: "the name server does not answer for this name",
		aws.ProbeRefused: "connection refused", aws.ProbeReset: "connection reset", aws.ProbeUnreachable: "no route to the host",
		aws.ProbeClosed: "the connection was closed before the answer was complete", aws.ProbeForbidden: errForbidden.Error(), aws.ProbePrivate: errPrivate.Error(),
		aws.ProbeRedirects: "too many redirects", aws.ProbeScheme: schemeError(f.Text).Error(), aws.ProbeHTTP: "what came is not HTTP: " + trimmed(f.Text),
		aws.ProbeHeaders: "the headers of the answer are too large", aws.ProbeNoTLS: "the endpoint does not speak TLS", aws.ProbeTLS: "the endpoint refused the TLS handshake",
		aws.ProbeExpired: "certificate expired", aws.ProbeNotYet: "certificate not valid yet", aws.ProbeHost: "certificate is for another name",
		aws.ProbeAuthority: "certificate from an unknown authority", aws.ProbeCertificate: "certificate cannot be trusted: " + trimmed(f.Text),
	}
	if said, known := words[f.Kind]; known {
		return said
	}
	return "no usable answer: " + trimmed(f.Text)
}
