package check

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/commands"
)

// shelf keeps mutes in memory.
type shelf struct {
	IncidentBook
	mutes []Mute
}

func (s *shelf) Mutes(_ context.Context, endAfter time.Time) ([]Mute, error) {
	return slices.DeleteFunc(slices.Clone(s.mutes), func(m Mute) bool { return !m.Until.After(endAfter) }), nil
}

func (s *shelf) SaveMute(_ context.Context, mute Mute) error {
	s.mutes = append(slices.DeleteFunc(s.mutes, func(m Mute) bool { return m.Key == mute.Key }), mute)
	return nil
}

// returning fails until a time.
type returning struct{ at time.Time }

func (r returning) Probe(_ context.Context, c Check) Result {
	if time.Now().Before(r.at) {
		return Result{Check: c.Name, Detail: "HTTP 503"}
	}
	return Result{Check: c.Name, OK: true, Detail: "HTTP 200"}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	all := func(context.Context) ([]Check, error) { return []Check{{Name: "web"}, {Name: "api"}}, nil }
	for story, c := range map[string]struct {
		watching  func(context.Context) ([]Check, error)
		back      time.Duration // when the checks pass again, after the action's end
		comesBack bool
		runs      time.Duration
		stopped   bool // the program is, before the end
		want      string
		ended     time.Duration // the mute, after its beginning
	}{
		"what comes back is waited for":               {all, 7 * time.Second, true, time.Minute, false, "Checks: api is up; web is up.", time.Minute + 8*time.Second},
		"but not for ever":                            {all, time.Hour, true, time.Minute, false, "Checks: api fails (HTTP 503); web fails (HTTP 503).", time.Minute + 28*time.Second},
		"what does not come back is looked at once":   {all, time.Hour, false, time.Minute, false, "Checks: api fails (HTTP 503); web fails (HTTP 503).", time.Minute},
		"a program that is stopped does not wait":     {all, 7 * time.Second, true, time.Minute, true, "Checks: api fails (HTTP 503); web fails (HTTP 503).", time.Minute},
		"the longest quiet ends before a long action": {all, 0, true, time.Hour, false, "Checks: api is up; web is up.", 20 * time.Minute},
		"nothing watches":                             {func(context.Context) ([]Check, error) { return nil, nil }, 0, true, time.Minute, false, "", 0},
	} {
		t.Run(story, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				kept := &shelf{}
				eye := &returning{}
				first := Quiet{Book: &book{checks: []Check{{Name: "api"}, {Name: "other"}, {Name: "web"}}}, Incidents: kept, Prober: eye}
				a := Action{ID: "R-7", Line: "vm reboot web", By: "U1", Began: began}
				if err := first.Begin(t.Context(), a, c.watching); err != nil {
					t.Fatal(err)
				}
				again := func(context.Context) ([]Check, error) { return nil, errors.New("it is known already") }
				if err := first.Begin(t.Context(), a, again); err != nil && c.want != "" {
					t.Fatalf("begun again: %v", err)
				}
				time.Sleep(c.runs)
				eye.at = time.Now().Add(c.back)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.stopped {
					cancel()
				}
				second := first // another process
				seen, err := second.End(ctx, a, c.comesBack)
				words, failed, next := Aftermath(seen)
				plain := strings.ReplaceAll(commands.Terminal().Render(words), "`", "")
				if err != nil || plain != c.want || failed != (len(next) > 0) {
					t.Errorf("%q, %v, %v, %v", plain, failed, next, err)
				}
				for _, m := range kept.mutes {
					if m.Kind != Planned || m.Until.Sub(began) != c.ended || m.Covers("other") || m.Words() != "R-7 runs: vm reboot web" {
						t.Errorf("the mute lasted %v: %+v", m.Until.Sub(began), m)
					}
				}
				if (len(kept.mutes) == 0) != (c.want == "") {
					t.Errorf("mutes %+v", kept.mutes)
				}
			})
		})
	}
}
