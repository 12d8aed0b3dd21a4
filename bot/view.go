package bot

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// late is from when on a line of the timetable says that it was missed and caught up.
const late = 2 * time.Minute

// notUnderstood answers a line that could not be read.
func notUnderstood(line string, err error) commands.Report {
	words := commands.Words(err)
	report := commands.Report{Tone: commands.Warning, Title: failureTitle(unreadKind(words))}
	if line != "" {
		report.Body = append(report.Body, commands.Text{Text: commands.Mono(line)})
	}
	return withWords(report, words)
}

// unreadKind sorts a line that could not be read: refused for what it would show, or wrong.
func unreadKind(words *commands.Error) commands.Kind {
	if words.Kind == commands.Denied {
		return commands.Denied
	}
	return commands.Usage
}

// failure answers a line that could not be done and left nothing behind.
func failure(line string, err error) commands.Report {
	words := commands.Words(err)
	report := commands.Report{Tone: commands.Bad, Title: failureTitle(words.Kind)}
	var titled errTitled
	if errors.As(err, &titled) {
		report.Title = titled.title
	}
	if form := formOf(err); form != nil && form.Wrong == "" {
		report.Tone, report.Title = commands.Waiting, "A code is needed, nothing was done"
	} else if form != nil {
		report.Title = "The code does not count, nothing was done"
	}
	if line != "" {
		report.Body = append(report.Body, commands.Text{Text: commands.Mono(line)})
	}
	return withWords(report, words)
}

const nothingDone = "nothing was done" // the end of a title

// errTitled is an error that its kind alone would put a wrong title above.
type errTitled struct {
	title string
	words *commands.Error
}

func (e errTitled) Error() string { return e.words.Error() }

// Unwrap answers the words for people.
func (e errTitled) Unwrap() error { return e.words }

func failureTitle(kind commands.Kind) string {
	switch kind {
	case commands.Usage:
		return "Not understood, nothing was done"
	case commands.NotFound:
		return "Not found, nothing was done"
	case commands.Ambiguous:
		return "Which one? Nothing was done"
	case commands.Conflict:
		return "Refused, nothing was done"
	case commands.Denied:
		return "Not allowed, nothing was done"
	case commands.Unavailable:
		return "Unavailable"
	case commands.Uncertain:
		return "Uncertain"
	case commands.Failed:
	}
	return "Failed"
}

// saidOnce is an error's words without what the title above them says already.
func saidOnce(title string, words *commands.Error) string {
	text := words.Error()
	if strings.HasSuffix(strings.ToLower(title), nothingDone) {
		text = strings.TrimSpace(strings.ReplaceAll(" "+text, " Nothing was done.", ""))
	}
	return text
}

func withWords(report commands.Report, words *commands.Error) commands.Report {
	report.Body = append(report.Body, commands.Text{Text: saidOnce(report.Title, words)})
	return report
}

func cannotDecide(line string, err error) commands.Report {
	report := commands.Report{Tone: commands.Bad, Title: "Not allowed, nothing was done", Body: commands.Blocks{commands.Text{Text: commands.Mono(line)}}}
	words := commands.Words(err)
	return withWords(report, &commands.Error{Message: "Policy could not be asked: " + words.Message, Hint: "Nothing is allowed until it can; try again in a moment."})
}

// refusal answers a line that policy does not allow, and says who may.
func (e *Engine) refusal(m Message, line string, command *commands.Command, decision Decision) commands.Report {
	why := "Policy does not let you run " + commands.Mono(command.Name) + " here: " + decision.Rule + "."
	if decision.Rule == externalRule {
		why = "This channel is shared with another organisation, and nothing is changed from here. Use a channel of your own."
	} else if who, ok := e.Policy.(interface {
		WhoCan(command, channel string) []string
	}); ok {
		if able := who.WhoCan(command.Name, m.Asker.Channel); len(able) > 0 {
			why += " It is open to " + Subjects(able) + "."
		} else {
			why += " Nobody may run it in this channel."
		}
	}
	return commands.Report{
		Tone:  commands.Bad,
		Title: "Not allowed, nothing was done",
		Body:  commands.Blocks{commands.Text{Text: commands.Mono(line)}, commands.Text{Text: why}},
	}
}

// notLetRun is a refusal as everybody in the channel may read it.
func notLetRun(m Message, command *commands.Command, decision Decision) string {
	return "Policy does not let " + commands.Person(m.Asker.User) + " run " + commands.Mono(command.Name) + " on this: " + decision.Rule + "." + spaced(decision.Why)
}

// Subjects writes subjects for people: "user:U2" as a mention, "group:S2" as a group.
func Subjects(subjects []string) string {
	var out []string
	for _, subject := range subjects {
		kind, id, _ := strings.Cut(subject, ":")
		switch kind {
		case "user":
			out = append(out, commands.Person(id))
		case "group":
			out = append(out, commands.Group(id))
		case "*":
			out = append(out, "everybody")
		default:
			out = append(out, subject)
		}
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

// spaced puts a sentence behind another one.
func spaced(sentence string) string {
	if sentence == "" {
		return ""
	}
	return " " + sentence
}

// taken answers a line that was written down.
func taken(r Request) commands.Report {
	line := commands.Text{Text: commands.Mono(r.Invocation.Line)}
	switch r.Decision.Effect {
	case Allow:
		return commands.Report{Tone: commands.Working, Title: r.ID() + " is taken", Body: commands.Blocks{line}}
	case Ask:
		return commands.Report{Tone: commands.Waiting, Title: r.ID() + " is waiting for " + approvers(r), Body: commands.Blocks{line}}
	case Confirm:
		return commands.Report{Tone: commands.Waiting, Title: r.ID() + " is waiting for you to confirm it" + withCode(r.Decision), Body: commands.Blocks{line}}
	case Unsettled, Deny:
	}
	return commands.Report{Tone: commands.Working, Title: r.ID() + " is taken; policy looks at what it touches first", Body: commands.Blocks{line}}
}

func withCode(d Decision) string {
	if d.SecondFactor {
		return " with a code"
	}
	return ""
}

func takenAlready(r Request) commands.Report {
	return commands.Report{
		Title: r.ID() + " was taken already and is " + string(r.State),
		Body:  commands.Blocks{commands.Text{Text: commands.Mono(r.Invocation.Line)}},
	}
}

func perhapsWrittenDown(line string) commands.Report {
	return commands.Report{
		Tone:  commands.Warning,
		Title: "Not known whether this was written down",
		Body: commands.Blocks{commands.Text{Text: commands.Mono(line)}, commands.Text{
			Text: "The database took the request and did not answer. If it was written down it runs, and its message appears in a moment: look at " + commands.Mono("request list") + " before you type it again.",
		}},
	}
}

// View is the message of a request as it stands: one message, from asked to its end.
func View(r Request) commands.Report {
	view := commands.Report{Tone: tones[r.State], Title: title(r)}
	view.Body = append(view.Body, commands.Text{Text: commands.Mono(r.Invocation.Line) + "  " + byline(r)})
	if r.Note != "" {
		view.Body = append(view.Body, commands.Text{Text: r.Note})
	}
	if r.State == Waiting && r.Decision.Why != "" {
		view.Body = append(view.Body, commands.Text{Text: r.Decision.Why})
	}
	if words := factorWords(r.Decision); words != "" && r.State == Waiting {
		view.Body = append(view.Body, commands.Text{Text: words})
	}
	if words := undoneWords(r); words != "" {
		view.Body = append(view.Body, commands.Text{Text: words})
	}
	if r.Emergency != "" {
		view.Body = append(view.Body, commands.Text{Text: emergencyWords(r)})
	}
	part := r.Result
	if part == nil {
		part = r.Plan // which warns by itself
	}
	if r.Warning != "" && (part == nil || part == r.Result) {
		view.Body = append(view.Body, commands.Text{Text: r.Warning})
	}
	if part != nil {
		view.Body = append(view.Body, part.Body...)
		view.Where = part.Where
	}
	switch {
	case r.State == Waiting:
		view.Next = decisionButtons(r)
	case r.State == Unsure:
		view.Next = []commands.Next{
			{Label: "It was done", Line: "settle " + r.ID() + " done"},
			{Label: "It was not done", Line: "settle " + r.ID() + " failed"},
		}
	case r.Result != nil && r.State != Running:
		view.Next = r.Result.Next
		undoable(&view, r)
		if r.Result.Tone != "" && r.State == Done {
			view.Tone = r.Result.Tone
		}
	}
	return view
}

var tones = map[State]commands.Tone{ //nolint:gochecknoglobals // a constant table
	Asked: commands.Working, Queued: commands.Working, Running: commands.Working, Waiting: commands.Waiting,
	Done: commands.Good, Failed: commands.Bad, Refused: commands.Bad, Rejected: commands.Bad,
	Expired: commands.Bad, Cancelled: commands.Plain, Unsure: commands.Warning, Settled: commands.Plain,
}

func title(r Request) string {
	switch r.State {
	case Asked:
		return r.ID() + " is being looked at"
	case Waiting:
		if r.Decision.Effect == Confirm {
			return r.ID() + " waits for " + commands.Person(r.Message.Asker.User) + " to confirm it"
		}
		return r.ID() + " waits for " + approvers(r)
	case Queued:
		return r.ID() + " is queued"
	case Running:
		return r.ID() + " is running"
	case Unsure:
		return r.ID() + " is uncertain: it may have happened"
	case Done, Failed, Settled:
		if r.Result != nil && r.Result.Title != "" {
			return r.Result.Title
		}
	case Refused, Rejected, Expired, Cancelled:
	}
	return r.ID() + " was " + pastWord(r.State)
}

func pastWord(s State) string {
	if s == Expired {
		return "not decided in time, nothing was done"
	}
	return string(s) + ", nothing was done"
}

func byline(r Request) string {
	m := r.Message
	parts := []string{r.ID()}
	switch {
	case m.Source == Lease:
		parts = append(parts, m.Reason, "with the rights of "+commands.Person(m.Asker.User))
		if m.Tries > 0 {
			parts = append(parts, fmt.Sprintf("try %d", m.Tries+1))
		}
		if r.CreatedAt.Sub(m.At) > late {
			parts = append(parts, "due "+commands.At(m.At)+", late because deckhand was not running")
		}
	case m.Source == Schedule && m.Tries > 0:
		parts = append(parts, m.Reason, fmt.Sprintf("try %d", m.Tries+1))
	case m.Source == Schedule && r.CreatedAt.Sub(m.At) > late:
		parts = append(parts, "on the timetable for "+commands.At(m.At)+", late because deckhand was not running")
	case m.Source == Schedule && strings.HasPrefix(m.Key, AwayKey):
		parts = append(parts, "said on its return")
	case m.Source == Schedule:
		parts = append(parts, "on the timetable")
	default:
		parts = append(parts, commands.Person(m.Asker.User))
	}
	if m.Undoes != 0 {
		parts = append(parts, "undoes "+Request{Number: m.Undoes}.ID())
	}
	if len(r.Approvals) > 0 {
		var by []string
		for _, user := range r.Approvals {
			by = append(by, commands.Person(user))
		}
		parts = append(parts, "approved by "+strings.Join(by, ", "))
	}
	return strings.Join(parts, " · ")
}

// lossOf asks once more before something is destroyed, and says what.
func lossOf(r Request) string {
	if r.Plan == nil {
		return r.Invocation.Line + ": what it removes is gone for good. Go on?"
	}
	if r.Plan.Undo != "" {
		return r.Plan.Title + ". Until then " + r.Plan.Undo + " takes it back. Go on?"
	}
	return r.Plan.Title + ". What it removes is gone for good. Go on?"
}

func decisionButtons(r Request) []commands.Next {
	id, digest, style, question := r.ID(), r.Digest(), "primary", ""
	if r.Risk == commands.Destroy {
		style, question = "danger", lossOf(r)
	}
	if r.Decision.SecondFactor {
		question = "" // its form asks
	}
	if r.Decision.Effect == Confirm {
		return append(offered(r, commands.Next{Label: "Confirm", Line: "confirm " + id + " --digest " + digest, Style: style, Confirm: question}),
			commands.Next{Label: "Cancel", Line: "cancel " + id})
	}
	return append(offered(r, commands.Next{Label: "Approve", Line: "approve " + id + " --digest " + digest, Style: "primary", Confirm: question}),
		commands.Next{Label: "Reject", Line: "reject " + id, Style: "danger"}, commands.Next{Label: "Cancel", Line: "cancel " + id})
}

// offered is the button that says yes, after what may be ticked beside it.
func offered(r Request, yes commands.Next) []commands.Next {
	var all []commands.Next
	if r.Plan != nil {
		for _, o := range r.Plan.Offers {
			adds := "--with " + o.Flag
			all, yes.Takes = append(all, commands.Next{Label: o.Label, Line: yes.Line + " " + adds, Adds: adds}), true
		}
	}
	return append(all, yes)
}
