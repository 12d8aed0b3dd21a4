package store_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/commands/check"
)

func each(b *testing.B, bench func(b *testing.B, url string)) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) { bench(b, databases()[name](b)) })
	}
}

// BenchmarkCreate is a request with its event and job, durable.
func BenchmarkCreate(b *testing.B) {
	each(b, func(b *testing.B, url string) {
		s := open(b, url)
		for i := 0; b.Loop(); i++ {
			_, _, err := s.Create(b.Context(), request(fmt.Sprint(i)), []bot.Event{{What: "asked"}}, []bot.Job{{Work: bot.Execute}})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInsertToStart is from before Create until a worker begins, ten jobs a second at most.
func BenchmarkInsertToStart(b *testing.B) {
	each(b, func(b *testing.B, url string) {
		s := open(b, url)
		started := make(chan struct{})
		work(b, s, store.Workers{Deliver: idle, Execute: func(context.Context, int64) error {
			started <- struct{}{}
			return nil
		}})
		var total, most time.Duration
		for i := 0; b.Loop(); i++ {
			time.Sleep(20 * time.Millisecond) // as people type: the queue is at rest
			begin := time.Now()
			_, _, err := s.Create(b.Context(), request(fmt.Sprint(i)), []bot.Event{{What: "asked"}}, []bot.Job{{Work: bot.Execute}})
			if err != nil {
				b.Fatal(err)
			}
			<-started
			took := time.Since(begin)
			total, most = total+took, max(most, took)
		}
		b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/start")
		b.ReportMetric(float64(most.Microseconds())/1000, "ms-at-most")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkSaveResults is what 10,000 checks every 30 s bring in 200 ms, folded as often as it is worth it. One state in a
// hundred results changes.
func BenchmarkSaveResults(b *testing.B) {
	each(b, func(b *testing.B, url string) {
		const all, bucket = 10_000, 66
		s := open(b, url)
		checks := make([]check.Check, all)
		for i := range checks {
			checks[i] = check.Check{Name: fmt.Sprintf("check-%05d", i)}
		}
		if err := s.SyncConfig(b.Context(), checks, nil, true); err != nil {
			b.Fatal(err)
		}
		now := time.Now()
		results := make([]check.Result, bucket)
		before := cpu(b)
		for i := 0; b.Loop(); i++ {
			for j := range bucket {
				name := checks[(i*bucket+j)*7919%all].Name // scattered
				results[j] = check.Result{
					Check: name, At: now.Add(time.Duration(i) * 200 * time.Millisecond), OK: true, Code: 200, Detail: "HTTP 200",
					Latency: time.Duration(j*j) * time.Millisecond / 10, Covers: 30 * time.Second,
				}
			}
			states := []check.State{{Check: results[0].Check, Status: check.Up, Since: now.Add(time.Duration(i))}}
			if err := s.SaveResults(b.Context(), check.Looks{Results: results, States: states[:i%2]}); err != nil {
				b.Fatal(err)
			}
			if i%150 == 0 {
				if err := s.Fold(b.Context(), now); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N*bucket), "cpu-µs/result")
	})
}

// cpu is what this process has used so far.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkOpen opens a database that is up to date.
func BenchmarkOpen(b *testing.B) {
	each(b, func(b *testing.B, url string) {
		open(b, url)
		for b.Loop() {
			s, err := openAt(b, url)
			if err != nil {
				b.Fatal(err)
			}
			s.Close() //nolint:errcheck // not what is measured
		}
	})
}

// BenchmarkOpenFresh makes a database.
func BenchmarkOpenFresh(b *testing.B) {
	each(b, func(b *testing.B, _ string) {
		for b.Loop() {
			b.StopTimer()
			url := databases()[b.Name()[len("BenchmarkOpenFresh/"):]](b)
			b.StartTimer()
			s, err := openAt(b, url)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			s.Close() //nolint:errcheck // not what is measured
			b.StartTimer()
		}
	})
}
