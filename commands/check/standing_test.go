package check

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands"
)

func TestWhatIsSaidOfACheckThatWasNotLookedAtYet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, schedule string
		fromConfig    bool
		after         time.Duration // since it is there
		want          string
	}{
		{"added in chat, it is looked at at once", "@every 1m", false, time.Second, "new, first look in a few seconds"},
		{"and the look takes its time", "@every 6h", false, 20 * time.Second, "new, first look in a few seconds"},
		{"but nobody looked", "@every 1m", false, 40 * time.Second, "never looked at"},
		{"of the configuration, it waits for its turn", "@every 1m", true, 12 * time.Second, "new, first look within 48 s"},
		{"what is looked at rarely does not", "@every 6h", true, 12 * time.Second, "new, first look within 48 s"},
		{"and nobody looked", "@every 1m", true, 2 * time.Minute, "never looked at"},
	} {
		made := named("web")
		made.Schedule, made.FromConfig, made.CreatedAt = c.schedule, c.fromConfig, now.Add(-c.after)
		if got := words(made, State{}, stand(made, State{}, nil, clock{}, now), clock{}, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestStatusTellsThatAFirstLookIsToCome(t *testing.T) {
	t.Parallel()
	b := shop()
	b.checks[2].CreatedAt = now.Add(-time.Second)
	report, err := typed(t, b, nil, nil, "status")
	if err != nil {
		t.Fatal(err)
	}
	tells(t, report, "First look in a few seconds: new.", "2 up, 1 down, 2 not known")
	if report, err = typed(t, b, nil, nil, "check show new"); err != nil {
		t.Fatal(err)
	}
	tells(t, report, "new is new, first look in a few seconds")
}

func TestWhatIsNotMeasuredIsNeitherUpNorDown(t *testing.T) {
	t.Parallel()
	b := shop()
	b.blind = map[string]Blindness{
		"web": {Since: now.Add(-10 * time.Minute), Why: "its probe did not answer within 13 s"},
		"new": {Since: now.Add(-time.Minute), Why: "AWS throttles"},
	}
	for line, want := range map[string][]string{
		"status":         {"1 of 5 checks is down: api", "Not measured: new (AWS throttles), web (its probe did not answer within 13 s).", "1 up, 1 down, 3 not known."},
		"check list":     {"not measured, up when last looked at", "not measured  "},
		"check show web": {"web is not measured, up when last looked at", "since 2026-11-24 11:50:00 UTC: its probe did not answer within 13 s"},
	} {
		report, err := typed(t, b, nil, nil, line)
		if err != nil {
			t.Fatal(err)
		}
		tells(t, report, want...)
	}
}

func tells(t *testing.T, report commands.Report, parts ...string) {
	t.Helper()
	text := commands.RenderText(report)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}
