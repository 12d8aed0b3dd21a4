package check

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands"
)

const (
	mostPoints = 20 // of the chart; Slack draws no more
	mostLooks  = 5  // in the table
)

// show is check show.
type show struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	book  Shelf
	clock Clock
}

// Shelf is the book of checks with what is silent.
type Shelf interface {
	Book
	// Mutes is as in IncidentBook.
	Mutes(ctx context.Context, endAfter time.Time) ([]Mute, error)
	// Blindness answers which checks are not measured, by name.
	Blindness(ctx context.Context) (map[string]Blindness, error)
}

// Run shows a check, where it stands and what came lately.
func (s *show) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	c, err := Find(ctx, s.book, s.Name)
	if err != nil {
		return commands.Report{}, err
	}
	states, err := s.book.States(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	results, err := s.book.Results(ctx, c.Name, run.Now.Add(-24*time.Hour), mostPoints)
	if err != nil {
		return commands.Report{}, err
	}
	mutes, err := s.book.Mutes(ctx, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	blind, err := s.book.Blindness(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	state := states[c.Name]
	at := stand(c, state, blind, s.clock, run.Now)
	report := commands.Report{
		Title: c.Name + " is " + words(c, state, at, s.clock, run.Now),
		Tone:  map[standing]commands.Tone{isDown: commands.Bad, isUp: commands.Good}[at],
		Body:  commands.Blocks{commands.Fields{Fields: append(silence(c, blind, mutes, run.Now), s.fields(c, state)...)}},
		Next: []commands.Next{
			{Label: "Check now", Line: "check run " + c.Name},
			{Label: "All checks", Line: "check list"},
		},
	}
	if at == unseen || at == unheard {
		report.Title = c.Name + " was " + words(c, state, at, s.clock, run.Now)
	}
	if len(results) > 1 {
		report.Body = append(report.Body, chart(results))
	}
	if len(results) > 0 {
		report.Body = append(report.Body, latest(results))
	}
	return report, nil
}

func (s *show) fields(c Check, state State) []commands.Field {
	var fields []commands.Field
	if !state.Last.At.IsZero() {
		fields = append(fields,
			commands.Field{Name: "Since", Value: commands.At(state.Since)},
			commands.Field{Name: "In a row", Value: Thresholds(c, state)},
			commands.Field{Name: "Last look", Value: lastLook(state)},
		)
	}
	fields = append(fields, settings(c)...)
	origin := commands.Person(c.Owner.User) + ", " + commands.At(c.CreatedAt)
	if c.FromConfig {
		origin = "the configuration file"
	}
	return append(fields, commands.Field{Name: "From", Value: origin})
}

// silence tells what keeps a check silent now: that it is muted, or not measured.
func silence(c Check, blind map[string]Blindness, mutes []Mute, now time.Time) []commands.Field {
	var fields []commands.Field
	if one, ok := blind[c.Name]; ok {
		fields = append(fields, commands.Field{Name: "Not measured", Value: "since " + commands.At(one.Since) + ": " + commands.Unmarked(one.Why)})
	}
	for _, m := range mutes {
		if m.Active(now) && m.Covers(c.Name) {
			fields = append(fields, commands.Field{Name: "Muted", Value: "until " + commands.At(m.Until) + ", " + commands.Unmarked(m.Words())})
		}
	}
	return fields
}

// chart draws the latencies; a failed look is a gap.
func chart(results []Result) commands.Chart {
	line := commands.Series{Name: "latency"}
	out := commands.Chart{Title: "Latency of the last " + count(len(results), "look", "looks"), Unit: "ms"}
	for _, r := range results {
		out.Labels = append(out.Labels, r.At.UTC().Format("15:04:05"))
		var point *float64
		if r.OK {
			ms := float64(r.Latency.Microseconds()) / 1000
			point = &ms
		}
		line.Points = append(line.Points, point)
	}
	out.Series = []commands.Series{line}
	return out
}

// latest is a table of the newest results, the newest first.
func latest(results []Result) commands.Table {
	table := commands.Table{Columns: []string{"When", "Result", "Latency"}}
	passed := 0
	for i := len(results) - 1; i >= 0; i-- {
		r := results[i]
		if r.OK {
			passed++
		}
		if len(table.Rows) < mostLooks {
			table.Rows = append(table.Rows, []string{commands.At(r.At), sentence(r.Detail), Span(r.Latency)})
		}
	}
	table.Note = fmt.Sprintf("%d of the last %s passed", passed, count(len(results), "look", "looks"))
	if len(results) == 1 {
		table.Note = "The one look so far " + map[bool]string{true: "passed", false: "failed"}[results[0].OK]
	}
	return table
}
