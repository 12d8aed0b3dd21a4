package bot_test

import (
	"cmp"
	"context"
	"errors"
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

// world is what the test commands act on: it counts calls, and fails on cue.
type world struct {
	mu       sync.Mutex
	calls    int
	answer   error // of the changing call
	block    chan struct{}
	begun    chan struct{}
	tags     map[string]string
	happened bool  // what Check sees
	blind    error // of looking afterwards
	state    string
}

func (w *world) call(ctx context.Context) (string, error) {
	w.mu.Lock()
	w.calls++
	block, answer := w.block, w.answer
	w.mu.Unlock()
	if block != nil {
		close(w.begun)
		select {
		case <-block:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "stopped", answer
}

// stop is a changing command with one call to the world.
type stop struct {
	Name   string `arg:"name" required:""`
	Gently bool   `flag:"gently"`
	world  *world
}

func (s *stop) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if _, err := commands.Once(ctx, run, "StopInstances", s.world.call); err != nil {
		return commands.Report{}, err
	}
	if s.Gently {
		return commands.Report{Title: "Stopped " + s.Name + " gently"}, nil
	}
	return commands.Report{Title: "Stopped " + s.Name}, nil
}

// wake has a way back.
type wake struct{ stop }

func (w *wake) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	report, err := w.stop.Run(ctx, run)
	report.Undo = "vm halt " + w.Name
	return report, err
}

func (s *stop) Scope(context.Context) (commands.Scope, error) {
	if s.Name == "nobody" {
		return commands.Scope{}, &commands.Error{Kind: commands.NotFound, Message: "No instance is called nobody."}
	}
	return commands.Scope{Resources: []commands.Resource{{ID: s.Name, Tags: s.world.tags}}}, nil
}

func (s *stop) Plan(context.Context, *commands.Run) (commands.Report, error) {
	return commands.Report{Title: "Would stop " + s.Name, Offers: []commands.Offer{{Flag: "gently", Label: "Say it gently"}}, Body: commands.Blocks{
		commands.Text{Text: "plan of " + s.Name}, commands.Table{Columns: []string{"ID", "State"}, Rows: [][]string{{s.Name, s.world.state}}},
	}}, nil
}

// careful is stop with a look afterwards.
type careful struct{ stop }

func (c *careful) Check(context.Context, *commands.Run) (commands.Report, error) {
	if c.world.blind != nil {
		return commands.Report{}, c.world.blind
	}
	if c.world.happened {
		return commands.Report{Title: "Stopped " + c.Name + ", seen afterwards"}, nil
	}
	return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "It did not happen, so nothing was done."}
}

type look struct {
	Name string `arg:"name"`
}

func (l *look) Run(_ context.Context, run *commands.Run) (commands.Report, error) {
	if run.Ahead != nil {
		run.Ahead(commands.Report{Title: "The first of " + l.Name})
		run.Ahead(commands.Report{Title: "The second of " + l.Name})
	}
	return commands.Report{Title: "Looked at " + l.Name}, nil
}

// chat is a chat in memory that fails on cue.
type chat struct {
	mu       sync.Mutex
	messages map[bot.Ref]commands.Report
	keys     map[string]bot.Ref
	whispers []string
	posts    int
	lose     bool  // the next post arrives and its answer is lost
	refuse   error // of every post
}

func (c *chat) Post(_ context.Context, channel, _, key string, r commands.Report) (bot.Ref, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil && strings.HasPrefix(channel, "C") {
		return bot.Ref{}, c.refuse
	}
	c.posts++
	ref := bot.Ref{Channel: channel, TS: fmt.Sprint(c.posts)}
	c.messages[ref], c.keys[key] = r, ref
	if c.lose {
		c.lose = false
		return bot.Ref{}, errors.New("the connection was lost")
	}
	return ref, nil
}

func (c *chat) Find(_ context.Context, _, _, key string, _ time.Time) (bot.Ref, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ref, ok := c.keys[key]
	return ref, ok, nil
}

func (c *chat) Update(_ context.Context, ref bot.Ref, _ string, r commands.Report) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages[ref] = r
	return nil
}

func (c *chat) Whisper(_ context.Context, _ bot.Message, r commands.Report) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whispers = append(c.whispers, commands.RenderText(r))
	return nil
}

// rules is a policy of one table: effect by "user command".
type rules map[string]bot.Decision

func (r rules) Decide(_ context.Context, q bot.AccessRequest) (bot.Decision, error) {
	d, ok := r[q.Asker.User+" "+q.Command]
	if !ok {
		return bot.Decision{Effect: bot.Deny, Rule: "no rule"}, nil
	}
	if d.Effect == bot.Unsettled && q.Scope != nil {
		if q.Scope.Resources[0].Tags["env"] == "prod" {
			return bot.Decision{Effect: bot.Deny, Rule: "prod"}, nil
		}
		return bot.Decision{Effect: bot.Allow, Rule: "not prod"}, nil
	}
	return d, nil
}

func (r rules) Matches(_ context.Context, user string, subjects []string) (bool, error) {
	if _, away := r["groups are away"]; away {
		return false, errors.New("slack did not answer")
	}
	for _, s := range subjects {
		if s == "user:"+user {
			return true, nil
		}
	}
	return false, nil
}

func (r rules) Subjects() []string { return []string{"user:U1", "user:U2", "*"} }

func (r rules) Grants(q bot.AccessRequest) []bot.Grant {
	var out []bot.Grant
	for _, user := range []string{"U1", "U2", "U3", "U4", "U5"} {
		q.Asker.User = user
		if d, _ := r.Decide(context.Background(), q); d.Effect != bot.Deny {
			out = append(out, bot.Grant{Subject: "user:" + user, Decision: d})
		}
	}
	return out
}

// house is an engine with everything around it in memory or in a temporary folder.
type house struct {
	*bot.Engine
	store  *store.Store
	world  *world
	chat   *chat
	rules  rules
	people people
	clock  clock
	seq    int
	path   string
}

// clock is the time of a house. A question is answered beside the test, so both look at it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (h *house) pass(d time.Duration) { h.clock.pass(d) }

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{
		people: people{},
		world:  &world{begun: make(chan struct{})}, clock: clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)},
		chat: &chat{messages: map[bot.Ref]commands.Report{}, keys: map[string]bot.Ref{}},
		path: filepath.Join(t.TempDir(), "test.db"),
		rules: rules{
			"U1 vm stop": {Effect: bot.Allow, Rule: "rule 1"}, "U1 vm halt": {Effect: bot.Allow}, "U1 vm look": {Effect: bot.Allow},
			"U2 vm stop": {Effect: bot.Ask, Rule: "rule 2", Approvers: []string{"user:U1", "user:U2", "user:U3"}, Approvals: 1},
			"U3 vm stop": {Effect: bot.Confirm}, "U3 vm end": {Effect: bot.Confirm}, "U4 vm stop": {Effect: bot.Unsettled},
			"U5 vm stop": {Effect: bot.Ask, Approvers: []string{"user:U1", "user:U2", "user:U3"}, Approvals: 2},
		},
	}
	err := storetest.SQLite(h.path)
	if err != nil {
		t.Fatal(err)
	}
	h.store, err = store.Open(t.Context(), store.Settings{URL: "sqlite:" + h.path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	h.Engine = h.engine(t, "serve-one")
	return h
}

// engine is another process on the same store.
func (h *house) engine(t testing.TB, process string) *bot.Engine {
	t.Helper()
	e := bot.New(bot.Settings{
		Policy: h.rules, Store: h.store, Messenger: h.chat, Log: slog.New(slog.DiscardHandler),
		Now: h.clock.now, Process: process, People: h.people,
	})
	var catalog *commands.Catalog
	catalog, err := commands.NewCatalog([]commands.Command{
		{Name: "vm stop", Example: "vm stop web", Risk: commands.Change, New: func() commands.Runner { return &stop{world: h.world} }},
		{Name: "vm halt", Example: "vm halt web", Risk: commands.Change, New: func() commands.Runner { return &careful{stop{world: h.world}} }},
		{Name: "vm wake", Example: "vm wake web", Risk: commands.Change, New: func() commands.Runner { return &wake{stop{world: h.world}} }},
		{Name: "vm end", Example: "vm end web", Risk: commands.Destroy, New: func() commands.Runner { return &stop{world: h.world} }},
		{Name: "vm look", Example: "vm look web", New: func() commands.Runner { return &look{} }},
	}, request.Commands(e, e, e, func() *commands.Catalog { return catalog }))
	if err != nil {
		t.Fatal(err)
	}
	e.Catalog = catalog
	return e
}

func (h *house) say(user, line string) bot.Answer {
	h.seq++
	return h.Receive(context.Background(), bot.Message{
		Key: fmt.Sprint(h.seq), Source: bot.Slash, Asker: commands.Asker{User: user, Channel: "C1"}, Line: line, At: h.Now(),
	})
}

// work does every job there is, as River would.
func (h *house) work(t *testing.T, number int64) bot.Request {
	t.Helper()
	if err := h.Execute(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	if err := h.Deliver(t.Context(), number); err != nil {
		t.Fatal(err)
	}
	r, err := h.store.Load(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (h *house) shown() string {
	var out []string
	for _, r := range h.chat.messages {
		out = append(out, commands.RenderText(r))
	}
	return strings.Join(out, "\n")
}

func (h *house) want(t *testing.T, r bot.Request, state bot.State, calls int) {
	t.Helper()
	if r.State != state || h.world.calls != calls {
		t.Errorf("the request is %s after %d calls, want %s after %d", r.State, h.world.calls, state, calls)
	}
	if h.chat.posts > 1 {
		t.Errorf("%d messages were posted, want one", h.chat.posts)
	}
}

func has(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s is %q, want %q in it", what, text, part)
		}
	}
}

func TestAnAllowedLineRunsOnceAndShowsItsResult(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	has(t, "the answer", commands.RenderText(h.say("U1", "vm stop web").Report), "R-1 is taken", "vm stop web")
	r := h.work(t, 1)
	h.want(t, r, bot.Done, 1)
	has(t, "the message", h.shown(), "Stopped web", "R-1", "U1")
	h.want(t, h.work(t, 1), bot.Done, 1) // jobs may run again
}

func TestARepeatedDeliveryActsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := bot.Message{Key: "same", Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm stop web"}
	h.Receive(t.Context(), m)
	again := h.Receive(t.Context(), m)
	if again.Request != "R-1" {
		t.Errorf("the second delivery became %s", again.Request)
	}
	has(t, "the answer", commands.RenderText(again.Report), "R-1 was taken already")
}

func TestApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	has(t, "the answer", commands.RenderText(h.say("U2", "vm stop web").Report), "R-1 is waiting for U1, U2 or U3")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
	has(t, "the message", h.shown(), "plan of web", "Approve: approve R-1 --digest ", "Reject: reject R-1")
	has(t, "the asker's press", commands.RenderText(h.say("U2", "approve R-1").Report), "You asked for this; someone else must approve it")
	has(t, "a stranger's press", commands.RenderText(h.say("U9", "approve R-1").Report), "Only U1, U2 or U3 may approve R-1")
	has(t, "another plan's button", commands.RenderText(h.say("U3", "approve R-1 --digest 0000000000000000").Report), "not of R-1 as it stands")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
	has(t, "the approval", commands.RenderText(h.say("U3", "approve R-1").Report), "Approved R-1")
	h.want(t, h.work(t, 1), bot.Done, 1)
	has(t, "a late press", commands.RenderText(h.say("U1", "approve R-1").Report), "approved by U3 already")
	h.want(t, h.work(t, 1), bot.Done, 1)
	has(t, "the record", commands.RenderText(h.say("U2", "audit R-1").Report), "Not allowed")
	record, err := h.Audit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the record", commands.RenderText(record), "asked", "waiting", "press refused", "approved", "running", "done")
}

func TestTwoOfThreeApprove(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U5", "vm stop web")
	h.work(t, 1)
	has(t, "the first yes", commands.RenderText(h.say("U1", "approve R-1").Report), "1 more to go")
	has(t, "the same again", commands.RenderText(h.say("U1", "approve R-1").Report), "You have approved R-1 already")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
	h.say("U2", "approve R-1")
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestConfirmingIsTheAskersAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U3", "vm stop web")
	h.want(t, h.work(t, 1), bot.Waiting, 0)
	has(t, "another's press", commands.RenderText(h.say("U1", "confirm R-1").Report), "Only U3, who asked, can confirm")
	has(t, "the asker's press", commands.RenderText(h.say("U3", "confirm R-1").Report), "Confirmed R-1")
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestEndsWithoutRunning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, user, line string
		end             bot.State
	}{
		{"rejected by an approver", "U1", "reject R-1 --reason later", bot.Rejected},
		{"cancelled by the asker", "U2", "cancel R-1", bot.Cancelled},
		{"rejected by the asker", "U2", "reject R-1", bot.Cancelled},
		{"not cancelled by another", "U1", "cancel R-1", bot.Waiting},
	} {
		h := newHouse(t)
		h.say("U2", "vm stop web")
		h.work(t, 1)
		h.say(c.user, c.line)
		r := h.work(t, 1)
		if r.State != c.end || h.world.calls != 0 {
			t.Errorf("%s: %s after %d calls", c.why, r.State, h.world.calls)
		}
	}
}

func TestAnApprovalExpires(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U2", "vm stop web")
	h.work(t, 1)
	h.pass(61 * time.Minute)
	has(t, "a late press", commands.RenderText(h.say("U1", "approve R-1").Report), "has expired")
	h.want(t, h.work(t, 1), bot.Expired, 0)
	has(t, "the message", h.shown(), "not decided in time")
}

func TestTagsDecideAfterTheAcknowledgement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.world.tags = map[string]string{"env": "prod"}
	h.say("U4", "vm stop web")
	h.want(t, h.work(t, 1), bot.Refused, 0)
	h.world.tags = map[string]string{"env": "dev"}
	h.chat.posts = 0
	h.say("U4", "vm stop web")
	h.want(t, h.work(t, 2), bot.Done, 1)
}

func TestWhatIsNotThereFailsBeforeItRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U4", "vm stop nobody")
	h.want(t, h.work(t, 1), bot.Failed, 0)
	has(t, "the message", h.shown(), "No instance is called nobody")
}

func TestARefusedLineIsRecordedAndNotRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	has(t, "the answer", commands.RenderText(h.say("U9", "vm stop web").Report), "Not allowed, nothing was done", "vm stop web", "no rule")
	has(t, "outside", commands.RenderText(h.Receive(t.Context(), bot.Message{Key: "x", Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm stop web", External: true}).Report), "shared with another organisation")
}

func TestARunThatFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, line string
		answer    error
		happened  bool
		end       bot.State
		says      string
	}{
		{"AWS says no", "vm stop web", &commands.Error{Kind: commands.Denied, Message: "AWS does not allow it."}, false, bot.Failed, "AWS does not allow it."},
		{"the answer is lost", "vm stop web", &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}, false, bot.Unsure, "it may have happened"},
		{"the answer is lost and it had happened", "vm halt web", &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}, true, bot.Done, "seen afterwards"},
		{"the answer is lost and it had not", "vm halt web", &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}, false, bot.Failed, "It did not happen, so nothing"},
	} {
		h := newHouse(t)
		h.world.answer, h.world.happened = c.answer, c.happened
		h.say("U1", c.line)
		r := h.work(t, 1)
		if r.State != c.end || h.world.calls != 1 {
			t.Errorf("%s: %s after %d calls, want %s", c.why, r.State, h.world.calls, c.end)
		}
		has(t, c.why, h.shown(), c.says)
	}
}

func TestALookThatIsRefusedSettlesNothing(t *testing.T) {
	t.Parallel()
	for _, blind := range []error{
		&commands.Error{Kind: commands.Denied, Message: "AWS refused the call DescribeInstances."}, &commands.Error{Kind: commands.Unavailable, Message: "AWS did not answer DescribeInstances."},
	} {
		h := newHouse(t)
		h.world.answer, h.world.blind = &commands.Error{Kind: commands.Uncertain, Message: "No answer came.", Hint: "Look yourself."}, blind
		h.say("U1", "vm halt web")
		h.want(t, h.work(t, 1), bot.Unsure, 1)
		has(t, "the message", h.shown(), "it may have happened", "No answer came. How things stand could not be asked: "+commands.Words(blind).Message, "Look yourself.")
	}
}

// What AWS took already is not said to be nothing, whatever ended the run.
func TestNothingIsSaidToBeDoneOnlyWhereNothingWas(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{"DetachInternetGateway": "Not allowed", "DescribeInstances": "Not allowed, nothing was done", "": "Not allowed, nothing was done"} {
		h := newHouse(t)
		h.Observe = func(ctx context.Context, record func(operation, requestID string, taken bool)) context.Context {
			record("DeleteInternetGateway", "", false)
			record(operation, "", operation != "")
			return ctx
		}
		h.world.answer = &commands.Error{Kind: commands.Denied, Message: "AWS does not allow it."}
		h.say("U1", "vm stop web")
		h.want(t, h.work(t, 1), bot.Failed, 1)
		title, _, _ := strings.Cut(h.shown(), "\n")
		if !strings.HasSuffix(strings.TrimSpace(title), want) {
			t.Errorf("after %q: %q, want %q", operation, title, want)
		}
	}
}

func TestAnUncertainRequestIsSettledByAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.world.answer = &commands.Error{Kind: commands.Uncertain, Message: "No answer came."}
	h.say("U1", "vm stop web")
	h.work(t, 1)
	has(t, "a stranger", commands.RenderText(h.say("U9", "settle R-1 done").Report), "you cannot settle R-1")
	has(t, "the settling", commands.RenderText(h.say("U1", "settle R-1 done --reason seen").Report), "Settled R-1 as done")
	h.want(t, h.work(t, 1), bot.Settled, 1)
}

func TestAProcessThatDiesInTheCallLeavesNoSecondCall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.world.block = make(chan struct{})
	h.say("U1", "vm stop web")
	ctx, kill := context.WithCancel(t.Context())
	var died sync.WaitGroup
	died.Go(func() { _ = h.Execute(ctx, 1) })
	<-h.world.begun
	// Another process sees it running, with a lease that has not ended: it leaves it alone.
	other := h.engine(t, "serve-two")
	if err := other.Execute(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	kill()
	died.Wait()
	h.world.block = nil
	if err := other.Execute(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	h.want(t, h.work(t, 1), bot.Unsure, 1)
}

func TestWhatAProcessThatIsGoneLeftIsTakenOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U1", "vm stop web")
	r, err := h.store.Load(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	// A process claimed it and was gone before it asked AWS for anything.
	r.State, r.Runner = bot.Running, "serve-gone"
	if _, err := h.store.Save(t.Context(), r, nil, nil); err != nil {
		t.Fatal(err)
	}
	h.want(t, h.work(t, 1), bot.Done, 1)
}

func TestAMessageWhoseAnswerWasLostIsNotPostedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say("U1", "vm stop web")
	h.chat.lose = true
	if err := h.Execute(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := h.Deliver(t.Context(), 1); err == nil {
		t.Error("the lost answer went unnoticed")
	}
	h.want(t, h.work(t, 1), bot.Done, 1)
	has(t, "the message", h.shown(), "Stopped web")
}

type never struct{ error }

func (never) Permanent() bool { return true }

func TestAChannelThatTakesNothingSendsTheResultToTheAsker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.chat.refuse = never{errors.New("not in channel")}
	h.say("U1", "vm stop web")
	h.want(t, h.work(t, 1), bot.Done, 1)
	if _, ok := h.chat.messages[bot.Ref{Channel: "U1", TS: "1"}]; !ok {
		t.Errorf("messages: %v", h.chat.messages)
	}
}

func TestReadsAreAnsweredInPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answer := h.say("U1", "vm look web")
	if !answer.Later || answer.Request != "" {
		t.Errorf("got %+v", answer)
	}
	h.Wait(t.Context())
	has(t, "the whisper", strings.Join(h.chat.whispers, ""), "Looked at web")
	h.say("U1", "vm stop web --plan")
	h.Wait(t.Context())
	has(t, "the plan", strings.Join(h.chat.whispers, ""), "Would stop web")
	if h.world.calls != 0 {
		t.Errorf("a plan made %d calls", h.world.calls)
	}
}

func TestAPlanThatIsWrittenDownChangesNothingEither(t *testing.T) {
	t.Parallel()
	for why, m := range map[string]bot.Message{
		"on the timetable":           {Source: bot.Schedule, Line: "vm stop web --plan"},
		"shown to the whole channel": {Source: bot.Slash, Line: "vm stop web --plan --public"},
		"of what would be asked":     {Source: bot.Slash, Line: "vm stop web --plan --public", Asker: commands.Asker{User: "U2"}},
	} {
		h := newHouse(t)
		m.Key, m.Asker, m.At = "1", commands.Asker{User: cmp.Or(m.Asker.User, "U1"), Channel: "C1"}, h.Now()
		if answer := h.Receive(t.Context(), m); answer.Request == "" {
			t.Errorf("%s: %s", why, commands.RenderText(answer.Report))
			continue
		}
		r := h.work(t, 1)
		h.want(t, r, bot.Done, 0)
		if r.Risk != commands.Read || !strings.Contains(h.shown(), "Would ") {
			t.Errorf("%s: %s, with a risk of %d:\n%s", why, r.State, r.Risk, h.shown())
		}
	}
}

func TestOnePartOfALongAnswerIsToldAheadWhereItDoesNotStay(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{"": "Looked at web\n", "https://hooks.slack.com/1": "The first of web\nLooked at web\n"} {
		h := newHouse(t)
		h.Receive(t.Context(), bot.Message{
			Key: "1", Source: bot.Slash, Asker: commands.Asker{User: "U1", Channel: "C1"}, Line: "vm look web", At: h.Now(), ResponseURL: url,
		})
		h.Wait(t.Context())
		if got := strings.Join(h.chat.whispers, ""); got != want {
			t.Errorf("with the response URL %q it was whispered %q, want %q", url, got, want)
		}
	}
}

func TestALineInATerminalIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	say := func(user, line string) bot.Outcome {
		h.seq++
		return h.RunLine(t.Context(), bot.Message{Key: fmt.Sprint("t", h.seq), Source: bot.Terminal, Asker: commands.Asker{User: user}, Line: line}, nil, nil)
	}
	for _, c := range []struct {
		user, line string
		state      bot.State
		kind       commands.Kind
		says       string
	}{
		{"U1", "vm stop web", bot.Done, "", "Stopped web"},
		{"U1", "vm look web", bot.Done, "", "Looked at web"},
		{"U1", "vm stpo web", bot.Failed, commands.Usage, "did you mean vm stop?"},
		{"U9", "vm stop web", bot.Refused, commands.Denied, "Not allowed"},
		{"U2", "vm stop web", bot.Waiting, "", "waits for"},
		{"U1", "approve R-3", bot.Done, "", "Stopped web"},
		{"U2", "vm stop nobody", bot.Failed, "", "No instance is called nobody"},
	} {
		got := say(c.user, c.line)
		if got.State != c.state || got.Kind != c.kind {
			t.Errorf("%s: %s is %s %q, want %s %q: %s", c.user, c.line, got.State, got.Kind, c.state, c.kind, commands.RenderText(got.Report))
		}
		has(t, c.line, commands.RenderText(got.Report), c.says)
	}
}
