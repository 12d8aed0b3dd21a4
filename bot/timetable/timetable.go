package timetable

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// Store is where the timetable is kept.
type Store interface {
	Schedules(ctx context.Context) ([]schedule.Schedule, error)
	// CheckRevision grows with every check or schedule that is added, changed or removed, by whatever process.
	CheckRevision(ctx context.Context) (int64, error)
	// SlotDone records that a slot was handed on; an earlier slot than the recorded one changes nothing.
	SlotDone(ctx context.Context, name string, slot time.Time) error
	// Acts and ActDone are schedule.Acts': lines that run once.
	Acts(ctx context.Context, due time.Time) ([]schedule.Act, error)
	ActDone(ctx context.Context, act schedule.Act) error
}

const (
	poll     = time.Second // how often the store is asked for changes
	attempts = 30          // how often a slot is handed on that the engine could not write down
)

// Timetable hands the line of each schedule to the request engine when it comes due. Any number of processes may
// run one on the same store: the engine takes a slot once, by its key.
type Timetable struct {
	store    Store
	receiver bot.Receiver
	log      *slog.Logger
	now      func() time.Time // the clock on the wall, which may be set

	revision int64
	loaded   bool
	entries  []*Entry
}

// New makes a timetable.
func New(store Store, receiver bot.Receiver, log *slog.Logger) *Timetable {
	return &Timetable{store: store, receiver: receiver, log: log, now: time.Now}
}

// Run works until the context ends, and answers nil then. Errors of the store are logged and tried again.
func (t *Timetable) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		t.reload(ctx)
		due, _ := Due(t.entries, t.now())
		for _, slot := range due {
			if ctx.Err() != nil {
				return nil
			}
			t.hand(ctx, slot)
		}
		t.handActs(ctx, t.now())
		timer.Reset(t.pause(t.now()))
	}
}

// pause is how long to sleep: until the next slot, and never longer than the store may stay unasked.
func (t *Timetable) pause(now time.Time) time.Duration {
	pause := poll
	if _, next := Due(t.entries, now); !next.IsZero() {
		pause = min(pause, next.Sub(now))
	}
	return pause
}

// reload reads the schedules where they have changed.
func (t *Timetable) reload(ctx context.Context) {
	revision, err := t.store.CheckRevision(ctx)
	if err == nil && t.loaded && revision == t.revision {
		return
	}
	var schedules []schedule.Schedule
	if err == nil {
		schedules, err = t.store.Schedules(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			t.log.Error("the timetable cannot be read", "err", err)
		}
		return
	}
	now := t.now()
	before := map[string]*Entry{}
	for _, e := range t.entries {
		before[e.Schedule.Name] = e
	}
	t.entries = t.entries[:0:0]
	for _, s := range schedules {
		e, err := Enter(s, now)
		if err != nil {
			t.log.Error("a schedule cannot be understood", "schedule", s.Name, "err", err)
			continue
		}
		if old := before[s.Name]; old != nil && old.Schedule.CreatedAt.Equal(s.CreatedAt) && old.After.After(e.After) {
			e.After = old.After
		}
		t.entries = append(t.entries, &e)
	}
	t.revision, t.loaded = revision, true
}

// hand gives one slot to the engine and records it. Cut short in between, the slot is handed on again, and the
// engine knows its key.
func (t *Timetable) hand(ctx context.Context, slot Slot) {
	s := slot.Entry.Schedule
	message := bot.Message{
		Key:    Key(s.Name, slot.At),
		Source: bot.Schedule,
		Asker:  commands.Asker{User: s.Owner.User, Team: s.Owner.Team, Channel: s.Channel},
		Line:   slot.Line,
		At:     slot.At,
	}
	if s.Hours != "" {
		message.Act, message.Reason = schedule.EdgeKey(s.Name, slot.At), "the hours "+s.Name
	}
	answer := t.receiver.Receive(ctx, message)
	if ctx.Err() != nil {
		return // whether it was written down is not known; the next process asks again
	}
	if answer.Request == "" && slot.Entry.tried(slot.At) < attempts {
		t.log.Warn("a slot was not written down and is tried again", "schedule", s.Name, "slot", slot.At, "answer", answer.Report.Title)
		return
	}
	if err := t.store.SlotDone(ctx, s.Name, slot.At); err != nil {
		t.log.Error("a slot could not be recorded and is handed on again", "schedule", s.Name, "slot", slot.At, "err", err)
		return
	}
	if answer.Request == "" {
		t.log.Error("a slot was given up", "schedule", s.Name, "slot", slot.At, "answer", answer.Report.Title)
	}
	slot.Entry.After = slot.At
}

// Key is unique to a slot of a schedule, for every process alike.
func Key(name string, slot time.Time) string {
	return "schedule:" + name + ":" + strconv.FormatInt(slot.Unix(), 10)
}
