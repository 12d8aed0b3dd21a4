package health

import (
	"sync"
	"time"
)

const (
	// lanes are how many probes of each kind may be under way at once. The prompt lane holds a third of all
	// checks of a large installation, so that no number of endpoints that begin to hang together fills it within one
	// timeout; from their second look on they are in the slow lane.
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
