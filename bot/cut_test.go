package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deckhand/bot"
	"deckhand/bot/store"
	"deckhand/bot/store/storetest"
	"deckhand/commands"
	"deckhand/commands/request"
)

// cut says what happens at one crossing between the engine and what is outside of it.
type cut string

const (
	killBefore cut = "killed before"        // the process is gone before the call gets through
	killAfter  cut = "killed after"         // the call gets through, and the process never sees the answer
	failBefore cut = "an error at"          // the call fails, the process lives
	failAfter  cut = "the answer lost from" // the call gets through, its answer is an error, the process lives
)

// fuse counts the crossings of one process and cuts the n-th.
type fuse struct {
	mu      sync.Mutex
	at      int
	how     cut
	crossed int
	where   string // what was cut; empty where the process crossed fewer times
	dead    bool
}

// lost is what the caller of a cut call sees.
type lost struct{ uncertain bool }

func (lost) Error() string     { return "cut" }
func (l lost) Uncertain() bool { return l.uncertain }

// cross makes a call unless it is cut.
func (f *fuse) cross(what string, call func() error) error {
	f.mu.Lock()
	f.crossed++
	if f.dead {
		f.mu.Unlock()
		return lost{}
	}
	hit := f.crossed == f.at
	if hit {
		f.where = what
		f.dead = f.how == killBefore
	}
	f.mu.Unlock()
	if hit && (f.how == killBefore || f.how == failBefore) {
		return lost{}
	}
	err := call()
	if !hit {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = f.how == killAfter
	return lost{uncertain: true}
}

func (f *fuse) isDead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// valued is cross for a call with an answer, which is lost with the call.
func valued[T any](f *fuse, what string, call func() (T, error)) (T, error) {
	var value T
	err := f.cross(what, func() (err error) { value, err = call(); return err })
	if err != nil {
		var none T
		return none, err
	}
	return value, nil
}

// cutStore is a store behind a fuse. It keeps the jobs that were written, as the queue does.
type cutStore struct {
	*store.Store
	fuse *fuse
	jobs *queue
}

// queue is the jobs that are written down.
type queue struct{ jobs []bot.Job }

func (q *queue) add(number int64, jobs []bot.Job) {
	for _, job := range jobs {
		if job.Request == 0 {
			job.Request = number
		}
		q.jobs = append(q.jobs, job)
	}
}

func (s cutStore) Create(ctx context.Context, r bot.Request, events []bot.Event, jobs []bot.Job) (stored bot.Request, created bool, err error) {
	stored, err = valued(s.fuse, "Create", func() (bot.Request, error) {
		stored, isNew, err := s.Store.Create(ctx, r, events, nil)
		if created = isNew; isNew {
			s.jobs.add(stored.Number, jobs)
		}
		return stored, err
	})
	return stored, created, err
}

func (s cutStore) Load(ctx context.Context, number int64) (bot.Request, error) {
	return valued(s.fuse, "Load", func() (bot.Request, error) { return s.Store.Load(ctx, number) })
}

func (s cutStore) Save(ctx context.Context, r bot.Request, events []bot.Event, jobs []bot.Job) (bot.Request, error) {
	return valued(s.fuse, "Save "+string(r.State), func() (bot.Request, error) {
		saved, err := s.Store.Save(ctx, r, events, nil)
		if err == nil {
			s.jobs.add(r.Number, jobs)
		}
		return saved, err
	})
}

func (s cutStore) Events(ctx context.Context, number int64) ([]bot.Event, error) {
	return valued(s.fuse, "Events", func() ([]bot.Event, error) { return s.Store.Events(ctx, number) })
}

func (s cutStore) List(ctx context.Context, filter bot.Filter) ([]bot.Request, error) {
	return valued(s.fuse, "List", func() ([]bot.Request, error) { return s.Store.List(ctx, filter) })
}

// Exclusively frees the name of a process that was killed at once; the real one does so after some seconds.
func (s cutStore) Exclusively(ctx context.Context, name string, do func(context.Context) error) (bool, error) {
	return valued(s.fuse, "Exclusively", func() (bool, error) { return s.Store.Exclusively(ctx, name, do) })
}

func (s cutStore) MarkShown(ctx context.Context, number int64, posted bot.Ref, shown int64) error {
	return s.fuse.cross("MarkShown", func() error { return s.Store.MarkShown(ctx, number, posted, shown) })
}

func (s cutStore) MarkPostTried(ctx context.Context, number int64, at time.Time) (time.Time, error) {
	return valued(s.fuse, "MarkPostTried", func() (time.Time, error) { return s.Store.MarkPostTried(ctx, number, at) })
}

func (s cutStore) Enqueue(_ context.Context, jobs []bot.Job) error {
	return s.fuse.cross("Enqueue", func() error { s.jobs.add(0, jobs); return nil })
}

func (s cutStore) Journal(number int64) commands.Journal {
	return cutJournal{s.Store.Journal(number), s.fuse}
}

type cutJournal struct {
	journal commands.Journal
	fuse    *fuse
}

func (j cutJournal) Load(ctx context.Context, step string) (commands.Entry, error) {
	return valued(j.fuse, "Journal.Load "+step, func() (commands.Entry, error) { return j.journal.Load(ctx, step) })
}

func (j cutJournal) Begin(ctx context.Context, step string) error {
	return j.fuse.cross("Journal.Begin "+step, func() error { return j.journal.Begin(ctx, step) })
}

func (j cutJournal) Finish(ctx context.Context, step string, result []byte, failure string) error {
	return j.fuse.cross("Journal.Finish "+step, func() error { return j.journal.Finish(ctx, step, result, failure) })
}

// cutChat is a chat behind a fuse.
type cutChat struct {
	*chat
	fuse *fuse
}

func (c cutChat) Post(ctx context.Context, channel, thread, key string, r commands.Report) (bot.Ref, error) {
	return valued(c.fuse, "Post", func() (bot.Ref, error) { return c.chat.Post(ctx, channel, thread, key, r) })
}

func (c cutChat) Update(ctx context.Context, ref bot.Ref, key string, r commands.Report) error {
	return c.fuse.cross("Update", func() error { return c.chat.Update(ctx, ref, key, r) })
}

// shut looks the thing up, then shuts it: the shape of every command that changes something.
type shut struct {
	Name  string `arg:"name" required:""`
	world *world
	fuse  *fuse
}

func (s *shut) Scope(context.Context) (commands.Scope, error) {
	return commands.Scope{Resources: []commands.Resource{{ID: s.Name, Tags: map[string]string{"env": "dev"}}}}, nil
}

func (s *shut) pick(ctx context.Context, run *commands.Run) (string, error) {
	return commands.Repeat(ctx, run, "pick", func(context.Context) (string, error) { return "i-" + s.Name, nil })
}

func (s *shut) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	id, err := s.pick(ctx, run)
	return commands.Report{Title: "Would shut " + id}, err
}

func (s *shut) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if _, err := s.pick(ctx, run); err != nil {
		return commands.Report{}, err
	}
	_, err := commands.Once(ctx, run, "Shut", func(ctx context.Context) (bool, error) {
		err := s.fuse.cross("AWS", func() error { _, err := s.world.call(ctx); return err })
		if err != nil { // as the SDK's room says it of a call without an answer
			err = &commands.Error{Kind: commands.Uncertain, Message: "No answer came.", Err: err}
		}
		return true, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{Title: "Shut " + s.Name}, nil
}

// checkedShut looks afterwards.
type checkedShut struct{ shut }

func (c *checkedShut) Check(context.Context, *commands.Run) (commands.Report, error) {
	if c.world.calls > 0 {
		return commands.Report{Title: "Shut " + c.Name}, nil
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "It did not happen."}
}

// cutQuiet is a mute that is kept beside the requests.
type cutQuiet struct {
	life *life
	fuse *fuse
}

func (cutQuiet) Foresee(context.Context, bot.Message, string, commands.Scope) string { return "" }

func (q cutQuiet) Begin(_ context.Context, r bot.Request, touches func() (*commands.Scope, error)) error {
	return q.fuse.cross("Begin quiet", func() error {
		if q.life.quiet == "" {
			q.life.quiet = "since " + r.ID()
		}
		_, err := touches()
		return err
	})
}

func (q cutQuiet) End(context.Context, bot.Request, bool) (bot.Aftermath, error) {
	return bot.Aftermath{Words: "Checks: looked at again."}, q.fuse.cross("End quiet", func() error {
		q.life.quiet = "over"
		return nil
	})
}

// life is one request from its line to its end, through a process that is cut and one that is not.
type life struct {
	t     *testing.T
	store *store.Store
	world *world
	chat  *chat
	jobs  *queue
	rules rules
	clock clock
	quiet string
}

func (l *life) process(name string, f *fuse) *bot.Engine {
	e := bot.New(bot.Settings{
		Policy: l.rules, Store: cutStore{l.store, f, l.jobs}, Messenger: cutChat{l.chat, f}, Log: slog.New(slog.DiscardHandler),
		Now: l.clock.now, Process: name, Quiet: cutQuiet{l, f},
	})
	var catalog *commands.Catalog
	catalog, err := commands.NewCatalog([]commands.Command{
		{Name: "vm stop", Example: "vm stop web", Risk: commands.Change, Disturbs: commands.Briefly, New: func() commands.Runner { return &shut{world: l.world, fuse: f} }},
		{Name: "vm halt", Example: "vm halt web", Risk: commands.Change, New: func() commands.Runner { return &checkedShut{shut{world: l.world, fuse: f}} }},
	}, request.Commands(e, e, e, func() *commands.Catalog { return catalog }))
	if err != nil {
		l.t.Fatal(err)
	}
	e.Catalog = catalog
	return e
}

// work does the jobs that are written down. One that failed is done again, unless its process died over it: such a job
// is lost for a long while.
func (l *life) work(e *bot.Engine, f *fuse) {
	for tries := 0; len(l.jobs.jobs) > 0 && !f.isDead(); tries++ {
		if tries == 60 {
			l.t.Fatalf("jobs are left: %v", l.jobs.jobs)
		}
		job := l.jobs.jobs[0]
		l.jobs.jobs = l.jobs.jobs[1:]
		do := e.Execute
		if job.Work == bot.Deliver {
			do = e.Deliver
		}
		if err := do(l.t.Context(), job.Request); err != nil && !f.isDead() {
			l.jobs.jobs = append(l.jobs.jobs, job)
		}
	}
}

// say sends a line again as long as the answer is that nothing was done.
func (l *life) say(e *bot.Engine, f *fuse, user, line, key string) {
	for n := range 3 {
		answer := e.Receive(l.t.Context(), bot.Message{
			Key: fmt.Sprint(key, n), Source: bot.Slash, Asker: commands.Asker{User: user, Channel: "C1"}, Line: line, At: l.clock.now(),
		})
		if f.isDead() || !strings.Contains(commands.RenderText(answer.Report), "nothing was done") {
			return
		}
	}
}

// decide is what somebody does about a request that waits.
func (l *life) decide(e *bot.Engine, f *fuse, who, line string) {
	if r, err := l.store.Load(l.t.Context(), 1); err == nil && r.State == bot.Waiting && line != "" {
		l.say(e, f, who, line, "decision")
	}
}

// TestCutAtEveryArrow cuts a process at each of its crossings, in each way, and lets another one go on from what is
// written down.
func TestCutAtEveryArrow(t *testing.T) {
	t.Parallel()
	all, through := []cut{killBefore, killAfter, failBefore, failAfter}, []cut{killAfter, failAfter}
	for _, c := range []struct {
		story, user, line string
		who, decision     string
		end               bot.State
		ways              []cut
	}{
		{"an allowed line", "U1", "vm stop web", "", "", bot.Done, all},
		{"an approved line", "U2", "vm stop web", "U3", "approve R-1", bot.Done, all},
		{"a line whose tags decide, whose verb looks afterwards", "U4", "vm halt web", "", "", bot.Done, all},
		{"a confirmed line", "U3", "vm stop web", "U3", "confirm R-1", bot.Done, through},
		{"a rejected line", "U2", "vm stop web", "U3", "reject R-1", bot.Rejected, through},
		{"a line that is taken back", "U2", "vm stop web", "U2", "cancel R-1", bot.Cancelled, through},
	} {
		t.Run(c.story, func(t *testing.T) {
			t.Parallel()
			for _, how := range c.ways {
				for n := 1; ; n++ {
					f := &fuse{at: n, how: how}
					l := newLife(t)
					first := l.process("serve-one", f)
					l.say(first, f, c.user, c.line, "line")
					l.work(first, f)
					l.decide(first, f, c.who, c.decision)
					l.work(first, f)
					l.goOn(c.who, c.decision)
					l.judge(fmt.Sprintf("%s, %s %s (crossing %d)", c.story, how, f.where, n), f, c.end)
					if f.where == "" {
						break
					}
				}
			}
		})
	}
}

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{
		t: t, clock: clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}, world: &world{}, jobs: &queue{},
		chat: &chat{messages: map[bot.Ref]commands.Report{}, keys: map[string]bot.Ref{}},
		rules: rules{
			"U1 vm stop": {Effect: bot.Allow, Rule: "rule 1"}, "U1 vm halt": {Effect: bot.Allow},
			"U2 vm stop": {Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U2", "user:U3"}, Approvals: 1},
			"U3 vm stop": {Effect: bot.Confirm}, "U4 vm halt": {Effect: bot.Unsettled},
		},
	}
	path := filepath.Join(t.TempDir(), "d.db")
	err := storetest.SQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	l.store, err = store.Open(t.Context(), store.Settings{URL: "sqlite:" + path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.store.Close() })
	return l
}

// goOn is a process that begins after the cut.
func (l *life) goOn(who, decision string) {
	whole := &fuse{}
	e := l.process("serve-two", whole)
	for range 4 {
		l.clock.pass(5 * time.Second)
		if err := e.Sweep(l.t.Context()); err != nil {
			l.t.Fatal(err)
		}
		l.work(e, whole)
		l.decide(e, whole, who, decision)
		l.work(e, whole)
		if r, err := l.store.Load(l.t.Context(), 1); err == nil && r.Shown == r.Version && (r.State.Over() || r.State == bot.Unsure) {
			return
		}
	}
}

// judge compares what happened with what is said of it.
func (l *life) judge(story string, f *fuse, end bot.State) {
	l.t.Helper()
	if l.world.calls > 1 || l.chat.posts > 1 {
		l.t.Errorf("%s: AWS was asked %d times, %d messages", story, l.world.calls, l.chat.posts)
	}
	all, err := l.store.List(l.t.Context(), bot.Filter{})
	if err != nil {
		l.t.Fatal(err)
	}
	if len(all) == 0 && f.how == killBefore && f.where == "Create" {
		return // it was never acknowledged
	}
	if len(all) != 1 {
		l.t.Fatalf("%s: %d requests are written down", story, len(all))
	}
	r := all[0]
	switch {
	case r.State == end && (end == bot.Done) == (l.world.calls == 1):
	case r.State == bot.Unsure && (f.where == "AWS" || strings.HasSuffix(f.where, " Shut")):
	case r.State == bot.Failed && l.world.calls == 0 && (f.where == "AWS" || f.where == "Journal.Begin Shut"): // looked at, and told so
	default:
		l.t.Errorf("%s: it is %s after %d calls", story, r.State, l.world.calls)
	}
	if quiet := l.quiet; quiet != "" && quiet != "over" || r.State == bot.Done && r.Invocation.Command == "vm stop" && quiet != "over" {
		l.t.Errorf("%s: it is %s, and quiet %q", story, r.State, quiet)
	}
	if message := l.chat.messages[r.Posted]; r.Shown != r.Version || message.Title != bot.View(r).Title {
		l.t.Errorf("%s: it is %s and its message says %q", story, r.State, message.Title)
	}
	if events, err := l.store.Events(l.t.Context(), r.Number); err != nil || events[len(events)-1].To != r.State {
		l.t.Errorf("%s: the record ends with %v, %v", story, events, err)
	}
}
