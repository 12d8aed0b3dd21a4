package bot

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"deckhand/commands"
)

const (
	// heardFor is how long a delivery is remembered at least, unless heardMost others come in that time: a signature is
	// good for five minutes around its time, and Slack delivers an event a last time some six minutes after the first.
	heardFor  = 12 * time.Minute
	heardMost = 16_384 // in each of two generations of 16 bytes each
	// askOthers is how long the processes that share the store may take to say whether one of them heard a delivery.
	askOthers = 300 * time.Millisecond
	// doubleClick is how soon after each other two presses of one button by one person are one.
	doubleClick = 2 * time.Second
)

// Deliveries remembers what was delivered for all processes that share a store.
type Deliveries interface {
	// First tells whether no process heard a delivery of this key within the time.
	First(ctx context.Context, key string, within time.Duration) (bool, error)
}

// heard remembers deliveries of what is not written down, so that a second delivery of it does nothing. What is written down needs no
// memory: the store knows its key for ever.
type heard struct {
	mu    sync.Mutex
	now   generation
	last  generation
	clock func() time.Time
}

type generation struct {
	keys  map[[16]byte]struct{}
	since time.Time
}

// first tells whether a key is new, and remembers it.
func (h *heard) first(key string) bool {
	name := sum(key)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn()
	if h.has(name) {
		return false
	}
	h.now.keys[name] = struct{}{}
	return true
}

// known tells whether a key was heard.
func (h *heard) known(key string) bool {
	name := sum(key)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn()
	return h.has(name)
}

func (h *heard) has(name [16]byte) bool {
	_, now := h.now.keys[name]
	_, last := h.last.keys[name]
	return now || last
}

// turn begins a new generation where the present one is full or old.
func (h *heard) turn() {
	now := h.clock()
	if h.now.keys != nil && len(h.now.keys) < heardMost && now.Sub(h.now.since) < heardFor {
		return
	}
	h.last = h.now
	h.now = generation{keys: map[[16]byte]struct{}{}, since: now}
	if now.Sub(h.last.since) > 2*heardFor {
		h.last = generation{}
	}
}

func sum(key string) [16]byte {
	whole := sha256.Sum256([]byte(key))
	return [16]byte(whole[:16])
}

// repeated tells whether a line that is not written down was delivered before.
func (e *Engine) repeated(ctx context.Context, m Message) bool {
	if m.Key == "" || m.Source.timed() {
		return false
	}
	if !e.heard.first(m.Key) {
		return true
	}
	if e.Deliveries == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askOthers)
	defer cancel()
	first, err := e.Deliveries.First(ctx, m.Key, heardFor)
	if err != nil { // it changes nothing, so answering twice is better than not at all
		e.Log.Warn("whether another process heard this before is not known", "err", err)
		return false
	}
	return !first
}

// pressedBefore tells whether somebody pressed a button a moment ago, at whatever process. Where the others cannot be asked, this one's memory has to do.
func (e *Engine) pressedBefore(ctx context.Context, m Message) bool {
	if m.Press == "" {
		return false
	}
	if e.clicks.again(m.Press, e.Now()) {
		return true
	}
	if e.Deliveries == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askOthers)
	defer cancel()
	first, err := e.Deliveries.First(ctx, m.Press, doubleClick)
	if err != nil {
		e.Log.Warn("whether another process heard this press is not known", "err", err)
		return false
	}
	return !first
}

// heardBefore answers a delivery that comes again. Whoever posts it again learns nothing that the first answer said.
func heardBefore() Answer {
	return Answer{Repeated: true, Report: commands.Report{Title: "Delivered before, nothing more was done"}}
}

func pressedTwice(line string) commands.Report {
	return *busy("Pressed twice, taken once", line, "The second press within two seconds did nothing.")
}

// clicks knows which buttons were pressed a moment ago.
type clicks struct {
	mu    sync.Mutex
	times map[string]time.Time
}

// again tells whether somebody pressed a button a moment ago, and remembers the press.
func (c *clicks) again(press string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, ok := c.times[press]; ok && now.Sub(before) < doubleClick {
		return true
	}
	if c.times == nil || len(c.times) >= usersRemembered {
		c.times = map[string]time.Time{}
	}
	c.times[press] = now
	return false
}
