package intake

import (
	"context"
	"errors"
	"runtime/debug"
	"time"
)

// ackRoom is how long an acknowledgement may wait while its connection is being renewed.
const ackRoom = 2 * time.Second

const (
	busy       = "deckhand has too much to do at once, or is just being restarted, and nothing was done. Try again in a moment."
	unreadable = "deckhand could not read what Slack sent, and nothing was done. The log has the details."
)

// accept serves an envelope without holding up the reading of the next. Order, and acting once on an envelope that
// comes again, are the receiver's.
func (s *Socket) accept(ctx context.Context, wire *wire, e frame) {
	select {
	case s.places <- struct{}{}:
		go func() {
			defer func() { <-s.places }()
			s.serve(ctx, wire, e)
		}()
	default:
		s.log.Warn("There was no place for an envelope.", "type", e.Type, "envelope", e.Envelope)
		if e.Type == slashFrame {
			// The rest is left unacknowledged: Slack delivers events again.
			go s.ack(ctx, wire, e, private(busy))
		}
	}
}

func (s *Socket) serve(ctx context.Context, wire *wire, e frame) {
	defer func() {
		if reason := recover(); reason != nil {
			s.log.Error("Taking in an envelope panicked.", "type", e.Type, "envelope", e.Envelope, "reason", reason, "stack", string(debug.Stack()))
			if e.Type == slashFrame {
				s.ack(ctx, wire, e, private(somethingWrong))
			}
		}
	}()
	from := delivery{body: e.Payload}
	var err error
	switch e.Type {
	case slashFrame:
		err = s.slashCommand(ctx, wire, e, from)
	case interactiveFrame:
		var done acted
		done, err = s.interaction(from)
		// An acknowledgement without a payload closes a modal; nothing but words for it is ever in one.
		if refused := s.act(ctx, done); refused != nil && e.Answered {
			s.ack(ctx, wire, e, refused)
		} else {
			s.ack(ctx, wire, e, nil)
		}
	case eventFrame:
		err = s.happened(ctx, from)
		s.ack(ctx, wire, e, nil)
	default:
		s.log.Debug("An envelope of this type has no meaning here.", "type", e.Type)
		s.ack(ctx, wire, e, nil)
	}
	if err != nil {
		s.log.Warn("An envelope could not be read.", "type", e.Type, "envelope", e.Envelope, "reason", err)
	}
}

func (s *Socket) slashCommand(ctx context.Context, wire *wire, e frame, from delivery) error {
	if e.command == nil {
		s.ack(ctx, wire, e, private(unreadable))
		return malformed("The payload is not the JSON object that a slash command is.")
	}
	message, err := s.slash(e.command.command(), from)
	if err != nil {
		s.ack(ctx, wire, e, private(unreadable))
		return err
	}
	report, inside := s.ask(ctx, message)
	switch {
	case !inside:
		s.ack(ctx, wire, e, nil)
	case !e.Answered || !s.ack(ctx, wire, e, s.acknowledgement(report)):
		// An acknowledgement of 20 kB and more is not sent, because Slack drops it without a word.
		s.ack(ctx, wire, e, nil)
		s.whispers.send(ctx, message, report)
	}
	return nil
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

// ack acknowledges an envelope, with a private answer where payload is not nil. It answers false where that did not fit.
func (s *Socket) ack(ctx context.Context, wire *wire, e frame, payload any) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackRoom)
	defer cancel()
	err := wire.acknowledge(ctx, e.Envelope, payload)
	if err != nil && !errors.Is(err, errTooLong) {
		s.log.Warn("An envelope could not be acknowledged.", "envelope", e.Envelope, "error", err)
	}
	return err == nil
}
