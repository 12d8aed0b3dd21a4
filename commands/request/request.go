// Package request holds the commands about requests themselves: to approve, confirm, reject, cancel
// and settle them, to read their record, and to ask what one may run.
package request

import (
	"context"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Desk decides requests. The asker is whoever presses or types.
type Desk interface {
	Approve(ctx context.Context, who commands.Asker, number int64, given commands.Consent) (commands.Report, error)
	Confirm(ctx context.Context, who commands.Asker, number int64, given commands.Consent) (commands.Report, error)
	Reject(ctx context.Context, who commands.Asker, number int64, reason string) (commands.Report, error)
	Cancel(ctx context.Context, who commands.Asker, number int64) (commands.Report, error)
	Settle(ctx context.Context, who commands.Asker, number int64, outcome, reason string) (commands.Report, error)
	CloseReview(ctx context.Context, who commands.Asker, number int64, note string) (commands.Report, error)
}

// Record reads what was written down.
type Record interface {
	Audit(ctx context.Context, number int64) (commands.Report, error)
	Show(ctx context.Context, number int64) (commands.Report, error)
	Reviews(ctx context.Context) (commands.Report, error)
	Verify(ctx context.Context, receipt string) (commands.Report, error)
	History(ctx context.Context, user, verb string, since time.Time, asCSV bool) (commands.Report, error)
	Requests(ctx context.Context, user, verb, state string, limit int) (commands.Report, error)
}

// Rights tells what somebody may run.
type Rights interface {
	May(ctx context.Context, who commands.Asker, command *commands.Command) bool
	// Factor says that a command asks for a second factor here; "" where it does not.
	Factor(ctx context.Context, who commands.Asker, command *commands.Command) string
	WhoAmI(ctx context.Context, who commands.Asker) (commands.Report, error)
	// Can and WhoCan look at what pretend says, and where it is nil at what the line itself names.
	Can(ctx context.Context, who commands.Asker, line string, pretend *commands.Scope) (commands.Report, error)
	WhoCan(ctx context.Context, where commands.Asker, name string, pretend *commands.Scope) (commands.Report, error)
}

// Commands is the group.
func Commands(desk Desk, record Record, rights Rights, catalog func() *commands.Catalog) []commands.Command {
	return []commands.Command{
		{Name: "help", Summary: "Say what you can run here, and how", Example: "help vm create", Local: true,
			New: func() commands.Runner { return &help{rights: rights, catalog: catalog} }},
		{Name: "approve", Aliases: []string{"request approve"}, Summary: "Approve somebody else's request", Example: "approve R-42", Undo: "Nothing takes an approval back; its asker can cancel the request until it runs.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &approve{desk: desk} }},
		{Name: "confirm", Aliases: []string{"request confirm"}, Summary: "Confirm your own request, where policy wants a second yes", Example: "confirm R-42", Undo: "Nothing takes it back; " + commands.Mono("undo") + " may take back what the request does.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &confirm{desk: desk} }},
		{Name: "reject", Aliases: []string{"request reject"}, Summary: "Reject somebody else's request", Example: "reject R-42 --reason \"not during the sale\"", Undo: "Nothing takes it back; the line can be asked for again.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &reject{desk: desk} }},
		{Name: "cancel", Aliases: []string{"request cancel"}, Summary: "Take your own request back before it runs", Example: "cancel R-42", Undo: "Nothing takes it back; the line can be typed again.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &cancel{desk: desk} }},
		{Name: "undo", Aliases: []string{"request undo"}, Summary: "Take back what a request did, by the line that it left for that", Example: "undo R-42 --plan", Undo: commands.Mono("undo") + " of the request that it makes, where that one can be undone.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &undo{} }},
		{Name: "settle", Aliases: []string{"request settle"}, Summary: "Say what came of an uncertain request", Example: "settle R-42 done", Undo: "Nothing takes it back.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &settle{desk: desk} }},
		{Name: "break-glass", Summary: "Run a line now, without approval and past freezes and locks; everybody is told, and somebody else reviews it",
			Example: `break-glass --reason "the disk is full and nobody is awake" -- vm stop web`, Undo: "What takes back the line inside, if anything does.",
			Risk: commands.Change, Engine: true,
			New: func() commands.Runner { return &breakGlass{} }},
		{Name: "review list", Aliases: []string{"reviews"}, Summary: "List what ran without approval and nobody has looked at yet", Example: "review list", Local: true,
			New: func() commands.Runner { return &reviews{record: record} }},
		{Name: "review close", Summary: "Say that you looked at what somebody else ran without approval", Example: `review close R-42 --note "right, and the rule is wider now"`,
			Undo: "Nothing opens it again.",
			Risk: commands.Change, Engine: true, New: func() commands.Runner { return &closeReview{desk: desk} }},
		{Name: "audit", Aliases: []string{"request audit"}, Summary: "Show everything that happened to a request", Example: "audit R-42", Local: true,
			New: func() commands.Runner { return &audit{record: record} }},
		{Name: "audit list", Summary: "List what happened, to whose requests, since when", Example: "audit list --since 7d --verb \"vm *\" --csv",
			New: func() commands.Runner { return &history{record: record} }},
		{Name: "audit verify", Summary: "Check that nothing in the record was changed or removed", Example: "audit verify",
			New: func() commands.Runner { return &verify{record: record} }},
		{Name: "whoami", Summary: "Say whom the policy takes you for, and what you may run here", Example: "whoami", Local: true,
			New: func() commands.Runner { return &whoami{rights: rights} }},
		{Name: "can", Summary: "Say whether somebody may run a line, and by which rule", Example: "can U123 \"vm stop\" web-1",
			New: func() commands.Runner { return &can{rights: rights} }},
		{Name: "who-can", Aliases: []string{"whocan", "who can"}, Summary: "Say who may run a command", Example: "who-can \"vm terminate\" --env prod", Local: true,
			New: func() commands.Runner { return &whoCan{rights: rights} }},
		{Name: "request list", Aliases: []string{"requests"}, Summary: "List the latest requests", Example: "request list --state waiting", Local: true,
			New: func() commands.Runner { return &list{record: record} }},
		{Name: "request show", Summary: "Show a request as its message shows it", Example: "request show R-42", Local: true,
			New: func() commands.Runner { return &show{record: record} }},
	}
}

// Number is a request on a line: R-42, r42 or 42.
type Number int64

// UnmarshalText reads a request's name.
func (n *Number) UnmarshalText(text []byte) error {
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(string(text))), "R"), "-")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || number < 1 {
		return &commands.Error{Kind: commands.Usage, Message: "is how a request looks, and " + commands.Mono(string(text)) + " is none."}
	}
	*n = Number(number)
	return nil
}

// MarshalText writes a request's name.
func (n Number) MarshalText() ([]byte, error) {
	return strconv.AppendInt([]byte("R-"), int64(n), 10), nil
}

// About is embedded by every command about one request.
type About struct {
	Request Number `arg:"request" required:"" value:"R-42" help:"The request."`
}

// Number answers which request the line is about.
func (a About) Number() int64 { return int64(a.Request) }

type help struct {
	About   []string `arg:"about" value:"COMMAND" help:"A noun, or a whole command."`
	rights  Rights
	catalog func() *commands.Catalog
}

// Run answers help for whoever asks, where they ask.
func (h *help) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	catalog := h.catalog()
	report, err := catalog.Help(h.About, func(c *commands.Command) bool { return h.rights.May(ctx, run.Asker, c) })
	if command := catalog.Find(strings.ToLower(strings.Join(h.About, " "))); command != nil && err == nil {
		if words := h.rights.Factor(ctx, run.Asker, command); words != "" {
			report.Body = append(report.Body, commands.Text{Text: words})
		}
	}
	return report, err
}

type approve struct {
	About
	Digest string            `flag:"digest" value:"DIGEST" help:"What exactly is approved; the button knows it."`
	Code   commands.Passcode `flag:"code" value:"CODE" help:"The six digits of your authenticator app, where policy wants a second factor."`
	With   []string          `flag:"with" value:"FLAG" help:"What the plan offers besides, such as image-first; the tick box gives it."`
	desk   Desk
}

// Run approves.
func (a *approve) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return a.desk.Approve(ctx, run.Asker, a.Number(), commands.Consent{Digest: a.Digest, Code: a.Code, With: a.With})
}

type confirm struct {
	About
	Name   string            `arg:"name" value:"NAME" help:"The name of what is destroyed, where something is."`
	Digest string            `flag:"digest" value:"DIGEST" help:"What exactly is confirmed; the button knows it."`
	Code   commands.Passcode `flag:"code" value:"CODE" help:"The six digits of your authenticator app, where policy wants a second factor."`
	With   []string          `flag:"with" value:"FLAG" help:"What the plan offers besides, such as image-first; the tick box gives it."`
	desk   Desk
}

// Run confirms.
func (c *confirm) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.desk.Confirm(ctx, run.Asker, c.Number(), commands.Consent{Digest: c.Digest, Name: c.Name, Code: c.Code, With: c.With})
}

type reject struct {
	About
	Reason string `flag:"reason" value:"TEXT" help:"Why, for the asker."`
	desk   Desk
}

// Run rejects.
func (r *reject) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return r.desk.Reject(ctx, run.Asker, r.Number(), r.Reason)
}

type cancel struct {
	About
	desk Desk
}

// Run cancels.
func (c *cancel) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return c.desk.Cancel(ctx, run.Asker, c.Number())
}

type settle struct {
	About
	Outcome string `arg:"outcome" required:"" enum:"done,failed" value:"done|failed" help:"What came of it."`
	Reason  string `flag:"reason" value:"TEXT" help:"How you know."`
	desk    Desk
}

// Run settles.
func (s *settle) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	return s.desk.Settle(ctx, run.Asker, s.Number(), s.Outcome, s.Reason)
}

type audit struct {
	About
	record Record
}

// Run shows the record.
func (a *audit) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return a.record.Audit(ctx, a.Number())
}

type show struct {
	About
	record Record
}

// Run shows the request.
func (s *show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return s.record.Show(ctx, s.Number())
}

type list struct {
	User   string `flag:"user" value:"USER" help:"Only requests of this person."`
	Verb   string `flag:"verb" value:"PATTERN" help:"Only these commands, for example \"vm *\"."`
	State  string `flag:"state" enum:"asked,waiting,queued,running,done,failed,uncertain,settled,refused,rejected,expired,cancelled" value:"STATE" help:"Only requests in this state."`
	Limit  int    `flag:"limit" default:"20" value:"N" help:"How many at most, up to 100."`
	record Record
}

// Validate bounds the list.
func (l *list) Validate() error {
	if l.Limit < 1 || l.Limit > 100 {
		return &commands.Error{Kind: commands.Usage, Message: commands.Mono("--limit") + " must be from 1 to 100."}
	}
	return nil
}

// Run lists.
func (l *list) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return l.record.Requests(ctx, l.User, l.Verb, l.State, l.Limit)
}
