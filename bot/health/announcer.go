package health

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

const (
	firstPause  = time.Second
	longPause   = 5 * time.Minute
	corrections = 3           // how often an incident's message is tried to be edited before going on
	skew        = time.Minute // how far the chat's clock may be behind ours
)

// announcer says what incidents have to say, each channel in a goroutine of its own that lives while there is something to say.
//
// Before it posts, it writes down what it is about to say; after the chat took it, that it was said. Where a post's fate is not known (the
// answer was lost, the process was killed) it looks for the message by its key first. So what was not taken is said again, and
// what was taken is not.
type announcer struct {
	loop *Loop
	desk *desk
	done sync.WaitGroup

	mu       sync.Mutex
	channels map[string]*channel
	absent   map[string]bool // keys of which we know that the chat does not have them
}

// channel is what waits to be said in one channel.
type channel struct {
	id    string
	fresh []int64 // incidents of which is not written down yet that they are about to be told
	queue []int64
	kick  chan struct{}
}

func newAnnouncer(d *desk) *announcer {
	return &announcer{loop: d.loop, desk: d, channels: map[string]*channel{}, absent: map[string]bool{}}
}

// tell queues an incident that has something to say in a channel.
func (a *announcer) tell(ctx context.Context, number int64, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ch := a.channels[id]
	if ch == nil {
		ch = &channel{id: id, kick: make(chan struct{}, 1)}
		a.channels[id] = ch
		a.done.Go(func() { a.serve(ctx, ch) })
	}
	if slices.Contains(ch.fresh, number) || slices.Contains(ch.queue, number) {
		return
	}
	ch.fresh = append(ch.fresh, number)
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
		fresh, number, ok := a.next(ch)
		if !ok || ctx.Err() != nil {
			return
		}
		for _, number := range fresh {
			a.note(ctx, number)
		}
		if left := time.Until(until); left > 0 {
			sleep(ctx, left, ch.kick)
			continue
		}
		err := a.say(ctx, number)
		if a.settled(ch, number, err == nil); err == nil {
			pause, until = 0, time.Time{}
			continue
		}
		pause = min(max(2*pause, firstPause), longPause)
		until = time.Now().Add(pause)
		if ctx.Err() == nil {
			a.loop.Log.Error("an announcement was not taken and is tried again", "incident", number, "channel", ch.id, "in", pause, "err", err)
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

// next moves the fresh incidents into the queue and answers them, with the one that is next. Where there is none the
// channel is closed.
func (a *announcer) next(ch *channel) (fresh []int64, number int64, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh, ch.fresh = ch.fresh, nil
	ch.queue = append(ch.queue, fresh...)
	if len(ch.queue) == 0 {
		delete(a.channels, ch.id)
		return nil, 0, false
	}
	return fresh, ch.queue[0], true
}

// settled takes an incident from the queue, or puts it last so that it holds nobody up.
func (a *announcer) settled(ch *channel, number int64, said bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(ch.queue, number); i >= 0 {
		ch.queue = slices.Delete(ch.queue, i, i+1)
		if !said {
			ch.queue = append(ch.queue, number)
		}
	}
}

// note writes down at once that an incident is about to be told, so that one that ends while the chat cannot be reached is
// not forgotten.
func (a *announcer) note(ctx context.Context, number int64) {
	now := a.loop.Now().UTC()
	s, next, due := a.desk.look(number, now)
	if !due || next.step != check.StepPost || !s.incident.Said[check.StepPost].TriedAt.IsZero() {
		return
	}
	gathered, err := a.gather(ctx, s, now)
	if err == nil && !gathered {
		err = a.intend(ctx, number, next)
	}
	if err != nil && ctx.Err() == nil {
		a.loop.Log.Error("an announcement could not be written down", "incident", number, "err", err)
	}
}

// gather puts an incident into a storm, where there is one.
func (a *announcer) gather(ctx context.Context, s scene, now time.Time) (bool, error) {
	if s.incident.IsStorm() {
		return false, nil
	}
	storm, err := a.desk.gather(ctx, s.incident, now, a.mayBeThere)
	if storm > 0 {
		a.desk.wake()
	}
	return storm > 0, err
}

// say says what there is to say of an incident until there is nothing more.
func (a *announcer) say(ctx context.Context, number int64) error {
	for {
		now := a.loop.Now().UTC()
		s, next, due := a.desk.look(number, now)
		if !due {
			return nil
		}
		if next.step == check.StepPost {
			if gathered, err := a.gather(ctx, s, now); gathered || err != nil {
				return err
			}
		}
		if err := a.once(ctx, s, next); err != nil {
			return err
		}
	}
}

func (a *announcer) once(ctx context.Context, s scene, next saying) error {
	if next.step == "" {
		return a.edit(ctx, s, next)
	}
	found, err := a.find(ctx, s, next)
	if err != nil || found {
		return err
	}
	return a.post(ctx, s, next)
}

// find looks for messages that an earlier attempt may have left, and writes down those that it finds.
func (a *announcer) find(ctx context.Context, s scene, next saying) (bool, error) {
	i := s.incident
	tries := []saying{next}
	if next.step == check.StepBack && i.Said[check.StepPost].At.IsZero() {
		tries = []saying{s.post(a.loop.Now()), next}
	}
	for _, try := range tries {
		said := i.Said[try.step]
		if said.TriedAt.IsZero() || a.isAbsent(try.key) {
			continue
		}
		at, found, err := a.loop.Messenger.Find(ctx, try.channel, try.thread, try.key, said.TriedAt.Add(-skew))
		switch {
		case err != nil && !permanent(err):
			return false, err
		case err != nil:
			a.loop.Log.Warn("the channel cannot be searched; an announcement may appear twice", "incident", i.ID(), "channel", try.channel, "err", err)
		case found:
			return true, a.told(ctx, i.Number, try, at, "")
		}
		a.setAbsent(try.key, true)
	}
	return false, nil
}

// mayBeThere tells whether an incident's message may be in the chat although nobody wrote down that it is.
func (a *announcer) mayBeThere(i check.Incident) bool {
	return !i.Said[check.StepPost].TriedAt.IsZero() && !a.isAbsent(scene{incident: i}.key(check.StepPost))
}

// post says one thing and writes down that it was said.
func (a *announcer) post(ctx context.Context, s scene, next saying) error {
	number := s.incident.Number
	if s.incident.Said[next.step].TriedAt.IsZero() {
		if err := a.intend(ctx, number, next); err != nil {
			return err
		}
	}
	a.setAbsent(next.key, false)
	at, err := a.loop.Messenger.Post(ctx, next.channel, next.thread, next.key, next.report)
	if err != nil && !permanent(err) {
		return err
	}
	if err != nil {
		a.loop.Log.Error("the chat will never take an announcement; it is given up", "incident", number, "channel", next.channel, "title", next.report.Title, "err", err)
		at = bot.Ref{Channel: next.channel}
	}
	return a.told(ctx, number, next, at, digest(next.report))
}

// intend writes down what is about to be said.
func (a *announcer) intend(ctx context.Context, number int64, next saying) error {
	err := a.desk.change(ctx, number, func(i *check.Incident) {
		i.Mark(next.step, check.Said{TriedAt: a.loop.Now().UTC()})
	})
	if err == nil {
		a.setAbsent(next.key, true)
	}
	return err
}

// told writes down that something was said, also while the process is being stopped. Shown is the content of a message that is
// edited later, where it is known.
func (a *announcer) told(ctx context.Context, number int64, said saying, at bot.Ref, shown string) error {
	now := a.loop.Now().UTC()
	event := said.event
	event.At, event.Actor = now, robot
	err := a.desk.change(ctx, number, func(i *check.Incident) {
		was := i.Said[said.step]
		i.Mark(said.step, check.Said{TriedAt: was.TriedAt, At: now, Channel: at.Channel, TS: at.TS})
		if said.step == check.StepPost {
			i.Shown = shown
		}
		if said.step == stepWhy {
			i.Hands = handsOf(said.report)
		}
		if strings.HasPrefix(said.step, stepReminder) {
			i.Reminded++
		}
	}, event)
	if err == nil && said.step == check.StepPost && at.TS != "" {
		a.explain(ctx, number)
	}
	return err
}

// edit makes an incident's message read as it is to read now. What fails a few times is put off: other news goes on.
func (a *announcer) edit(ctx context.Context, s scene, next saying) error {
	d, number := a.desk, s.incident.Number
	err := a.loop.Messenger.Update(ctx, ref(s.incident), next.key, next.report)
	if err != nil && !permanent(err) && ctx.Err() == nil {
		over := !s.incident.Open() && (s.incident.Storm > 0 || s.incident.Ending != check.CameBack || !s.incident.Said[check.StepBack].At.IsZero())
		switch tries := d.putOff(number, a.loop.Now().UTC()); {
		case tries < corrections:
			return err
		case tries < 3*corrections || !over:
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.loop.Log.Warn("the message of an incident could not be edited", "incident", number, "err", err)
	}
	d.mu.Lock()
	delete(d.unedited, number)
	d.mu.Unlock()
	return d.change(ctx, number, func(i *check.Incident) { i.Shown = digest(next.report) })
}

// explain finds out in the background why a check is down, for the incident's thread.
func (a *announcer) explain(ctx context.Context, number int64) {
	s, _, _ := a.desk.look(number, a.loop.Now().UTC())
	if a.loop.Doctor == nil || s.incident.IsStorm() || !s.incident.Open() {
		return
	}
	a.done.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, doctorTime)
		defer cancel()
		report, err := a.loop.Doctor.Explain(ctx, s.check)
		if err != nil {
			if ctx.Err() == nil {
				a.loop.Log.Warn("why a check is down could not be found out", "check", s.check.Name, "err", err)
			}
			return
		}
		report.Next = slices.DeleteFunc(report.Next, func(n commands.Next) bool { return n.Line == "" })
		a.desk.mu.Lock()
		a.desk.reports[number] = &report
		a.desk.mu.Unlock()
		a.desk.wake()
	})
}

// doctorTime is how long finding out why a check is down may take.
const doctorTime = 45 * time.Second

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

// permanent tells whether the chat will never take something.
func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}
