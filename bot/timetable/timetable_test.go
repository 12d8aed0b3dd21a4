package timetable

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 30, 0, time.UTC)
	hourly := func(created, last time.Duration) schedule.Schedule {
		s := schedule.Schedule{Name: "s", Cron: "0 * * * *", TimeZone: "UTC", CreatedAt: now.Add(-created)}
		if last > 0 {
			s.LastSlot = now.Add(-last)
		}
		return s
	}
	for name, c := range map[string]struct {
		schedule schedule.Schedule
		due      time.Time
	}{
		"a slot that has just come":                            {hourly(time.Minute, 0), now.Add(-30 * time.Second)},
		"nothing before it was made":                           {hourly(10*time.Second, 0), time.Time{}},
		"nothing that is recorded as done":                     {hourly(time.Hour, 30*time.Second), time.Time{}},
		"only the latest of many that were missed":             {hourly(100*time.Hour, 50*time.Hour), now.Add(-30 * time.Second)},
		"being made after the last slot counts, not that slot": {hourly(10*time.Second, 5*time.Hour), time.Time{}},
		"a missed one within the day": {
			schedule.Schedule{Name: "s", Cron: "30 9 * * *", TimeZone: "UTC", CreatedAt: now.AddDate(0, -1, 0)},
			time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC),
		},
		"none that is older than a day": {
			schedule.Schedule{Name: "s", Cron: "30 8 * * 4", TimeZone: "UTC", CreatedAt: now.AddDate(0, -1, 0)},
			time.Time{},
		},
		"nothing where no beginning is known": {schedule.Schedule{Name: "s", Cron: "* * * * *", TimeZone: "UTC"}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := Enter(c.schedule, now)
			if err != nil {
				t.Fatal(err)
			}
			due, next := Due([]*Entry{&e}, now)
			var got time.Time
			if len(due) == 1 {
				got = due[0].At
			}
			if !got.Equal(c.due) || len(due) > 1 {
				t.Errorf("due %v, want %v", due, c.due)
			}
			if !next.After(now) {
				t.Errorf("next %v is not after now", next)
			}
		})
	}
}

// book is a store in memory whose writes can be made to fail.
type book struct {
	sync.Mutex
	schedules []schedule.Schedule
	acts      []schedule.Act
	revision  int64
	fail      error
}

func (b *book) add(s schedule.Schedule) {
	b.Lock()
	defer b.Unlock()
	b.schedules = append(b.schedules, s)
	b.revision++
}

func (b *book) broken(err error) {
	b.Lock()
	defer b.Unlock()
	b.fail = err
}

func (b *book) Schedules(context.Context) ([]schedule.Schedule, error) {
	b.Lock()
	defer b.Unlock()
	return slices.Clone(b.schedules), b.fail
}

func (b *book) CheckRevision(context.Context) (int64, error) {
	b.Lock()
	defer b.Unlock()
	return b.revision, b.fail
}

func (b *book) SlotDone(_ context.Context, name string, slot time.Time) error {
	b.Lock()
	defer b.Unlock()
	if b.fail != nil {
		return b.fail
	}
	for i := range b.schedules {
		if b.schedules[i].Name == name && slot.After(b.schedules[i].LastSlot) {
			b.schedules[i].LastSlot = slot
		}
	}
	return nil
}

func (b *book) Acts(_ context.Context, due time.Time) ([]schedule.Act, error) {
	b.Lock()
	defer b.Unlock()
	var out []schedule.Act
	for _, act := range b.acts {
		if !act.Due.After(due) {
			out = append(out, act)
		}
	}
	return out, b.fail
}

func (b *book) ActDone(_ context.Context, done schedule.Act) error {
	b.Lock()
	defer b.Unlock()
	if b.fail == nil {
		b.acts = slices.DeleteFunc(b.acts, func(act schedule.Act) bool { return act.Key == done.Key && act.Due.Equal(done.Due) })
	}
	return b.fail
}

// engine takes messages once by key, as the request engine does.
type engine struct {
	sync.Mutex
	deaf     bool // cannot write anything down
	received []bot.Message
	calls    int
}

func (e *engine) Receive(_ context.Context, m bot.Message) bot.Answer {
	e.Lock()
	defer e.Unlock()
	e.calls++
	if e.deaf {
		return bot.Answer{Report: commands.Report{Title: "This could not be written down"}}
	}
	if !slices.ContainsFunc(e.received, func(old bot.Message) bool { return old.Key == m.Key }) {
		e.received = append(e.received, m)
	}
	return bot.Answer{Request: "R-1"}
}

func (e *engine) at() string {
	e.Lock()
	defer e.Unlock()
	var out []string
	for _, m := range e.received {
		out = append(out, m.At.UTC().Format("02T15:04:05"))
	}
	return strings.Join(out, " ")
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// run works a timetable for a while of fake time.
func run(t *testing.T, b *book, e *engine, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- New(b, e, quiet()).Run(ctx) }()
	during()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func daily(cron string) schedule.Schedule {
	return schedule.Schedule{
		Name: "morning", Cron: cron, TimeZone: "UTC", Channel: "C1", Line: "status",
		Owner: commands.Asker{User: "U1", Channel: "C9", Thread: "1.2", Team: "T1"}, CreatedAt: time.Now(),
	}
}

// The fake clock of a bubble begins at 2000-01-01 00:00:00 UTC.
func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("a day of a schedule every four hours", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			b.add(daily("0 */4 * * *"))
			run(t, b, e, func() { time.Sleep(24*time.Hour + time.Second) })
			if want := "01T04:00:00 01T08:00:00 01T12:00:00 01T16:00:00 01T20:00:00 02T00:00:00"; e.at() != want {
				t.Errorf("handed on %s, want %s", e.at(), want)
			}
			m := e.received[0]
			if m.Key != "schedule:morning:946699200" || m.Source != bot.Schedule || m.Line != "status" {
				t.Errorf("message %+v", m)
			}
			if want := (commands.Asker{User: "U1", Team: "T1", Channel: "C1"}); m.Asker != want {
				t.Errorf("asker %+v, want %+v", m.Asker, want)
			}
			if e.calls != len(e.received) {
				t.Errorf("%d calls for %d slots", e.calls, len(e.received))
			}
		})
	})
	t.Run("a schedule that somebody adds meanwhile is seen within a second, to the moment", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			run(t, b, e, func() {
				time.Sleep(57500 * time.Millisecond)
				b.add(daily("* * * * *"))
				time.Sleep(2500 * time.Millisecond)
				synctest.Wait()
				if e.at() != "01T00:01:00" {
					t.Errorf("handed on %q", e.at())
				}
			})
		})
	})
	t.Run("what came due while nobody ran is handed on once, late", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			b.add(daily("0 * * * *"))
			time.Sleep(5*time.Hour + time.Minute)
			run(t, b, e, func() { time.Sleep(10 * time.Minute) })
			run(t, b, e, func() { time.Sleep(10 * time.Minute) })
			if e.at() != "01T05:00:00" || e.calls != 1 {
				t.Errorf("handed on %q in %d calls", e.at(), e.calls)
			}
		})
	})
	t.Run("cut short before the slot was recorded, the slot runs once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			b.add(daily("0 * * * *"))
			run(t, b, e, func() {
				time.Sleep(time.Hour - time.Second/2)
				b.broken(errors.New("disk full"))
				time.Sleep(10 * time.Second)
			})
			b.broken(nil)
			run(t, b, e, func() { time.Sleep(30 * time.Minute) })
			if e.at() != "01T01:00:00" || e.calls < 3 {
				t.Errorf("handed on %q in %d calls", e.at(), e.calls)
			}
			if !b.schedules[0].LastSlot.Equal(time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)) {
				t.Errorf("last slot %v", b.schedules[0].LastSlot)
			}
		})
	})
	t.Run("a slot that cannot be written down is tried again, not for ever", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{deaf: true}
			b.add(daily("0 1,3 * * *"))
			run(t, b, e, func() {
				time.Sleep(2 * time.Hour)
				if e.calls != attempts {
					t.Errorf("%d calls, want %d", e.calls, attempts)
				}
				time.Sleep(time.Hour + 5*time.Second)
				e.Lock()
				e.deaf = false
				e.Unlock()
				time.Sleep(time.Minute)
			})
			if e.at() != "01T03:00:00" {
				t.Errorf("handed on %q", e.at())
			}
		})
	})
	t.Run("a schedule that cannot be understood stops no other", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			broken := daily("nonsense")
			broken.Name = "a-broken"
			b.add(broken)
			b.add(daily("* * * * *"))
			run(t, b, e, func() { time.Sleep(time.Minute + time.Second) })
			if e.at() != "01T00:01:00" {
				t.Errorf("handed on %q", e.at())
			}
		})
	})
}
