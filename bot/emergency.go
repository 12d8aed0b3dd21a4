package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// brokenGlass is a line that breaks the glass.
type brokenGlass struct {
	whole  string // as it was understood
	line   string // that is to run
	reason string // why it cannot wait
	code   commands.Passcode
}

// emergency reads a line that breaks the glass.
func (e *Engine) emergency(invocation commands.Invocation) (brokenGlass, bool) {
	runner, _, err := e.Catalog.Runner(invocation)
	if err != nil {
		return brokenGlass{}, false
	}
	breaks, ok := runner.(interface {
		Emergency() (line, reason string, code commands.Passcode)
	})
	if !ok {
		return brokenGlass{}, false
	}
	broken := brokenGlass{whole: invocation.Line}
	broken.line, broken.reason, broken.code = breaks.Emergency()
	return broken, true
}

// breakGlass writes a line down that is to run without approval.
func (e *Engine) breakGlass(ctx context.Context, m Message, broken brokenGlass) Answer {
	asked, report := e.askEmergency(ctx, m, broken)
	if report != nil {
		return Answer{Report: *report}
	}
	return e.writeRequest(ctx, asked)
}

// breakGlassLine is breakGlass for a terminal.
func (e *Engine) breakGlassLine(ctx context.Context, m Message, broken brokenGlass) Outcome {
	asked, report := e.askEmergency(ctx, m, broken)
	if report != nil {
		e.recordRefusals(ctx)
		return Outcome{Report: *report, State: Refused, Kind: commands.Denied}
	}
	r, _, err := e.create(ctx, asked, false)
	if err != nil {
		return e.lineFailed(asked.Invocation, err)
	}
	return e.follow(ctx, r.Number)
}

// askEmergency makes the request of a line that breaks the glass, or answers why there is none. Where policy needs to know what it touches,
// whether the asker may is decided with that, as for every line.
func (e *Engine) askEmergency(ctx context.Context, m Message, broken brokenGlass) (Request, *commands.Report) {
	m.Noun, m.Line = "", broken.whole // which has no code in it
	inside := m
	inside.Line = broken.line
	invocation, command, err := e.parse(inside)
	if err == nil && (command.Engine || command.Risk == commands.Read || invocation.Plan) {
		err = commands.Misuse(commands.Mono(invocation.Line)+" changes nothing, so there is no glass to break.", "Type it as it is.")
	}
	if err != nil {
		report := notUnderstood(invocation.Line, err)
		return Request{}, &report
	}
	if m.External, err = e.external(ctx, m); err != nil {
		report := failure(invocation.Line, notKnownWhose(err))
		return Request{}, &report
	}
	decision, err := e.decide(ctx, m, command, nil)
	if err != nil {
		report := cannotDecide(invocation.Line, err)
		return Request{}, &report
	}
	asked := Request{Message: m, Invocation: invocation, Decision: decision, Emergency: broken.reason}
	if decision.Effect == Deny {
		e.noteRefusal(m, commands.Reading{Invocation: invocation}, decision, command.Risk)
		report := e.refusal(m, invocation.Line, command, decision)
		return Request{}, &report
	}
	if decision.Effect != Unsettled {
		why, err := e.mayNotBreak(ctx, asked, decision)
		if err != nil {
			report := cannotDecide(invocation.Line, err)
			return Request{}, &report
		}
		if why != "" {
			e.noteRefusal(m, commands.Reading{Invocation: invocation}, Decision{Effect: Deny, Rule: decision.Rule + ", break-glass"}, command.Risk)
			report := failure(invocation.Line, &commands.Error{Kind: commands.Denied, Message: why})
			return Request{}, &report
		}
	}
	if asked, err = e.proveEmergency(ctx, asked, broken.code); err != nil {
		e.noteRefusal(m, commands.Reading{Invocation: invocation}, Decision{Effect: Deny, Rule: decision.Rule + ", second factor"}, command.Risk)
		report := failure(invocation.Line, err)
		return Request{}, &report
	}
	asked.Decision.Effect = Unsettled // whatever it is, it is asked again with what the line touches
	return asked, nil
}

// mayNotBreak answers why somebody may not break the glass, "" where they may.
func (e *Engine) mayNotBreak(ctx context.Context, r Request, d Decision) (string, error) {
	if len(d.BreakGlass) == 0 {
		return "Nobody may break the glass here (" + d.Rule + ").", nil
	}
	ok, err := e.Policy.Matches(ctx, r.Message.Asker.User, d.BreakGlass)
	if err != nil || ok {
		return "", err
	}
	return "Only " + Subjects(d.BreakGlass) + " may break the glass here (" + d.Rule + ").", nil
}

// goInEmergency queues a request whose asker broke the glass, and opens its review.
func (e *Engine) goInEmergency(ctx context.Context, r Request) (again bool, err error) {
	why, err := e.mayNotBreak(ctx, r, r.Decision)
	if err != nil {
		return false, err
	}
	if why != "" {
		return false, e.refuse(ctx, r, why)
	}
	if e.unproven(r, r.Decision) {
		return false, e.refuse(ctx, r, commands.Words(e.needsCode(r)).Error())
	}
	note := r.Emergency
	if len(r.Proven) > 0 {
		note += " (" + factorGiven + ")"
	}
	r.Review = Review{Opened: e.Now()}
	_, err = e.save(ctx, r, step{to: Queued, actor: r.Message.Asker.User, what: "glass broken", note: note, digest: r.Digest(), jobs: deliver()})
	return true, err
}

// emergencyWords say that a request went without approval, and how its review stands.
func emergencyWords(r Request) string {
	out := commands.Person(r.Message.Asker.User) + " broke the glass: " + strings.TrimRight(commands.Unmarked(r.Emergency), ".") + "."
	switch {
	case r.Review.Open():
		return out + " It ran without approval; the review is open until somebody else closes it: " + commands.Mono("review close "+r.ID()+" --note \"...\"")
	case !r.Review.Closed.IsZero():
		return out + " Reviewed by " + commands.Person(r.Review.By) + because(commands.Unmarked(r.Review.Note))
	}
	return out
}

// alarmed bounds how many people hear of one alarm in person.
const alarmed = 50

// alarm tells everybody once that somebody broke the glass: the alarm's channel, and in person whoever would have approved.
func (e *Engine) alarm(ctx context.Context, r Request) error {
	if r.Review.Opened.IsZero() {
		return nil
	}
	report := commands.Report{
		Tone: commands.Bad, Title: commands.Person(r.Message.Asker.User) + " broke the glass for " + r.ID(),
		Body: commands.Blocks{
			commands.Text{Text: commands.Mono(r.Invocation.Line)}, commands.Text{Text: emergencyWords(r)},
		},
		Next: []commands.Next{{Label: "Show " + r.ID(), Line: "request show " + r.ID()}},
	}
	to := []string{e.Alarm}
	if e.Alarm == "" {
		to[0] = r.Message.Asker.Channel
	}
	for _, place := range append(to, e.wouldHaveApproved(ctx, r)...) {
		if place == "" {
			continue
		}
		if err := e.postNotice(ctx, r, notice{name: "alarm " + place, channel: place, since: r.Review.Opened, report: report}); err != nil {
			return err
		}
	}
	return nil
}

// wouldHaveApproved are the people whose approval was not waited for. Who cannot be looked up is left to the channel.
func (e *Engine) wouldHaveApproved(ctx context.Context, r Request) []string {
	var people []string
	for _, subject := range r.Decision.everybody() {
		kind, id, _ := strings.Cut(subject, ":")
		switch {
		case kind == "user":
			people = append(people, id)
		case kind == "group" && e.Groups != nil:
			members, err := e.Groups.Members(ctx, id)
			if err != nil {
				e.Log.Warn("the group of approvers could not be looked up for an alarm", "group", id, "request", r.ID(), "err", err)
			}
			people = append(people, members...)
		}
	}
	slices.Sort(people)
	people = slices.DeleteFunc(slices.Compact(people), func(user string) bool { return user == r.Message.Asker.User })
	return people[:min(len(people), alarmed)]
}

// reviewEvery is how often an open review is reminded of.
const reviewEvery = 24 * time.Hour

// remindReviews reminds of reviews that nobody has closed for a day, and then every day.
func (e *Engine) remindReviews(ctx context.Context, now time.Time) error {
	open, err := e.Store.List(ctx, Filter{ReviewOpen: true, Limit: manyRequests})
	if err != nil {
		return err
	}
	for _, r := range open {
		last := r.Review.Opened
		if !r.Review.Reminded.IsZero() {
			last = r.Review.Reminded
		}
		if now.Sub(last) < reviewEvery {
			continue
		}
		r.Review.Reminded = now
		if _, err := e.save(ctx, r, step{to: r.State, what: "review reminded", jobs: deliver()}); err != nil && !isConflict(err) {
			return err
		}
	}
	return nil
}

func reviewReminder(r Request) commands.Report {
	return commands.Report{
		Tone: commands.Warning, Title: "The review of " + r.ID() + " is still open",
		Body: commands.Blocks{commands.Text{Text: emergencyWords(r)}},
	}
}

// CloseReview is somebody else's word that they looked at what ran without approval.
func (e *Engine) CloseReview(ctx context.Context, who commands.Asker, number int64, note string) (commands.Report, error) {
	return e.change(ctx, number, func(r Request) (commands.Report, error) {
		switch {
		case !r.Review.Closed.IsZero():
			return commands.Report{}, commands.Misuse("The review of "+r.ID()+" was closed by "+commands.Person(r.Review.By)+" already.", "")
		case !r.Review.Open():
			return commands.Report{}, commands.Misuse(r.ID()+" needs no review.", "See what does with "+commands.Mono("review list")+".")
		case r.State == Queued || r.State == Running:
			return commands.Report{}, commands.Misuse(r.ID()+" is still "+string(r.State)+".", "Close its review when it is over.")
		case e.same(who.User, r.Message.Asker.User):
			return commands.Report{}, e.pressRefused(ctx, who, r, "You broke the glass for "+r.ID()+"; somebody else must close its review.")
		case e.doubtful(who.User, r.Message.Asker.User):
			return commands.Report{}, e.pressRefused(ctx, who, r, e.whoIsThat(who.User, r.Message.Asker.User, r.ID()))
		}
		may := append(r.Decision.everybody(), r.Decision.BreakGlass...)
		ok, err := e.Policy.Matches(ctx, who.User, may)
		if err != nil {
			return commands.Report{}, &commands.Error{Kind: commands.Unavailable, Message: "Slack could not say who is in the groups that may close it.", Hint: "Nothing was done; try again in a moment.", Err: err}
		}
		if !ok {
			return commands.Report{}, e.pressRefused(ctx, who, r, "Only "+Subjects(may)+" may close the review of "+r.ID()+".")
		}
		r.Review.Closed, r.Review.By, r.Review.Note = e.Now(), who.User, note
		r, err = e.save(ctx, r, step{to: r.State, actor: who.User, what: "reviewed", note: note, jobs: deliver()})
		return said("Closed the review of "+r.ID(), r), err
	})
}

// Reviews answers what ran without approval and nobody has looked at yet, newest first.
func (e *Engine) Reviews(ctx context.Context) (commands.Report, error) {
	open, err := e.Store.List(ctx, Filter{ReviewOpen: true})
	if err != nil {
		return commands.Report{}, err
	}
	if len(open) == 0 {
		return commands.Report{Title: "No review is open"}, nil
	}
	table := commands.Table{Columns: []string{"Request", "Who", "Since (UTC)", "Line", "Why"}}
	for _, r := range open {
		table.Rows = append(table.Rows, []string{r.ID(), r.Message.Asker.User, r.Review.Opened.UTC().Format("01-02 15:04"), r.Invocation.Line, r.Emergency})
	}
	return commands.Report{Title: commands.Count(len(open), "review") + " open", Body: commands.Blocks{table, commands.Text{Text: "Close one with " + commands.Mono("review close "+open[0].ID()+" --note \"...\"") + "."}}}, nil
}
