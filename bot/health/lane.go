package health

import (
	"sync"
	"time"
)

const (
	// laneWidth is how many probes may be under way at once in each lane. Ten thousand checks every 30 s start 1,700 looks in
	// five seconds: fewer than the two lanes hold, so that even where all of them hang nearly all are looked at in time.
	laneWidth = 1024
	// slowFrom is the latency from which a check goes into the slow lane.
	slowFrom = time.Second
)

// lane runs probes with bounded concurrency, in the order in which they came. Endpoints that hang have a lane of
// their own: there they wait for each other, and nobody else waits for them.
type lane struct {
	mu      sync.Mutex
	running int
	queue   []*watch
}

// run looks at a watch as soon as there is room, in a goroutine that done waits for.
func (l *lane) run(x *watch, look func(*watch), done *sync.WaitGroup) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running >= laneWidth {
		l.queue = append(l.queue, x)
		return
	}
	l.running++
	done.Go(func() {
		for x := x; x != nil; x = l.following() {
			look(x)
		}
	})
}

// following answers the next watch in the queue, nil where there is none.
func (l *lane) following() *watch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.queue = nil
		l.running--
		return nil
	}
	x := l.queue[0]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	return x
}
