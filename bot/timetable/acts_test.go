package timetable

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

func lease(in time.Duration) schedule.Act {
	return schedule.Act{
		Key: "lease R-7 stop", Due: time.Now().Add(in), Line: "vm stop i-1", Of: 7, Agreed: true, Private: true,
		Asker: commands.Asker{User: "U1", Channel: "C9", Thread: "1.2", Team: "T1"}, Reason: "the lease of R-7 is over",
	}
}

func TestActs(t *testing.T) {
	t.Parallel()
	t.Run("a line that comes due is handed on once, at its time, by whichever process", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			b.acts = []schedule.Act{lease(time.Hour)}
			run(t, b, e, func() {
				run(t, b, e, func() { time.Sleep(time.Hour + time.Minute) })
			})
			if e.at() != "01T01:00:00" || len(b.acts) > 0 {
				t.Errorf("handed on %q, left %v", e.at(), b.acts)
			}
			m := e.received[0]
			want := bot.Message{
				Key: "act:lease R-7 stop:946688400", Source: bot.Lease, Line: "vm stop i-1", At: m.At, Reason: "the lease of R-7 is over",
				Of: 7, Agreed: true, Private: true, Act: "lease R-7 stop", Asker: commands.Asker{User: "U1", Channel: "C9", Team: "T1"},
			}
			if m != want {
				t.Errorf("message %+v, want %+v", m, want)
			}
		})
	})
	t.Run("what came due while nobody ran is handed on however late", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			b.acts = []schedule.Act{lease(time.Hour)}
			time.Sleep(40 * 24 * time.Hour)
			run(t, b, e, func() { time.Sleep(time.Minute) })
			if e.at() != "01T01:00:00" || e.calls != 1 {
				t.Errorf("handed on %q in %d calls", e.at(), e.calls)
			}
		})
	})
	t.Run("what cannot be written down is tried until it can", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{deaf: true}
			b.acts = []schedule.Act{lease(time.Hour)}
			run(t, b, e, func() {
				time.Sleep(3 * time.Hour)
				e.Lock()
				e.deaf = false
				e.Unlock()
				time.Sleep(2 * time.Second)
			})
			if e.at() != "01T01:00:00" || len(b.acts) > 0 {
				t.Errorf("handed on %q, left %v", e.at(), b.acts)
			}
		})
	})
	t.Run("cut short before it was recorded, it has the same key again", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, e := &book{}, &engine{}
			act := lease(time.Hour)
			b.acts = []schedule.Act{act}
			run(t, b, e, func() {
				time.Sleep(time.Hour - time.Second/2)
				b.broken(errors.New("disk full"))
				time.Sleep(10 * time.Second)
			})
			b.broken(nil)
			run(t, b, e, func() { time.Sleep(time.Minute) })
			if len(e.received) != 1 || len(b.acts) > 0 {
				t.Errorf("received %v, left %v", e.received, b.acts)
			}
		})
	})
}

// TestAnEdgeIsTriedAgainUntilTheNextOne: what is left of an earlier edge, or of hours that are gone, is taken away unrun.
func TestAnEdgeIsTriedAgainUntilTheNextOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		midnight := time.Now()
		at := func(hour, minute int) time.Time {
			return midnight.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
		}
		again := func(name string, edge, due time.Time) schedule.Act {
			return schedule.Act{Key: schedule.EdgeKey(name, edge), Due: due, Line: "again", Asker: commands.Asker{User: "U1", Channel: "C1"}, Reason: "the hours " + name, Tries: 1}
		}
		b, e := &book{}, &engine{}
		b.add(schedule.Schedule{Name: "dev", Hours: "daily 08-20", TimeZone: "UTC", Channel: "C1", Line: "start", EndLine: "stop", CreatedAt: midnight})
		b.acts = []schedule.Act{
			again("dev", at(8, 0), at(8, 5)), again("dev", at(20, 0), at(20, 35)),
			again("dev", at(8, 0), at(21, 0)), again("gone", at(8, 0), at(8, 5)),
		}
		run(t, b, e, func() { time.Sleep(22 * time.Hour) })
		if e.at() != "01T08:00:00 01T08:05:00 01T20:00:00 01T20:35:00" || len(b.acts) > 0 {
			t.Errorf("handed on %q, left %v", e.at(), b.acts)
		}
		first, second := e.received[0], e.received[1]
		if first.Act != schedule.EdgeKey("dev", at(8, 0)) || first.Reason != "the hours dev" || second.Act != first.Act || second.Source != bot.Schedule || second.Tries != 1 {
			t.Errorf("the edge is %+v, and again %+v", first, second)
		}
	})
}
