package health

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
	"deckhand/commands/check"
)

// mostNamed is how many checks a message names; the rest are counted.
const mostNamed = 25

// view is the incident's message as it is to read now.
func (s scene) view(now time.Time) commands.Report {
	i := s.incident
	report := commands.Report{Tone: commands.Bad, Title: s.title(now)}
	if !i.Open() {
		report.Tone = commands.Plain
	} else if i.AckedBy != "" || !i.FlappingSince.IsZero() || s.hush.mute != nil {
		report.Tone = commands.Warning
	}
	if i.IsStorm() {
		report.Body = commands.Blocks{s.table()}
	}
	report.Body = append(report.Body, commands.Fields{Fields: s.fields(now)})
	report.Next = s.hands()
	report.Where = i.ID()
	return report
}

func (s scene) title(now time.Time) string {
	i := s.incident
	lasted := check.Span(i.Lasted(now))
	switch {
	case i.IsStorm() && i.Open():
		if down := s.stillDown(); down < len(s.members) {
			return fmt.Sprintf("%d of %s are down", down, commands.Count(len(s.members), "check"))
		}
		return commands.Count(len(s.members), "check") + " are down"
	case i.IsStorm():
		return commands.Count(len(s.members), "check") + " were down, " + lasted + " in all"
	case i.Open() && !i.FlappingSince.IsZero():
		return fmt.Sprintf("%s is flapping: %d changes in 30 minutes", i.Check, len(lately(i.Changes)))
	case i.Open():
		return i.Check + " is down"
	case !i.FlappingSince.IsZero():
		return fmt.Sprintf("%s was flapping for %s: %s", i.Check, check.Span(max(0, i.Resolved.Sub(i.FlappingSince))), commands.Count(i.Flaps, "change"))
	case i.Ending == check.DownAgain || i.Ending == check.Forgotten:
		return i.Check + " was down"
	default:
		return i.Check + " was down for " + lasted
	}
}

func (s scene) fields(now time.Time) []commands.Field {
	i := s.incident
	var fields []commands.Field
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, commands.Field{Name: name, Value: value})
		}
	}
	if !i.IsStorm() {
		add("URL", commands.Mono(s.check.URL))
		add("What came", s.cause())
	}
	if !i.Open() {
		add("Down since", commands.At(i.Opened))
		add("Up again", s.until())
	} else {
		add("Since", s.since(now))
		if !i.FlappingSince.IsZero() {
			add("Now", string(s.state.Status)+" since "+commands.At(s.state.Since)+"; nothing more is posted until it is steady for "+check.Span(steadyAfter))
		}
	}
	if i.Storm > 0 {
		add("Fell with others", "told together in "+commands.Mono(s.storm()))
	}
	add("Last change", i.Change.Words())
	add("Owner", s.owner())
	if i.AckedBy != "" {
		add("Acknowledged", commands.Person(i.AckedBy)+", "+commands.At(i.AckedAt))
	}
	add("Reason", commands.Unmarked(i.Reason))
	if i.Open() && i.SnoozedUntil.After(now) {
		add("Snoozed", "until "+commands.At(i.SnoozedUntil)+" by "+commands.Person(i.SnoozedBy))
	}
	if m := s.hush.mute; m != nil && i.Open() {
		add("Muted", "until "+commands.At(m.Until)+" ("+commands.Unmarked(m.Words())+")")
	}
	if s.hush.parent != "" && i.Open() {
		add("Behind", commands.Mono(s.hush.parent)+", which is down")
	}
	if len(s.behind) > 0 {
		add("Down behind it", named(s.behind))
	}
	return fields
}

// storm is the ID of the storm that speaks for an incident.
func (s scene) storm() string { return check.Incident{Number: s.incident.Storm}.ID() }

func (s scene) owner() string {
	if s.incident.OwnedBy != "" {
		return commands.Person(s.incident.OwnedBy)
	}
	return subject(s.check.Contact)
}

func (s scene) cause() string {
	c := s.check
	if s.incident.Cause == "" || c.FailAfter == 0 {
		return s.incident.Cause
	}
	looks := "looks"
	if c.FailAfter == 1 {
		looks = "look"
	}
	return fmt.Sprintf("%s, %d of %d %s failed", s.incident.Cause, c.FailAfter, c.FailAfter, looks)
}

// since is when it began, and how long ago that is, in steps: the message is not edited for each second.
func (s scene) since(now time.Time) string {
	since := commands.At(s.incident.Opened)
	if over := coarse(s.incident.Lasted(now)); over > 0 {
		since += ", over " + check.Span(over) + " ago"
	}
	return since
}

// until is when it was over.
func (s scene) until() string {
	switch s.incident.Ending {
	case check.DownAgain:
		return "before it went down once more"
	case check.Forgotten:
		return "not known: the check was removed"
	case check.StaysDown:
		return "not for good: it is down since " + commands.At(s.incident.Resolved)
	case check.CameBack:
	}
	return commands.At(s.incident.Resolved)
}

// coarse rounds down to the steps in which a duration is told; 0 below a minute.
func coarse(d time.Duration) time.Duration {
	for _, step := range []time.Duration{24 * time.Hour, time.Hour, 30 * time.Minute, 20 * time.Minute, 10 * time.Minute, 5 * time.Minute, 2 * time.Minute, time.Minute} {
		if d >= step {
			if step >= time.Hour {
				return d.Truncate(step)
			}
			return step
		}
	}
	return 0
}

// table is the checks of a storm, those that are still down first.
func (s scene) table() commands.Table {
	table := commands.Table{Columns: []string{"Check", "State", "What came"}}
	members := make([]*check.Incident, len(s.members)) // incidents are large, and a storm has thousands
	for n := range s.members {
		members[n] = &s.members[n]
	}
	commands.Order(members, func(a, b *check.Incident) int {
		if a.Open() != b.Open() {
			if a.Open() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Check, b.Check)
	})
	for n, m := range members {
		if n == mostNamed {
			table.Note = fmt.Sprintf("1-%d of %d; see check list --state down", mostNamed, len(members))
			break
		}
		state := "down since " + commands.At(m.Opened)
		if !m.Open() {
			state = "up again after " + check.Span(m.Lasted(time.Time{}))
		}
		table.Rows = append(table.Rows, []string{m.Check, state, m.Cause})
	}
	return table
}

func (s scene) stillDown() int {
	n := 0
	for _, m := range s.members {
		if m.Open() {
			n++
		}
	}
	return n
}

// cameBack is the news of the end.
func (s scene) cameBack(now time.Time) commands.Report {
	i := s.incident
	report := commands.Report{Tone: commands.Good, Where: i.ID()}
	lasted := check.Span(i.Lasted(now))
	switch {
	case i.IsStorm():
		report.Title = fmt.Sprintf("All %s are up again after %s", commands.Count(len(s.members), "check"), lasted)
		report.Next = []commands.Next{{Label: "Show", Line: "incident show " + i.ID()}}
	case !i.FlappingSince.IsZero():
		report.Title = fmt.Sprintf("%s is up again after %s, steady for %s", i.Check, lasted, check.Span(steadyAfter))
	default:
		report.Title = i.Check + " is up again after " + lasted
	}
	if !i.IsStorm() {
		report.Next = []commands.Next{{Label: "Show", Line: "check show " + i.Check}}
		fields := []commands.Field{{Name: "URL", Value: commands.Mono(s.check.URL)}}
		if s.state.Last.OK {
			fields = append(fields, commands.Field{Name: "What comes", Value: s.state.Last.Detail + " in " + check.Span(s.state.Last.Latency)})
		}
		report.Body = commands.Blocks{commands.Fields{Fields: append(fields,
			commands.Field{Name: "Down since", Value: commands.At(i.Opened)}, commands.Field{Name: "Up since", Value: commands.At(i.Resolved)})}}
	}
	if owner := s.owner(); owner != "" {
		report.Body = append(report.Body, commands.Text{Text: "Owner: " + owner})
	}
	return report
}

// wasDown tells both ends of an incident in one message.
func (s scene) wasDown(now time.Time) commands.Report {
	i := s.incident
	report := s.cameBack(now)
	report.Tone = commands.Warning
	report.Title = i.Check + " was down for " + check.Span(i.Lasted(now)) + " and is up again"
	if i.IsStorm() {
		report.Title = commands.Count(len(s.members), "check") + " were down for " + check.Span(i.Lasted(now)) + " and are up again"
		report.Body = append(report.Body, s.table())
	}
	if i.Ending != check.CameBack {
		report.Title = s.title(now)
	}
	report.Body = append(commands.Blocks{commands.Text{Text: "Slack could not be told while it was down."}}, report.Body...)
	return report
}

// reminder is for the thread: it mentions nobody.
func (s scene) reminder(now time.Time) commands.Report {
	i := s.incident
	lasting := ", for " + check.Span(i.Lasted(now))
	report := commands.Report{Tone: commands.Bad, Title: i.Check + " is still down" + lasting}
	switch {
	case i.IsStorm():
		report.Title = fmt.Sprintf("%d of %s are still down%s", s.stillDown(), commands.Count(len(s.members), "check"), lasting)
	case !i.FlappingSince.IsZero():
		report.Title = fmt.Sprintf("%s still flaps%s: %s so far", i.Check, lasting, commands.Count(i.Flaps, "change"))
	}
	if last := s.state.Last; !last.At.IsZero() && !i.IsStorm() {
		report.Body = append(report.Body, commands.Text{Text: "The latest look, " + commands.At(last.At) + ": " + last.Detail + "."})
	}
	if i.AckedBy == "" && i.OwnedBy == "" {
		report.Body = append(report.Body, commands.Text{Text: "Nobody has acknowledged it."})
		report.Next = []commands.Next{{Label: "Acknowledge", Line: "check ack " + i.ID(), Style: "primary"}}
	}
	return report
}

// escalation calls those who are next.
func (s scene) escalation(now time.Time) commands.Report {
	i := s.incident
	what := i.Check + " is down"
	if i.IsStorm() {
		what = s.title(now)
	}
	report := commands.Report{
		Tone: commands.Bad, Title: what + " for " + check.Span(i.Lasted(now)) + " and nobody has acknowledged it", Where: i.ID(),
		Next: []commands.Next{{Label: "Acknowledge", Line: "check ack " + i.ID(), Style: "primary"}, {Label: "Own", Line: "check own " + i.ID()}},
	}
	if called := subject(s.check.EscalateTo); called != "" {
		report.Body = commands.Blocks{commands.Text{Text: called + ": please look."}}
	} else {
		report.Body = commands.Blocks{commands.Text{Text: "It was told in " + commands.Channel(i.Channel) + "."}}
	}
	return report
}

// hands are what may be done about it now.
func (s scene) hands() []commands.Next {
	i := s.incident
	if i.Storm > 0 {
		return []commands.Next{{Label: "Show", Line: "incident show " + s.storm()}}
	}
	if !i.Open() && i.IsStorm() {
		return []commands.Next{{Label: "Show", Line: "incident show " + i.ID()}}
	}
	if !i.Open() {
		return []commands.Next{{Label: "Show", Line: "check show " + i.Check}}
	}
	var next []commands.Next
	if i.AckedBy == "" {
		next = append(next, commands.Next{Label: "Acknowledge", Line: "check ack " + i.ID(), Style: "primary"})
	}
	if i.OwnedBy == "" {
		next = append(next, commands.Next{Label: "Own", Line: "check own " + i.ID()})
	}
	next = append(next, commands.Next{Label: "Snooze 1 h", Line: "check snooze " + i.ID() + " 1h"})
	if i.IsStorm() {
		return append(next, commands.Next{Label: "All that are down", Line: "check list --state down"})
	}
	next = append(next, commands.Next{Label: "Check now", Line: "check run " + i.Check})
	if s.explains {
		next = append(next, commands.Next{Label: "Why", Line: "check why " + i.Check})
	}
	if known := remedies(s.check); len(known) > 0 {
		return append(next, known...)
	}
	next = append(next, i.Hands...)
	for _, known := range s.check.Hands {
		if !slices.ContainsFunc(i.Hands, func(n commands.Next) bool { return n.Label == known.Label }) {
			next = append(next, known)
		}
	}
	return next
}

// handsOf are the lines of a report that show logs and restart something.
func handsOf(report commands.Report) []commands.Next {
	var hands []commands.Next
	for _, n := range report.Next {
		if n.Label == check.Logs || n.Label == check.Restart {
			hands = append(hands, n)
		}
	}
	return hands
}

// remedies are the lines that show the logs of what a check looks at, and restart it, where its address says what that is.
func remedies(c check.Check) []commands.Next {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil
	}
	name := u.Host
	flags := commands.Flag("region", u.Query().Get("region")) + commands.Flag("account", u.Query().Get("account"))
	switch c.Kind() {
	case check.Lambda:
		return []commands.Next{{Label: check.Logs, Line: "lambda logs " + commands.Quote(name) + flags}}
	case check.EC2:
		return []commands.Next{
			{Label: check.Logs, Line: "vm console " + commands.Quote(name) + flags},
			{Label: check.Restart, Line: "vm reboot " + commands.Quote(name) + flags, Style: "danger", Confirm: "Reboot " + name + "?"},
		}
	case check.TargetGroup:
		return []commands.Next{check.RestartBehind("lb restart "+commands.Quote(name)+flags, name)}
	case check.HTTP, check.TCP, check.TLS, check.DNS, check.ICMP, check.Beat, check.Domain:
	}
	return nil
}

// subject mentions "user:U1" or "group:S1"; "" for anything else.
func subject(text string) string {
	kind, id, _ := strings.Cut(text, ":")
	switch kind {
	case "user":
		return commands.Person(id)
	case "group":
		return commands.Group(id)
	default:
		return ""
	}
}

// named lists names, and counts those that would be too many.
func named(names []string) string {
	shown := make([]string, 0, mostNamed)
	for _, name := range names[:min(len(names), mostNamed)] {
		shown = append(shown, commands.Mono(name))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
