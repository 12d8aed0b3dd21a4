package config_test

import (
	"testing"
	"time"

	"deckhand/config"
)

func TestATimetableFiresWhenItSays(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, time.March, 4, 10, 30, 30, 0, time.UTC) // a Wednesday
	for spec, want := range map[string]time.Time{
		"0 9 * * 1-5":  time.Date(2026, time.March, 5, 9, 0, 0, 0, time.UTC),
		"*/15 * * * *": time.Date(2026, time.March, 4, 10, 45, 0, 0, time.UTC),
		"@daily":       time.Date(2026, time.March, 5, 0, 0, 0, 0, time.UTC),
		"@every 90s":   time.Date(2026, time.March, 4, 10, 32, 0, 0, time.UTC),
		" 0 0 29 2 * ": time.Date(2028, time.February, 29, 0, 0, 0, 0, time.UTC),
	} {
		timetable, err := config.ParseTimetable(spec)
		if err != nil {
			t.Errorf("%q: %v", spec, err)
			continue
		}
		if got := timetable.Next(from); !got.Equal(want) {
			t.Errorf("%q fires at %s, wanted %s", spec, got, want)
		}
	}
}

func FuzzAnyTimetableIsAnswered(f *testing.F) {
	for _, spec := range []string{"0 9 * * 1-5", "@every 1m", "TZ=Europe/Prague", "CRON_TZ=", "TZ=UTC * * * * *", "0 0 30 2 *", "@", "1-59/0 * * * *"} {
		f.Add(spec)
	}
	from := time.Date(2026, time.March, 4, 10, 30, 30, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		timetable, err := config.ParseTimetable(spec)
		if err == nil && !timetable.Next(from).After(from) {
			t.Errorf("%q was taken and does not go on", spec)
		}
	})
}
