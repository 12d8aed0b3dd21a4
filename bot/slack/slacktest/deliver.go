package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The kinds of delivery, as sockets call them.
const (
	slashCommands = "slash_commands"
	interactive   = "interactive"
	eventsAPI     = "events_api"
)

// delivery is one thing that the app is told.
type delivery struct {
	kind    string
	payload map[string]any
	form    url.Values   // the same as a form, for signed posts; nil where the payload is posted as JSON
	to      *responseURL // where the acknowledgement's body goes; nil for events
	attempt int
	reason  string // why it is delivered again
}

// deliver tells the app, and again at once where an event was not taken, as Slack does. Slack's later attempts, after a minute and
// five minutes, are left to Redeliver.
func (w *Workspace) deliver(ctx context.Context, d *delivery) (Reply, error) {
	w.mu.Lock()
	w.last = d
	w.mu.Unlock()
	reply, err := w.attempt(ctx, d)
	if err != nil && d.kind == eventsAPI && ctx.Err() == nil {
		again := *d
		again.attempt, again.reason = 1, "http_error"
		reply, err = w.attempt(ctx, &again)
	}
	return reply, err
}

// Redeliver delivers the last thing that a person did once more, word for word.
func (w *Workspace) Redeliver(ctx context.Context) (Reply, error) {
	w.mu.Lock()
	d := w.last
	w.mu.Unlock()
	if d == nil {
		return Reply{}, errors.New("nothing was delivered yet")
	}
	again := *d
	again.attempt, again.reason = 1, "http_timeout"
	return w.attempt(ctx, &again)
}

func (w *Workspace) attempt(ctx context.Context, d *delivery) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, w.options.AckWithin)
	defer cancel()
	began := time.Now()
	send := w.post
	if w.options.Socket {
		send = w.envelope
	}
	reply, err := send(ctx, d)
	reply.Took = time.Since(began)
	var refused *refusal
	switch {
	case err == nil:
		return reply, nil
	case errors.As(err, &refused):
		return reply, &Error{Code: refused.code, Message: "The app's answer was refused", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return reply, &Error{Code: "operation_timeout", Message: "The app did not answer in time", Err: err}
	default:
		return reply, &Error{Code: "dispatch_failed", Message: "The app did not take it", Err: err}
	}
}

// post sends a signed post.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func (w *Workspace) post(ctx context.Context, d *delivery) (Reply, error) {
	address, body, kind, err := w.postOf(d)
	if err != nil {
		return Reply{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	w.sign(r, body)
	if d.attempt > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(d.attempt))
		r.Header.Set("X-Slack-Retry-Reason", d.reason)
	}
	response, err := w.client.Do(r)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	reply := Reply{Status: response.StatusCode}
	if reply.Body, err = io.ReadAll(io.LimitReader(response.Body, maxBody)); err != nil {
		return reply, err
	}
	if response.StatusCode/100 != 2 {
		return reply, errors.New("it answered " + response.Status)
	}
	kind, _, _ = mime.ParseMediaType(response.Header.Get("Content-Type"))
	return reply, w.acknowledged(d, reply.Body, kind == "application/json")
}

func (w *Workspace) postOf(d *delivery) (address string, body []byte, kind string, err error) {
	w.mu.Lock()
	targets := w.targets
	w.mu.Unlock()
	switch d.kind {
	case slashCommands:
		address = targets.CommandURL
	case interactive:
		address = targets.InteractionURL
	default:
		address = targets.EventURL
	}
	if address == "" {
		return "", nil, "", errors.New("the app has no address for this yet")
	}
	if d.form != nil {
		return address, []byte(d.form.Encode()), "application/x-www-form-urlencoded", nil
	}
	body, err = json.Marshal(d.payload)
	return address, body, "application/json", err
}

func (w *Workspace) sign(r *http.Request, body []byte) {
	at := strconv.FormatInt(w.options.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(w.options.SigningSecret))
	mac.Write([]byte("v0:" + at + ":"))
	mac.Write(body)
	r.Header.Set("X-Slack-Request-Timestamp", at)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// acknowledged does what the body of an acknowledgement asks for. Only slash commands may be answered in it.
func (w *Workspace) acknowledged(d *delivery, body []byte, isJSON bool) error {
	if d.kind != slashCommands || len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	said := responseBody{Text: string(body)}
	if isJSON {
		said = responseBody{}
		if err := json.Unmarshal(body, &said); err != nil {
			return errors.New("its answer is not JSON")
		}
		if said.Text == "" && len(said.Blocks) == 0 {
			return nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.respond(d.to, said)
}

// Challenge does what Slack does when an event address is entered: it sends a challenge and wants it back.
// https://docs.slack.dev/reference/events/url_verification
func (w *Workspace) Challenge(ctx context.Context) error {
	want := randomID(16)
	reply, err := w.attempt(ctx, &delivery{kind: eventsAPI, payload: map[string]any{"type": "url_verification", "challenge": want}})
	if err != nil {
		return err
	}
	var got struct{ Challenge string }
	if json.Unmarshal(reply.Body, &got) != nil {
		got.Challenge = string(reply.Body)
	}
	if got.Challenge != want {
		return &Error{Code: "challenge_failed", Message: "The app did not answer the challenge."}
	}
	return nil
}
