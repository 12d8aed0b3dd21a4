package intake

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// ackRoom is how long an acknowledgement may wait for room in the library's queue: while a connection
// is being renewed the queue stands still.
const ackRoom = 2 * time.Second

const (
	busy       = "deckhand has too much to do at once, or is just being restarted, and nothing was done. Try again in a moment."
	unreadable = "deckhand could not read what Slack sent, and nothing was done. The log has the details."
)

// envelope is one thing that Slack sends over a socket and wants acknowledged.
type envelope struct {
	*socketmode.Request
	command *slack.SlashCommand // where the library has read it already
}

// open answers the envelope that an event of the library's carries, if it carries one. An envelope that the library
// cannot read is opened here: it is strict about parts that do not matter to us.
func open(event socketmode.Event) (envelope, bool) {
	switch data := event.Data.(type) {
	case slack.SlashCommand:
		return envelope{Request: event.Request, command: &data}, true
	case *socketmode.ErrorBadMessage:
		var request socketmode.Request
		err := json.Unmarshal(data.Message, &request)
		return envelope{Request: &request}, err == nil && request.EnvelopeID != ""
	}
	return envelope{Request: event.Request}, event.Request != nil && event.Request.EnvelopeID != ""
}

// accept serves an envelope without holding up the reading of the next. Order, and acting once on an envelope that
// comes again, are the receiver's.
func (s *Socket) accept(ctx context.Context, client *socketmode.Client, e envelope) {
	select {
	case s.places <- struct{}{}:
		go func() {
			defer func() { <-s.places }()
			s.serve(ctx, client, e)
		}()
	default:
		s.log.Warn("There was no place for an envelope.", "type", e.Type, "envelope", e.EnvelopeID)
		if e.Type == socketmode.RequestTypeSlashCommands {
			// The rest is left unacknowledged: Slack delivers events again.
			go s.ack(ctx, client, e, private(busy))
		}
	}
}

func (s *Socket) serve(ctx context.Context, client *socketmode.Client, e envelope) {
	defer func() {
		if reason := recover(); reason != nil {
			s.log.Error("Taking in an envelope panicked.", "type", e.Type, "envelope", e.EnvelopeID, "reason", reason, "stack", string(debug.Stack()))
			if e.Type == socketmode.RequestTypeSlashCommands {
				s.ack(ctx, client, e, private(somethingWrong))
			}
		}
	}()
	from := delivery{body: e.Payload}
	var err error
	switch e.Type {
	case socketmode.RequestTypeSlashCommands:
		err = s.slashCommand(ctx, client, e, from)
	case socketmode.RequestTypeInteractive:
		err = s.pressed(ctx, from)
		s.ack(ctx, client, e, nil)
	case socketmode.RequestTypeEventsAPI:
		err = s.happened(ctx, from)
		s.ack(ctx, client, e, nil)
	default:
		s.log.Debug("An envelope of this type has no meaning here.", "type", e.Type)
		s.ack(ctx, client, e, nil)
	}
	if err != nil {
		s.log.Warn("An envelope could not be read.", "type", e.Type, "envelope", e.EnvelopeID, "reason", err)
	}
}

func (s *Socket) slashCommand(ctx context.Context, client *socketmode.Client, e envelope, from delivery) error {
	if e.command == nil {
		s.ack(ctx, client, e, private(unreadable))
		return malformed("The payload is not the JSON object that a slash command is.")
	}
	message, err := s.slash(*e.command, from)
	if err != nil {
		s.ack(ctx, client, e, private(unreadable))
		return err
	}
	report, inside := s.ask(ctx, message)
	switch {
	case !inside:
		s.ack(ctx, client, e, nil)
	case !e.AcceptsResponsePayload || !s.ack(ctx, client, e, s.acknowledgement(report)):
		// An acknowledgement of 20 kB and more is refused by the library, because Slack drops it without a word.
		s.ack(ctx, client, e, nil)
		s.whispers.send(ctx, message, report)
	}
	return nil
}

func (s *Socket) pressed(ctx context.Context, from delivery) error {
	messages, err := s.interaction(from)
	for _, message := range messages {
		s.tell(ctx, message)
	}
	return err
}

func (s *Socket) happened(ctx context.Context, from delivery) error {
	outer, err := s.callback(from.body)
	if err != nil {
		return err
	}
	message, ok, err := s.event(outer, from)
	if ok && err == nil {
		s.tell(ctx, message)
	}
	return err
}

// ack acknowledges an envelope, with a private answer where payload is not nil. It answers false where the
// library did not take the payload.
func (s *Socket) ack(ctx context.Context, client *socketmode.Client, e envelope, payload any) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackRoom)
	defer cancel()
	err := client.AckCtx(ctx, e.EnvelopeID, payload)
	if err != nil && (payload == nil || ctx.Err() != nil) {
		s.log.Warn("An envelope could not be acknowledged.", "envelope", e.EnvelopeID, "error", err)
	}
	return err == nil
}
