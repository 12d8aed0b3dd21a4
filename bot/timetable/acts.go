package timetable

import (
	"context"
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

func messageOf(act schedule.Act) bot.Message {
	asker := act.Asker
	asker.Thread = ""
	return bot.Message{
		Key: actKey(act), Source: bot.Lease, Asker: asker, Line: act.Line, At: act.Due,
		Reason: act.Reason, Of: act.Of, Agreed: act.Agreed, Private: act.Private, Act: act.Key, Tries: act.Tries,
	}
}

// actKey is unique to an act and its time, for every process alike.
func actKey(act schedule.Act) string {
	return "act:" + act.Key + ":" + strconv.FormatInt(act.Due.Unix(), 10)
}
