package check

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"deckhand/commands"
)

// mute is check mute.
type mute struct {
	Name   string        `arg:"name" alias:"name" required:"" help:"Name of the check; * and ? are wildcards, and all is every check."`
	For    time.Duration `arg:"time" alias:"for" required:"" value:"TIME" help:"For how long: 30m, 4h. It ends by itself."`
	Reason string        `flag:"reason" required:"" value:"TEXT" help:"Why; shown where the check would have been told."`

	book      Book
	incidents IncidentBook
}

// Validate refuses what cannot be a pattern or a time.
func (m *mute) Validate() error {
	if _, err := path.Match(m.Name, ""); err != nil {
		return usage(commands.Mono(m.Name)+" is not a pattern.", "Use * for anything and ? for one letter: "+commands.Mono("check mute web-* 30m --reason deploy")+".")
	}
	return validTime(m.For)
}

// covered answers the pattern that is kept, and the checks that it covers now.
func covered(ctx context.Context, book Book, name string) (string, []string, error) {
	pattern := strings.ToLower(name)
	if pattern == "all" {
		pattern = "*"
	}
	if !strings.ContainsAny(pattern, "*?[") {
		c, err := Find(ctx, book, name)
		return c.Name, []string{c.Name}, err
	}
	checks, err := book.Checks(ctx)
	if err != nil {
		return "", nil, err
	}
	var covered []string
	for _, c := range checks {
		if (Mute{Checks: []string{pattern}}).Covers(c.Name) {
			covered = append(covered, c.Name)
		}
	}
	if len(covered) == 0 {
		return "", nil, &commands.Error{Kind: commands.NotFound, Message: "No check matches " + commands.Mono(name) + ".", Hint: "See " + commands.Mono("check list") + "."}
	}
	return pattern, covered, nil
}

// Run mutes.
func (m *mute) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	pattern, names, err := covered(ctx, m.book, m.Name)
	if err != nil {
		return commands.Report{}, err
	}
	kept, err := commands.Repeat(ctx, run, "mute", func(ctx context.Context) (Mute, error) {
		kept := Mute{
			Key: "chat:" + run.Token, Kind: ByHand, Checks: []string{pattern}, Since: run.Now, Until: run.Now.Add(m.For), Reason: m.Reason, By: run.Asker.User,
		}
		return kept, m.incidents.SaveMute(ctx, kept)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Muted " + m.title(names) + " for " + Span(m.For),
		Body: commands.Blocks{commands.Text{Text: "Until " + commands.At(kept.Until) + ": " + commands.Unmarked(m.Reason) + ". Looking goes on; what is still down then is told then."}},
		Next: []commands.Next{{Label: "Unmute", Line: "check unmute " + commands.Quote(m.Name)}}, Undo: "check unmute " + commands.Quote(m.Name),
	}, nil
}

func (m *mute) title(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return commands.Count(len(names), "check")
}

// Plan tells what would be muted.
func (m *mute) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	_, names, err := covered(ctx, m.book, m.Name)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Title: "Would mute " + m.title(names) + " for " + Span(m.For),
		Body:  commands.Blocks{commands.Text{Text: some(names, ", ") + " until " + commands.At(run.Now.Add(m.For)) + ". Looking would go on."}},
	}, nil
}

// unmute is check unmute.
type unmute struct {
	Name string `arg:"name" alias:"name" required:"" help:"The check, or the pattern that was muted; all is every mute."`

	book      Book
	incidents IncidentBook
}

// ends are the mutes that a line ends: those with its pattern, and for a check those that cover it.
func (u *unmute) ends(ctx context.Context, now time.Time) ([]Mute, error) {
	mutes, err := u.incidents.Mutes(ctx, now)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(u.Name)
	var ends []Mute
	for _, m := range mutes {
		switch {
		case m.Kind == Planned || !m.Active(now):
		case name == "all", len(m.Checks) == 1 && m.Checks[0] == name, m.Covers(name):
			ends = append(ends, m)
		}
	}
	if len(ends) == 0 {
		return nil, &commands.Error{Kind: commands.NotFound, Message: commands.Mono(u.Name) + " is not muted.", Hint: "See " + commands.Mono("maintenance list") + "."}
	}
	return ends, nil
}

// Run ends mutes.
func (u *unmute) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	ends, err := commands.Repeat(ctx, run, "find the mutes", func(ctx context.Context) ([]Mute, error) { return u.ends(ctx, run.Now) })
	if err != nil {
		return commands.Report{}, err
	}
	for n, m := range ends {
		m.Until = run.Now
		if m.Until.Before(m.Since) {
			m.Until = m.Since
		}
		_, err := commands.Repeat(ctx, run, fmt.Sprint("unmute ", n), func(ctx context.Context) (bool, error) { return true, u.incidents.SaveMute(ctx, m) })
		if err != nil {
			return commands.Report{}, err
		}
	}
	return commands.Report{
		Tone: commands.Good, Title: "Unmuted " + u.Name,
		Body: commands.Blocks{commands.Text{Text: "Ended " + described(ends) + ". What is down is told with its next look."}},
	}, nil
}

// Plan tells what would end.
func (u *unmute) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	ends, err := u.ends(ctx, run.Now)
	return commands.Report{Title: "Would unmute " + u.Name, Body: commands.Blocks{commands.Text{Text: "Would end " + described(ends) + "."}}}, err
}

func described(mutes []Mute) string {
	var out []string
	for _, m := range mutes {
		out = append(out, "the mute of "+commands.Mono(strings.Join(m.Checks, ", "))+" ("+commands.Unmarked(m.Words())+")")
	}
	return commands.And(out)
}

// Window is a maintenance window of the configuration.
type Window struct {
	Name, Cron, TimeZone string
	Duration             time.Duration
	Checks               []string // names; * and ? are wildcards
	Reason               string
}

// maintenance is maintenance list.
type maintenance struct {
	book      Book
	incidents IncidentBook
	clock     Clock
	windows   []Window
}

// Run lists what is muted now, and when the windows come next.
func (l *maintenance) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	mutes, err := l.incidents.Mutes(ctx, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	checks, err := l.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: "Nothing is muted"}
	now := commands.Table{Columns: []string{"Muted now", "Until", "Why", "Who"}}
	for _, m := range mutes {
		if m.Active(run.Now) {
			now.Rows = append(now.Rows, []string{strings.Join(m.Checks, ", "), commands.At(m.Until), commands.Unmarked(m.Words()), commands.Person(m.By)})
		}
	}
	if len(now.Rows) > 0 {
		report.Title = commands.Count(len(now.Rows), "mute")
		report.Body = append(report.Body, now)
	}
	if len(l.windows) == 0 {
		report.Body = append(report.Body, commands.Text{Text: "The configuration has no maintenance windows."})
		return report, nil
	}
	next := commands.Table{Columns: []string{"Window", "Next", "For", "Checks"}}
	for _, w := range l.windows {
		begins := "never"
		if at, err := l.clock.Next(w.Cron, w.TimeZone, run.Now); err == nil {
			begins = commands.At(at)
		}
		covers := 0
		for _, c := range checks {
			if (Mute{Checks: w.Checks}).Covers(c.Name) {
				covers++
			}
		}
		next.Rows = append(next.Rows, []string{w.Name, begins, Span(w.Duration), strings.Join(w.Checks, ", ") + " (" + count(covers, "check", "checks") + ")"})
	}
	report.Body = append(report.Body, next)
	return report, nil
}
