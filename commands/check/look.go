package check

import (
	"context"
	"strings"

	"deckhand/commands"
	"deckhand/commands/probe"
)

// look is check run. Its result is shown and not kept: thresholds speak of looks in a row on the check's own timetable.
type look struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	book   Book
	prober Tracer
}

// Run looks at the endpoint once.
func (l *look) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	c, err := Find(ctx, l.book, l.Name)
	if err != nil {
		return commands.Report{}, err
	}
	r, steps := l.prober.Trace(ctx, c)
	report := commands.Report{Tone: commands.Good, Title: c.Name + " passes: " + r.Detail + " in " + Span(r.Latency)}
	switch {
	case r.Unseen:
		report.Tone, report.Title = commands.Warning, c.Name+" was not looked at: "+r.Detail
	case !r.OK:
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
	report.Body = commands.Blocks{commands.Fields{Fields: lookFields(c, r, steps)}}
	if len(r.Views) > 0 {
		report.Body = append(report.Body, viewed(r.Views))
	}
	report.Body = append(report.Body, commands.Text{Text: "This was an extra look, which counts neither as a pass nor as a failure. " + stands})
	report.Next = []commands.Next{
		{Label: "Check again", Line: "check run " + c.Name},
		{Label: "Show", Line: "check show " + c.Name},
	}
	return report, nil
}

// lookFields say what one look brought.
func lookFields(c Check, r Result, steps []Step) []commands.Field {
	fields := []commands.Field{
		{Name: "URL", Value: commands.Mono(c.URL)},
		{Name: "Looked", Value: commands.At(r.At)},
	}
	if len(steps) > 0 {
		fields = append(fields, commands.Field{Name: "Took", Value: spans(steps)})
	}
	if !r.OK && !r.Unseen {
		fields = append(fields, commands.Field{Name: "Must be so", Value: broken(c, r)})
	}
	if !r.Expires.IsZero() {
		until := "Certificate until"
		if c.Kind() == Domain {
			until = "Registered until"
		}
		fields = append(fields, commands.Field{Name: until, Value: commands.At(r.Expires)})
	}
	return fields
}

// spans says how long each part took: "DNS 2 ms, connect 3 ms, TLS 10 ms, first byte 40 ms".
func spans(steps []Step) string {
	words := make([]string, len(steps))
	for i, step := range steps {
		words[i] = step.Name + " " + Span(step.Took)
	}
	return strings.Join(words, ", ")
}

// broken says which condition failed.
func broken(c Check, r Result) string {
	if c.Kind() == HTTP && r.Code > 0 && r.Detail == "HTTP "+probe.StatusText([]int{r.Code}, "") {
		return rule(c)
	}
	return countsAsUp(c)
}
