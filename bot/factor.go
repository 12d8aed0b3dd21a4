package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"deckhand/commands"
)

// Codes remembers the one-time codes of all people, for all processes and for good.
type Codes interface {
	// ChangeTries replaces what is remembered of somebody by what change makes of it, while nobody else does. Change may be called
	// again, and the latest call counts.
	ChangeTries(ctx context.Context, person string, change func(Tries) Tries) error
}

// Form asks whoever pressed a button for what a button cannot hold: the code of their second factor.
type Form struct {
	Title string // at most 24 characters
	About string // what the code is for, with marks
	Line  string // the line that the code completes
	Wrong string // why the code before it did not do; empty the first time
}

// codeFlag is what a form's answer is put behind.
const codeFlag = "--code"

// Complete is the line with the code that somebody gave.
func (f Form) Complete(code string) string {
	return f.Line + " " + codeFlag + " " + commands.Quote(code)
}

// Words are the form where it cannot be shown.
func (f Form) Words() commands.Report {
	return commands.Report{
		Tone: commands.Waiting, Title: "A code is needed, nothing was done",
		Body: commands.Blocks{commands.Text{Text: f.About}, commands.Text{Text: "Type " + commands.Mono(f.Complete("123456")) + " with the six digits that your authenticator app shows."}},
	}
}

// errCode is a yes without a second factor that does.
type errCode struct {
	words *commands.Error
	form  Form
}

func (e errCode) Error() string { return e.words.Error() }

// Unwrap answers the words for people.
func (e errCode) Unwrap() error { return e.words }

// formOf answers the form that an error asks for; nil where it asks for none.
func formOf(err error) *Form {
	var code errCode
	if errors.As(err, &code) {
		return &code.form
	}
	return nil
}

// proof is the second factor of one yes. It is looked at once, however often the yes is tried again because others change the request.
type proof struct {
	code   commands.Passcode
	looked bool
	ruling ruling
	over   time.Time // the end of a pause
}

// look spends the code.
func (e *Engine) look(ctx context.Context, person string, key Key, p *proof) error {
	if p.looked {
		return nil
	}
	now := e.Now()
	step := key.stepOf(string(p.code), now)
	err := e.Codes.ChangeTries(ctx, person, func(t Tries) Tries {
		t, p.ruling = t.try(step, now)
		p.over = t.over()
		return t
	})
	if err != nil {
		return &commands.Error{Kind: commands.Unavailable, Message: "Whether your code was given before could not be looked up, so it does not count.", Hint: "Nothing was done; try again in a moment with a new one.", Err: err}
	}
	p.looked = true
	if p.ruling != codeRight && !p.over.IsZero() {
		e.Log.Warn("too many wrong codes of a second factor: a pause", "user", person, "until", p.over)
	}
	return nil
}

// factorGiven is the note of a yes that came with a second factor.
const factorGiven = "second factor given"

// prove wants the second factor of somebody who says yes to a request, where its rule asks for one. It answers the request with the proof
// in it, and what the record says of it.
func (e *Engine) prove(ctx context.Context, who commands.Asker, r Request, p *proof, form Form) (Request, string, error) {
	if !r.Decision.SecondFactor {
		return r, "", nil
	}
	person := e.Self(who.User)
	key, known := e.Keys[person]
	if !known || e.Codes == nil {
		return r, "", e.pressRefused(ctx, who, r, noKey(person, r.ID()+" asks for a second factor"))
	}
	if p.code == "" {
		words := &commands.Error{Kind: commands.Usage, Message: r.ID() + " asks for a second factor.", Hint: "Nothing was done; type " + commands.Mono(form.Complete("123456")) + " with the six digits that your authenticator app shows, or press its button."}
		return r, "", errCode{words, form}
	}
	if err := e.look(ctx, person, key, p); err != nil {
		return r, "", err
	}
	if p.ruling == codeRight {
		r.Proven = append(slices.Clone(r.Proven), who.User)
		return r, factorGiven, nil
	}
	what, words := p.refusal()
	if _, err := e.save(ctx, r, step{to: r.State, actor: who.User, what: "code refused", note: what}); err != nil {
		return r, "", err
	}
	form.Wrong = commands.Terminal().Render(words.Error())
	return r, "", errCode{words, form}
}

// refusal says why a code does not count, for the record and for whoever gave it.
func (p *proof) refusal() (what string, words *commands.Error) {
	const nothing = "Nothing was done; "
	words = &commands.Error{Kind: commands.Denied}
	switch {
	case p.ruling == codeUsed:
		what, words.Message, words.Hint = "given before", "That code was used already; each counts once.", nothing+"wait for the next one, at most 30 seconds."
	case p.ruling == codePaused:
		what, words.Message, words.Hint = "not looked at, too many were wrong", "Too many codes were wrong, so none is looked at until "+commands.At(p.over)+".", nothing+"take a moment, look whether the app shows the entry of deckhand, and whether the phone's clock is right."
	case !p.over.IsZero():
		what, words.Message, words.Hint = "wrong", "That code is not right either, and no other is looked at until "+commands.At(p.over)+".", nothing+"look whether the app shows the entry of deckhand, and whether the phone's clock is right."
	default:
		what, words.Message, words.Hint = "wrong", "That code is not right.", nothing+"give the one that the app shows now."
	}
	return what, words
}

// noKey says that somebody has no second factor, and how they get one.
func noKey(person, why string) string {
	return why + ", and none is set up for " + commands.Person(person) + ". " + commands.Mono("deckhand totp --for NAME") +
		" on a terminal makes one; whoever keeps deckhand's configuration file names it under " + commands.Mono("people") + "."
}

// unproven tells whether somebody said yes to a request without the second factor that policy asks for by now.
func (e *Engine) unproven(r Request, d Decision) bool {
	if !d.SecondFactor {
		return false
	}
	yes := r.Approvals
	if r.Emergency != "" {
		yes = []string{r.Message.Asker.User}
	}
	return slices.ContainsFunc(yes, func(user string) bool {
		return !slices.ContainsFunc(r.Proven, func(proven string) bool { return e.same(user, proven) })
	})
}

// proveEmergency wants the second factor of somebody who breaks the glass, where the code was given or the rule is known to ask for it. What is
// not known yet is asked again with what the line touches.
func (e *Engine) proveEmergency(ctx context.Context, r Request, code commands.Passcode) (Request, error) {
	needed, unknown := r.Decision.SecondFactor, r.Decision.Effect == Unsettled
	if code == "" && (unknown || !needed) || !unknown && !needed {
		return r, nil
	}
	person := e.Self(r.Message.Asker.User)
	key, known := e.Keys[person]
	if code == "" || !known || e.Codes == nil {
		return r, e.needsCode(r)
	}
	p := &proof{code: code}
	if err := e.look(ctx, person, key, p); err != nil {
		return r, err
	}
	if p.ruling != codeRight {
		_, words := p.refusal()
		return r, words
	}
	r.Proven = []string{r.Message.Asker.User}
	return r, nil
}

// needsCode refuses to break the glass without a second factor.
func (e *Engine) needsCode(r Request) error {
	why := "Policy asks for a second factor (" + r.Decision.Rule + "), in an emergency too"
	person := e.Self(r.Message.Asker.User)
	if _, known := e.Keys[person]; !known || e.Codes == nil {
		return &commands.Error{Kind: commands.Denied, Message: noKey(person, why)}
	}
	return &commands.Error{
		Kind: commands.Denied, Message: why + ".",
		Hint: "Nothing was done; type it again with " + commands.Mono("break-glass "+codeFlag+" 123456") + " and the six digits that your authenticator app shows.",
	}
}

// factorWords says that a line will ask for a second factor, "" where it does not.
func factorWords(d Decision) string {
	who := "whoever approves it"
	switch {
	case !d.SecondFactor || d.Effect == Deny:
		return ""
	case d.Effect == Unsettled:
		return "By what it touches, policy may ask for a second factor: a code of an authenticator app (" + d.Rule + ")."
	case d.Effect == Confirm:
		who = "its asker"
	}
	return "Policy asks for a second factor (" + d.Rule + "): " + who + " gives a code of their authenticator app."
}

// Factor says whether a command asks somebody here for a second factor.
func (e *Engine) Factor(ctx context.Context, who commands.Asker, command *commands.Command) string {
	if command.Engine || command.Risk == commands.Read {
		return ""
	}
	decision, err := e.decide(ctx, Message{Asker: who}, command, nil)
	if err != nil {
		return ""
	}
	return factorWords(decision)
}
