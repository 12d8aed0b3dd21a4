package app_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deckhand/bot/store"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

// TestItTellsHowLongItWasAway begins on the database of a program that ended 31 minutes ago. The channel hears of it once.
func TestItTellsHowLongItWasAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Now().UTC()
	leave(t, filepath.Join(dir, "deckhand.db"), now.Add(-31*time.Minute), []check.Check{
		{Name: "shop", URL: "http://127.0.0.1:9/", Schedule: "@every 1m", Timeout: time.Second, FailAfter: 99, PassAfter: 1, Channel: "C_OPS", CreatedAt: now.Add(-2 * time.Hour)},
		{Name: "later", URL: "http://127.0.0.1:9/later", Schedule: "@every 1m", Timeout: time.Second, FailAfter: 99, PassAfter: 1, Channel: "C_OPS", CreatedAt: now},
		{Name: "quiet", URL: "http://127.0.0.1:9/quiet", Schedule: "@every 1m", Timeout: time.Second, FailAfter: 99, PassAfter: 1, CreatedAt: now.Add(-2 * time.Hour)},
	}, schedule.Schedule{
		Name: "ten", Cron: "*/10 * * * *", TimeZone: "UTC", Channel: "C_OPS", Line: "check list", Owner: commands.Asker{User: "U_ALICE", Channel: "C_OPS"},
		CreatedAt: now.Add(-2 * time.Hour), LastSlot: now.Add(-31 * time.Minute).Truncate(10 * time.Minute),
	})
	h, err := openStage(dir, &findings{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	ctx, cancel := context.WithTimeout(h.ctx, patience)
	defer cancel()
	said := func() string { return textOf(h.workspace.Messages("C_OPS")) }
	err = h.workspace.Await(ctx, func() bool { return strings.Contains(said(), "was down for") && strings.Contains(said(), "check list") })
	if err != nil {
		t.Fatalf("%v; there is\n%s", err, said())
	}
	for _, want := range []string{"deckhand was down for 31 min", "31 looks of 1 check were not made", "1 post comes late: ten"} {
		if !strings.Contains(said(), want) {
			t.Errorf("%q is not in\n%s", want, said())
		}
	}
	if others := textOf(h.workspace.Messages("C_GENERAL")); others != "" {
		t.Errorf("a channel that is not concerned hears %s", others)
	}
	h.stop()
	if err := h.start(); err != nil {
		t.Fatal(err)
	}
	if err := h.say("U_ALICE", "C_OPS", "", "/deckhand check list"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(said(), "was down for"); n != 1 {
		t.Errorf("said %d times:\n%s", n, said())
	}
}

// leave writes the database that a program leaves when it ends at a time.
func leave(t *testing.T, path string, at time.Time, checks []check.Check, post schedule.Schedule) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Settings{URL: "sqlite:" + path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if err := s.AddCheck(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddSchedule(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	if err := s.Alive(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
