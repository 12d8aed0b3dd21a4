package health

import (
	"fmt"
	"strconv"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

// Announcement is a message that a channel should get.
type Announcement struct {
	Key     string // names the message for ever: "check:myapp:1764061200:down"
	Status  check.Status
	Since   time.Time // when the status began
	Channel string
	Report  commands.Report
	// Over is the message of an incident that this one ends, as it is to read from now on.
	Over *Correction
}

// Correction is an announced message with its new content.
type Correction struct {
	Ref    bot.Ref
	Key    string
	Report commands.Report
}

// Alert compares where a check stands with what its channel was told, and answers what is to be said.
//
// An incident is announced once, by its beginning. Its end is announced where its beginning was. Where a check went down and
// came up again before the beginning could be said, both are said in one message, under a key of its own. A check that
// comes up for the first time, one without a channel and one that nothing is known of announce nothing.
func Alert(c check.Check, s check.State) (Announcement, bool) {
	told := s.Announced
	an := Announcement{Status: s.Status, Since: s.Since, Channel: c.Channel}
	switch {
	case c.Channel == "":
		return Announcement{}, false
	case s.Status == check.Down && !(told.Status == check.Down && same(told.Since, s.Since)):
		an.Key = Key(c.Name, s.Status, s.Since)
		an.Report = down(c, s)
		if told.Status == check.Down {
			an.Report.Title = c.Name + " is down again"
			an.Over = over(c, told, time.Time{})
		}
	case s.Status == check.Up && told.Status == check.Down:
		an.Key = Key(c.Name, s.Status, s.Since)
		an.Report = up(c, s, told.Since)
		an.Over = over(c, told, s.Since)
	case s.Status == check.Up && told.Trying == check.Down:
		an.Key = Key(c.Name, "over", told.TryingSince)
		an.Report = wasDown(c, s, told.TryingSince)
	default:
		return Announcement{}, false
	}
	return an, true
}

// Key names the message that tells of a status since a time. Seconds are enough: an incident is longer.
func Key(name string, status check.Status, since time.Time) string {
	return "check:" + name + ":" + strconv.FormatInt(since.Unix(), 10) + ":" + string(status)
}

// same compares beginnings as keys do, since a store may keep fewer digits than memory.
func same(a, b time.Time) bool { return a.Unix() == b.Unix() }

func down(c check.Check, s check.State) commands.Report {
	looks := "looks"
	if c.FailAfter == 1 {
		looks = "look"
	}
	came := fmt.Sprintf("%s, %d of %d %s failed", s.Last.Detail, c.FailAfter, c.FailAfter, looks)
	if s.Last.OK { // said late, after the first pass
		came = fmt.Sprintf("%d of %d %s failed, the latest one passed", c.FailAfter, c.FailAfter, looks)
	}
	return commands.Report{
		Tone:  commands.Bad,
		Title: c.Name + " is down",
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
			{Name: "URL", Value: commands.Mono(c.URL)},
			{Name: "What came", Value: came},
			{Name: "Since", Value: commands.At(s.Since)},
		}}},
		Next: next(c),
	}
}

func up(c check.Check, s check.State, began time.Time) commands.Report {
	return commands.Report{
		Tone:  commands.Good,
		Title: c.Name + " is up again after " + check.Span(s.Since.Sub(began)),
		Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
			{Name: "URL", Value: commands.Mono(c.URL)},
			{Name: "What comes", Value: s.Last.Detail + " in " + check.Span(s.Last.Latency)},
			{Name: "Down since", Value: commands.At(began)},
			{Name: "Up since", Value: commands.At(s.Since)},
		}}},
		Next: next(c)[1:],
	}
}

func wasDown(c check.Check, s check.State, began time.Time) commands.Report {
	report := up(c, s, began)
	report.Tone = commands.Warning
	report.Title = c.Name + " was down for " + check.Span(s.Since.Sub(began)) + " and is up again"
	report.Body = append(commands.Blocks{commands.Text{Text: "Slack could not be told while it was down."}}, report.Body...)
	return report
}

// over is the incident's own message once it has ended; at a time that is not known where ended is zero.
func over(c check.Check, told check.Announced, ended time.Time) *Correction {
	if told.TS == "" {
		return nil
	}
	title, until := c.Name+" was down", "before it went down once more"
	if !ended.IsZero() {
		title, until = title+" for "+check.Span(ended.Sub(told.Since)), commands.At(ended)
	}
	return &Correction{
		Ref: bot.Ref{Channel: told.Channel, TS: told.TS},
		Key: Key(c.Name, check.Down, told.Since),
		Report: commands.Report{
			Title: title,
			Body: commands.Blocks{commands.Fields{Fields: []commands.Field{
				{Name: "URL", Value: commands.Mono(c.URL)},
				{Name: "Down since", Value: commands.At(told.Since)},
				{Name: "Up again", Value: until},
			}}},
			Next: next(c)[1:],
		},
	}
}

func next(c check.Check) []commands.Next {
	return []commands.Next{
		{Label: "Check now", Line: "check run " + c.Name},
		{Label: "Show", Line: "check show " + c.Name},
	}
}
