package check

import (
	"context"
	"errors"
	"strings"
	"time"

	"deckhand/commands"
)

// which names an incident: the check that is down, or I-7.
type which struct {
	Name   string `arg:"name" alias:"name" required:"" value:"NAME" help:"The check that is down, or the incident: I-7."`
	Reason string `flag:"reason" value:"TEXT" help:"What is being done, or why; kept with the incident and shown in its message."`

	book      Book
	incidents IncidentBook
}

// pick finds the open incident that a line means. One that is told in a storm is the storm's.
func (w *which) pick(ctx context.Context) (Incident, error) {
	query := IncidentQuery{Check: w.Name, Open: true, Limit: 1}
	number, byNumber := incidentNumber(w.Name)
	if byNumber {
		query = IncidentQuery{Number: number}
	} else {
		c, err := Find(ctx, w.book, w.Name)
		if err != nil {
			return Incident{}, err
		}
		query.Check = c.Name
	}
	found, err := w.incidents.Incidents(ctx, query)
	switch {
	case err != nil:
		return Incident{}, err
	case len(found) == 0 && byNumber:
		return Incident{}, &commands.Error{Kind: commands.NotFound, Message: "There is no incident " + commands.Mono(w.Name) + ".", Hint: "See " + commands.Mono("incident list") + "."}
	case len(found) == 0:
		return Incident{}, &commands.Error{Kind: commands.NotFound, Message: commands.Mono(w.Name) + " has no open incident.", Hint: "See " + commands.Mono("incident list") + "."}
	case !found[0].Open():
		return Incident{}, &commands.Error{
			Kind: commands.NotFound, Message: found[0].ID() + " is over since " + commands.At(found[0].Resolved) + ".",
			Hint: "See it with " + commands.Mono("incident show "+found[0].ID()) + ".",
		}
	case found[0].Storm > 0:
		return w.storm(ctx, found[0])
	}
	return found[0], nil
}

func (w *which) storm(ctx context.Context, member Incident) (Incident, error) {
	found, err := w.incidents.Incidents(ctx, IncidentQuery{Number: member.Storm})
	if err != nil || len(found) == 0 || !found[0].Open() {
		return member, err
	}
	return found[0], nil
}

// Thread is where the incident is told: what people do about it stands there.
func (w *which) Thread(ctx context.Context, channel string) string {
	i, err := w.pick(ctx)
	if said := i.Said[StepPost]; err == nil && said.Channel == channel {
		return said.TS
	}
	return ""
}

// change changes the incident once, whoever else changes it meanwhile.
func (w *which) change(ctx context.Context, run *commands.Run, event IncidentEvent, do func(*Incident)) (Incident, error) {
	event.At, event.Actor = run.Now, run.Asker.User
	reason := strings.TrimSpace(w.Reason)
	event.Note = strings.TrimPrefix(strings.TrimSuffix(event.Note+": "+reason, ": "), ": ")
	number, err := commands.Repeat(ctx, run, "find the incident", func(ctx context.Context) (int64, error) {
		i, err := w.pick(ctx)
		return i.Number, err
	})
	if err != nil {
		return Incident{}, err
	}
	i, err := commands.Repeat(ctx, run, event.What, func(ctx context.Context) (Incident, error) {
		for {
			found, err := w.incidents.Incidents(ctx, IncidentQuery{Number: number})
			if err != nil || len(found) == 0 {
				return Incident{}, err
			}
			i := found[0]
			do(&i)
			if reason != "" {
				i.Reason = reason
			}
			_, err = w.incidents.SaveIncidents(ctx, []IncidentChange{{Incident: i, Events: []IncidentEvent{event}}})
			if !errors.Is(err, ErrConflict) {
				return i, err
			}
		}
	})
	i.Number = number // which is not among what the journal keeps
	return i, err
}

// what names what an incident is about.
func (i Incident) what() string {
	if i.IsStorm() {
		return i.ID()
	}
	return i.Check
}

// ack is check ack.
type ack struct{ which }

// Run writes down who is at it.
func (a *ack) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	i, err := a.change(ctx, run, IncidentEvent{What: "acknowledged"}, func(i *Incident) {
		if i.AckedBy == "" {
			i.AckedBy, i.AckedAt = run.Asker.User, run.Now
		}
	})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Good, Title: "Acknowledged " + i.what(),
		Body: commands.Blocks{commands.Text{Text: commands.Person(i.AckedBy) + " is at it. Nobody else is called; reminders go on in the thread."}},
	}
	if i.AckedBy != run.Asker.User {
		report.Title, report.Tone = i.what()+" is acknowledged already", commands.Plain
		report.Body = commands.Blocks{commands.Text{Text: "By " + commands.Person(i.AckedBy) + ", " + commands.At(i.AckedAt) + "."}}
	}
	return report, nil
}

// Plan tells what would be written down.
func (a *ack) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return a.would(ctx, "Would acknowledge ", "Nobody else would be called.")
}

func (w *which) would(ctx context.Context, title, text string) (commands.Report, error) {
	i, err := w.pick(ctx)
	return commands.Report{Title: title + i.what(), Body: commands.Blocks{commands.Text{Text: text}}}, err
}

// own is check own.
type own struct {
	which
	Who string `flag:"who" value:"USER" help:"Who takes it on; you where nobody is given."`
}

// Run writes down whose it is.
func (o *own) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	who := run.Asker.User
	if o.Who != "" {
		who = o.Who
	}
	i, err := o.change(ctx, run, IncidentEvent{What: "owned", Note: who}, func(i *Incident) {
		i.OwnedBy = who
		if i.AckedBy == "" {
			i.AckedBy, i.AckedAt = who, run.Now
		}
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Whose " + i.what() + " is, is known",
		Body: commands.Blocks{commands.Text{Text: commands.Person(who) + " owns " + commands.Mono(i.ID()) + " now. Another takes it over with " + commands.Mono("check own "+i.ID()) + "."}},
	}, nil
}

// Plan tells what would be written down.
func (o *own) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return o.would(ctx, "Would give an owner to ", "The incident's message would name who it is.")
}

const (
	shortestMute = time.Second
	longestMute  = 31 * 24 * time.Hour
)

func validTime(d time.Duration) error {
	if d < shortestMute || d > longestMute {
		return usage("The time must be from a second to 31 days.", "Write "+commands.Mono("30m")+" or "+commands.Mono("4h")+".")
	}
	return nil
}

// snooze is check snooze.
type snooze struct {
	which
	For time.Duration `arg:"time" alias:"for" default:"1h" value:"TIME" help:"For how long: 30m, 4h."`
}

// Validate refuses a time that is none.
func (s *snooze) Validate() error { return validTime(s.For) }

// Run keeps an incident quiet for a while.
func (s *snooze) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	i, err := s.change(ctx, run, IncidentEvent{What: "snoozed", Note: Span(s.For)}, func(i *Incident) {
		i.SnoozedBy, i.SnoozedUntil = run.Asker.User, run.Now.Add(s.For)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Snoozed " + i.what() + " for " + Span(s.For),
		Body: commands.Blocks{commands.Text{Text: "No reminder and no escalation until " + commands.At(i.SnoozedUntil) + ". That it is up again is told all the same, and ends this."}},
	}, nil
}

// Plan tells what would be kept quiet.
func (s *snooze) Plan(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return s.would(ctx, "Would snooze ", "There would be no reminder and no escalation for "+Span(s.For)+".")
}
