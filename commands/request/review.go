package request

import (
	"context"
	"strings"

	"deckhand/commands"
)

type breakGlass struct {
	Reason string            `flag:"reason" required:"" value:"TEXT" help:"Why it cannot wait; everybody is told."`
	Code   commands.Passcode `flag:"code" value:"CODE" help:"The six digits of your authenticator app, where policy wants a second factor."`
	Line   []string          `arg:"line" required:"" raw:"" value:"-- LINE" help:"The line that is to run, behind two dashes."`
}

// Validate wants a reason that says something.
func (b *breakGlass) Validate() error {
	if strings.TrimSpace(b.Reason) == "" {
		return commands.Misuse(commands.Mono("--reason")+" says nothing.", "Write why it cannot wait.")
	}
	return nil
}

// Emergency answers the line that is to run without approval, why, and the code of its asker's second factor.
func (b *breakGlass) Emergency() (line, reason string, code commands.Passcode) {
	line = b.Line[0] // may be a whole line in quotes
	for _, word := range b.Line[1:] {
		line += " " + asTyped(word)
	}
	return line, b.Reason, b.Code
}

// asTyped writes a word of a line that was taken apart: a flag stays one.
func asTyped(word string) string {
	if !strings.HasPrefix(word, "-") {
		return commands.Quote(word)
	}
	name, value, given := strings.Cut(word, "=")
	if given {
		return name + "=" + commands.Quote(value)
	}
	return name
}

// Run is never reached: the engine takes the line apart and runs what is inside as a request of its own.
func (b *breakGlass) Run(context.Context, *commands.Run) (commands.Report, error) {
	return commands.Report{}, commands.Misuse("A line that breaks the glass runs by itself.", "Type it again.")
}

type reviews struct{ record Record }

// Run lists open reviews.
func (r *reviews) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return r.record.Reviews(ctx)
}

type closeReview struct {
	About
	Note string `flag:"note" required:"" value:"TEXT" help:"What you found."`
	desk Desk
}

// Run closes a review.
func (c *closeReview) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.desk.CloseReview(ctx, run.Asker, c.Number(), c.Note)
}
