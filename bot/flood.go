package bot

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"deckhand/commands"
)

const (
	unfinishedMost  = 2000 // requests that may be under way; beyond that nobody's line is taken
	unfinishedCalm  = 500  // below that nobody is asked to slow down
	readsCalm       = 64   // the same for questions in line
	userBurst       = 30.0 // lines that one person may send at once while others wait
	userEachSecond  = 5.0
	usersRemembered = 10_000
	countEvery      = 500 * time.Millisecond
)

// pressure knows how much is under way, without asking the store for it at each line, and who asks how fast.
type pressure struct {
	counted atomic.Int64 // unfinished requests when they were last counted
	written atomic.Int64 // by this process since then

	mu    sync.Mutex
	users map[string]bucket
}

// bucket is how many lines somebody may send at once, as it was at a time.
type bucket struct {
	left float64
	at   time.Time
}

func (p *pressure) unfinished() int64 { return p.counted.Load() + p.written.Load() }

// spend counts a line of somebody, and tells whether it was one too many for the case that others wait.
func (p *pressure) spend(user string, now time.Time) (tooFast bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, known := p.users[user]
	if !known {
		if p.users == nil || len(p.users) >= usersRemembered {
			p.users = map[string]bucket{}
		}
		b.left = userBurst
	} else {
		b.left = min(userBurst, b.left+now.Sub(b.at).Seconds()*userEachSecond)
	}
	tooFast = b.left < 1
	if !tooFast {
		b.left--
	}
	b.at = now
	p.users[user] = b
	return tooFast
}

// tooMuch answers why a line is not taken now; nil where it is.
func (e *Engine) tooMuch(m Message, line string, read bool) *commands.Report {
	if m.Source.timed() || m.Source == Terminal {
		return nil
	}
	tooFast := e.pressure.spend(m.Asker.User, e.Now())
	under, calm := e.pressure.unfinished(), int64(unfinishedCalm)
	if read {
		under, calm = int64(len(e.reads)), readsCalm
	}
	switch {
	case !read && under >= unfinishedMost:
		return busy("Too busy, nothing was done", line, fmt.Sprintf("%d requests are under way. Send it again in a minute.", under))
	case tooFast && under >= calm:
		return busy("A little slower, nothing was done", line, "Much is under way, and you have sent many lines within seconds. Send this one again in a moment, so that others get their turn too.")
	}
	return nil
}

// turnedAway answers a line that is not taken, unless it is the second delivery of one that was.
func (e *Engine) turnedAway(ctx context.Context, m Message, report commands.Report) Answer {
	before, err := e.Store.List(ctx, Filter{Key: m.Key})
	if err == nil && len(before) > 0 {
		return Answer{Request: before[0].ID(), Report: takenAlready(before[0])}
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
