package timetable

import (
	"errors"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/schedule"
)

var _ schedule.Clock = Clock{}

const layout = "2006-01-02 15:04:05 -0700"

func slots(t *testing.T, expression, zone, after string, n int) []string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for range n {
		next, err := Next(expression, zone, at)
		if err != nil {
			t.Fatalf("Next(%q, %q, %v): %v", expression, zone, at, err)
		}
		if !next.After(at) {
			t.Fatalf("Next(%q, %q, %v) = %v, not after it", expression, zone, at, next)
		}
		out = append(out, next.Format(layout))
		at = next
	}
	return out
}

func TestNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expression, zone, after string
		want                    []string
	}{
		"weekdays at nine in Shanghai": {
			"0 9 * * 1-5", "Asia/Shanghai", "2026-11-27T02:00:00Z",
			[]string{"2026-11-30 09:00:00 +0800", "2026-12-01 09:00:00 +0800"},
		},
		"the slot itself is not after itself": {
			"0 9 * * *", "UTC", "2026-11-27T09:00:00Z", []string{"2026-11-28 09:00:00 +0000"},
		},
		"a daily time in the gap comes due at the end of the gap, once: Berlin": {
			"30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z",
			[]string{"2026-03-28 02:30:00 +0100", "2026-03-29 03:00:00 +0200", "2026-03-30 02:30:00 +0200"},
		},
		"a daily time that is repeated comes due the first time: Berlin": {
			"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25 02:30:00 +0200", "2026-10-26 02:30:00 +0100"},
		},
		"the same in Prague": {
			"30 2 * * *", "Europe/Prague", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29 03:00:00 +0200", "2026-03-30 02:30:00 +0200"},
		},
		"between the two 02:30 of a fall-back the next one is tomorrow's": {
			"30 2 * * *", "Europe/Prague", "2026-10-25T01:10:00Z",
			[]string{"2026-10-26 02:30:00 +0100"},
		},
		"two times in one gap come due together, once": {
			"0,30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
			[]string{"2026-03-08 03:00:00 -0400", "2026-03-09 02:00:00 -0400", "2026-03-09 02:30:00 -0400"},
		},
		"a fall-back in New York": {
			"15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z",
			[]string{"2026-11-01 01:15:00 -0400", "2026-11-02 01:15:00 -0500"},
		},
		"midnight in a gap at midnight comes due at one, on its own day: Santiago": {
			"0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z",
			[]string{"2026-09-06 01:00:00 -0300", "2026-09-07 00:00:00 -0300"},
		},
		"midnight where 23:00 is repeated: Santiago": {
			"30 23 * * *", "America/Santiago", "2026-04-04T12:00:00Z",
			[]string{"2026-04-04 23:30:00 -0300", "2026-04-05 23:30:00 -0400"},
		},
		"any hour skips what the gap left out": {
			"30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
			[]string{"2026-03-29 01:30:00 +0100", "2026-03-29 03:30:00 +0200"},
		},
		"any hour comes due in both repeated hours": {
			"30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z",
			[]string{"2026-10-25 02:30:00 +0200", "2026-10-25 02:30:00 +0100", "2026-10-25 03:30:00 +0100"},
		},
		"any hour comes due at the very end of the gap": {
			"0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z",
			[]string{"2026-03-29 03:00:00 +0200", "2026-03-29 04:00:00 +0200"},
		},
		"any hour on a day whose midnight is left out: Beirut": {
			"0 * 29 3 *", "Asia/Beirut", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29 01:00:00 +0300", "2026-03-29 02:00:00 +0300"},
		},
		"half-hour changes: Lord Howe": {
			"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			[]string{"2026-10-04 02:30:00 +1100", "2026-10-05 02:15:00 +1100"},
		},
		"every five minutes falls on fives whenever it is asked": {
			"@every 5m", "UTC", "2026-11-27T09:01:17Z",
			[]string{"2026-11-27 09:05:00 +0000", "2026-11-27 09:10:00 +0000"},
		},
		"every, before 1970":  {"@every 10s", "UTC", "1969-12-31T23:59:55Z", []string{"1970-01-01 00:00:00 +0000"}},
		"a leap day":          {"0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", []string{"2028-02-29 00:00:00 +0000"}},
		"no zone means UTC":   {"@daily", "", "2026-03-01T00:00:00Z", []string{"2026-03-02 00:00:00 +0000"}},
		"sub-second moments":  {"* * * * *", "UTC", "2026-03-01T00:00:59.9Z", []string{"2026-03-01 00:01:00 +0000"}},
		"blanks around it":    {" @every 1m ", "UTC", "2026-03-01T00:00:59Z", []string{"2026-03-01 00:01:00 +0000"}},
		"a zone with no rule": {"0 12 * * *", "Asia/Shanghai", "2026-03-01T00:00:00Z", []string{"2026-03-01 12:00:00 +0800"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := slots(t, c.expression, c.zone, c.after, len(c.want))
			if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

// TestNextAgainstBruteForce compares a year of slots with what the rule says, minute by minute.
func TestNextAgainstBruteForce(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/Santiago", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			place, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			end := begin.AddDate(1, 0, 0)
			var want []time.Time
			for at := begin.Add(time.Minute); at.Before(end); at = at.Add(time.Minute) {
				if at.In(place).Minute() == 15 {
					want = append(want, at)
				}
			}
			spec, err := Parse("15 * * * *", zone)
			if err != nil {
				t.Fatal(err)
			}
			at := begin
			for _, w := range want {
				if at = spec.Next(at); !at.Equal(w) {
					t.Fatalf("slot %v, want %v", at, w.In(place))
				}
			}
			daily, err := Parse("15 0 * * *", zone)
			if err != nil {
				t.Fatal(err)
			}
			days := map[string]int{}
			for at := daily.Next(begin.AddDate(0, 0, 1)); at.Before(end); at = daily.Next(at) {
				days[at.Format(time.DateOnly)]++
			}
			for day, n := range days {
				if n != 1 {
					t.Errorf("%s has %d slots", day, n)
				}
			}
			if len(days) < 363 {
				t.Errorf("only %d days have a slot", len(days))
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ expression, zone, says string }{
		"a zone in front":       {"TZ=Europe/Prague 0 9 * * *", "UTC", "time zone of its own"},
		"what the library dies": {"TZ=Europe/Prague", "UTC", "time zone of its own"},
		"the other prefix":      {"CRON_TZ=", "UTC", "time zone of its own"},
		"in small letters":      {"cron_tz=x 0 9 * * *", "UTC", "time zone of its own"},
		"30 February":           {"0 0 30 2 *", "UTC", "never comes due"},
		"a field of commas":     {", * * * *", "UTC", "never comes due"},
		"too often":             {"@every 500ms", "UTC", "shortest interval is 1s"},
		"backwards":             {"@every -5s", "UTC", "shortest interval is 1s"},
		"half seconds":          {"@every 1.5s", "UTC", "whole seconds"},
		"three fields":          {"0 9 *", "UTC", "five fields"},
		"nothing":               {"", "UTC", "it is empty"},
		"a word":                {"daily", "UTC", "five fields"},
		"an hour too many":      {"0 24 * * *", "UTC", "above maximum"},
		"an unknown zone":       {"0 9 * * *", "Europe/Berln", "no time zone"},
		"the machine's zone":    {"0 9 * * *", "Local", "no time zone"},
		"a path":                {"0 9 * * *", "../../etc/passwd", "no time zone"},
		"a zone in small":       {"0 9 * * *", "america/new_york", "Did you mean"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.expression, c.zone)
			var e *commands.Error
			if !errors.As(err, &e) || e.Kind != commands.Usage {
				t.Fatalf("Parse = %v, want a usage error", err)
			}
			if !strings.Contains(err.Error(), c.says) || e.Hint == "" {
				t.Errorf("%q does not say %q with a hint", err, c.says)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0 9 * * 1-5", "@every 1m", "TZ=", "*/5 1,2 ? jan sun", "@daily", "0-59/7 * * * *", ",,,"} {
		f.Add(seed, int64(1_790_000_000))
	}
	f.Fuzz(func(t *testing.T, expression string, after int64) {
		spec, err := Parse(expression, "America/Santiago")
		if err != nil {
			return
		}
		from := time.Unix(after%4_000_000_000, 0)
		if next := spec.Next(from); !next.IsZero() && !next.After(from) {
			t.Errorf("%q: %v is not after %v", expression, next, from)
		}
	})
}
