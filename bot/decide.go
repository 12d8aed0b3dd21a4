package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"deckhand/commands"
)

// changeTries is how often a change is tried again when somebody else changed the request meanwhile.
const changeTries = 5

// change loads a request and lets step change it, again where somebody else was faster.
func (e *Engine) change(ctx context.Context, number int64, apply func(Request) (commands.Report, error)) (commands.Report, error) {
	for range changeTries {
		r, err := e.load(ctx, number)
		if err != nil {
			return commands.Report{}, err
		}
		report, err := apply(r)
		if !errors.Is(err, ErrConflict) {
			return report, err
		}
	}
	return commands.Report{}, &commands.Error{Kind: commands.Unavailable, Message: "The request is being changed by others right now.", Hint: "Try again in a moment."}
}

func (e *Engine) load(ctx context.Context, number int64) (Request, error) {
	r, err := e.Store.Load(ctx, number)
	if errors.Is(err, ErrNoRequest) {
		return r, &commands.Error{Kind: commands.NotFound, Message: fmt.Sprintf("There is no request %s.", commands.Mono(Request{Number: number}.ID())), Hint: "Type " + commands.Mono("request list") + " to see the latest ones."}
	}
	return r, err
}

// Approve is one person's yes. The digest, where there is one, must be the request's.
func (e *Engine) Approve(ctx context.Context, who commands.Asker, number int64, given commands.Consent) (commands.Report, error) {
	proof := &proof{code: given.Code}
	return e.change(ctx, number, func(r Request) (commands.Report, error) {
		if err := e.open(ctx, r, given.Digest); err != nil {
			return commands.Report{}, err
		}
		if r.Decision.Effect == Confirm {
			return e.confirm(ctx, who, r, proof, given)
		}
		if err := e.mayApprove(ctx, who, r); err != nil {
			return commands.Report{}, err
		}
		r, note, err := e.prove(ctx, who, r, proof, formFor(r, "Approve", "approve "+r.ID()+besides(given.With)))
		if err != nil {
			return commands.Report{}, err
		}
		if r, note, err = e.ticked(r, given.With, note); err != nil {
			return commands.Report{}, err
		}
		r.Approvals = append(slices.Clone(r.Approvals), who.User)
		if missing := r.Decision.needed() - len(r.Approvals); missing > 0 {
			r, err := e.save(ctx, r, step{to: Waiting, actor: who.User, what: "approved", note: note, digest: r.Digest(), jobs: deliver()})
			return said("Approved "+r.ID()+", "+fmt.Sprint(missing)+" more to go", r), err
		}
		return e.goAhead(ctx, who, r, "approved", note)
	})
}

// Confirm is the asker's second yes, where policy wants one. What destroys something is confirmed by its button, which knows the
// digest, or by the name of what is destroyed.
func (e *Engine) Confirm(ctx context.Context, who commands.Asker, number int64, given commands.Consent) (commands.Report, error) {
	proof := &proof{code: given.Code}
	return e.change(ctx, number, func(r Request) (commands.Report, error) {
		if err := e.open(ctx, r, given.Digest); err != nil {
			return commands.Report{}, err
		}
		if err := named(r, given.Digest, given.Name); err != nil {
			return commands.Report{}, err
		}
		return e.confirm(ctx, who, r, proof, given)
	})
}

// formFor asks for a code. It is bound to what the request is now: the form shows that, and stays open for a while.
func formFor(r Request, title, line string) Form {
	about := commands.Mono(r.Invocation.Line)
	if r.Plan != nil && r.Plan.Title != "" {
		about = r.Plan.Title + ": " + about
	}
	return Form{Title: title + " " + r.ID(), About: about, Line: line + " --digest " + r.Digest()}
}

// named tells whether a typed confirmation names what would be destroyed. What waits for somebody else is not confirmed at all.
func named(r Request, digest, name string) error {
	if r.Decision.Effect != Confirm || r.Risk != commands.Destroy || len(r.Names) == 0 || name == "" && digest != "" || slices.Contains(r.Names, name) {
		return nil
	}
	message := "To confirm " + r.ID() + " by typing, name what it destroys."
	if name != "" {
		message = commands.Mono(name) + " is not what " + r.ID() + " is about."
	}
	return &commands.Error{Kind: commands.Usage, Message: message, Hint: "Nothing was done; type " + commands.Mono("confirm "+r.ID()+" "+commands.Quote(r.Names[0])) + ", or press its button."}
}

func (e *Engine) confirm(ctx context.Context, who commands.Asker, r Request, proof *proof, given commands.Consent) (commands.Report, error) {
	if r.Decision.Effect != Confirm {
		return commands.Report{}, e.pressRefused(ctx, who, r, r.ID()+" needs the approval of "+approvers(r)+", not a confirmation.")
	}
	if !e.same(who.User, r.Message.Asker.User) {
		return commands.Report{}, e.pressRefused(ctx, who, r, "Only "+commands.Person(r.Message.Asker.User)+", who asked, can confirm "+r.ID()+".")
	}
	line := "confirm " + r.ID()
	if given.Name != "" {
		line += " " + commands.Quote(given.Name)
	}
	r, note, err := e.prove(ctx, who, r, proof, formFor(r, "Confirm", line+besides(given.With)))
	if err != nil {
		return commands.Report{}, err
	}
	if r, note, err = e.ticked(r, given.With, note); err != nil {
		return commands.Report{}, err
	}
	r.Approvals = []string{who.User}
	return e.goAhead(ctx, who, r, "confirmed", note)
}

// besides are the words that say again what was ticked beside a yes.
func besides(flags []string) string {
	words := ""
	for _, flag := range flags {
		words += " --with " + commands.Quote(flag)
	}
	return words
}

// ticked writes what was ticked beside a yes into the request's line, and into the note of the audit. Only what the plan offers can be ticked,
// and each makes the request do something before what was agreed to, so that a yes that others gave before holds on.
func (e *Engine) ticked(r Request, flags []string, note string) (Request, string, error) {
	for _, flag := range flags {
		if r.Plan == nil || !slices.ContainsFunc(r.Plan.Offers, func(o commands.Offer) bool { return o.Flag == flag }) {
			return r, note, &commands.Error{Kind: commands.Usage, Message: r.ID() + " offers no " + commands.Mono(flag) + ".", Hint: "Nothing was decided; leave " + commands.Mono("--with "+flag) + " out."}
		}
		more, _, err := e.Catalog.Parse("", r.Invocation.Line+" --"+flag)
		if err != nil {
			return r, note, err
		}
		r.Invocation.Line, r.Invocation.Args = more.Line, more.Args
		note = strings.TrimPrefix(note+", with --"+flag, ", ")
	}
	if len(flags) > 0 {
		plan := *r.Plan
		plan.Offers = slices.DeleteFunc(slices.Clone(plan.Offers), func(o commands.Offer) bool { return slices.Contains(flags, o.Flag) })
		r.Plan = &plan
	}
	return r, note, nil
}

// goAhead queues a request that everybody needed has agreed to.
func (e *Engine) goAhead(ctx context.Context, who commands.Asker, r Request, what, note string) (commands.Report, error) {
	r, err := e.save(ctx, r, step{to: Queued, actor: who.User, what: what, note: note, digest: r.Digest(), jobs: []Job{{Work: Execute}, {Work: Deliver}}})
	if err != nil {
		return commands.Report{}, err
	}
	return said(upper(what)+" "+r.ID()+", it runs now", r), nil
}

func upper(word string) string { return string(word[0]-'a'+'A') + word[1:] }

func said(title string, r Request) commands.Report {
	return commands.Report{Tone: commands.Good, Title: title, Body: commands.Blocks{commands.Text{Text: commands.Mono(r.Invocation.Line)}}}
}

// open answers why a request cannot be decided any more, nil where it can.
func (e *Engine) open(ctx context.Context, r Request, digest string) error {
	switch {
	case r.State == Asked:
		return &commands.Error{Kind: commands.Unavailable, Message: r.ID() + " is still being looked at.", Hint: "Its message comes in a moment."}
	case r.State != Waiting:
		return e.decided(ctx, r)
	case !r.ExpiresAt.IsZero() && r.ExpiresAt.Before(e.Now()):
		if err := e.expire(ctx, r); err != nil {
			return err
		}
		return &commands.Error{Kind: commands.Conflict, Message: r.ID() + " was not decided in time and has expired.", Hint: "Ask again by typing the line again."}
	case digest != "" && digest != r.Digest():
		return &commands.Error{Kind: commands.Conflict, Message: "This button is not of " + r.ID() + " as it stands.", Hint: "Nothing was done; use the buttons of its own message."}
	}
	return nil
}

// decided says by whom and how a request was decided already.
func (e *Engine) decided(ctx context.Context, r Request) error {
	message := r.ID() + " is " + string(r.State) + " already."
	events, err := e.Store.Events(ctx, r.Number)
	if err != nil {
		return err
	}
	for _, event := range slices.Backward(events) {
		switch event.What {
		case "approved", "confirmed", "rejected", "cancelled":
			message = fmt.Sprintf("%s was %s by %s already and is %s.", r.ID(), event.What, commands.Person(event.Actor), r.State)
			return over(message)
		}
	}
	return over(message)
}

// over is the answer to a word on a request that needs none any more.
func over(message string) error {
	return errTitled{"Over already, nothing more was done", &commands.Error{Kind: commands.Denied, Message: message}}
}

func (e *Engine) mayApprove(ctx context.Context, who commands.Asker, r Request) error {
	if e.same(who.User, r.Message.Asker.User) {
		return e.pressRefused(ctx, who, r, "You asked for this; someone else must approve it.")
	}
	if e.doubtful(who.User, r.Message.Asker.User) {
		return e.pressRefused(ctx, who, r, e.whoIsThat(who.User, r.Message.Asker.User, r.ID()))
	}
	if slices.ContainsFunc(r.Approvals, func(user string) bool { return e.same(user, who.User) }) {
		return errTitled{"Approved already, nothing more was done", &commands.Error{Kind: commands.Denied, Message: "You have approved " + r.ID() + " already.", Hint: "It waits for " + approvers(r) + "."}}
	}
	tier, _ := r.turn()
	ok, err := e.Policy.Matches(ctx, who.User, tier.Approvers)
	if err != nil {
		return &commands.Error{Kind: commands.Unavailable, Message: "Slack could not say who is in the group of approvers.", Hint: "Nothing was done; try again in a moment.", Err: err}
	}
	if !ok {
		return e.pressRefused(ctx, who, r, "Only "+Subjects(tier.Approvers)+" may approve "+r.ID()+inTurn(r)+".")
	}
	return nil
}

// pressRefused writes a press that did not count into the record. A request that somebody has in hand keeps its version: whoever runs it
// writes down its end.
func (e *Engine) pressRefused(ctx context.Context, who commands.Asker, r Request, why string) error {
	if r.State == Asked || r.State == Queued || r.State == Running {
		e.Log.Info("a word on a request that is under way did not count", "request", r.ID(), "user", who.User, "why", commands.Terminal().Render(why))
		return &commands.Error{Kind: commands.Denied, Message: why}
	}
	_, err := e.save(ctx, r, step{to: r.State, actor: who.User, what: "press refused", note: commands.Terminal().Render(why)})
	if err != nil {
		return err
	}
	return &commands.Error{Kind: commands.Denied, Message: why}
}

// Reject is an approver's no.
func (e *Engine) Reject(ctx context.Context, who commands.Asker, number int64, reason string) (commands.Report, error) {
	return e.change(ctx, number, func(r Request) (commands.Report, error) {
		if e.same(who.User, r.Message.Asker.User) {
			return e.withdraw(ctx, who, r)
		}
		if err := e.open(ctx, r, ""); err != nil {
			return commands.Report{}, err
		}
		if err := e.mayApprove(ctx, who, r); err != nil {
			return commands.Report{}, err
		}
		r.Note = "Rejected by " + commands.Person(who.User) + because(reason)
		r, err := e.save(ctx, r, step{to: Rejected, actor: who.User, what: "rejected", note: reason, jobs: deliver()})
		return said("Rejected "+r.ID(), r), err
	})
}

func because(reason string) string {
	if reason == "" {
		return "."
	}
	return ": " + reason
}

// Cancel is the asker taking the request back before it runs.
func (e *Engine) Cancel(ctx context.Context, who commands.Asker, number int64) (commands.Report, error) {
	return e.change(ctx, number, func(r Request) (commands.Report, error) { return e.withdraw(ctx, who, r) })
}

func (e *Engine) withdraw(ctx context.Context, who commands.Asker, r Request) (commands.Report, error) {
	switch {
	case !e.same(who.User, r.Message.Asker.User):
		return commands.Report{}, e.pressRefused(ctx, who, r, "Only "+commands.Person(r.Message.Asker.User)+", who asked, can cancel "+r.ID()+".")
	case r.State == Running:
		return commands.Report{}, errTitled{"Too late to cancel, it goes on", &commands.Error{Kind: commands.Denied, Message: r.ID() + " is running and cannot be taken back.", Hint: "Wait for its end, then undo it."}}
	case !CanFollow(r.State, Cancelled):
		return commands.Report{}, e.decided(ctx, r)
	}
	r.Note = "Cancelled by " + commands.Person(who.User) + "."
	r, err := e.save(ctx, r, step{to: Cancelled, actor: who.User, what: "cancelled", jobs: deliver()})
	return said("Cancelled "+r.ID(), r), err
}

// Settle says what came of an uncertain request. Whoever may run the command may settle it.
func (e *Engine) Settle(ctx context.Context, who commands.Asker, number int64, outcome, reason string) (commands.Report, error) {
	return e.change(ctx, number, func(r Request) (commands.Report, error) {
		command := e.Catalog.Find(r.Invocation.Command)
		if command == nil {
			return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "This version of deckhand does not know " + commands.Mono(r.Invocation.Command) + "."}
		}
		decision, err := e.decide(ctx, Message{Asker: who, Source: r.Message.Source}, command, &commands.Scope{})
		if err != nil {
			return commands.Report{}, err
		}
		if decision.Effect == Deny {
			return commands.Report{}, e.pressRefused(ctx, who, r, "Policy does not let you run "+commands.Mono(command.Name)+", so you cannot settle "+r.ID()+".")
		}
		if r.State != Unsure {
			return commands.Report{}, errTitled{"Nothing to settle, nothing was done", &commands.Error{Kind: commands.Denied, Message: r.ID() + " is " + string(r.State) + ", and only an uncertain request can be settled."}}
		}
		if outcome == "done" {
			if err := e.tookBack(ctx, r); err != nil {
				return commands.Report{}, err
			}
		}
		r.Note = "Settled as " + outcome + " by " + commands.Person(who.User) + because(reason)
		if r.Result != nil {
			r.Result.Title = r.ID() + " was settled as " + outcome
		}
		r, err = e.save(ctx, r, step{to: Settled, actor: who.User, what: "settled", note: outcome + because(reason), jobs: deliver()})
		if err == nil && outcome == "failed" {
			e.madeNothing(ctx, r)
		}
		return said("Settled "+r.ID()+" as "+outcome, r), err
	})
}

func (e *Engine) expire(ctx context.Context, r Request) error {
	r.Note = fmt.Sprintf("Nobody decided within %.0f minutes. Ask again by typing the line again.", approvalTime.Minutes())
	_, err := e.save(ctx, r, step{to: Expired, what: "expired", jobs: deliver()})
	return err
}
