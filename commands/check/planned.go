package check

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/commands"
)

// Quiet keeps checks quiet while an action of deckhand's own is under way: a mute holds from the action's beginning to its end. What it
// knows is in the store, so that any process may end what another began.
type Quiet struct {
	Book      Book
	Incidents IncidentBook
	Prober    Prober
	// Patience is how long checks may take to pass after an action from which they come back; zero: half a minute.
	Patience time.Duration
}

// Action is an action that is under way.
type Action struct {
	ID    string // "R-42"
	Line  string
	By    string // who asked for it
	Began time.Time
}

const (
	// longestQuiet is how long checks are quiet at most, whatever the action does: an outage that lasts so long is told.
	longestQuiet = 20 * time.Minute
	usualReturn  = 30 * time.Second
	lookAgain    = 2 * time.Second // between two looks while waiting for a check to pass
	mostLooked   = 20              // checks that are looked at after one action; the others have their timetable
	looksAtOnce  = 8
	lastTimeout  = 2 * time.Second // the longest timeout once the context has ended
)

func (a Action) key() string { return "planned:" + a.ID }

// Begin mutes what watching answers, unless that was done before.
func (q Quiet) Begin(ctx context.Context, a Action, watching func(context.Context) ([]Check, error)) error {
	if _, there, err := q.mute(ctx, a); err != nil || there {
		return err
	}
	checks, err := watching(ctx)
	if err != nil || len(checks) == 0 {
		return err
	}
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.Name
	}
	slices.Sort(names)
	return q.Incidents.SaveMute(ctx, Mute{
		Key: a.key(), Kind: Planned, Name: a.ID, Checks: slices.Compact(names), Since: a.Began.UTC(), Until: a.Began.Add(longestQuiet).UTC(), Reason: a.Line, By: a.By,
	})
}

func (q Quiet) mute(ctx context.Context, a Action) (Mute, bool, error) {
	mutes, err := q.Incidents.Mutes(ctx, a.Began)
	if err != nil {
		return Mute{}, false, err
	}
	i := slices.IndexFunc(mutes, func(m Mute) bool { return m.Key == a.key() })
	if i < 0 {
		return Mute{}, false, nil
	}
	return mutes[i], true, nil
}

// End looks at the muted checks and ends the mute. Where they are to come back it waits a while for that, as long as the context
// lasts; a context that has ended leaves time for one short look. It answers how each look went, by check; nothing where no check was muted.
func (q Quiet) End(ctx context.Context, a Action, comesBack bool) ([]Result, error) {
	m, there, err := q.mute(context.WithoutCancel(ctx), a)
	if err != nil || !there {
		return nil, err
	}
	seen := q.look(ctx, m.Checks, comesBack)
	now := time.Now().UTC()
	if m.Until.After(now) {
		m.Until = now
		err = q.Incidents.SaveMute(context.WithoutCancel(ctx), m)
	}
	return seen, err
}

// look looks at checks once, and again at those that fail while they may come back.
func (q Quiet) look(ctx context.Context, names []string, comesBack bool) []Result {
	checks, err := q.Book.Checks(context.WithoutCancel(ctx))
	if err != nil {
		return nil // their timetable looks
	}
	checks = slices.DeleteFunc(checks, func(c Check) bool { return !slices.Contains(names, c.Name) || c.Kind() == Beat })
	checks = checks[:min(len(checks), mostLooked)]
	patience := q.Patience
	if patience == 0 {
		patience = usualReturn
	}
	seen := make([]Result, len(checks))
	for until := time.Now().Add(patience); ; {
		q.probe(ctx, checks, seen)
		switch {
		case ctx.Err() != nil:
			return q.shortLook(ctx, checks, seen)
		case !comesBack, !slices.ContainsFunc(seen, fails), !time.Now().Add(lookAgain).Before(until):
			return seen
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookAgain):
		}
	}
}

// shortLook is what there is time for when the context has ended.
func (q Quiet) shortLook(ctx context.Context, checks []Check, seen []Result) []Result {
	for i := range checks {
		checks[i].Timeout = min(checks[i].Timeout, lastTimeout)
	}
	q.probe(context.WithoutCancel(ctx), checks, seen)
	return seen
}

func fails(r Result) bool { return !r.OK }

// probe looks at each check that has not passed yet.
func (q Quiet) probe(ctx context.Context, checks []Check, seen []Result) {
	room := make(chan struct{}, looksAtOnce)
	var looks sync.WaitGroup
	for i, c := range checks {
		if seen[i].OK {
			continue
		}
		looks.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			seen[i] = q.Prober.Probe(ctx, c)
		})
	}
	looks.Wait()
}

// Foresight says which checks an action will keep quiet, and for how long.
func Foresight(checks []Check) string {
	if len(checks) == 0 {
		return ""
	}
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = commands.Mono(c.Name)
	}
	slices.Sort(names)
	who := "The check "
	if names = slices.Compact(names); len(names) > 1 {
		who = "The checks "
	}
	return who + some(names, ", ") + " will be muted while it runs, " + Span(longestQuiet) + " at most, and looked at when it has ended."
}

// Aftermath says how checks stand after an action, and what to do about those that fail.
func Aftermath(seen []Result) (words string, failed bool, next []commands.Next) {
	var well, ill, blind []string
	for _, r := range seen {
		switch {
		case r.Unseen:
			blind = append(blind, commands.Mono(r.Check)+" could not be looked at ("+trimDot(r.Detail)+")")
		case r.OK:
			well = append(well, commands.Mono(r.Check)+" is up")
		default:
			ill = append(ill, commands.Mono(r.Check)+" fails ("+trimDot(r.Detail)+")")
			if len(next) == 0 {
				next = append(next, commands.Next{Label: "Why", Line: "check why " + r.Check})
			}
		}
	}
	all := slices.Concat(ill, blind, well)
	if len(all) == 0 {
		return "", false, nil
	}
	return "Checks: " + some(all, "; ") + ".", len(ill) > 0, next
}

func trimDot(text string) string { return strings.TrimSuffix(text, ".") }
