package schedule

import (
	"strings"
	"testing"

	"deckhand/commands"
)

func TestHoursReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"weekdays 08-20":         "weekdays 08:00-20:00 | 0 8 * * mon,tue,wed,thu,fri | 0 20 * * mon,tue,wed,thu,fri",
		"mon-fri 8:30-18:00":     "weekdays 08:30-18:00 | 30 8 * * mon,tue,wed,thu,fri | 0 18 * * mon,tue,wed,thu,fri",
		"08-20":                  "daily 08:00-20:00 | 0 8 * * sun,mon,tue,wed,thu,fri,sat | 0 20 * * sun,mon,tue,wed,thu,fri,sat",
		"Mon-Thursday,sat 8–18":  "mon,tue,wed,thu,sat 08:00-18:00 | 0 8 * * mon,tue,wed,thu,sat | 0 18 * * mon,tue,wed,thu,sat",
		"20-06 daily":            "daily 20:00-06:00 | 0 20 * * sun,mon,tue,wed,thu,fri,sat | 0 6 * * sun,mon,tue,wed,thu,fri,sat",
		"friday 20-06":           "fri 20:00-06:00 | 0 20 * * fri | 0 6 * * sat",
		"sat-mon 10-12":          "sun,mon,sat 10:00-12:00 | 0 10 * * sun,mon,sat | 0 12 * * sun,mon,sat",
		"weekend 8-24":           "weekend 08:00-24:00 | 0 8 * * sun,sat | 0 0 * * sun,mon",
		"weekdays 0-24":          "weekdays 00:00-24:00 | 0 0 * * mon | 0 0 * * sat", // no pause at midnight
		"weekdays 00:00-24:00 x": "weekdays 00:00-24:00 | 0 0 * * mon | 0 0 * * sat",
	} {
		h, _, err := ReadHours(text)
		begin, end := h.Crons()
		if got := h.String() + " | " + begin + " | " + end; got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if again, zone, err := ReadHours(h.String()); again != h || zone != "" || err != nil {
			t.Errorf("%s reads as %+v, %q, %v", h, again, zone, err)
		}
	}
	if _, zone, err := ReadHours("weekdays 08-20 Europe/Berlin"); zone != "Europe/Berlin" || err != nil {
		t.Error(zone, err)
	}
	h, _, _ := ReadHours("friday 20-06")
	if h.Week() != 10 {
		t.Error(h.Week())
	}
}

func TestWhatIsNoHoursIsRefusedWithAnExample(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"":                     "from when to when",
		"weekdays":             "from when to when",
		"weekdays 8":           "from when to when",
		"weekdays 08-25":       "08-25 is no part of a day",
		"weekdays 8:5-9":       "8:5-9 is no part of a day",
		"weekdays 24-8":        "24-8 is no part of a day",
		"weekdays 8-8":         "it ends when it begins",
		"daily 0-24":           "it never ends",
		"weekdays 8-12 13-18":  "more than one part",
		"mondy 08-20 Berlin x": "Berlin is neither",
	} {
		_, _, err := ReadHours(text)
		if words := commands.Words(err); err == nil || words.Kind != commands.Usage || !contains(words.Error(), why, "weekdays 08-20") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for word, want := range map[string]bool{"08-20": true, "8:30-18:00": true, "mon-fri": false, "i-0abc": false, "2026-12-25": false, "dev": false} {
		if LooksLikeHours(word) != want {
			t.Error(word)
		}
	}
}

func contains(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
