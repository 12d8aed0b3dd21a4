package slack

import (
	"context"
	"sync"
	"time"
)

// Slack takes about one message a second in a channel, with short bursts
// (https://docs.slack.dev/apis/web-api/rate-limits).
const (
	postEvery = time.Second
	postBurst = 3
)

// lanes keeps the posts of one channel in line, one at a time and not faster than Slack takes them. Channels
// do not wait for each other.
type lanes struct {
	mu   sync.Mutex
	list map[string]*lane
}

type lane struct {
	busy chan struct{} // holds one element while a post is under way; those who wait are served in order
	free time.Time     // when all posts so far would be over at one every postEvery; read and written by whoever is in
}

func (l *lanes) of(channel string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list == nil {
		l.list = map[string]*lane{}
	}
	found := l.list[channel]
	if found == nil {
		found = &lane{busy: make(chan struct{}, 1)}
		l.list[channel] = found
	}
	return found
}

// enter waits for its turn. Whoever entered must leave.
func (l *lane) enter(ctx context.Context) error {
	select {
	case l.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	// A burst may run ahead of the clock by all but one of its posts.
	turn := time.NewTimer(l.free.Add(-(postBurst - 1) * postEvery).Sub(now))
	defer turn.Stop()
	select {
	case <-turn.C:
		l.free = l.free.Add(postEvery)
		return nil
	case <-ctx.Done():
		l.leave()
		return ctx.Err()
	}
}

func (l *lane) leave() { <-l.busy }
