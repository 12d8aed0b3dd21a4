package bot

import (
	"context"
	"strings"

	"deckhand/commands"
)

// agreedBefore gives a line that came due the approvals of the request that it follows from, where whoever agreed to that
// one agreed to this line too and may still approve it.
func (e *Engine) agreedBefore(ctx context.Context, r *Request) (bool, error) {
	if r.Message.Source != Lease || !r.Message.Agreed || r.Message.Of == 0 {
		return false, nil
	}
	before, err := e.Store.Load(ctx, r.Message.Of)
	if err != nil {
		return false, err
	}
	if before.Decision.Effect != r.Decision.Effect || len(before.Approvals) == 0 || e.unproven(before, r.Decision) {
		return false, nil
	}
	if r.Decision.Effect == Ask {
		agreed, err := e.agreed(ctx, before, r.Decision)
		if err != nil || !agreed.full {
			return false, err
		}
	}
	r.Approvals, r.Proven = before.Approvals, before.Proven
	return true, nil
}

// goneAlready answers a line that came due and found nothing to act on: somebody else was there before, and nothing failed. What it was about is
// gone, unless it stands and is only left alone.
func goneAlready(r Request, cause error) (report commands.Report, ok, gone bool) {
	if r.Message.Source != Lease || cause == nil {
		return report, false, false
	}
	words := commands.Words(cause)
	if words.Kind != commands.NotFound {
		return report, false, false
	}
	title := "Gone already, nothing was left to do"
	if words.Stands {
		title = "Left alone, nothing was left to do"
	}
	return commands.Report{
		Tone: commands.Plain, Title: title,
		Body: commands.Blocks{commands.Text{Text: words.Message}},
	}, true, !words.Stands
}

// mayActPrivately tells whether a message goes to its asker directly: where that was wanted, and policy lets the asker do there
// what the message offers. A rule that opens a verb in one channel does not open it in a direct message.
func (e *Engine) mayActPrivately(ctx context.Context, r Request, view commands.Report) bool {
	if !r.Message.Private || r.State != Done || !strings.HasPrefix(r.Message.Asker.User, "U") && !strings.HasPrefix(r.Message.Asker.User, "W") {
		return false
	}
	for _, next := range view.Next {
		_, command, err := e.Catalog.Parse("", next.Line)
		if err != nil || command.Engine {
			continue
		}
		decision, err := e.decide(ctx, Message{Asker: commands.Asker{User: r.Message.Asker.User, Team: r.Message.Asker.Team, Channel: r.Message.Asker.User}}, command, nil)
		if err != nil || decision.Effect == Deny {
			return false
		}
	}
	return true
}
