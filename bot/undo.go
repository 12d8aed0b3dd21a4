package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// Undoing is how far a request has been taken back.
type Undoing struct {
	By int64     `json:",omitempty"` // the latest request that set out to take it back; 0 where none did
	At time.Time `json:",omitzero"`  // when that one had done so
}

// undoes answers which request a line takes back, 0 where it is no such line.
func (e *Engine) undoes(invocation commands.Invocation) int64 {
	runner, _, err := e.Catalog.Runner(invocation)
	if reversal, ok := runner.(commands.Reversal); ok && err == nil {
		return reversal.Undoes()
	}
	return 0
}

// turned is a line that takes a request back, as its asker might have typed it.
type turned struct {
	message    Message
	invocation commands.Invocation
	command    *commands.Command
	decision   Decision
}

// undo goes on with the line that takes a request back: an ordinary line, with the rights of whoever asks for it now.
func (e *Engine) undo(ctx context.Context, m Message, asked commands.Invocation) Answer {
	t, err := e.turn(ctx, m, asked)
	switch {
	case err != nil && m.Source.timed():
		return e.writeRefusal(ctx, m, asked, commands.Words(err).Error())
	case err != nil:
		return Answer{Report: failure(asked.Line, err)}
	case t.decision.Effect == Deny && !m.Source.timed():
		e.ended(t.command.Name, string(Refused), 0)
		e.noteRefusal(m, commands.Reading{Invocation: t.invocation}, t.decision, t.command.Risk)
		return Answer{Report: e.refusal(m, t.invocation.Line, t.command, t.decision)}
	}
	return e.take(ctx, t.message, t.invocation, t.command, t.decision)
}

// turn answers the line that takes a request back, or why there is none.
func (e *Engine) turn(ctx context.Context, m Message, asked commands.Invocation) (turned, error) {
	if undo := e.Catalog.Find(asked.Command); undo != nil && !e.May(ctx, m.Asker, undo) {
		return turned{}, &commands.Error{Kind: commands.Denied, Message: "Policy lets you change nothing here, so you cannot undo anything."}
	}
	r, err := e.load(ctx, e.undoes(asked))
	if err != nil {
		return turned{}, err
	}
	if err := e.cannotUndo(ctx, r, 0); err != nil {
		return turned{}, err
	}
	m.Noun, m.Line, m.Undoes = "", r.Result.Undo, r.Number
	t := turned{message: m}
	if t.invocation, t.command, err = e.parse(m); err != nil {
		return turned{}, &commands.Error{Kind: commands.Failed, Message: "This version of deckhand does not understand the line that would take " + r.ID() + " back: " + commands.Words(err).Message, Err: err}
	}
	t.invocation.Plan = asked.Plan
	if t.decision, err = e.decide(ctx, m, t.command, nil); err != nil {
		return turned{}, &commands.Error{Kind: commands.Unavailable, Message: "Policy could not be asked: " + commands.Words(err).Message, Hint: "Nothing is allowed until it can; try again in a moment.", Err: err}
	}
	return t, nil
}

// cannotUndo answers why a request cannot be taken back by the one with this number, or by a new one; nil where it can.
func (e *Engine) cannotUndo(ctx context.Context, r Request, by int64) error {
	nothing := func(title, message, hint string) error {
		return errTitled{title, &commands.Error{Kind: commands.Denied, Message: message, Hint: hint}}
	}
	switch {
	case r.State == Unsure:
		return nothing("Uncertain, nothing was done", "What came of "+r.ID()+" is uncertain.", "Say first what did, with "+commands.Mono("settle "+r.ID()+" done")+" or "+commands.Mono("settle "+r.ID()+" failed")+".")
	case r.State == Waiting || r.State == Asked || r.State == Queued:
		return nothing("Nothing to undo yet, nothing was done", r.ID()+" has not run yet, so there is nothing to undo.", commands.Mono("cancel "+r.ID())+" takes it back.")
	case r.State == Running:
		return nothing("Nothing to undo yet, nothing was done", r.ID()+" is still running.", "Wait for its end, then undo it.")
	case r.State != Done && r.State != Failed && r.State != Settled:
		return nothing("Nothing to undo, nothing was done", r.ID()+" was "+string(r.State)+" and did nothing, so there is nothing to undo.", "")
	case r.Result == nil || r.Result.Undo == "":
		return nothing("It cannot be undone, nothing was done", e.noWayBack(r), "")
	}
	return e.undoneBy(ctx, r, by)
}

// noWayBack says why no line takes a request back.
func (e *Engine) noWayBack(r Request) string {
	if r.State == Failed {
		return r.ID() + " failed, and nothing that it left can be undone by one line."
	}
	why := r.ID() + " cannot be undone."
	if command := e.Catalog.Find(r.Invocation.Command); command != nil && command.Undo != "" {
		why += " Of " + commands.Mono(command.Name) + " it is known: " + command.Undo
	}
	return why
}

// undoneBy answers whether another request took this one back, or is about to.
func (e *Engine) undoneBy(ctx context.Context, r Request, by int64) error {
	if r.Undoing.By == 0 || r.Undoing.By == by {
		return nil
	}
	other, err := e.load(ctx, r.Undoing.By)
	if err != nil {
		return err
	}
	switch {
	case !r.Undoing.At.IsZero():
		hint := ""
		if other.Result != nil && other.Result.Undo != "" && other.Undoing.At.IsZero() {
			hint = commands.Mono("undo "+other.ID()) + " would take that back in turn."
		}
		return errTitled{"Undone already, nothing more was done", &commands.Error{Kind: commands.Denied, Message: r.ID() + " was undone already, by " + other.ID() + " of " + commands.Person(other.Message.Asker.User) + " at " + commands.At(r.Undoing.At) + ".", Hint: hint}}
	case other.State == Unsure:
		return errTitled{"Uncertain, nothing was done", &commands.Error{Kind: commands.Denied, Message: r.ID() + " may have been undone already: what came of " + other.ID() + " is uncertain.", Hint: "Say first what did, with " + commands.Mono("settle "+other.ID()+" done") + " or " + commands.Mono("settle "+other.ID()+" failed") + "."}}
	case !other.State.Over():
		return errTitled{"Being undone already, nothing more was done", &commands.Error{Kind: commands.Denied, Message: other.ID() + " of " + commands.Person(other.Message.Asker.User) + " is undoing " + r.ID() + " already."}}
	}
	return nil
}

// setOut writes down that a request is about to take another back: one at a time does. It answers why the request is
// refused, "" where it is not.
func (e *Engine) setOut(ctx context.Context, r Request) (string, error) {
	if r.Message.Undoes == 0 {
		return "", nil
	}
	_, err := e.change(ctx, r.Message.Undoes, func(before Request) (commands.Report, error) {
		if err := e.cannotUndo(ctx, before, r.Number); err != nil || before.Undoing.By == r.Number {
			return commands.Report{}, err
		}
		before.Undoing = Undoing{By: r.Number}
		_, err := e.save(ctx, before, step{to: before.State, actor: r.Message.Asker.User, what: "undoing", note: "by " + r.ID() + ": " + r.Invocation.Line})
		return commands.Report{}, err
	})
	return saidNo(err)
}

// overtaken answers why a request cannot take another back any more, "" where it can.
func (e *Engine) overtaken(ctx context.Context, r Request) (string, error) {
	if r.Message.Undoes == 0 {
		return "", nil
	}
	before, err := e.load(ctx, r.Message.Undoes)
	if err != nil {
		return "", err
	}
	return saidNo(e.cannotUndo(ctx, before, r.Number))
}

// saidNo is the words of an error that says no, apart from one that could not be asked.
func saidNo(err error) (string, error) {
	var words *commands.Error
	if errors.As(err, &words) && words.Kind == commands.Denied {
		return words.Error(), nil
	}
	return "", err
}

// tookBack writes down that a request was taken back. It may be told again.
func (e *Engine) tookBack(ctx context.Context, r Request) error {
	if r.Message.Undoes == 0 {
		return nil
	}
	_, err := e.change(ctx, r.Message.Undoes, func(before Request) (commands.Report, error) {
		if before.Undoing.By == r.Number && !before.Undoing.At.IsZero() {
			return commands.Report{}, nil
		}
		before.Undoing = Undoing{By: r.Number, At: e.Now()}
		_, err := e.save(ctx, before, step{to: before.State, actor: r.Message.Asker.User, what: "undone", note: "by " + r.ID(), jobs: deliver()})
		return commands.Report{}, err
	})
	return err
}

// undoable puts the way back among the buttons of a finished request, by its number: the line alone would not be known as the end of
// this request. The line itself is told beside it, and has no button of its own: two buttons would do one thing.
func undoable(view *commands.Report, r Request) {
	line := r.Result.Undo
	if line == "" {
		return
	}
	button := commands.Next{Label: "Undo", Line: "undo " + r.ID(), Confirm: "Undo " + r.ID() + " by " + line + "?"}
	undone := !r.Undoing.At.IsZero()
	next := view.Next
	view.Next = nil
	for _, n := range next {
		reversal := n.Label == "Undo" || n.Label == takeAway
		if n.Line != line || undone && !reversal {
			view.Next = append(view.Next, n)
			continue
		}
		button.Style, button.Confirm = n.Style, cmp.Or(n.Confirm, button.Confirm)
		if reversal {
			button.Label = n.Label
		}
	}
	if undone {
		return
	}
	view.Body = append(view.Body, commands.Text{Text: commands.Mono(button.Line) + " runs " + commands.Mono(line) + "."})
	view.Next, view.Undo = append(view.Next, button), line
}

// takeAway is how a report of what failed half-way names the line that takes back what stands.
const takeAway = "Take it away"

// undoneWords say that a request was taken back.
func undoneWords(r Request) string {
	if r.Undoing.At.IsZero() {
		return ""
	}
	return "Undone by " + Request{Number: r.Undoing.By}.ID() + " at " + commands.At(r.Undoing.At) + "."
}

// toldForGood tells whether a plan says itself that it cannot be undone: that is not said twice.
func toldForGood(plan commands.Report) bool {
	return slices.ContainsFunc(plan.Body, func(b commands.Block) bool {
		text, ok := b.(commands.Text)
		return ok && strings.Contains(text.Text, "cannot be undone")
	})
}

// since tells of the latest line about the same thing that ran after the one that a message takes back; "" where none did. What that one changed
// is not spared, and somebody may count on it.
func (e *Engine) since(ctx context.Context, m Message) string {
	if m.Undoes == 0 {
		return ""
	}
	before, err := e.load(ctx, m.Undoes)
	if err != nil {
		return ""
	}
	other, err := e.after(ctx, before, before.Things, []State{Running, Done, Unsure, Settled})
	if err != nil || other == nil {
		return ""
	}
	return about(*other) + " ran after " + before.ID() + "; what it changed is not spared."
}

// told is a plan that says which request it takes back, and what would take it back itself.
func (e *Engine) told(ctx context.Context, report commands.Report, m Message, invocation commands.Invocation, command *commands.Command) commands.Report {
	body := slices.Clone(report.Body)
	if m.Undoes != 0 {
		words := commands.Mono("undo "+Request{Number: m.Undoes}.ID()) + " runs " + commands.Mono(invocation.Line) + "."
		body = slices.Insert(body, 0, commands.Block(commands.Text{Text: strings.TrimSpace(words + " " + e.since(ctx, m))}))
	}
	if command != nil && command.Undo != "" && !toldForGood(report) && !strings.HasPrefix(report.Title, "Would change nothing") {
		body = append(body, commands.Text{Text: commands.Strong("Undo.") + " " + command.Undo})
	}
	report.Body = body
	return report
}
