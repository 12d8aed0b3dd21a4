package check

import (
	"context"

	"deckhand/commands"
)

// look is check run. Its result is shown and not kept: thresholds speak of looks in a row on the check's own timetable.
type look struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	book   Book
	prober Prober
}

// Run looks at the endpoint once.
func (l *look) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	c, err := find(ctx, l.book, l.Name)
	if err != nil {
		return commands.Report{}, err
	}
	r := l.prober.Probe(ctx, c)
	report := commands.Report{Tone: commands.Good, Title: c.Name + " passes: " + r.Detail + " in " + Span(r.Latency)}
	if !r.OK {
		report.Tone, report.Title = commands.Bad, c.Name+" fails: "+r.Detail
	}
	states, err := l.book.States(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	s := states[c.Name]
	stands := "It was never looked at on its timetable yet."
	if !s.Last.At.IsZero() {
		stands = "By its timetable it is " + string(s.Status) + " since " + commands.At(s.Since) + "."
	}
	report.Body = commands.Blocks{
		commands.Fields{Fields: []commands.Field{
			{Name: "URL", Value: commands.Mono(c.URL)},
			{Name: "Looked", Value: commands.At(r.At)},
		}},
		commands.Text{Text: "This was an extra look, which counts neither as a pass nor as a failure. " + stands},
	}
	report.Next = []commands.Next{
		{Label: "Check again", Line: "check run " + c.Name},
		{Label: "Show", Line: "check show " + c.Name},
	}
	return report, nil
}
