package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"deckhand/commands/check"
)

// BenchmarkYear asks what people ask of a year of 1,000 checks that are looked at every minute: hours and days of the whole year,
// results of the last week. Its file is made once; MB is its size, and each question is timed by itself.
func BenchmarkYear(b *testing.B) {
	const checks, days = 1000, 365
	file := b.TempDir() + "/year.db"
	s, err := Open(b.Context(), Settings{URL: "sqlite:" + file, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // not what is measured
	now := time.Now().UTC()
	if err := aYear(b.Context(), s, checks, days, now); err != nil {
		b.Fatal(err)
	}
	if err := s.sumMonths(b.Context(), now); err != nil {
		b.Fatal(err)
	}
	if _, err := s.database.(*sqliteDB).writing.ExecContext(b.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		b.Fatal(err)
	}
	about, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	hourly := make([]time.Time, 0, 721)
	for h := 720; h >= 0; h-- {
		hourly = append(hourly, now.Add(-time.Duration(h)*time.Hour))
	}
	month := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	for name, question := range map[string]func() error{
		"status": func() error {
			_, err := s.Summaries(b.Context(), "", []time.Time{now.Add(-30 * day), now.Add(-14 * day), now.Add(-7 * day), now.Add(-day), now})
			return err
		},
		"report": func() error {
			_, err := s.Summaries(b.Context(), "", []time.Time{month, month.AddDate(0, 1, 0)})
			return err
		},
		"year": func() error {
			_, err := s.Summaries(b.Context(), "", []time.Time{now.Add(-days * day), now})
			return err
		},
		"history": func() error {
			_, err := s.Summaries(b.Context(), "c500", hourly)
			return err
		},
		"results": func() error {
			_, err := s.Results(b.Context(), "c500", now.Add(-7*day), 20_000)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := question(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(about.Size())/1e6, "MB")
		})
	}
}

// aYear writes what a year leaves in the tables, through the same packing that Fold uses. There are forty kinds of day.
func aYear(ctx context.Context, s *Store, checks, days int, now time.Time) error {
	all := make([]check.Check, checks)
	for i := range all {
		all[i] = check.Check{Name: fmt.Sprintf("c%d", i), URL: "http://127.0.0.1/", Schedule: "@every 1m"}
	}
	if err := s.SyncConfig(ctx, all, nil, true); err != nil {
		return err
	}
	ids, err := s.ids(ctx, s.read())
	if err != nil {
		return err
	}
	var packed [40]struct{ hours, day []byte }
	for kind := range packed {
		var h hours
		var sum check.Summary
		for _, found := range looksOf(kind, 0, now) {
			h[found.At.Hour()].Add(found.Result)
			sum.Add(found.Result)
		}
		packed[kind].hours, packed[kind].day = packHours(&h), packDay(sum)
	}
	for d := days; d >= 0; d-- {
		begin := now.Truncate(day).AddDate(0, 0, -d)
		var hourRows, dayRows, folds, samples [][]any
		for i := range checks {
			id, kind := ids[all[i].Name], (i+d)%len(packed)
			hourRows = append(hourRows, []any{dayOf(begin), id, packed[kind].hours})
			dayRows = append(dayRows, []any{dayOf(begin), id, packed[kind].day})
		}
		for hour := 0; hour < 24 && d < 7; hour++ {
			last := begin.Add(time.Duration(hour+1)*time.Hour - time.Second).UnixMilli()
			folds = append(folds, []any{last})
			for i := range checks {
				id := ids[all[i].Name]
				samples = append(samples, []any{last, id, packSamples(looksOf((i+d)%len(packed), id, begin)[hour*60:(hour+1)*60], false)})
			}
		}
		err := s.write(ctx, func(to writer) error {
			return errors.Join(
				to.execEach(ctx, "INSERT INTO hours (day, check_id, summaries) VALUES (?, ?, ?)", hourRows),
				to.execEach(ctx, "INSERT INTO days (day, check_id, summary) VALUES (?, ?, ?)", dayRows),
				to.execEach(ctx, "INSERT INTO folds (last_at) VALUES (?)", folds),
				to.execEach(ctx, "INSERT INTO samples (last_at, check_id, results) VALUES (?, ?, ?)", samples))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// looksOf are a check's looks of a day: latencies spread by a third, one in a hundred is slow, one in five thousand fails.
func looksOf(kind int, id int64, begin time.Time) []sample {
	begin = begin.Truncate(day)
	samples := make([]sample, 24*60)
	for minute := range samples {
		n := kind*7919 + minute*104729
		r := check.Result{
			At: begin.Add(time.Duration(minute)*time.Minute + time.Duration(n%900)*time.Millisecond), OK: n%5000 != 0, Code: 200, Detail: "HTTP 200",
			Latency: time.Duration(30+kind+n%17) * time.Millisecond, Covers: time.Minute,
		}
		if !r.OK {
			r.Code, r.Detail = 503, "HTTP 503"
		}
		if n%97 == 0 {
			r.Latency *= 9
		}
		samples[minute] = sample{id, r}
	}
	return samples
}
