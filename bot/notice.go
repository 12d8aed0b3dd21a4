package bot

import (
	"context"
	"time"

	"deckhand/commands"
)

// notice is a message beside the request's own, posted once.
type notice struct {
	name            string // unique among those of a request, for ever
	channel, thread string
	since           time.Time // when it became due
	report          commands.Report
}

// notices are those that are due as the request stands.
func (r Request) notices(posted Ref) []notice {
	thread := posted.TS
	if r.Message.Asker.Thread != "" && posted.Channel == r.Message.Asker.Channel {
		thread = r.Message.Asker.Thread
	}
	var due []notice
	add := func(name string, since time.Time, report commands.Report) {
		due = append(due, notice{name, posted.Channel, thread, since, report})
	}
	if r.State == Waiting && !r.RemindedAt.IsZero() {
		add("reminder", r.RemindedAt, reminder(r))
	}
	if r.State == Waiting && !r.ReroutedAt.IsZero() {
		add("rerouted", r.ReroutedAt, rerouted(r))
	}
	if r.Review.Open() && !r.Review.Reminded.IsZero() {
		add("review "+r.Review.Reminded.UTC().Format("2006-01-02T15:04"), r.Review.Reminded, reviewReminder(r))
	}
	return due
}

// notify posts what is due and was not posted.
func (e *Engine) notify(ctx context.Context, r Request, posted Ref) error {
	if posted.TS == "" {
		return nil
	}
	for _, n := range r.notices(posted) {
		if err := e.postNotice(ctx, r, n); err != nil {
			return err
		}
	}
	return e.alarm(ctx, r)
}

// postNotice posts a notice once: what was tried before and may have got through is looked for first. One that the chat never
// takes is given up, because the request's own message is there.
func (e *Engine) postNotice(ctx context.Context, r Request, n notice) error {
	journal, step := e.Store.Journal(r.Number), "notice "+n.name
	entry, err := journal.Load(ctx, step)
	if err != nil || entry.Finished {
		return err
	}
	key, there := e.Store.Identity()+"/"+r.ID()+"/"+n.name, false
	if entry.Begun {
		_, there, err = e.Messenger.Find(ctx, n.channel, n.thread, key, n.since.Add(-time.Minute))
	} else {
		err = journal.Begin(ctx, step)
	}
	if err == nil && !there {
		_, err = e.Messenger.Post(ctx, n.channel, n.thread, key, n.report)
	}
	if permanent(err) {
		e.Log.Warn("a notice cannot be posted", "request", r.ID(), "notice", n.name, "channel", n.channel, "err", err)
		err = nil
	}
	if err != nil {
		return err
	}
	return journal.Finish(ctx, step, []byte("true"), "")
}

func reminder(r Request) commands.Report {
	who := approvers(r)
	if r.Decision.Effect == Confirm {
		who = commands.Person(r.Message.Asker.User)
	}
	return commands.Report{
		Tone: commands.Waiting, Title: r.ID() + " still waits",
		Body: commands.Blocks{commands.Text{Text: "It waits for " + who + " and expires " + commands.At(r.ExpiresAt) + "."}},
	}
}

func rerouted(r Request) commands.Report {
	return commands.Report{
		Tone: commands.Waiting, Title: r.ID() + " is open to others too",
		Body: commands.Blocks{commands.Text{
			Text: "Nobody of those whom the rule asks first has decided. " + Subjects(r.Decision.RerouteTo) + " may approve it too; it expires " + commands.At(r.ExpiresAt) + ".",
		}},
	}
}
