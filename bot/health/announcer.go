package health

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"deckhand/bot"
	"deckhand/commands/check"
)

const (
	firstPause  = time.Second
	longPause   = 5 * time.Minute
	corrections = 3           // how often the message of an ended incident is tried to be corrected before going on
	skew        = time.Minute // how far the chat's clock may be behind ours
)

// announcer tells channels what Alert says, each channel in a goroutine of its own that lives while there is something to
// say.
//
// Before it posts, it writes down what it is about to tell; after the chat took it, that it was told. Where a
// post's fate is not known (the answer was lost, the process was killed) it looks for the message by its key first. So what
// was not taken is said again, and what was taken is not.
type announcer struct {
	loop *Loop
	done sync.WaitGroup

	mu       sync.Mutex
	channels map[string]*channel
	absent   map[string]bool // keys of which we know that the chat does not have them
	tries    map[string]int  // corrections that failed, by key
}

// channel is what waits to be said in one channel.
type channel struct {
	id    string
	fresh []string // names whose announcement is not written down yet
	queue []string
	kick  chan struct{}
}

func newAnnouncer(l *Loop) *announcer {
	return &announcer{loop: l, channels: map[string]*channel{}, absent: map[string]bool{}, tries: map[string]int{}}
}

// tell queues a check whose channel must hear of it.
func (a *announcer) tell(ctx context.Context, name, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ch := a.channels[id]
	if ch == nil {
		ch = &channel{id: id, kick: make(chan struct{}, 1)}
		a.channels[id] = ch
		a.done.Go(func() { a.serve(ctx, ch) })
	}
	if slices.Contains(ch.fresh, name) || slices.Contains(ch.queue, name) {
		return
	}
	ch.fresh = append(ch.fresh, name)
	select {
	case ch.kick <- struct{}{}:
	default:
	}
}

// wait returns once no channel is being served.
func (a *announcer) wait() { a.done.Wait() }

// serve says what is queued, one after the other, slower and slower while the chat does not take it.
func (a *announcer) serve(ctx context.Context, ch *channel) {
	var pause time.Duration
	var until time.Time
	for {
		fresh, name, ok := a.next(ch)
		if !ok || ctx.Err() != nil {
			return
		}
		for _, name := range fresh {
			a.note(ctx, name)
		}
		if left := time.Until(until); left > 0 {
			sleep(ctx, left, ch.kick)
			continue
		}
		err := a.say(ctx, name)
		if a.settled(ch, name, err == nil); err == nil {
			pause, until = 0, time.Time{}
			continue
		}
		pause = min(max(2*pause, firstPause), longPause)
		until = time.Now().Add(pause)
		if ctx.Err() == nil {
			a.loop.Log.Error("an announcement was not taken and is tried again", "check", name, "channel", ch.id, "in", pause, "err", err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration, kick <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-kick:
	case <-timer.C:
	}
}

// next moves the fresh names into the queue and answers them, with the name that is next. Where there is none the
// channel is closed.
func (a *announcer) next(ch *channel) (fresh []string, name string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh, ch.fresh = ch.fresh, nil
	ch.queue = append(ch.queue, fresh...)
	if len(ch.queue) == 0 {
		delete(a.channels, ch.id)
		return nil, "", false
	}
	return fresh, ch.queue[0], true
}

// settled takes a name from the queue, or puts it last so that it holds nobody up.
func (a *announcer) settled(ch *channel, name string, said bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(ch.queue, name); i >= 0 {
		ch.queue = slices.Delete(ch.queue, i, i+1)
		if !said {
			ch.queue = append(ch.queue, name)
		}
	}
}

// note writes down at once what is about to be told, so that an incident that ends while the chat cannot be reached is
// not forgotten.
func (a *announcer) note(ctx context.Context, name string) {
	c, s, ok := a.loop.current(name)
	if !ok || !s.Announced.TriedAt.IsZero() {
		return
	}
	if an, due := Alert(c, s); due {
		if err := a.intend(ctx, name, s.Announced, an); err != nil && ctx.Err() == nil {
			a.loop.Log.Error("an announcement could not be written down", "check", name, "err", err)
		}
	}
}

// say tells what there is to tell of a check until there is nothing more.
func (a *announcer) say(ctx context.Context, name string) error {
	for {
		c, s, ok := a.loop.current(name)
		if !ok {
			return nil
		}
		an, due := Alert(c, s)
		if !due {
			return nil
		}
		told, found, err := a.find(ctx, c, s.Announced, an)
		if err == nil && found {
			err = a.record(ctx, name, told)
		} else if err == nil {
			err = a.post(ctx, c, s.Announced, an)
		}
		if err != nil {
			return err
		}
	}
}

// find looks for messages that an earlier attempt may have left in the channel.
func (a *announcer) find(ctx context.Context, c check.Check, told check.Announced, an Announcement) (check.Announced, bool, error) {
	if told.TriedAt.IsZero() {
		return told, false, nil
	}
	for _, try := range []struct {
		key    string
		status check.Status
		since  time.Time
	}{
		{Key(c.Name, told.Trying, told.TryingSince), told.Trying, told.TryingSince},
		{an.Key, an.Status, an.Since},
	} {
		if a.isAbsent(try.key) {
			continue
		}
		ref, found, err := a.loop.Messenger.Find(ctx, an.Channel, "", try.key, told.TriedAt.Add(-skew))
		switch {
		case err != nil && !permanent(err):
			return told, false, err
		case err != nil:
			a.loop.Log.Warn("the channel cannot be searched; an announcement may appear twice", "check", c.Name, "channel", an.Channel, "err", err)
		case found:
			return check.Announced{Status: try.status, Since: try.since, Channel: ref.Channel, TS: ref.TS}, true, nil
		}
		a.setAbsent(try.key, true)
	}
	return told, false, nil
}

// post says an announcement and records that it was said.
func (a *announcer) post(ctx context.Context, c check.Check, told check.Announced, an Announcement) error {
	if !intended(told, an) {
		if err := a.intend(ctx, c.Name, told, an); err != nil {
			return err
		}
	}
	if err := a.correct(ctx, c, an.Over); err != nil {
		return err
	}
	a.setAbsent(an.Key, false)
	ref, err := a.loop.Messenger.Post(ctx, an.Channel, "", an.Key, an.Report)
	if err != nil && !permanent(err) {
		return err
	}
	if err != nil {
		a.loop.Log.Error("the chat will never take an announcement; it is given up", "check", c.Name, "channel", an.Channel, "title", an.Report.Title, "err", err)
		ref = bot.Ref{Channel: an.Channel}
	}
	return a.record(ctx, c.Name, check.Announced{Status: an.Status, Since: an.Since, Channel: ref.Channel, TS: ref.TS})
}

// intended tells whether what is written down as being tried is this announcement. One message for both ends of an incident
// stands under its beginning.
func intended(told check.Announced, an Announcement) bool {
	switch {
	case told.TriedAt.IsZero():
		return false
	case an.Status == check.Up && told.Status != check.Down:
		return told.Trying == check.Down
	default:
		return told.Trying == an.Status && same(told.TryingSince, an.Since)
	}
}

// intend writes down what is about to be told.
func (a *announcer) intend(ctx context.Context, name string, told check.Announced, an Announcement) error {
	told.TriedAt, told.Trying, told.TryingSince = time.Now().UTC(), an.Status, an.Since
	if err := a.record(ctx, name, told); err != nil {
		return err
	}
	a.setAbsent(an.Key, true)
	return nil
}

// correct makes the message of an ended incident say so. It comes before the news of the end, since it may be repeated;
// but the news does not wait for it for ever.
func (a *announcer) correct(ctx context.Context, c check.Check, over *Correction) error {
	if over == nil {
		return nil
	}
	err := a.loop.Messenger.Update(ctx, over.Ref, over.Key, over.Report)
	if err == nil {
		a.failed(over.Key, false)
		return nil
	}
	if !permanent(err) && a.failed(over.Key, true) < corrections {
		return err
	}
	a.failed(over.Key, false)
	a.loop.Log.Warn("the message of an ended incident could not be corrected", "check", c.Name, "err", err)
	return nil
}

// record writes down what was told, also while the process is being stopped.
func (a *announcer) record(ctx context.Context, name string, told check.Announced) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrites)
	defer cancel()
	if err := a.loop.Store.SaveAnnounced(ctx, name, told); err != nil {
		return err
	}
	a.loop.announced(name, told)
	return nil
}

func (a *announcer) isAbsent(key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.absent[key]
}

func (a *announcer) setAbsent(key string, absent bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if absent {
		a.absent[key] = true
	} else {
		delete(a.absent, key)
	}
}

// failed counts a correction that failed, or forgets the count.
func (a *announcer) failed(key string, counts bool) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !counts {
		delete(a.tries, key)
		return 0
	}
	a.tries[key]++
	return a.tries[key]
}

// permanent tells whether the chat will never take something.
func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}
