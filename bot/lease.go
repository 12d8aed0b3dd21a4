package bot

import (
	"context"
	"strings"
	"time"

	"deckhand/commands"
)

// Leases hears of what is made for a time, and of what is done with it.
type Leases interface {
	// Term answers how long what is made without a word of it may stay, and how long anything may; 0: for ever.
	Term() (otherwise, most time.Duration)
	// Begin writes down until when what a request made may stay, and answers that in words. It may be told again.
	Begin(ctx context.Context, r Request, until time.Time, undo string) (string, error)
	// Done hears of every line that changed something and was done, with the line that takes it back, and answers what is still to come of a lease
	// that is over; "" where nothing is.
	Done(ctx context.Context, line, undo string) (string, error)
	// Gone hears that what a request made is not there any more.
	Gone(ctx context.Context, request int64) error
	// Still is asked before a line runs that came due: an error of kind NotFound says that what it is about is gone.
	Still(ctx context.Context, r Request) error
	// Again puts a line that came due and did not succeed off, and answers until when; the zero time where it was tried often enough.
	// It may be told again.
	Again(ctx context.Context, m Message, now time.Time) (time.Time, error)
}

// again puts a line off that came due and did not succeed, and answers that in words; "" for any other line. What nobody knows the outcome
// of is not repeated, nor what policy or people decided.
func (e *Engine) again(ctx context.Context, r Request, kind commands.Kind) (string, error) {
	if e.Leases == nil || !r.Message.Source.timed() || r.Message.Act == "" || r.Risk == commands.Read {
		return "", nil
	}
	switch kind {
	case commands.Conflict, commands.Denied, commands.Failed, commands.Unavailable:
	default:
		return "", nil
	}
	at, err := e.Leases.Again(ctx, r.Message, e.Now())
	switch {
	case err != nil:
		return "", err
	case at.IsZero():
		return "It is not tried again by itself any more.", nil
	case r.Message.Source == Schedule:
		return "It is tried again at " + commands.At(at) + ", unless the next edge of the hours comes before that.", nil
	default:
		return "It is tried again at " + commands.At(at) + ".", nil
	}
}

// refuseForNow refuses what a freeze or a lock holds back: what came due by itself is tried again.
func (e *Engine) refuseForNow(ctx context.Context, r Request, why string) error {
	later, err := e.again(ctx, r, commands.Denied)
	if err != nil {
		return err
	}
	return e.refuse(ctx, r, strings.TrimSpace(why+" "+later))
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

// leftAlone ends the lease of a line that came due, did nothing, and found what it is about gone.
func (e *Engine) leftAlone(ctx context.Context, r Request, gone bool) error {
	if e.Leases == nil || !gone || r.Message.Of == 0 {
		return nil
	}
	return e.Leases.Gone(ctx, r.Message.Of)
}

// afterwards keeps the line that takes a run back, and begins or ends the lease that the run is about.
func (e *Engine) afterwards(ctx context.Context, r Request, report *commands.Report, end State) error {
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
	if said, _, _ := e.lasts(r.Invocation); said > 0 && report.Undo == "" && end == Done {
		report.Body = append(report.Body, commands.Text{Text: commands.Mono("--ttl") + " does not hold: some of it was there before, and a line ends only what it made."})
	}
	if until := e.until(r); !until.IsZero() && report.Undo != "" {
		words, err := e.Leases.Begin(ctx, r, until, report.Undo)
		if err != nil {
			return err
		}
		report.Body = append(report.Body, commands.Text{Text: words})
	}
	if end != Done {
		return nil
	}
	words, err := e.Leases.Done(ctx, r.Invocation.Line, report.Undo)
	if words != "" {
		report.Body = append(report.Body, commands.Text{Text: words})
	}
	return err
}
