package bot

import (
	"context"
	"time"

	"deckhand/commands"
)

// Leases hears of what is made for a time, and of what is done with it.
type Leases interface {
	// Term answers how long what is made without a word of it may stay, and how long anything may; 0: for ever.
	Term() (otherwise, most time.Duration)
	// Begin writes down until when what a request made may stay, and answers that in words. It may be told again.
	Begin(ctx context.Context, r Request, until time.Time, undo string) (string, error)
	// Done hears of every line that changed something and was done.
	Done(ctx context.Context, line string) error
	// Gone hears that what a request made is not there any more.
	Gone(ctx context.Context, request int64) error
}

// until answers until when what a running request makes may stay, the zero time where that is for ever. It counts from when the
// request began to run, so that a run that goes on after a restart makes the same thing.
func (e *Engine) until(r Request) time.Time {
	lasts, otherwise, _ := e.lasts(r.Invocation)
	if lasts == 0 {
		lasts = otherwise
	}
	if lasts == 0 {
		return time.Time{}
	}
	return r.ChangedAt.UTC().Truncate(time.Second).Add(lasts)
}

// lasts answers what a line says of its term, and what the configuration says of those that say nothing; zeros for a line that makes nothing.
func (e *Engine) lasts(invocation commands.Invocation) (said, otherwise, most time.Duration) {
	if e.Leases == nil {
		return 0, 0, 0
	}
	runner, _, err := e.Catalog.Runner(invocation)
	leased, ok := runner.(commands.Leased)
	if err != nil || !ok {
		return 0, 0, 0
	}
	otherwise, most = e.Leases.Term()
	return leased.Lasts(), otherwise, most
}

// tooLong refuses a term that the configuration does not allow.
func (e *Engine) tooLong(invocation commands.Invocation) error {
	said, _, most := e.lasts(invocation)
	switch {
	case said < 0:
		return commands.Misuse(commands.Mono("--ttl")+" must be more than nothing.", "Write it as 30m, 8h or 72h.")
	case most > 0 && said > most:
		return commands.Misuse(commands.Mono("--ttl "+said.String())+" is longer than the "+most.String()+" that anything may stay here.", "Make it shorter; "+commands.Mono("lease extend")+" has the same limit.")
	}
	return nil
}

// afterwards keeps the line that takes a run back, and begins or ends the lease that the run is about.
// gone says that the run found nothing to act on any more.
func (e *Engine) afterwards(ctx context.Context, r Request, report *commands.Report, end State, gone bool) error {
	if report.Undo == "" {
		for _, next := range report.Next {
			if next.Label == "Undo" || next.Label == takeAway {
				report.Undo = next.Line
			}
		}
	}
	if e.Leases == nil || r.Risk == commands.Read {
		return nil
	}
	if until := e.until(r); !until.IsZero() && report.Undo != "" {
		words, err := e.Leases.Begin(ctx, r, until, report.Undo)
		if err != nil {
			return err
		}
		report.Body = append(report.Body, commands.Text{Text: words})
	}
	if gone && r.Message.Of != 0 {
		return e.Leases.Gone(ctx, r.Message.Of)
	}
	if end == Done {
		return e.Leases.Done(ctx, r.Invocation.Line)
	}
	return nil
}
