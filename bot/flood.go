package bot

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/commands"
)

const (
	unfinishedMost  = 2000 // requests that may be under way; beyond that nobody's line is taken
	unfinishedCalm  = 500  // below that nobody is asked to slow down for others
	readsCalm       = 64   // the same for questions in line
	crowdBurst      = 30.0 // lines that one person may send at once while others wait
	crowdEachSecond = 5.0
	othersFor       = time.Minute // how long somebody who sent a line counts as one who waits
	usersRemembered = 10_000
	countEvery      = 500 * time.Millisecond
)

// Limits bound how many lines one person sends, whatever else goes on. Zero fields stand for the defaults.
type Limits struct {
	Burst      int     // lines at once
	EachSecond float64 // lines a second after that
}

// The default limits. At once somebody may send as many lines as may be under way at all: no script that does its work meets
// that. What goes on beyond it does so by mistake.
const (
	defaultBurst      = unfinishedMost
	defaultEachSecond = 20
)

func (l Limits) orDefault() Limits {
	if l.Burst == 0 {
		l.Burst = defaultBurst
	}
	if l.EachSecond == 0 {
		l.EachSecond = defaultEachSecond
	}
	return l
}

// pressure knows how much is under way, without asking the store for it at each line, and who asks how fast.
type pressure struct {
	counted atomic.Int64 // unfinished requests when they were last counted
	written atomic.Int64 // by this process since then

	mu    sync.Mutex
	users map[string]*sender
	// The latest line, and the latest of anybody else: enough to know whether somebody is alone.
	latest, other sent
}

type sent struct {
	user string
	at   time.Time
}

// sender is how fast somebody sends.
type sender struct {
	own   bucket // by the limits
	crowd bucket // while others wait
}

// bucket is how many lines somebody may send at once, as it was at a time.
type bucket struct {
	left float64
	at   time.Time
}

// spend takes one out of a bucket that fills up again, and answers how long to wait where it is empty.
func (b *bucket) spend(burst, eachSecond float64, now time.Time) (wait time.Duration) {
	if b.at.IsZero() {
		b.left = burst
	} else {
		b.left = min(burst, b.left+now.Sub(b.at).Seconds()*eachSecond)
	}
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / eachSecond * float64(time.Second))
	}
	b.left--
	return 0
}

func (p *pressure) unfinished() int64 { return p.counted.Load() + p.written.Load() }

// spend counts a line of somebody. It answers how long they have to wait by the limits, and whether the line was one too many for
// the case that much is under way; that is never so for somebody who is alone.
func (p *pressure) spend(user string, limits Limits, now time.Time) (wait time.Duration, crowding bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest.user != user {
		p.other = p.latest
	}
	p.latest = sent{user, now}
	alone := p.other.user == "" || now.Sub(p.other.at) > othersFor
	s, known := p.users[user]
	if !known {
		if p.users == nil || len(p.users) >= usersRemembered {
			p.users = map[string]*sender{}
		}
		s = &sender{}
		p.users[user] = s
	}
	crowding = s.crowd.spend(crowdBurst, crowdEachSecond, now) > 0 && !alone
	return s.own.spend(float64(limits.Burst), limits.EachSecond, now), crowding
}

// tooMuch answers why a line is not taken now; nil where it is. It is asked for lines that are about to be run, and so never
// for a word on somebody's request, nor for a line that is refused anyway.
func (e *Engine) tooMuch(m Message, line string, read bool) *commands.Report {
	if m.Source.timed() || m.Source == Terminal {
		return nil
	}
	wait, crowding := e.pressure.spend(m.Asker.User, e.Limits.orDefault(), e.Now())
	under, calm := e.pressure.unfinished(), int64(unfinishedCalm)
	if read {
		under, calm = int64(len(e.reads)), readsCalm
	}
	switch {
	case !read && under >= unfinishedMost:
		return busy("Too busy, nothing was done", line, fmt.Sprintf("%d requests are under way. Send it again in a minute.", under))
	case wait > 0:
		return busy("A little slower, nothing was done", line, "You have sent very many lines within a short time. Send this one again in "+seconds(wait)+".")
	case crowding && under >= calm:
		return busy("A little slower, nothing was done", line, "Much is under way, and you have sent many lines within seconds. Send this one again in a few seconds, so that others get their turn too.")
	}
	return nil
}

// seconds writes a time to wait, never too short.
func seconds(wait time.Duration) string {
	return commands.Count(int(math.Ceil(wait.Seconds())), "second")
}

// turnedAway answers a line that is not taken, unless it is the second delivery of one that was.
func (e *Engine) turnedAway(ctx context.Context, m Message, report commands.Report) Answer {
	before, err := e.Store.List(ctx, Filter{Key: m.Key})
	if err == nil && len(before) > 0 {
		return Answer{Request: before[0].ID(), Report: takenAlready(before[0]), Repeated: true}
	}
	return Answer{Report: report}
}

func busy(title, line, why string) *commands.Report {
	return &commands.Report{Tone: commands.Warning, Title: title, Body: commands.Blocks{commands.Text{Text: commands.Mono(line)}, commands.Text{Text: why}}}
}

// count looks how many requests are unfinished, where any were written since the last time or the store was full.
func (e *Engine) count(ctx context.Context) error {
	written := e.pressure.written.Load()
	if written == 0 && e.pressure.counted.Load() < unfinishedCalm {
		return nil
	}
	n, err := e.Store.Unfinished(ctx)
	if err != nil {
		return err
	}
	e.pressure.counted.Store(int64(n))
	e.pressure.written.Add(-written)
	return nil
}
