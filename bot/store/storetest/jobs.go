package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"deckhand/bot"
)

func jobTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a job runs after its request is written down":       jobRuns,
		"a job of another client is picked up":               jobOfOther,
		"a job that waits from before is picked up":          jobFromBefore,
		"a job that failed or panicked is run again":         jobRetried,
		"a job for later waits":                              jobLater,
		"slow executions do not hold up deliveries":          jobQueues,
		"a job that a stop cut short is run by the next":     jobHandedOver,
		"a stop lets a running job finish":                   jobFinishes,
		"asking again for a job that waits adds none":        jobNotPiled,
		"many jobs of many clients run, and none is left":    jobMany,
		"a finished job is gone from the depth of the queue": jobDepth,
	}
}

// into sends each request number that comes in.
func into(numbers chan<- int64) func(context.Context, int64) error {
	return func(_ context.Context, number int64) error {
		numbers <- number
		return nil
	}
}

func jobRuns(t *testing.T, p *place) {
	store := p.client(t)
	executed, delivered := make(chan int64, 1), make(chan int64, 1)
	p.work(t, store, Workers{Execute: into(executed), Deliver: into(delivered)})
	r := created(t, store, asked("k"), bot.Job{Work: bot.Execute})
	if number := receive(t, executed); number != r.Number {
		t.Errorf("executed %d, want %d", number, r.Number)
	}
	got[bot.Request](t)(store.Save(t.Context(), r, nil, []bot.Job{{Work: bot.Deliver}}))
	if number := receive(t, delivered); number != r.Number {
		t.Errorf("delivered %d, want %d", number, r.Number)
	}
}

func jobOfOther(t *testing.T, p *place) {
	executed := make(chan int64, 1)
	p.work(t, p.client(t), Workers{Execute: into(executed)})
	r := created(t, p.client(t), asked("k"), bot.Job{Work: bot.Execute})
	if number := receive(t, executed); number != r.Number {
		t.Errorf("executed %d, want %d", number, r.Number)
	}
}

func jobFromBefore(t *testing.T, p *place) {
	store := p.client(t)
	r := created(t, store, asked("k"), bot.Job{Work: bot.Execute})
	executed := make(chan int64, 1)
	p.work(t, store, Workers{Execute: into(executed)})
	if number := receive(t, executed); number != r.Number {
		t.Errorf("executed %d, want %d", number, r.Number)
	}
}

func jobRetried(t *testing.T, p *place) {
	store := p.client(t)
	var delivers, executes atomic.Int64
	delivered, executed := make(chan int64, 1), make(chan int64, 1)
	p.work(t, store, Workers{
		Deliver: func(_ context.Context, number int64) error {
			if delivers.Add(1) == 1 {
				return errors.New("the chat is away")
			}
			delivered <- number
			return nil
		},
		Execute: func(_ context.Context, number int64) error {
			if executes.Add(1) == 1 {
				panic("a mistake")
			}
			executed <- number
			return nil
		},
	})
	created(t, store, asked("k"), bot.Job{Work: bot.Deliver}, bot.Job{Work: bot.Execute})
	receive(t, delivered)
	receive(t, executed)
}

func jobLater(t *testing.T, p *place) {
	store := p.client(t)
	executed := make(chan int64, 2)
	p.work(t, store, Workers{Execute: into(executed)})
	created(t, store, asked("later"), bot.Job{Work: bot.Execute, RunAt: time.Now().Add(time.Hour)})
	now := created(t, store, asked("now"), bot.Job{Work: bot.Execute})
	if number := receive(t, executed); number != now.Number {
		t.Errorf("executed %d, want %d", number, now.Number)
	}
	depthBecomes(t, store, 1)
	if len(executed) > 0 {
		t.Error("the job for later ran")
	}
}

// depthBecomes waits until so many jobs are waiting or running: they leave the queue a moment after they ran.
func depthBecomes(t *testing.T, store Store, want int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		depth := got[int](t)(store.Depth(t.Context()))
		if depth == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs are in the queue, want %d", depth, want)
		}
		time.Sleep(5 * time.Millisecond) // another process changes it; there is nothing to wait on
	}
}

func jobQueues(t *testing.T, p *place) {
	store := p.client(t)
	begun, release, delivered := make(chan int64, 1), make(chan struct{}), make(chan int64, 1)
	p.work(t, store, Workers{
		Concurrency: 1,
		Execute: func(_ context.Context, number int64) error {
			begun <- number
			<-release
			return nil
		},
		Deliver: into(delivered),
	})
	defer close(release)
	created(t, store, asked("slow"), bot.Job{Work: bot.Execute})
	receive(t, begun)
	created(t, store, asked("k"), bot.Job{Work: bot.Execute}, bot.Job{Work: bot.Deliver})
	receive(t, delivered)
}

func jobHandedOver(t *testing.T, p *place) {
	store := p.client(t)
	begun := make(chan int64, 1)
	stop := p.work(t, store, Workers{Execute: func(ctx context.Context, number int64) error {
		begun <- number
		<-ctx.Done()
		return fmt.Errorf("cut short: %w", ctx.Err())
	}})
	r := created(t, store, asked("k"), bot.Job{Work: bot.Execute})
	receive(t, begun)
	now, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, stop(now))

	executed := make(chan int64, 1)
	p.work(t, p.client(t), Workers{Execute: into(executed)})
	if number := receive(t, executed); number != r.Number {
		t.Errorf("executed %d, want %d", number, r.Number)
	}
}

func jobFinishes(t *testing.T, p *place) {
	store := p.client(t)
	begun, release := make(chan int64, 1), make(chan struct{})
	var cutShort atomic.Bool
	stop := p.work(t, store, Workers{Execute: func(ctx context.Context, number int64) error {
		begun <- number
		select {
		case <-release:
		case <-ctx.Done():
			cutShort.Store(true)
		}
		return ctx.Err()
	}})
	created(t, store, asked("k"), bot.Job{Work: bot.Execute})
	receive(t, begun)
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() { stopped <- stop(ctx) }()
	close(release)
	must(t, receive(t, stopped))
	if cutShort.Load() {
		t.Error("the job was cut short")
	}
	if depth := got[int](t)(store.Depth(t.Context())); depth != 0 {
		t.Errorf("%d jobs are left", depth)
	}
}

func jobNotPiled(t *testing.T, p *place) {
	store := p.client(t)
	r, other := created(t, store, asked("k")), created(t, store, asked("other"))
	for range 3 {
		must(t, store.Enqueue(t.Context(), []bot.Job{{Work: bot.Deliver, Request: r.Number}, {Work: bot.Deliver, Request: other.Number}}))
	}
	must(t, store.Enqueue(t.Context(), []bot.Job{{Work: bot.Execute, Request: r.Number}}))
	must(t, store.Enqueue(t.Context(), []bot.Job{{Work: bot.Execute, Request: other.Number, RunAt: time.Now().Add(time.Hour)}}))
	must(t, store.Enqueue(t.Context(), []bot.Job{{Work: bot.Execute, Request: other.Number}})) // the one for later is no substitute
	must(t, store.Enqueue(t.Context(), nil))
	if depth := got[int](t)(store.Depth(t.Context())); depth != 5 {
		t.Errorf("%d jobs, want 5", depth)
	}
}

func jobMany(t *testing.T, p *place) {
	const each = 40
	one, other := p.client(t), p.client(t)
	executed := make(chan int64, 4*each)
	p.work(t, one, Workers{Execute: into(executed)})
	for i := range each {
		created(t, one, asked(fmt.Sprint("a", i)), bot.Job{Work: bot.Execute})
		created(t, other, asked(fmt.Sprint("b", i)), bot.Job{Work: bot.Execute})
	}
	seen := map[int64]bool{}
	for len(seen) < 2*each {
		seen[receive(t, executed)] = true
	}
	depthBecomes(t, one, 0)
}

func jobDepth(t *testing.T, p *place) {
	store := p.client(t)
	created(t, store, asked("k"), bot.Job{Work: bot.Execute}, bot.Job{Work: bot.Deliver})
	if depth := got[int](t)(store.Depth(t.Context())); depth != 2 {
		t.Errorf("%d jobs wait, want 2", depth)
	}
	p.work(t, store, Workers{})
	depthBecomes(t, store, 0)
}
