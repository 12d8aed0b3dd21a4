package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// Webhook is an address that is called where nobody acknowledges an incident, and again when somebody does and when it is over.
type Webhook struct {
	URL           string
	Authorization string // the whole value of that header; "": none is sent
}

const (
	webhookTime     = 10 * time.Second
	webhookAnswer   = 64 << 10           // bytes of an answer that are read
	webhookEnough   = time.Hour          // how long the end of an incident is tried to be told
	webhookTrouble  = 3                  // tries after which the thread hears that it does not work
	callEscalated   = "escalated"        // nobody has acknowledged it
	callAcked       = "acknowledged"     // somebody has, since
	callResolved    = "resolved"         // it is over
	stepCall        = "webhook:"         // and one of these: Said when the receiver took it
	stepCalled      = "webhook called"   // the thread was told that it was called
	stepUncalled    = "webhook uncalled" // the thread was told that it could not be
	webhookDocument = 1                  // the version of what is sent
)

// Webhooks call addresses by their names.
type Webhooks interface {
	// Call sends a document. Its id is the same each time that it is sent, so that a receiver can tell that it has it already: where the
	// answer is lost it is sent again. The error says why in a few words.
	Call(ctx context.Context, name, id string, document []byte) error
}

// Caller sends what webhooks are told. It is safe for many goroutines.
type Caller struct {
	hooks  map[string]Webhook
	client *http.Client
}

// NewCaller makes a caller of webhooks by their names. They are dialled as the addresses of the configuration's checks are: anywhere but
// metadata and link-local addresses. No redirect is followed.
func NewCaller(hooks map[string]Webhook, hosts func(address string) string) *Caller {
	return &Caller{hooks: hooks, client: newGate(true, hosts).staying}
}

// Call posts a document once. The error holds neither the address nor the authorization.
func (c *Caller) Call(ctx context.Context, name, id string, document []byte) error {
	hook, ok := c.hooks[name]
	if !ok {
		return errors.New("the configuration has no such webhook any more")
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded(ctx), http.MethodPost, hook.URL, bytes.NewReader(document))
	if err != nil {
		return errors.New("its address cannot be called")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", id)
	request.Header["User-Agent"] = agent
	if hook.Authorization != "" {
		request.Header.Set("Authorization", hook.Authorization)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return errors.New(without(explain(err, webhookTime), []string{hook.URL, hook.Authorization}))
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, webhookAnswer))
	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("it answered HTTP %d", response.StatusCode)
	}
	return nil
}

// calls answers what the webhook is to be told of an incident now; "" for nothing. It does not wait for the chat: where that is away, the
// time runs from when the incident was to be told there.
func (s scene) calls(now time.Time) string {
	i := s.incident
	said := func(event string) time.Time { return i.Said[stepCall+event].At }
	switch {
	case i.Storm > 0 && said(callEscalated).IsZero():
		return "" // its storm is told
	case said(callEscalated).IsZero():
		quiet := s.hush.holds(s.state) || now.Before(i.SnoozedUntil)
		since, known := s.toldFrom()
		if s.check.Webhook == "" || !i.Open() || quiet || i.AckedBy != "" || i.OwnedBy != "" || !known || now.Sub(since) < s.check.EscalateAfter {
			return ""
		}
		return callEscalated
	case !i.Open():
		if !said(callResolved).IsZero() || now.Sub(i.Resolved) > webhookEnough {
			return ""
		}
		return callResolved
	case i.AckedBy != "" && said(callAcked).IsZero():
		return callAcked
	default:
		return ""
	}
}

// toldFrom is when people were told, or were to be told.
func (s scene) toldFrom() (time.Time, bool) {
	post := s.incident.Said[check.StepPost]
	switch {
	case !post.At.IsZero():
		return post.At, true
	case !post.TriedAt.IsZero():
		return post.TriedAt, true
	case s.incident.Channel == "":
		return s.incident.Opened, true
	default:
		return time.Time{}, false
	}
}

// hook names the webhook: the one that was called, or the one to be called.
func (s scene) hook() string {
	if was := s.incident.Said[stepCall+callEscalated]; !was.At.IsZero() {
		return was.Channel
	}
	return s.check.Webhook
}

// callDocument is what a webhook is sent.
type callDocument struct {
	Version  int          `json:"version"`
	ID       string       `json:"id"`    // names this document for ever
	Event    string       `json:"event"` // escalated, acknowledged, resolved
	At       time.Time    `json:"at"`
	Text     string       `json:"text"` // one sentence for people
	Incident callIncident `json:"incident"`
	Checks   []callCheck  `json:"checks"` // one, or those of a storm, at most mostNamed
}

type callIncident struct {
	ID             string     `json:"id"`  // "I-7"
	Key            string     `json:"key"` // the same in all that is sent of one incident
	Opened         time.Time  `json:"opened"`
	Resolved       *time.Time `json:"resolved"` // null while it is open
	Seconds        int64      `json:"seconds"`  // that it lasted so far
	AcknowledgedBy string     `json:"acknowledged_by,omitempty"`
	Channel        string     `json:"channel,omitempty"`
	Checks         int        `json:"checks"` // how many it is about
}

type callCheck struct {
	Name  string     `json:"name"`
	Kind  check.Kind `json:"kind,omitempty"`
	URL   string     `json:"url,omitempty"`
	Cause string     `json:"cause"`
}

// document is what is sent of an event.
func (s scene) document(event string, now time.Time) (id string, raw []byte, err error) {
	i := s.incident
	key := s.key("webhook")
	d := callDocument{
		Version: webhookDocument, ID: key + ":" + event, Event: event, At: now.UTC().Truncate(time.Second), Text: s.sentence(event, now),
		Incident: callIncident{
			ID: i.ID(), Key: key, Opened: i.Opened.UTC(), Seconds: int64(i.Lasted(now) / time.Second), AcknowledgedBy: i.AckedBy, Channel: i.Channel, Checks: max(1, len(s.members)),
		},
	}
	if !i.Open() {
		resolved := i.Resolved.UTC()
		d.Incident.Resolved = &resolved
	}
	if i.IsStorm() {
		for _, m := range s.members[:min(len(s.members), mostNamed)] {
			d.Checks = append(d.Checks, callCheck{Name: m.Check, Cause: m.Cause})
		}
	} else {
		d.Checks = []callCheck{{Name: i.Check, Kind: s.check.Kind(), URL: s.check.URL, Cause: i.Cause}}
	}
	raw, err = json.Marshal(d)
	return d.ID, raw, err
}

// sentence says an event in words without marks.
func (s scene) sentence(event string, now time.Time) string {
	what := s.title(now)
	switch event {
	case callEscalated:
		return what + " for " + check.Span(s.incident.Lasted(now)) + " and nobody has acknowledged it"
	case callAcked:
		return what + ", and it is acknowledged now"
	default:
		return what
	}
}

// ring calls the webhook of an incident until there is nothing more to tell it, slower and slower while it does not take it.
func (d *desk) ring(ctx context.Context, number int64) {
	var pause time.Duration
	taken := "" // by the webhook, and not written down yet
	for tries := 0; ctx.Err() == nil; {
		d.mu.Lock()
		i, ok := d.incidents[number]
		var s scene
		event := ""
		if now := d.loop.Now().UTC(); ok {
			s = d.scene(i.Clone(), now)
			event = s.calls(now)
		}
		if event == "" {
			delete(d.ringing, number)
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		var err error
		if taken != event {
			err = d.call(ctx, s, event)
		}
		if err == nil {
			taken = event
			if err = d.called(ctx, s, event); err == nil {
				pause, tries = 0, 0
				d.trouble(number, "")
				continue
			}
		}
		pause, tries = min(max(2*pause, firstPause), longPause), tries+1
		if ctx.Err() == nil {
			d.loop.Log.Error("a webhook was not called and is tried again", "incident", s.incident.ID(), "webhook", s.hook(), "event", event, "in", pause, "err", err)
		}
		if tries >= webhookTrouble && taken != event {
			d.trouble(number, err.Error())
		}
		sleep(ctx, pause, nil)
	}
}

// call tells the webhook an event.
func (d *desk) call(ctx context.Context, s scene, event string) error {
	id, document, err := s.document(event, d.loop.Now())
	if err != nil {
		return err
	}
	return d.loop.Webhooks.Call(ctx, s.hook(), id, document)
}

// called writes down that the webhook took an event.
func (d *desk) called(ctx context.Context, s scene, event string) error {
	now, hook := d.loop.Now().UTC(), s.hook()
	written := check.IncidentEvent{At: now, Actor: robot, What: "told", Note: "webhook:" + hook + " that it is " + event}
	if event == callEscalated {
		written.What, written.Note = "escalated", "webhook:"+hook
	}
	return d.change(ctx, s.incident.Number, func(i *check.Incident) { i.Mark(stepCall+event, check.Said{At: now, Channel: hook}) }, written)
}

// trouble keeps why a webhook cannot be called, so that the thread hears of it; "" where it can.
func (d *desk) trouble(number int64, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if why == "" {
		delete(d.unrung, number)
		return
	}
	d.unrung[number] = why
	d.wake()
}

// hooked is what the thread hears of the webhook: once that it was called, and once that it cannot be.
func (s scene) hooked(thread saying) (saying, bool) {
	i := s.incident
	_, called := i.Said[stepCalled]
	_, uncalled := i.Said[stepUncalled]
	switch {
	case !i.Said[stepCall+callEscalated].At.IsZero() && !called:
		thread.step = stepCalled
		after := check.Span(max(0, i.Said[stepCall+callEscalated].At.Sub(i.Opened)).Round(time.Second))
		thread.report.Title = "Webhook " + s.hook() + " was called after " + after + ": nobody had acknowledged it"
	case s.uncalled != "" && !uncalled && i.AckedBy == "":
		thread.step = stepUncalled
		thread.report.Tone = commands.Warning
		thread.report.Title = "Webhook " + s.hook() + " could not be called so far: " + s.uncalled
		thread.report.Body = commands.Blocks{commands.Text{Text: "It is tried again until somebody acknowledges this, or it is over."}}
	default:
		return saying{}, false
	}
	return thread, true
}
