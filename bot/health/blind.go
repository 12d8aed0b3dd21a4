package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/bot"
	"deckhand/commands"
	"deckhand/commands/check"
)

// BlindBook keeps over restarts which checks are not measured, by name.
type BlindBook interface {
	Blindness(ctx context.Context) (map[string]check.Blindness, error)
	// SaveBlindness writes these down; what is known of others stays. A check that is gone is left out.
	SaveBlindness(ctx context.Context, all map[string]check.Blindness) error
	// EndBlindness forgets checks that are measured again.
	EndBlindness(ctx context.Context, names []string) error
	// Exclusively runs do while no other process runs one of this name, and answers whether it did.
	Exclusively(ctx context.Context, name string, do func(context.Context) error) (held bool, err error)
}

// blinds tells a channel once that checks are not measured, because FailAfter looks in a row could not be made, and once that they are again.
// What a check says of its endpoint stays what it was: not measured is not down.
//
// Checks that are found together are told of together: where AWS is away, all that ask it are blind at once. What is about to be posted is
// written down first, and looked for by its key before it is posted again.
type blinds struct {
	book      BlindBook
	messenger bot.Messenger
	log       *slog.Logger
	muted     func(name string, at time.Time) bool

	mu       sync.Mutex
	streaks  map[string]streak      // of looks that could not be made here
	due      map[string]streak      // those that are long enough
	open     map[string]bool        // what the book has
	measured map[string]check.Check // again, of what the book has
	// Of run alone.
	read time.Time // when the book was read
}

// streak is looks in a row that could not be made.
type streak struct {
	watch *watch
	looks int
	since time.Time
	why   string
}

const (
	blindEvery = 5 * time.Second
	blindRead  = 30 * time.Second // so often it is seen what other processes wrote down
)

func newBlinds(s Settings, muted func(string, time.Time) bool) *blinds {
	return &blinds{
		book: s.Blinds, messenger: s.Messenger, log: s.Log, muted: muted,
		streaks: map[string]streak{}, due: map[string]streak{}, open: map[string]bool{}, measured: map[string]check.Check{},
	}
}

// note takes what a look brought.
func (b *blinds) note(x *watch, r check.Result) {
	if b.book == nil {
		return
	}
	c := x.check
	b.mu.Lock()
	defer b.mu.Unlock()
	if !r.Unseen {
		delete(b.streaks, c.Name)
		delete(b.due, c.Name)
		if b.open[c.Name] {
			b.measured[c.Name] = c
		}
		return
	}
	delete(b.measured, c.Name)
	s := b.streaks[c.Name]
	if s.watch != x {
		s = streak{watch: x, since: r.At}
	}
	s.why = r.Detail
	s.looks++
	b.streaks[c.Name] = s
	if s.looks >= c.FailAfter && !b.open[c.Name] {
		b.due[c.Name] = s
	}
}

// run works until the context ends.
func (b *blinds) run(ctx context.Context) {
	if b.book == nil {
		return
	}
	ticker := time.NewTicker(blindEvery)
	defer ticker.Stop()
	for {
		if err := b.turn(ctx, time.Now().UTC()); err != nil && ctx.Err() == nil {
			b.log.Error("what is not measured could not be told and is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// turn tells what there is to tell.
func (b *blinds) turn(ctx context.Context, now time.Time) error {
	b.mu.Lock()
	idle := len(b.due) == 0 && len(b.measured) == 0
	b.mu.Unlock()
	if idle && !b.read.IsZero() && now.Sub(b.read) < blindRead {
		return nil
	}
	_, err := b.book.Exclusively(ctx, "what is not measured", func(ctx context.Context) error { return b.tell(ctx, now) })
	return err // another process tells now; this one's turn comes
}

// tell brings the book up to what was seen here, and says what it holds and was not said.
func (b *blinds) tell(ctx context.Context, now time.Time) error {
	book, err := b.book.Blindness(ctx)
	if err != nil {
		return err
	}
	if err := b.begin(ctx, book, now); err != nil {
		return err
	}
	if err := b.end(ctx, book, now); err != nil {
		return err
	}
	err = errors.Join(b.say(ctx, book, now), b.sayAgain(ctx, book, now))
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.open)
	for name := range book {
		b.open[name] = true
		delete(b.due, name)
	}
	for name := range b.measured {
		if !b.open[name] {
			delete(b.measured, name)
		}
	}
	b.read = now
	return err
}

// begin puts checks into the book that are found not to be measured.
func (b *blinds) begin(ctx context.Context, book map[string]check.Blindness, now time.Time) error {
	b.mu.Lock()
	found := map[string]check.Blindness{}
	for name, s := range b.due {
		if s.watch.gone.Load() { // it is another now, or somebody else looks at it
			delete(b.due, name)
			delete(b.streaks, name)
			continue
		}
		if _, known := book[name]; known || b.muted(name, now) {
			continue
		}
		channel := s.watch.check.Channel
		one := check.Blindness{Since: s.since, Why: strings.TrimPrefix(s.why, "not measured: "), Told: channel == ""}
		if !one.Told {
			one.Key, one.TriedAt = fmt.Sprintf("unmeasured:%s:%d", channel, now.UnixMilli()), now
		}
		found[name] = one
	}
	b.mu.Unlock()
	maps.Copy(book, found)
	return b.save(ctx, found)
}

// end writes down of checks in the book that they are measured again. What nobody was told of is forgotten.
func (b *blinds) end(ctx context.Context, book map[string]check.Blindness, now time.Time) error {
	b.mu.Lock()
	measured := maps.Clone(b.measured)
	b.mu.Unlock()
	ended := map[string]check.Blindness{}
	var forgotten []string
	for name, c := range measured {
		one, known := book[name]
		if !known || one.EndKey != "" {
			continue
		}
		if !one.Told {
			said, err := b.isThere(ctx, c.Channel, one.Key, one.TriedAt)
			if err != nil {
				return err
			}
			one.Told = said
		}
		if !one.Told || one.Key == "" {
			forgotten = append(forgotten, name)
			delete(book, name)
			continue
		}
		one.EndKey, one.EndTriedAt = fmt.Sprintf("measured:%s:%d", c.Channel, now.UnixMilli()), now
		book[name], ended[name] = one, one
	}
	if err := b.save(ctx, ended); err != nil || len(forgotten) == 0 {
		return err
	}
	return b.book.EndBlindness(ctx, forgotten)
}

func (b *blinds) save(ctx context.Context, all map[string]check.Blindness) error {
	if len(all) == 0 {
		return nil
	}
	return b.book.SaveBlindness(ctx, all)
}

// say tells of what is not measured.
func (b *blinds) say(ctx context.Context, book map[string]check.Blindness, now time.Time) error {
	var failed error
	for key, names := range grouped(book, func(one check.Blindness) string {
		if one.Told {
			return ""
		}
		return one.Key
	}) {
		if err := b.post(ctx, key, book[names[0]].TriedAt, now, notMeasured(names, book)); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		told := map[string]check.Blindness{}
		for _, name := range names {
			one := book[name]
			one.Told = true
			book[name], told[name] = one, one
		}
		failed = errors.Join(failed, b.save(ctx, told))
	}
	return failed
}

// sayAgain tells of what is measured again.
func (b *blinds) sayAgain(ctx context.Context, book map[string]check.Blindness, now time.Time) error {
	var failed error
	for key, names := range grouped(book, func(one check.Blindness) string { return one.EndKey }) {
		if err := b.post(ctx, key, book[names[0]].EndTriedAt, now, measuredAgain(names, book)); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if err := b.book.EndBlindness(ctx, names); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, name := range names {
			delete(book, name)
		}
	}
	return failed
}

// grouped are the checks of each key but "", in order.
func grouped(book map[string]check.Blindness, key func(check.Blindness) string) map[string][]string {
	groups := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(book)) {
		if k := key(book[name]); k != "" {
			groups[k] = append(groups[k], name)
		}
	}
	return groups
}

// post puts a message into the channel that its key names, unless an earlier try did.
func (b *blinds) post(ctx context.Context, key string, tried, now time.Time, report commands.Report) error {
	_, rest, _ := strings.Cut(key, ":")
	channel, _, _ := strings.Cut(rest, ":")
	if !tried.Equal(now) {
		if said, err := b.isThere(ctx, channel, key, tried); said || err != nil {
			return err
		}
	}
	_, err := b.messenger.Post(ctx, channel, "", key, report)
	if permanent(err) {
		b.log.Error("what is not measured is not told: the chat will never take it", "channel", channel, "title", report.Title, "err", err)
		return nil
	}
	return err
}

func (b *blinds) isThere(ctx context.Context, channel, key string, tried time.Time) (bool, error) {
	_, found, err := b.messenger.Find(ctx, channel, "", key, tried.Add(-skew))
	if permanent(err) {
		return false, nil
	}
	return found, err
}
