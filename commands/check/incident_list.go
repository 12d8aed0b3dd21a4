package check

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// incidentList is incident list.
type incidentList struct {
	Name string `arg:"name" alias:"name" help:"Only those of this check."`
	Open bool   `flag:"open" help:"Only those that are not over."`
	Days int    `flag:"days" default:"7" value:"N" help:"How far back."`

	incidents IncidentBook
}

// Validate refuses days that are none.
func (l *incidentList) Validate() error {
	if l.Days < 1 || l.Days > 3660 {
		return usage("The days must be from 1 to 3660.", "Write "+commands.Mono("--days 30")+".")
	}
	return nil
}

// Run lists incidents, the newest first.
func (l *incidentList) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	found, err := l.incidents.Incidents(ctx, IncidentQuery{Check: l.Name, Open: l.Open, Since: run.Now.Add(-time.Duration(l.Days) * 24 * time.Hour), Limit: mostRows + 1})
	if err != nil {
		return commands.Report{}, err
	}
	span := "in the last " + count(l.Days, "day", "days")
	if len(found) == 0 {
		return commands.Report{Tone: commands.Good, Title: "No incidents " + span}, nil
	}
	open := 0
	table := commands.Table{Columns: []string{"Incident", "Check", "State", "Began", "What came"}}
	for n, i := range found {
		if i.Open() {
			open++
		}
		if n < mostRows {
			table.Rows = append(table.Rows, []string{i.ID(), i.name(), i.stands(run.Now), commands.At(i.Opened), commands.OrNone(i.Cause)})
		}
	}
	report := commands.Report{Title: fmt.Sprintf("%s %s, %d open", count(len(found), "incident", "incidents"), span, open)}
	if len(found) > mostRows {
		report.Title = fmt.Sprintf("More than %d incidents %s", mostRows, span)
		table.Note = fmt.Sprintf("the newest %d; narrow it with --days or a check's name", mostRows)
	}
	report.Body = commands.Blocks{table}
	return report, nil
}

func (i Incident) name() string {
	if i.IsStorm() {
		return "several checks"
	}
	return i.Check
}

// stands says where an incident is in its life.
func (i Incident) stands(now time.Time) string {
	lasted := Span(i.Lasted(now))
	switch {
	case !i.Open():
		return "over after " + lasted
	case !i.FlappingSince.IsZero():
		return "flapping for " + lasted
	case i.SnoozedUntil.After(now):
		return "snoozed, open for " + lasted
	case i.OwnedBy != "":
		return "owned, open for " + lasted
	case i.AckedBy != "":
		return "acknowledged, open for " + lasted
	default:
		return "open for " + lasted
	}
}

// incidentShow is incident show.
type incidentShow struct {
	Number string `arg:"incident" alias:"name" required:"" value:"I-7" help:"Number of the incident."`

	incidents IncidentBook
}

// Validate refuses what is no number.
func (s *incidentShow) Validate() error {
	if _, ok := incidentNumber(s.Number); ok {
		return nil
	}
	return usage(commands.Mono(s.Number)+" is not the number of an incident.", "Numbers look like "+commands.Mono("I-7")+"; see "+commands.Mono("incident list")+".")
}

// Run shows an incident and what happened in it.
func (s *incidentShow) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	number, _ := incidentNumber(s.Number)
	found, err := s.incidents.Incidents(ctx, IncidentQuery{Number: number})
	if err != nil {
		return commands.Report{}, err
	}
	if len(found) == 0 {
		return commands.Report{}, &commands.Error{Kind: commands.NotFound, Message: "There is no incident " + commands.Mono(s.Number) + ".", Hint: "See " + commands.Mono("incident list") + "."}
	}
	i := found[0]
	events, err := s.incidents.IncidentEvents(ctx, number)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: i.ID() + " of " + i.name() + ": " + i.stands(run.Now), Tone: commands.Plain}
	if i.Open() {
		report.Tone = commands.Bad
	}
	fields := []commands.Field{{Name: "Began", Value: commands.At(i.Opened)}}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, commands.Field{Name: name, Value: value})
		}
	}
	add("What came", i.Cause)
	add("Last change", i.Change.Words())
	if !i.Open() {
		add("Over", commands.At(i.Resolved))
	}
	if i.OwnedBy != "" {
		add("Owner", commands.Person(i.OwnedBy))
	}
	if i.AckedBy != "" {
		add("Acknowledged", commands.Person(i.AckedBy)+", "+commands.At(i.AckedAt))
	}
	add("Reason", commands.Unmarked(i.Reason))
	report.Body = commands.Blocks{commands.Fields{Fields: fields}}
	if i.IsStorm() {
		if err := s.members(ctx, i, &report); err != nil {
			return commands.Report{}, err
		}
	}
	history := commands.Table{Columns: []string{"When", "What", "Who", "Note"}}
	for _, e := range events {
		who := "deckhand"
		if e.Actor != who {
			who = commands.Person(e.Actor)
		}
		history.Rows = append(history.Rows, []string{commands.At(e.At), e.What, who, commands.OrNone(e.Note)})
	}
	report.Body = append(report.Body, history)
	return report, nil
}

func (s *incidentShow) members(ctx context.Context, storm Incident, report *commands.Report) error {
	members, err := s.incidents.Incidents(ctx, IncidentQuery{Storm: storm.Number})
	if err != nil {
		return err
	}
	var names []string
	for _, m := range members {
		names = append(names, commands.Mono(m.Check))
	}
	report.Body = append(report.Body, commands.Text{Text: strings.TrimSpace(count(len(names), "check", "checks") + ": " + some(names, ", "))})
	return nil
}
