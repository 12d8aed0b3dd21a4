package lambda

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Invoke is lambda invoke.
type Invoke struct {
	Versioned
	Payload        string `arg:"payload" alias:"payload" value:"JSON" help:"What the function is given; {} where it is left out."`
	Outfile        string `arg:"outfile" value:"FILE" unlisted:"" help:"Taken and not used: the answer comes here, not into a file."`
	InvocationType string `flag:"invocation-type" enum:"RequestResponse,Event,DryRun" default:"RequestResponse" value:"TYPE" help:"Event does not wait for the answer; DryRun only asks whether the call is allowed."`
	Async          bool   `flag:"async" help:"Short for --invocation-type Event."`
	LogType        string `flag:"log-type" enum:"Tail,None" value:"TYPE" unlisted:"" help:"Taken and not used: the log's end is always shown."`

	cloud Cloud
}

// Validate refuses a payload that is no JSON.
func (c *Invoke) Validate() error {
	if err := c.Versioned.Validate(); err != nil {
		return err
	}
	if payload := c.payload(); strings.HasPrefix(payload, "file://") || strings.HasPrefix(payload, "fileb://") {
		return commands.Misuse("The payload is a file of yours, and deckhand sees no files of yours.", "Write what is in it: "+commands.Mono(`--payload '{"name":"value"}'`)+".")
	} else if !json.Valid([]byte(payload)) {
		return commands.Misuse("The payload is not JSON.", "It looks like "+commands.Mono(`--payload '{"name":"value"}'`)+"; a text needs its quotes inside: "+commands.Mono(`'"text"'`)+".")
	}
	return nil
}

// payload answers what to give. A word such as out.json, where the AWS CLI wants a file for the answer, is no payload. Its second version sends JSON in
// base64 where no other format is named, and shows it so in its own examples.
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html
func (c *Invoke) payload() string {
	if c.Payload == "" || c.Outfile == "" && c.isFile(c.Payload) {
		return "{}"
	}
	if plain, err := base64.StdEncoding.DecodeString(c.Payload); err == nil && !json.Valid([]byte(c.Payload)) && json.Valid(plain) {
		return string(plain)
	}
	return c.Payload
}

func (c *Invoke) isFile(word string) bool {
	return !json.Valid([]byte(word)) && !strings.ContainsAny(word, `{}[]" `) &&
		(strings.Contains(word, ".") || strings.HasPrefix(word, "/") || word == "out" || word == "response" || c.LogType != "")
}

func (c *Invoke) async() bool { return c.Async || c.InvocationType == "Event" }

// Scope is the function.
func (c *Invoke) Scope(ctx context.Context) (commands.Scope, error) { return c.scope(ctx, c.cloud) }

// Plan asks Lambda whether the call would be allowed.
func (c *Invoke) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Title: "Would invoke " + p.Function.Name, Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: []commands.Field{{Name: "Version", Value: cmp.Or(c.qualifier(), "$LATEST")}, {Name: "Waits for the answer", Value: map[bool]string{true: "no", false: "yes"}[c.async()]}}},
			commands.Text{Text: "What the function does cannot be foreseen or undone from here. What it is given:"}, commands.Code{Text: mask(indented([]byte(c.payload())), nil)},
		},
	}
	if _, err := c.rehearse(ctx, p); err != nil {
		report.Tone = commands.Bad
		report.Body = append(report.Body, commands.Text{Text: "AWS would refuse this: " + commands.Words(err).Error()})
	}
	return report, nil
}

// rehearse asks Lambda whether it would take the call. Nothing runs.
func (c *Invoke) rehearse(ctx context.Context, p picked) (commands.Report, error) {
	_, err := c.cloud.InvokeFunction(ctx, p.Target, aws.FunctionCall{Function: p.Function.Name, Qualifier: c.qualifier(), Payload: []byte(c.payload()), Rehearse: true})
	return commands.Report{
		Tone: commands.Good, Title: p.Function.Name + " may be invoked so, and was not", Where: where.Words(p.Place),
		Next: []commands.Next{{Label: "Invoke", Line: c.again(p)}},
	}, err
}

// Run invokes the function once, and never again where it may have run.
func (c *Invoke) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	if c.InvocationType == "DryRun" {
		return c.rehearse(ctx, p)
	}
	run.Say("Invoking " + p.Function.Name + ".")
	answer, err := commands.Once(ctx, run, "Invoke", func(ctx context.Context) (aws.FunctionAnswer, error) { return c.invoke(ctx, p) })
	switch {
	case commands.IsUncertain(err):
		return commands.Report{Next: []commands.Next{{Label: "Logs", Line: p.line("lambda logs")}}}, &commands.Error{
			Kind: commands.Uncertain, Message: p.Function.Name + " was invoked and no answer came back, so it may have run.",
			Hint: commands.Mono(p.line("lambda logs")) + " shows whether it did; it was not invoked again.", Err: err,
		}
	case err != nil:
		return commands.Report{}, err
	case c.async():
		return commands.Report{
			Tone: commands.Good, Title: "AWS took the call of " + p.Function.Name, Where: where.Words(p.Place),
			Body: commands.Blocks{commands.Text{Text: "The function runs on its own now; its log tells what came of it."}},
			Next: []commands.Next{{Label: "Logs", Line: p.line("lambda logs")}},
		}, nil
	}
	return c.report(p, answer)
}

// invoke calls the function, and takes secrets out of the answer before it is kept.
func (c *Invoke) invoke(ctx context.Context, p picked) (aws.FunctionAnswer, error) {
	now, err := c.cloud.Function(ctx, p.Target, p.Function.Name, "")
	if err != nil {
		return aws.FunctionAnswer{}, err
	}
	answer, err := c.cloud.InvokeFunction(ctx, p.Target, aws.FunctionCall{
		Function: p.Function.Name, Qualifier: c.qualifier(), Payload: []byte(c.payload()), Async: c.async(),
		Patience: time.Duration(now.Timeout) * time.Second,
	})
	answer.Payload = []byte(mask(string(answer.Payload), now.Environment))
	answer.Log = mask(answer.Log, now.Environment)
	return answer, err
}

// shown is how many characters of an answer are shown in the message; more becomes a file.
const shown = 2500

func (c *Invoke) report(p picked, answer aws.FunctionAnswer) (commands.Report, error) {
	name := p.Function.Name
	report := commands.Report{
		Tone: commands.Good, Title: name + " answered", Where: where.Words(p.Place),
		Next: []commands.Next{{Label: "Again", Line: c.again(p)}, {Label: "Logs", Line: p.line("lambda logs")}},
	}
	if answer.Version != "" && answer.Version != "$LATEST" {
		report.Title = fmt.Sprintf("%s, version %s, answered", name, answer.Version)
	}
	switch text := indented(answer.Payload); {
	case text == "":
		report.Body = append(report.Body, commands.Text{Text: "It answered nothing."})
	case len(text) > shown:
		report.Body = append(report.Body, commands.File{Name: name + ".json", Content: text})
	default:
		report.Body = append(report.Body, commands.Code{Text: commands.Unmarked(text)})
	}
	if log := strings.TrimSpace(answer.Log); log != "" {
		report.Body = append(report.Body, commands.Text{Text: "The end of its log:"}, commands.Code{Text: commands.Unmarked(log)})
	}
	if answer.Failure == "" {
		return report, nil
	}
	report.Tone, report.Title = commands.Bad, name+" failed"
	return report, &commands.Error{
		Kind: commands.Failed, Message: fmt.Sprintf("%s ran and failed%s.", name, complaint(answer.Payload)),
		Hint: "What it did before it failed stays done; " + commands.Mono(p.line("lambda logs")) + " has more.",
	}
}

func (c *Invoke) again(p picked) string {
	line := p.line("lambda invoke") + commands.Flag("qualifier", c.qualifier())
	if payload := c.payload(); payload != "{}" {
		line += commands.Flag("payload", payload)
	}
	return line
}

// complaint reads what a function that failed says of itself.
func complaint(payload []byte) string {
	var said struct{ ErrorMessage, ErrorType string }
	if json.Unmarshal(payload, &said) != nil || said.ErrorMessage == "" && said.ErrorType == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(commands.Unmarked(strings.Trim(said.ErrorType+": "+said.ErrorMessage, ": ")), ".")
}

// Logs is lambda logs.
type Logs struct {
	Named
	Since  time.Duration `flag:"since" default:"15m" value:"TIME" help:"How far back, such as 15m or 24h."`
	Limit  int           `flag:"limit" alias:"tail" default:"50" value:"N" help:"The last so many lines."`
	Filter string        `flag:"filter" alias:"filter-pattern" value:"PATTERN" help:"CloudWatch's filter pattern, such as ERROR."`

	cloud Cloud
}

// Validate refuses what is out of range.
func (c *Logs) Validate() error {
	const most = 500
	switch {
	case c.Since <= 0:
		return commands.Misuse("--since must be longer than nothing.", "")
	case c.Limit < 1 || c.Limit > most:
		return commands.Misuse(fmt.Sprintf("--limit %d is out of range.", c.Limit), fmt.Sprintf("It may be 1 to %d.", most))
	}
	_, _, _, err := c.aim() // all versions write into one log
	return err
}

// Run shows the last lines of a function's log.
func (c *Logs) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.find(ctx, c.cloud)
	if err != nil {
		return commands.Report{}, err
	}
	lines, whole, err := c.cloud.LogLines(ctx, p.Target, aws.LogQuery{Group: p.Function.LogGroup, Pattern: c.Filter, Since: run.Now.Add(-c.Since), Most: c.Limit})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: fmt.Sprintf("%s of %s in the last %s", commands.Count(len(lines), "log line"), p.Function.Name, commands.Length(c.Since)), Where: where.Words(p.Place)}
	if len(lines) == 0 {
		report.Body = commands.Blocks{commands.Text{Text: "Lines appear some seconds after a function ran. " + commands.Mono(p.line("lambda logs")+" --since 24h") + " looks further back."}}
		return report, nil
	}
	var text strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&text, "%s  %s\n", l.At.Format("15:04:05.000"), strings.TrimRight(l.Text, "\r\n"))
	}
	content := commands.Unmarked(mask(strings.TrimSuffix(text.String(), "\n"), p.Function.Environment))
	if len(content) > shown {
		report.Body = append(report.Body, commands.File{Name: p.Function.Name + ".log", Content: content})
	} else {
		report.Body = append(report.Body, commands.Code{Text: content})
	}
	note := fmt.Sprintf("Times are UTC, %s.", lines[0].At.Format("2 January 2006"))
	if !whole {
		note += " The log is too long to be looked through to its end: these lines are not the last; take a shorter --since."
	} else if len(lines) == c.Limit {
		note += fmt.Sprintf(" These are the last %d; there may be more before them.", c.Limit)
	}
	report.Body = append(report.Body, commands.Text{Text: note})
	return report, nil
}
