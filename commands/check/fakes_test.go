package check

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/probe"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// book is a Book in memory.
type book struct {
	checks  []Check
	states  map[string]State
	results map[string][]Result
	past    map[string][]Summary
	outages []Outage
	blind   map[string]Blindness
	mutes   []Mute
	digest  Digest
}

func (b *book) AddCheck(_ context.Context, c Check) error {
	for _, there := range b.checks {
		if there.Name == c.Name {
			return &commands.Error{Kind: commands.Usage, Message: "There is a check " + c.Name + " already.", Hint: "Take another name."}
		}
	}
	b.checks = append(b.checks, c)
	return nil
}

func (b *book) ReplaceCheck(ctx context.Context, name string, by Check) error {
	if i := slices.IndexFunc(b.checks, func(c Check) bool { return c.Name == name }); i >= 0 {
		b.checks = slices.Delete(b.checks, i, i+1)
	}
	return b.AddCheck(ctx, by)
}

func (b *book) RemoveCheck(_ context.Context, name string) error {
	i := slices.IndexFunc(b.checks, func(c Check) bool { return c.Name == name })
	if i < 0 {
		return &commands.Error{Kind: commands.NotFound, Message: "There is no check " + name + "."}
	}
	b.checks = slices.Delete(b.checks, i, i+1)
	return nil
}

func (b *book) Checks(context.Context) ([]Check, error) { return slices.Clone(b.checks), nil }

func (b *book) Blindness(context.Context) (map[string]Blindness, error) { return b.blind, nil }

func (b *book) Mutes(_ context.Context, endAfter time.Time) ([]Mute, error) {
	return slices.DeleteFunc(slices.Clone(b.mutes), func(m Mute) bool { return !m.Until.After(endAfter) }), nil
}

func (b *book) States(context.Context) (map[string]State, error) { return b.states, nil }

func (b *book) Results(_ context.Context, name string, since time.Time, limit int) ([]Result, error) {
	var out []Result
	for _, r := range b.results[name] {
		if !r.At.Before(since) {
			out = append(out, r)
		}
	}
	return out[max(0, len(out)-limit):], nil
}

func (b *book) Summaries(_ context.Context, name string, _ []time.Time) (map[string][]Summary, error) {
	out := map[string][]Summary{}
	for of, spans := range b.past {
		if name == "" || name == of {
			out[of] = spans
		}
	}
	return out, nil
}

func (b *book) Outages(context.Context, string, time.Time, time.Time) ([]Outage, error) {
	return b.outages, nil
}

// prober answers what each URL brings.
type prober map[string]Result

func (p prober) Probe(_ context.Context, c Check) Result {
	r, ok := p[c.URL]
	if !ok {
		r = Result{OK: true, Code: 200, Detail: "HTTP 200", Latency: 12 * time.Millisecond}
	}
	r.Check, r.At = c.Name, now
	return r
}

func (p prober) Trace(ctx context.Context, c Check) (Result, []Step) {
	return p.Probe(ctx, c), []Step{{"DNS", 2 * time.Millisecond}, {"connect", 3 * time.Millisecond}, {"first byte", 7 * time.Millisecond}}
}

// listener is where heartbeats are called.
type listener string

func (l listener) Webhooks() []string { return []string{"pager"} }

func (l listener) HeartbeatURL() string { return string(l) }

// clock knows intervals only.
type clock struct{}

func (clock) Next(cron, _ string, after time.Time) (time.Time, error) {
	every, err := time.ParseDuration(strings.TrimPrefix(cron, "@every "))
	if err != nil {
		return time.Time{}, usage(commands.Mono(cron)+" is not a timetable that works.", "Five fields work.")
	}
	return after.Truncate(every).Add(every), nil
}

// typed runs a line as Alice types it in C_OPS, ten seconds later than the time before where the journal is used again.
func typed(t *testing.T, b *book, p prober, j commandstest.Journal, line string) (commands.Report, error) {
	t.Helper()
	return commandstest.Run(t.Context(), t, Commands(b, p, clock{}, listener("https://deckhand.example.com/heartbeat/"), free{}, b.digest), &commands.Run{
		ID: "R-1", Asker: commands.Asker{User: "U_ALICE", Channel: "C_OPS"}, Journal: j, Now: now.Add(time.Duration(len(j)) * 10 * time.Second),
	}, line)
}

// free prices every look at a hundred thousandth of a dollar a second; in nowhere-1 no price is known.
type free struct{}

func (free) LookPrice(_ context.Context, at probe.Place, takes time.Duration) (float64, error) {
	if at.Region == "ap-nowhere-1" {
		return 0, &commands.Error{Kind: commands.NotFound, Message: "The price list has no single price."}
	}
	return 1e-5 * takes.Seconds(), nil
}
