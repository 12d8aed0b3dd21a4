package bot

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands"
)

// external tells whether another organisation reads along. Slack says so with mentions; for slash commands and buttons it is asked.
func (e *Engine) external(ctx context.Context, m Message) (bool, error) {
	if m.External || e.People == nil || m.Asker.Channel == "" {
		return m.External, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askPeople)
	defer cancel()
	return e.People.Shared(ctx, m.Asker.Channel)
}

// notKnownWhose says that nothing is done in a channel of which nobody knows whether others read along.
func notKnownWhose(err error) *commands.Error {
	hint := "Try again in a moment, or in a direct message to deckhand."
	if permanent(err) {
		hint = commands.Words(err).Hint
	}
	return &commands.Error{
		Kind: commands.Unavailable, Message: "Slack could not be asked whether this channel is shared with another organisation, so nothing was done.", Hint: hint, Err: err,
	}
}

// whoseWait is how long a request waits until it is known whether its channel is shared.
const whoseWait = 15 * time.Minute

// whose finds out whether a request's channel is shared. It answers why the request is refused where that stays unknown, and an error
// where it is to be asked again.
func (e *Engine) whose(ctx context.Context, r *Request) (refused string, again error) {
	shared, err := e.external(ctx, r.Message)
	if err == nil {
		r.Message.External = shared
		return "", nil
	}
	if e.Now().Sub(r.ChangedAt) < whoseWait {
		return "", fmt.Errorf("find out whether the channel is shared: %w", err)
	}
	return notKnownWhose(err).Error(), nil
}

// externalRule stands above the policy: nothing is changed from a channel that another organisation shares.
const externalRule = "channels shared with another organisation only read"
