package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// What a channel waits for is shown oldest first. A delivery that finds the chat away, or others before it, leaves its message to the
// channel's round, which goes over everything that the store says the channel does not show yet; its job stays as it is and finds later that there is nothing
// left to do. One channel never keeps more than a few of those who deliver, so that channels do not wait for each other.

const (
	postsAtOnce = 2           // new messages for one channel that are not left to its round
	probeEvery  = time.Second // while the chat is away, one channel after the other is tried
	failuresOut = 3           // so many failures one after the other, and the chat is away
	roundOf     = 100         // messages that one look at the store takes up
)

// ErrBehind sends a delivery back to the queue: its message is shown in its turn.
var ErrBehind = errors.New("it is shown after what its channel has waited for longer")

// backlog knows of which channels messages wait.
type backlog struct {
	mu       sync.Mutex
	kept     bool // somebody goes over what waits; nothing is left to the rounds otherwise
	channels map[string]*owed
	next     []string      // channels that are away, in the order in which they are tried
	wake     chan struct{} // holds one element when a round may begin at once
	rounds   sync.WaitGroup
}

// owed is what is known of one channel. It is dropped where nothing is.
type owed struct {
	posting int  // new messages that are on their way
	away    bool // the chat did not answer
	waits   bool // something is left to a round
	inRound bool
}

// idle tells whether a round may begin: what is on its way is older, and not overtaken.
func (o *owed) idle() bool { return !o.inRound && o.posting == 0 }

func newBacklog() backlog {
	return backlog{channels: map[string]*owed{}, wake: make(chan struct{}, 1)}
}

func (b *backlog) of(channel string) *owed {
	o := b.channels[channel]
	if o == nil {
		o = &owed{}
		b.channels[channel] = o
	}
	return o
}

func (b *backlog) drop(channel string) {
	if o := b.channels[channel]; o != nil && *o == (owed{}) {
		delete(b.channels, channel)
	}
}

// enter tells whether a message may go to its channel now. Whoever entered must leave. An edit of what is there waits for nobody but a chat that is away.
func (b *backlog) enter(channel string, edit bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.of(channel)
	if b.kept && (o.away || !edit && (o.inRound || o.waits || o.posting >= postsAtOnce)) {
		o.waits = true
		b.rouse()
		return false
	}
	if !edit {
		o.posting++
	}
	return true
}

func (b *backlog) leave(channel string, edit bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.of(channel)
	if !edit {
		o.posting--
	}
	if away(err) && b.kept {
		b.lost(channel, o)
	}
	if o.waits && o.posting == 0 {
		b.rouse()
	}
	b.drop(channel)
}

// lost takes note that the chat did not answer.
func (b *backlog) lost(channel string, o *owed) {
	if !o.away {
		b.next = append(b.next, channel)
	}
	o.away, o.waits = true, true
}

func (b *backlog) rouse() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// keep says that rounds are made from now on, or no more.
func (b *backlog) keep(kept bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = kept
}

// due takes the channels whose rounds begin now: those where the chat answers, and, to see whether it is back, one of the others.
func (b *backlog) due(probe bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var due []string
	for channel, o := range b.channels {
		if o.waits && !o.away && o.idle() {
			due = append(due, channel)
		}
	}
	for range b.next {
		if !probe {
			break
		}
		channel := b.next[0]
		b.next = append(b.next[1:], channel)
		if b.channels[channel].idle() {
			due, probe = append(due, channel), false
		}
	}
	for _, channel := range due {
		b.channels[channel].inRound = true
	}
	return due
}

// answers takes note that the chat took something: it is back for all channels.
func (b *backlog) answers() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, channel := range b.next {
		b.channels[channel].away = false
	}
	if len(b.next) > 0 {
		b.next = nil
		b.rouse()
	}
}

// begin is for the round, before it looks at what waits.
func (b *backlog) begin(channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(channel).waits = false
}

// end says how a round ended. One that another process makes is looked at again by the clock.
func (b *backlog) end(channel string, made, lost bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.of(channel)
	o.inRound = false
	switch {
	case lost:
		b.lost(channel, o)
	case made:
		o.away = false
		b.next = slices.DeleteFunc(b.next, func(other string) bool { return other == channel })
		if o.waits {
			b.rouse()
		}
	}
	b.drop(channel)
}

// away tells whether an error is the chat's as a whole, so that other messages would meet it too.
func away(err error) bool {
	var a interface{ Away() bool }
	return errors.As(err, &a) && a.Away()
}

// catchUp makes the rounds that are due. They end with the context.
func (e *Engine) catchUp(ctx context.Context, probe bool) {
	for _, channel := range e.backlog.due(probe) {
		e.backlog.rounds.Go(func() {
			made, lost, err := e.round(ctx, channel)
			if err != nil && ctx.Err() == nil {
				e.Log.Error("what waits for a channel could not be looked up; it is tried again", "channel", channel, "err", err)
			}
			e.backlog.end(channel, made, lost || err != nil)
		})
	}
}

// round shows what a channel does not show yet, oldest first, and tells whether the chat is away. One process at a time makes one.
func (e *Engine) round(ctx context.Context, channel string) (made, lost bool, err error) {
	made, err = e.Store.Exclusively(ctx, "messages of "+channel, func(ctx context.Context) error {
		e.backlog.begin(channel)
		for after := int64(0); ; {
			waiting, err := e.Store.List(ctx, Filter{
				States: owedStates, Unshown: true, Channel: channel, After: after, Since: e.Now().Add(-24 * time.Hour), Oldest: true, Limit: roundOf,
			})
			if err != nil || len(waiting) == 0 {
				return err
			}
			after = waiting[len(waiting)-1].Number
			if lost = e.showAll(ctx, waiting); lost {
				return nil
			}
		}
	})
	return made, lost, err
}

// owedStates are those in which there is something to show; asked and queued pass by.
var owedStates = append([]State{Running}, shownStates...) //nolint:gochecknoglobals // a constant list

// showAll shows requests one after the other until the chat is away. One that fails is tried once more, since a failure may be the last of an
// outage, and then the next, since it may be the message's own; where that one is taken, the one before has its turn after all.
func (e *Engine) showAll(ctx context.Context, requests []Request) (lost bool) {
	failures, turnedBack := 0, -1
	for i := 0; i < len(requests); {
		number := requests[i].Number
		held, err := e.alone(ctx, messageOf(number), func(ctx context.Context) error { return e.deliver(ctx, number) })
		if ctx.Err() != nil {
			return true
		}
		before := failures
		if away(err) {
			failures++
		} else if held && err == nil {
			failures = 0
			e.backlog.answers()
		}
		switch {
		case failures == failuresOut:
			return true
		case failures == 1 && before == 0: // once more
		case before == failuresOut-1 && failures == 0 && turnedBack != i-1:
			i--
			turnedBack = i
		default:
			i++
		}
	}
	return failures > 0
}
