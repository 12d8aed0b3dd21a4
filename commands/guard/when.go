package guard

import (
	"strings"
	"time"

	"deckhand/commands"
)

// when reads an end: a time from now (2h, 3d), a day and a time ("Mon 09:00", "tomorrow 09:00", "2026-12-01 09:00"), a day alone,
// or a time alone. What has no date is the next such moment after now, in the zone.
func when(text, zone string, now time.Time) (time.Time, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return time.Time{}, nil
	}
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return time.Time{}, &commands.Error{Kind: commands.Usage, Message: "There is no time zone " + commands.Mono(zone) + ".", Hint: "Write an IANA name such as " + commands.Mono("Europe/Berlin") + "."}
	}
	if length, ok := length(text); ok {
		return now.Add(length).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, place); err == nil {
			return after(at, now, text)
		}
	}
	day, clock, _ := strings.Cut(strings.ToLower(text), " ")
	if at, err := time.Parse("15:04", day); err == nil && clock == "" {
		return next(now.In(place), at, func(time.Time) bool { return true }), nil
	}
	at, err := time.Parse("15:04", clock)
	if clock == "" {
		at, err = time.Time{}, nil
	}
	if err == nil && day == "tomorrow" {
		local := now.In(place)
		return time.Date(local.Year(), local.Month(), local.Day()+1, at.Hour(), at.Minute(), 0, 0, place).UTC(), nil
	}
	for weekday := time.Sunday; err == nil && weekday <= time.Saturday; weekday++ {
		name := strings.ToLower(weekday.String())
		if day == name || day == name[:3] {
			return next(now.In(place), at, func(t time.Time) bool { return t.Weekday() == weekday }), nil
		}
	}
	return time.Time{}, &commands.Error{
		Kind: commands.Usage, Message: commands.Mono(text) + " is not a moment.",
		Hint: "Write " + commands.Mono(`"Mon 09:00"`) + ", " + commands.Mono(`"2026-12-01 09:00"`) + " or " + commands.Mono("4h") + ".",
	}
}

// length reads 90m, 4h, 3d.
func length(text string) (time.Duration, bool) {
	number, days := strings.CutSuffix(text, "d")
	if days {
		number += "h"
	}
	length, err := time.ParseDuration(number)
	if days {
		length *= 24
	}
	return length, err == nil && length > 0 && length < 10*365*24*time.Hour
}

// next is the first such day with the clock's time after a local moment.
func next(local, clock time.Time, day func(time.Time) bool) time.Time {
	for days := 0; ; days++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+days, clock.Hour(), clock.Minute(), 0, 0, local.Location())
		if at.After(local) && day(at) {
			return at.UTC()
		}
	}
}

func after(at, now time.Time, text string) (time.Time, error) {
	if !at.After(now) {
		return time.Time{}, &commands.Error{Kind: commands.Usage, Message: commands.Mono(text) + " is over already.", Hint: "Write a moment to come."}
	}
	return at.UTC(), nil
}
