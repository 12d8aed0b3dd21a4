package timetable

import (
	"context"
	"slices"
	"strconv"
	"time"

	"deckhand/bot"
	"deckhand/commands/schedule"
)

// handActs hands on what has come due. What the engine could not write down stays, and is handed on again.
func (t *Timetable) handActs(ctx context.Context, now time.Time) {
	due, err := t.store.Acts(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			t.log.Error("what comes due cannot be read", "err", err)
		}
		return
	}
	for _, act := range due {
		if t.outdated(act) {
			if err := t.store.ActDone(ctx, act); err != nil {
				t.log.Error("an edge that is outdated could not be taken away", "act", act.Key, "err", err)
			}
			continue
		}
		answer := t.receiver.Receive(ctx, messageOf(act))
		if ctx.Err() != nil {
			return // whether it was written down is not known; the next process asks again, with the same key
		}
		if answer.Request == "" {
			t.log.Warn("what is due was not written down and is tried again", "act", act.Key, "due", act.Due, "answer", answer.Report.Title)
			continue
		}
		if err := t.store.ActDone(ctx, act); err != nil {
			t.log.Error("an act could not be recorded and is handed on again", "act", act.Key, "err", err)
		}
	}
}

// outdated tells whether an act tries an edge of hours again that are gone, or whose next edge has come: how things are to be is up to that.
func (t *Timetable) outdated(act schedule.Act) bool {
	name, slot, ok := schedule.Edge(act.Key)
	if !ok {
		return false
	}
	i := slices.IndexFunc(t.entries, func(e *Entry) bool { return e.Schedule.Name == name })
	return i < 0 || t.entries[i].Schedule.Hours == "" || t.entries[i].After.After(slot)
}

func messageOf(act schedule.Act) bot.Message {
	asker := act.Asker
	asker.Thread = ""
	source := bot.Lease
	if _, _, ok := schedule.Edge(act.Key); ok {
		source = bot.Schedule
	}
	return bot.Message{
		Key: actKey(act), Source: source, Asker: asker, Line: act.Line, At: act.Due,
		Reason: act.Reason, Of: act.Of, Agreed: act.Agreed, Private: act.Private, Act: act.Key, Tries: act.Tries,
	}
}

// actKey is unique to an act and its time, for every process alike.
func actKey(act schedule.Act) string {
	return "act:" + act.Key + ":" + strconv.FormatInt(act.Due.Unix(), 10)
}
