package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"deckhand/bot"
)

// How jobs are run.
const (
	defaultConcurrency = 64 // most of them wait for AWS, up to many minutes, and the next are not to wait for those
	deliverConcurrency = 8
	deliverTimeout     = time.Minute
	// No execution lasts an hour. The bound is there because River gives up the rows of killed processes only where there
	// is one; the engine's own look for what is left is much faster.
	executeTimeout = time.Hour
	rescueAfter    = 90 * time.Second // must be longer than deliverTimeout
	// giveUpAfter is how long a job that fails is tried again.
	giveUpAfter = 24 * time.Hour
	// keepCompleted bounds the table of jobs; requests and events tell the story.
	keepCompleted = time.Hour
	hardStop      = 10 * time.Second
)

// Workers do the jobs. A function that answers an error is called again later: after 1, 2, 5 and 10 seconds, then
// every 30, for a day. It may be called twice at once for one request. A panic is an error.
type Workers struct {
	Execute, Deliver func(ctx context.Context, request int64) error
	Concurrency      int // executions at once; 0 means 64
}

// Each kind has a queue of its own, so that slow executions never hold up deliveries.
type (
	executeArgs struct {
		Request int64 `json:"request"`
	}
	deliverArgs struct {
		Request int64 `json:"request"`
	}
)

func (executeArgs) Kind() string    { return string(bot.Execute) }
func (deliverArgs) Kind() string    { return string(bot.Deliver) }
func (a executeArgs) number() int64 { return a.Request }
func (a deliverArgs) number() int64 { return a.Request }

// insertParams says jobs in River's words. A job that names no request is for the one with this number.
func insertParams(jobs []bot.Job, number int64) []river.InsertManyParams {
	params := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		if job.Request == 0 {
			job.Request = number
		}
		opts := &river.InsertOpts{Queue: string(job.Work), ScheduledAt: job.RunAt}
		params[i] = river.InsertManyParams{Args: deliverArgs{job.Request}, InsertOpts: opts}
		if job.Work == bot.Execute {
			params[i].Args = executeArgs{job.Request}
		}
	}
	return params
}

// Enqueue implements bot.Store. A job that is to run now is left out where the same one is waiting already, so that
// asking again and again while the chat is away does not pile up jobs. What waits is looked up before the transaction, once for all: many
// hundred may be asked for at a time, and everybody's lines wait while a transaction is open.
func (s *Store) Enqueue(ctx context.Context, jobs []bot.Job) error {
	missing, err := s.notWaiting(ctx, jobs)
	if err == nil && len(missing) > 0 {
		err = s.write(ctx, func(to writer) error { return to.insertJobs(ctx, insertParams(missing, 0)) })
	}
	if err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	return nil
}

// notWaiting leaves out jobs that are to run now and wait already.
func (s *Store) notWaiting(ctx context.Context, jobs []bot.Job) ([]bot.Job, error) {
	waiting := map[bot.Work]map[int64]bool{}
	var missing []bot.Job
	for _, job := range jobs {
		if !job.RunAt.IsZero() {
			missing = append(missing, job)
			continue
		}
		known, looked := waiting[job.Work]
		if !looked {
			requests, err := collect(ctx, s.read(), column[int64], s.jobsWaiting(), string(job.Work))
			if err != nil {
				return nil, err
			}
			known = map[int64]bool{}
			for _, request := range requests {
				known[request] = true
			}
			waiting[job.Work] = known
		}
		if !known[job.Request] {
			missing = append(missing, job)
			known[job.Request] = true
		}
	}
	return missing, nil
}

// Depth is how many jobs are waiting or running.
func (s *Store) Depth(ctx context.Context) (int, error) {
	return one(ctx, s.read(), column[int],
		"SELECT count(*) FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')")
}

// Working is a store whose jobs are being done.
type Working struct {
	client  client
	release func() error
}

// Work begins to do jobs, until Stop: the end of ctx does not end it. On SQLite one process may work a file at a time;
// for a second one Work answers a commands.Error.
func (s *Store) Work(ctx context.Context, workers Workers) (*Working, error) {
	if workers.Concurrency <= 0 {
		workers.Concurrency = defaultConcurrency
	}
	bundle := river.NewWorkers()
	river.AddWorker(bundle, &worker[executeArgs]{run: workers.Execute, timeout: executeTimeout, again: s.lookAgain, log: s.log})
	river.AddWorker(bundle, &worker[deliverArgs]{run: workers.Deliver, timeout: deliverTimeout, again: s.lookAgain, log: s.log})
	client, release, err := s.client(ctx, &river.Config{
		Queues: map[string]river.QueueConfig{
			string(bot.Execute): {MaxWorkers: workers.Concurrency},
			string(bot.Deliver): {MaxWorkers: deliverConcurrency},
		},
		Workers:                     bundle,
		Logger:                      quiet(s.log),
		FetchCooldown:               fetchCooldown,
		JobTimeout:                  deliverTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: keepCompleted,
		CancelledJobRetentionPeriod: keepCompleted,
	})
	if err != nil {
		return nil, err
	}
	s.works.Store(true)
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, errors.Join(fmt.Errorf("begin to work: %w", err), release())
	}
	return &Working{client, release}, nil
}

// fetchCooldown is the least time between two looks for jobs.
const fetchCooldown = 5 * time.Millisecond

// Stop takes no more jobs, lets the running ones finish until ctx ends, then cancels them and waits a few seconds more.
// A job that was cancelled so is run again by the next process.
func (w *Working) Stop(ctx context.Context) error {
	err := w.client.Stop(ctx)
	if err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
		defer cancel()
		err = w.client.StopAndCancel(hard)
	}
	if err != nil { // something still runs, so what it holds is not for others yet
		return fmt.Errorf("stop working: %w", err)
	}
	return w.release()
}

// worker runs one kind of job.
type worker[A interface {
	river.JobArgs
	number() int64
}] struct {
	river.WorkerDefaults[A]
	run     func(ctx context.Context, request int64) error
	timeout time.Duration
	again   func(work bot.Work, after time.Duration) // makes the workers look once more then
	log     *slog.Logger
}

// Timeout implements river.Worker.
func (w *worker[A]) Timeout(*river.Job[A]) time.Duration { return w.timeout }

// Work implements river.Worker. A job that failed is snoozed and not failed: River would keep every error of a
// day of retries in the job's row and write them all again each time.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	err := w.attempt(ctx, job.Args.number())
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled // stopping: River hands it to the next process
	}
	log := w.log.With("job", job.Kind, "request", job.Args.number(), "error", err)
	if time.Since(job.CreatedAt) > giveUpAfter {
		log.ErrorContext(ctx, "gave up on a job")
		return river.JobCancel(err)
	}
	wait := pause(snoozes(job.Metadata))
	if !errors.Is(err, bot.ErrBehind) {
		log.WarnContext(ctx, "a job failed and will be tried again", "after", wait)
	}
	w.again(bot.Work(job.Queue), wait)
	return river.JobSnooze(wait)
}

func (w *worker[A]) attempt(ctx context.Context, request int64) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			w.log.ErrorContext(ctx, "a job panicked", "request", request, "panic", panicked, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return w.run(ctx, request)
}

// pause is how long to wait after a number of failures before this one.
func pause(failures int) time.Duration {
	steps := [...]time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}
	return steps[min(failures, len(steps)-1)]
}

// snoozes reads how often River has snoozed a job, which is how often it failed.
func snoozes(metadata []byte) int {
	var counted struct {
		Snoozes int `json:"snoozes"`
	}
	_ = json.Unmarshal(metadata, &counted) // none where it cannot be read: the shortest pause
	return max(counted.Snoozes, 0)
}

// quiet keeps River's own news to what an operator should see.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(fromWarn{log.Handler()}) }

type fromWarn struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h fromWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h fromWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fromWarn{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h fromWarn) WithGroup(name string) slog.Handler { return fromWarn{h.Handler.WithGroup(name)} }
