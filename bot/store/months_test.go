package store

import (
	"io"
	"log/slog"
	"testing"
	"time"
)

// TestAMonthIsReadAsOne takes the days of a month that is added up away, and asks for it.
func TestAMonthIsReadAsOne(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Settings{URL: "sqlite:" + t.TempDir() + "/d.db", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // not what is tested
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	if err := aYear(t.Context(), s, 2, 60, now); err != nil {
		t.Fatal(err)
	}
	question := []time.Time{now.AddDate(0, -2, 0), now}
	before, err := s.Summaries(t.Context(), "", question)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sumMonths(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	october := dayOf(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
	err = s.write(t.Context(), func(to writer) error {
		_, err := to.exec(t.Context(), "DELETE FROM days WHERE day >= ? AND day < ?", october, october+31)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.Summaries(t.Context(), "", question)
	if err != nil {
		t.Fatal(err)
	}
	for name, sums := range before {
		was, is := sums[0], after[name][0]
		if is.Looks != was.Looks || is.Failed != was.Failed || is.Measured != was.Measured || is.Down != was.Down ||
			is.Latencies.Quantile(0.95) != was.Latencies.Quantile(0.95) {
			t.Errorf("%s: %d looks, p95 %v; was %d, %v", name, is.Looks, is.Latencies.Quantile(0.95), was.Looks, was.Latencies.Quantile(0.95))
		}
	}
	if len(before) != 2 || before["c0"][0].Looks < 60*24*60 {
		t.Errorf("there was %+v", before)
	}
}
