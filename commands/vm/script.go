package vm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Script is vm run: a command for the shell of instances, through Systems Manager.
type Script struct {
	Selection
	Command   string            `flag:"command" trailing:"parameter" value:"TEXT" help:"What the shell shall run, in quotes; or without quotes after --, at the end of the line."`
	Script    string            `flag:"script" value:"NAME" help:"A command of the configuration, by its name."`
	Document  string            `flag:"document" alias:"document-name" value:"DOCUMENT" help:"Document of Systems Manager: AWS-RunShellScript where it is left out, AWS-RunPowerShellScript, or one that the configuration allows."`
	Targets   []string          `flag:"targets" raw:"" value:"TARGET" help:"Instances as the AWS CLI names them: Key=instanceids,Values=i-1,i-2 or Key=tag:env,Values=dev."`
	Parameter map[string]string `flag:"parameter" alias:"parameters" value:"KEY=VALUE" help:"Parameter of the document; of a shell: commands, workingDirectory or executionTimeout (seconds)."`

	Kept    string `flag:"-" json:",omitempty"` // the command of the script that the line names
	Through string `flag:"-" json:",omitempty"` // its document

	cloud  Cloud
	vetted Vetted
}

const (
	scriptCommand = "vm run"
	sendStep      = "SendCommand"
	// mostTargets is how many instances one command may name.
	// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
	mostTargets   = 50
	deliverWithin = 2 * time.Minute          // an agent that is online answers within seconds
	ranWithin     = 30 * time.Minute         // how long it is watched; Systems Manager lets it run for an hour by itself
	keptOutput    = 24000                    // characters that Systems Manager keeps
	cutOutput     = "---Output truncated---" // what the agent, which counts bytes, puts at the end of what it cut
	shortOutput   = 2000                     // bytes that a message shows
	headOutput    = 500                      // bytes that it shows of more
)

// text is the command, whichever flag gave it.
func (c *Script) text() string {
	switch {
	case c.Kept != "":
		return c.Kept
	case c.Command != "":
		return c.Command
	}
	return strings.Join(commands.ListOfCLI(c.Parameter["commands"]), "\n")
}

// Validate refuses what Systems Manager would not take, and parameters that are not on the list.
func (c *Script) Validate() error {
	var wrong commands.Problems
	some, err := c.meant()
	if err == nil {
		err = some.Validate()
	}
	if err != nil {
		wrong = append(wrong, *commands.Words(err))
	}
	if c.Script != "" || !c.shells() {
		wrong = append(wrong, c.taken()...)
	} else {
		wrong = append(wrong, c.shellProblems()...)
	}
	return wrong.Err()
}

// shellProblems answers what the line says wrongly about a command for a shell.
func (c *Script) shellProblems() commands.Problems {
	var wrong commands.Problems
	complain := func(message, hint string) { wrong = append(wrong, *commands.Misuse(message, hint)) }
	switch {
	case c.text() == "":
		complain("The line does not say what to run.", "Say it with "+commands.Mono(`--command "uptime"`)+"."+c.vetted.words())
	case c.Command != "" && c.Parameter["commands"] != "":
		complain("The command is given with --command and with --parameter commands.", "Say it once.")
	case len(c.text()) > aws.LongestScript:
		complain(fmt.Sprintf("The command is %d bytes long, and deckhand takes at most %d.", len(c.text()), aws.LongestScript), "Put it in a file on the instance, and run that.")
	}
	for key, value := range c.Parameter {
		value = strings.Join(commands.ListOfCLI(value), "\n")
		switch key {
		case "commands", "workingDirectory":
		case "executionTimeout":
			if n, err := time.ParseDuration(value + "s"); err != nil || n < time.Second || n > 48*time.Hour || strings.Contains(value, ".") {
				complain("executionTimeout must be seconds, 1 to 172800, and "+commands.Mono(value)+" is not.", "For an hour say "+commands.Mono("executionTimeout=3600")+".")
			}
		default:
			complain("The parameter "+commands.Mono(key)+" is not one that deckhand passes on.", "It passes on commands, workingDirectory and executionTimeout.")
		}
	}
	return wrong
}

// meant is which instances: those of --targets are named or carry a tag, as with SendCommand. Errors are of kind Usage.
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Target.html
func (c *Script) meant() (Selection, error) {
	s := c.Selection
	s.Names, s.Tag = slices.Clone(s.Names), maps.Clone(s.Tag)
	for _, raw := range commands.JSONElements(c.Targets) {
		target, err := commands.ParseShorthand(raw)
		if err != nil {
			return s, err
		}
		key, values := strings.Join(target["Key"], ""), target["Values"]
		tag, isTag := strings.CutPrefix(key, "tag:")
		switch {
		case strings.EqualFold(key, "InstanceIds") && len(values) > 0:
			s.Names = append(s.Names, values...)
		case isTag && len(values) == 1 && (s.Tag[tag] == "" || s.Tag[tag] == values[0]):
			if s.Tag == nil {
				s.Tag = map[string]string{}
			}
			s.Tag[tag] = values[0]
		default:
			return s, commands.Misuse(commands.Mono(raw)+" is no target that deckhand takes.",
				"It takes instances and one value of a tag: "+commands.Mono("Key=instanceids,Values=i-1")+" or "+commands.Mono("Key=tag:env,Values=dev")+".")
		}
	}
	return s, nil
}

func (c *Script) find(ctx context.Context) (picked, error) {
	some, err := c.meant()
	if err != nil {
		return picked{}, err
	}
	return some.find(ctx, c.cloud)
}

func (c *Script) pinned(ctx context.Context, run *commands.Run) (picked, error) {
	return commands.Repeat(ctx, run, pickStep, c.find)
}

// Scope is the instances. Beside their tags stand the document and the script, so that rules can speak of them.
func (c *Script) Scope(ctx context.Context) (commands.Scope, error) {
	p, err := c.find(ctx)
	scope := p.scope()
	for n := range scope.Resources {
		tags := maps.Clone(scope.Resources[n].Tags)
		if tags == nil {
			tags = map[string]string{}
		}
		tags[documentTag], tags[scriptTag] = c.document(), c.Script
		scope.Resources[n].Tags = tags
	}
	return scope, err
}

// Plan shows the command and where it would run.
func (c *Script) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	fields, err := c.reachable(ctx, p)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: titled("Would run "+c.what()+" on", p.Instances, ""), Where: where.Words(p.Place)}
	if c.shells() {
		report.Body = append(report.Body, commands.Code{Text: c.text()})
	} else if len(fields) > 0 {
		report.Body = append(report.Body, commands.Fields{Fields: fields})
	}
	report.Body = append(report.Body, planTable(p.Instances, run.Now),
		commands.Text{Text: "It runs with every right on the machine (root), through " + c.document() + ". Nothing undoes what it does."})
	return report, nil
}

// what is how messages call what is run.
func (c *Script) what() string {
	switch {
	case c.Script != "":
		return "the script " + c.Script
	case !c.shells():
		return c.Document
	}
	return "a command"
}

// reachable refuses instances that the command would not reach or could not run on, and answers the parameters of a document that is no shell.
func (c *Script) reachable(ctx context.Context, p picked) ([]commands.Field, error) {
	if len(p.Instances) > mostTargets {
		return nil, commands.Misuse(fmt.Sprintf("Systems Manager takes at most %d instances at once, and these are %d.", mostTargets, len(p.Instances)), "Name fewer.")
	}
	for _, i := range p.Instances {
		if err := mustRun(i, p.Target, "nothing was sent"); err != nil {
			return nil, err
		}
	}
	agents, err := c.cloud.Agents(ctx, p.Target, ids(p.Instances))
	if err != nil {
		return nil, err
	}
	var away []string
	for _, i := range p.Instances {
		if a := agents[i.ID]; !a.Online() {
			away = append(away, label(i)+": "+agentState(a))
		}
	}
	if len(away) == 0 {
		return c.settled(ctx, p, agents)
	}
	return nil, &commands.Error{
		Kind: commands.Failed, Message: strings.Join(away, ".\n") + ".\nNothing was sent.",
		Hint: "Wait a minute after a start, or name the instances that are reached.",
	}
}

// Run sends the command once, waits until it is over everywhere, and shows what came of it.
func (c *Script) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	begun, err := commands.Begun(ctx, run, sendStep)
	if err != nil {
		return commands.Report{}, err
	}
	if !begun {
		now, err := c.cloud.Instances(ctx, p.Target, aws.InstanceQuery{IDs: ids(p.Instances)})
		if err != nil {
			return commands.Report{}, err
		}
		if _, err := c.reachable(ctx, p.of(sorted(now))); err != nil {
			return commands.Report{}, err
		}
	}
	run.Say("Sending " + strings.Replace(c.what(), "a command", "the command", 1) + " to " + asked(p.Instances) + ".")
	id, err := commands.Once(ctx, run, sendStep, func(ctx context.Context) (string, error) {
		return c.cloud.SendCommand(ctx, p.Target, c.shell(run, p))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, p, id)
}

func (c *Script) shell(run *commands.Run, p picked) aws.Shell {
	return aws.Shell{Document: c.document(), InstanceIDs: ids(p.Instances), Parameters: c.given(), Comment: run.Token, Deliver: deliverWithin}
}

// finish waits and reports.
func (c *Script) finish(ctx context.Context, run *commands.Run, p picked, id string) (commands.Report, error) {
	limited, cancel := context.WithTimeout(ctx, ranWithin)
	defer cancel()
	results, err := c.cloud.WaitForCommand(limited, p.Target, id, ids(p.Instances), func(now []aws.Invocation) {
		over := 0
		for _, r := range now {
			if r.Over() {
				over++
			}
		}
		run.Say(fmt.Sprintf("Running; %d of %d are done", over, len(now)))
	})
	if ctx.Err() != nil || err != nil && limited.Err() == nil {
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "The command was sent, but what came of it could not be read.",
			Hint: "Systems Manager knows it as " + commands.Mono(id) + ".", Err: err,
		}
	}
	return c.report(p, id, results)
}

// report shows each instance's exit code and output. Where one of them failed there is a report and an error.
func (c *Script) report(p picked, id string, results []aws.Invocation) (commands.Report, error) {
	report := commands.Report{Tone: commands.Good, Where: where.Words(p.Place), Next: []commands.Next{showNext(p.Instances, p.Target)}}
	var failed, running []string
	for n, r := range results {
		i := p.Instances[n]
		if len(results) > 1 {
			report.Body = append(report.Body, commands.Text{Text: commands.Strong(nameOf(i)) + ": " + ending(r)})
		}
		report.Body = append(report.Body, outputBlocks(i, r)...)
		if !r.Over() {
			running = append(running, label(i))
		} else if r.Status != "Success" || r.ExitCode != 0 {
			failed = append(failed, label(i)+": "+ending(r))
		}
	}
	switch {
	case len(running) > 0:
		report.Tone, report.Title = commands.Warning, "Still running on "+strings.Join(running, ", ")
		return report, &commands.Error{
			Kind: commands.Uncertain, Message: fmt.Sprintf("The command still runs on %s after %s.", strings.Join(running, ", "), commands.Length(ranWithin)),
			Hint: "Systems Manager knows it as " + commands.Mono(id) + ".",
		}
	case len(results) == 1:
		report.Title = nameOf(p.Instances[0]) + ": " + ending(results[0])
	case len(failed) == 0:
		report.Title = titled("Exit code 0 on", p.Instances, "")
	default:
		report.Title = fmt.Sprintf("Failed on %d of %s", len(failed), count(len(results)))
	}
	if len(failed) == 0 {
		return report, nil
	}
	report.Tone = commands.Bad
	return report, &commands.Error{
		Kind: commands.Failed, Message: "The command did not succeed on " + strings.Join(failed, "; ") + ".",
		Hint: "Systems Manager knows it as " + commands.Mono(id) + ".",
	}
}

// ending says how a command ended on one instance, and whether it ran there.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
func ending(r aws.Invocation) string {
	switch detail := strings.ReplaceAll(cmp.Or(r.Detail, r.Status), " ", ""); {
	case !r.Over():
		return "still running after " + commands.Length(ranWithin)
	case r.Status == "Success" || r.Status == "Failed" && r.ExitCode > 0:
		return fmt.Sprintf("exit code %d", r.ExitCode)
	case detail == "DeliveryTimedOut", detail == "Undeliverable":
		return "never delivered, so it did not run (" + detail + ")"
	case detail == "ExecutionTimedOut", detail == "TimedOut":
		return "stopped, because its time was up (" + detail + ")"
	default:
		return commands.Unmarked(detail)
	}
}

// outputBlocks shows short output in the message, and long output as a file.
func outputBlocks(i aws.Instance, r aws.Invocation) []commands.Block {
	text := readable(r.Output)
	if errors := readable(r.Errors); errors != "" {
		text = strings.TrimLeft(text+"\n\nerror output:\n"+errors, "\n")
	}
	if text == "" {
		return []commands.Block{commands.Text{Text: "No output."}}
	}
	if len(text) <= shortOutput {
		return []commands.Block{commands.Code{Text: text}}
	}
	cut := text[:headOutput]
	cut = strings.ToValidUTF8(cut[:max(strings.LastIndexByte(cut, '\n'), headOutput/2)], "")
	note := fmt.Sprintf("The first %d of %d characters; the file has all.", utf8.RuneCountInString(cut), utf8.RuneCountInString(text))
	if utf8.RuneCountInString(r.Output) >= keptOutput || strings.Contains(r.Output, cutOutput) {
		note += " Systems Manager keeps the first 24,000 characters of the output."
	}
	return []commands.Block{commands.Code{Text: cut}, commands.Text{Text: note}, commands.File{Name: "output-" + i.ID + ".txt", Content: text + "\n"}}
}

// Check looks for the command by the token that it was sent with.
func (c *Script) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	answered, err := commands.Answered(ctx, run, sendStep, toDo("run"))
	if err != nil {
		return commands.Report{}, err
	}
	if answered {
		return c.Run(ctx, run)
	}
	p, err := c.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	const margin = 15 * time.Minute // the run may have begun in a process that is gone, under another clock
	id, ok, err := lookFor(ctx, func(waited time.Duration) (string, bool, error) {
		id, err := c.cloud.CommandNamed(ctx, p.Target, run.Token, run.Now.Add(-margin-waited))
		return id, id != "", err
	})
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the command was sent: " + commands.Words(err).Message,
			Hint: "Look at Run Command in the AWS console before sending it again.", Err: err,
		}
	case !ok:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "Systems Manager shows no such command: nothing was sent.", Hint: commands.SendAgain}
	}
	return c.finish(ctx, run, p, id)
}
