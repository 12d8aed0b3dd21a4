package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
	"deckhand/commands/where"
)

// Deploy is app deploy.
type Deploy struct {
	where.Target
	userdata.Flags
	Name         string `arg:"name" alias:"name,stack-name" required:"" value:"NAME" help:"Name of the application."`
	ImageID      string `flag:"image-id" alias:"image,ami" value:"IMAGE" help:"New image of the machines, by id or by name."`
	InstanceType string `flag:"instance-type" alias:"type" value:"TYPE" help:"New instance type."`
	Count        int    `flag:"count" value:"N" help:"New number of machines; at most 20."`

	room Room
}

// Validate refuses a line that changes nothing, and wrong shapes.
func (c *Deploy) Validate() error {
	script, wrong := c.Script(c.room.Templates)
	image, kind := c.ImageID, c.InstanceType
	if image == "" && kind == "" && c.Count == 0 && script == "" && len(wrong) == 0 {
		return commands.Misuse("The line does not say what shall change.", "Give "+commands.Mono("--image-id")+", "+commands.Mono("--user-data-template")+", "+commands.Mono("--instance-type")+" or "+commands.Mono("--count")+".")
	}
	if image == "" {
		image = "ami-0123456789abcdef0"
	}
	if kind == "" {
		kind = "t3.micro"
	}
	wrong = append(wrong, vm.MachineProblems(image, kind)...)
	if c.Count != 0 {
		wrong.Add(countProblem(c.Count))
	}
	return wrong.Err()
}

// rollout is what a deployment means. It is kept in the journal.
type rollout struct {
	Target    aws.Target
	Place     aws.Place
	Stack     aws.Stack // as it was before
	Machines  []string  // that were there before
	Change    map[string]string
	Tags      map[string]string // nil: as they are
	Rows      [][]string        // what, before, then
	Replaces  bool              // machines are replaced, not only added or taken away
	WasUp     bool              // the check passed before
	CheckName string
}

const rolloutStep = "look up what changes"

func (c *Deploy) planned(ctx context.Context, run *commands.Run) (rollout, error) {
	return commands.Repeat(ctx, run, rolloutStep, c.resolve)
}

func (c *Deploy) resolve(ctx context.Context) (rollout, error) {
	p := rollout{Target: c.At(), Place: c.room.Cloud.Place(ctx, c.At()), Change: map[string]string{}}
	var err error
	if p.Stack, err = find(ctx, c.room.Cloud, p.Target, c.Name); err != nil {
		return p, err
	}
	if !p.Stack.Stands() {
		return p, &commands.Error{
			Kind: commands.Denied, Message: fmt.Sprintf("%s is %s (%s), so nothing was done.", p.Stack.Name, status(p.Stack), p.Stack.Status),
			Hint: commands.Mono(where.Line(p.Target, "app status", p.Stack.Name)) + " shows where it stands.",
		}
	}
	if err := c.changes(ctx, &p); err != nil {
		return p, err
	}
	v, err := look(ctx, c.room, p.Target, p.Stack)
	if err != nil {
		return p, err
	}
	for _, h := range v.health {
		p.Machines = append(p.Machines, h.ID)
	}
	slices.Sort(p.Machines)
	if one, ok := checkOf(ctx, c.room.Book, p.Stack); ok && c.room.Prober != nil {
		p.CheckName = one.Name
		p.WasUp = c.room.Prober.Probe(ctx, one).OK
	}
	return p, nil
}

// changes are the parameters that shall be others.
func (c *Deploy) changes(ctx context.Context, p *rollout) error {
	was := p.Stack.Parameters
	set := func(what, name, value string) {
		if was[name] != value {
			p.Rows = append(p.Rows, []string{what, commands.OrNone(was[name]), commands.OrNone(value)})
		}
	}
	kind := was["InstanceType"]
	if c.InstanceType != "" {
		kind = c.InstanceType
		set("Type", "InstanceType", kind)
		p.Change["InstanceType"] = kind
	}
	if c.ImageID != "" {
		id, _, err := vm.FindImage(ctx, c.room.Cloud, p.Target, c.ImageID, kind)
		if err != nil {
			return err
		}
		image, err := c.room.Cloud.Image(ctx, p.Target, id)
		if err != nil {
			return err
		}
		set("Image", "Image", image.ID)
		setImage(p.Change, image)
	}
	if c.Count != 0 {
		set("Machines", "Machines", strconv.Itoa(c.Count))
		setCount(p.Change, c.Count)
	}
	script, wrong := c.Script(c.room.Templates)
	if err := wrong.Err(); err != nil {
		return err
	}
	if script != "" {
		setScript(p.Change, script)
		if scriptChanges(was, p.Change) {
			p.Rows = append(p.Rows, []string{"User data", scriptWords(p.Stack), c.Words(script)})
		}
		p.Tags = map[string]string{}
		for key, value := range p.Stack.Tags {
			p.Tags[key] = value
		}
		delete(p.Tags, templateTag)
		if c.UserDataTemplate != "" {
			p.Tags[templateTag] = c.UserDataTemplate
		}
	}
	p.Replaces = c.InstanceType != "" && was["InstanceType"] != kind || p.Change["Image"] != "" && p.Change["Image"] != was["Image"] || scriptChanges(was, p.Change)
	return nil
}

func scriptChanges(was, change map[string]string) bool {
	for n := range scriptPieces {
		name := scriptPieceName(n)
		if value, ok := change[name]; ok && value != was[name] {
			return true
		}
	}
	return false
}

// scriptWords tells of the script that a stack has, without showing it.
func scriptWords(s aws.Stack) string {
	switch {
	case s.Tags[templateTag] != "":
		return "template " + s.Tags[templateTag]
	case s.Parameters[scriptPieceName(0)] == "":
		return "none"
	}
	return "a script"
}

// Scope is the application.
func (c *Deploy) Scope(ctx context.Context) (commands.Scope, error) {
	return scope(ctx, c.room.Cloud, c.At(), c.Name)
}

func scope(ctx context.Context, cloud Cloud, t aws.Target, name string) (commands.Scope, error) {
	out := commands.Scope{Account: t.Account, Region: cloud.Place(ctx, t).Region}
	s, err := find(ctx, cloud, t, name)
	if s.ID != "" {
		out.Resources = []commands.Resource{{ID: s.ID, Name: s.Name, Tags: s.Tags}}
	}
	return out, err
}

// Plan tells what would change and how.
func (c *Deploy) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{Title: "Would change " + p.Stack.Name, Where: where.Words(p.Place)}
	if len(p.Rows) == 0 {
		r.Title = "Would change nothing: " + p.Stack.Name + " is so already"
		return r, nil
	}
	how := "The machines stay; some are added or taken away."
	if p.Replaces {
		how = fmt.Sprintf("%s would be replaced, one after the other, each once its successor answers its health check. Where one does not, CloudFormation puts back what was there.", commands.Count(len(p.Machines), "machine"))
	}
	if p.CheckName != "" && p.WasUp {
		how += " Where the check " + commands.Mono(p.CheckName) + " fails afterwards, deckhand puts it back too."
	}
	r.Body = commands.Blocks{
		commands.Table{Columns: []string{"What", "Now", "Then"}, Rows: p.Rows},
		commands.Fields{Fields: []commands.Field{{Name: "Price then", Value: c.price(ctx, p)}}}, commands.Text{Text: how},
	}
	return r, nil
}

func (c *Deploy) price(ctx context.Context, p rollout) string {
	value := func(name string) string {
		if v, ok := p.Change[name]; ok {
			return v
		}
		return p.Stack.Parameters[name]
	}
	image, err := c.room.Cloud.Image(ctx, p.Target, value("Image"))
	if err != nil {
		return "unknown: " + commands.Words(err).Message
	}
	n, _ := strconv.Atoi(value("Machines"))
	return runningPrice(ctx, c.room.Cloud, p.Target, sized{value("InstanceType"), image.Platform, n})
}

// Run changes the stack, waits for its end and looks at the endpoint; what turns out red goes back.
func (c *Deploy) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	changed, err := c.update(ctx, run, p, "UpdateStack", p.Change, p.Tags, run.Token)
	if err != nil {
		return commands.Report{}, err
	}
	if !changed {
		return commands.Report{Tone: commands.Good, Title: p.Stack.Name + " is so already, nothing was changed", Where: where.Words(p.Place)}, nil
	}
	return c.finish(ctx, run, p)
}

// Check looks, after a run whose end is not known, whether its change began, and follows it to its end.
func (c *Deploy) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	begun, err := c.began(ctx, p, run.Token)
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the change began: " + commands.Words(err).Message,
			Hint: commands.Mono(where.Line(p.Target, "app status", c.Name)) + " shows it once AWS answers.", Err: err,
		}
	case !begun:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no such change of " + commands.Mono(p.Stack.Name) + ": nothing was changed.", Hint: "Send the line again if it is still wanted."}
	}
	return c.finish(ctx, run, p)
}

// began tells whether an operation with this token is among the stack's events.
func (c *Deploy) began(ctx context.Context, p rollout, token string) (bool, error) {
	events, err := c.room.Cloud.StackEvents(ctx, p.Target, p.Stack.ID, token)
	return len(events) > 0, err
}

func (c *Deploy) update(ctx context.Context, run *commands.Run, p rollout, step string, values, tags map[string]string, token string) (bool, error) {
	return commands.Ensure(ctx, run, step, func(ctx context.Context) (bool, bool, error) {
		begun, err := c.began(ctx, p, token)
		return begun, begun, err
	}, func(ctx context.Context) (bool, error) {
		change := aws.StackChange{Stack: p.Stack.ID, Parameters: values, Tags: tags, Token: token}
		for name := range p.Stack.Parameters {
			if _, ok := values[name]; !ok {
				change.Keep = append(change.Keep, name)
			}
		}
		slices.Sort(change.Keep)
		return c.room.Cloud.UpdateStack(ctx, p.Target, change)
	})
}

func (c *Deploy) finish(ctx context.Context, run *commands.Run, p rollout) (commands.Report, error) {
	f := &follower{room: c.room, run: run, target: p.Target, stack: p.Stack.ID, token: run.Token, before: p.Machines}
	s, err := follow(ctx, f)
	if err != nil {
		return commands.Report{}, err
	}
	if s.Status != "UPDATE_COMPLETE" {
		return c.report(ctx, run, p, s, commands.Bad, p.Stack.Name+" did not take the change"), c.failed(p, s, f)
	}
	if err := settle(ctx, c.room, run, p.Target, s); err != nil {
		return commands.Report{}, err
	}
	red, err := c.red(ctx, run, p, s)
	if err != nil {
		return commands.Report{}, err
	}
	if red != "" {
		return c.back(ctx, run, p, red)
	}
	r := c.report(ctx, run, p, s, commands.Good, s.Name+" is changed")
	r.Undo = c.undo(p)
	return r, nil
}

// undo is the line that brings the application back to what it was, "" where that takes the script that it had: it is not kept.
func (c *Deploy) undo(p rollout) string {
	was := p.Stack.Parameters
	if scriptChanges(was, p.Change) {
		return ""
	}
	words := []string{"app deploy", p.Stack.Name}
	for _, one := range []struct{ flag, parameter string }{{"--image-id", "Image"}, {"--instance-type", "InstanceType"}, {"--count", "Machines"}} {
		if then, changed := p.Change[one.parameter]; changed && then != was[one.parameter] && was[one.parameter] != "" {
			words = append(words, one.flag, was[one.parameter])
		}
	}
	if len(words) == 2 {
		return ""
	}
	return where.Line(p.Target, words...)
}

func (c *Deploy) report(ctx context.Context, run *commands.Run, p rollout, s aws.Stack, tone commands.Tone, title string) commands.Report {
	r := commands.Report{Tone: tone, Title: title, Where: where.Words(p.Place), Body: commands.Blocks{commands.Table{Columns: []string{"What", "Before", "After"}, Rows: p.Rows}}}
	if tone == commands.Bad {
		r.Body = nil
	}
	v, err := look(ctx, c.room, p.Target, s)
	if err != nil {
		return r
	}
	v.Check, _ = checkOf(ctx, c.room.Book, s)
	r.Title += fmt.Sprintf(", %d of %s healthy", v.healthy(), commands.Count(len(v.health), "machine"))
	r.Body, r.Next = append(r.Body, v.blocks(ctx, c.room.Cloud, run.Now)...), v.next()
	return r
}

func (c *Deploy) failed(p rollout, s aws.Stack, f *follower) error {
	e := &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("The change of %s failed. %s", s.Name, causeWords(s, f.events))}
	if why := f.unhealthy(); why != "" {
		e.Message += " " + why
	}
	e.Hint = "CloudFormation put back what was there before: " + p.Stack.Name + " runs as it did."
	if s.Status != "UPDATE_ROLLBACK_COMPLETE" {
		e.Hint = fmt.Sprintf("The stack is %s: look at %s, and at the stack in CloudFormation, which says what stands in its way.", s.Status, commands.Mono(where.Line(p.Target, "app status", s.Name)))
	}
	return e
}

const (
	redLooks = 4 // looks in a row that fail until a deployment counts as red
	redPause = 10 * time.Second
)

// red looks at the endpoint with the application's own check, and answers why it fails, "" where it passes. An endpoint that failed
// before is no reason to go back.
func (c *Deploy) red(ctx context.Context, run *commands.Run, p rollout, s aws.Stack) (string, error) {
	one, ok := checkOf(ctx, c.room.Book, s)
	if !ok || !p.WasUp || c.room.Prober == nil {
		return "", nil
	}
	return commands.Repeat(ctx, run, "look at the endpoint", func(ctx context.Context) (string, error) {
		why := ""
		for n := range redLooks {
			if n > 0 {
				select {
				case <-ctx.Done():
					return "", ctx.Err()
				case <-time.After(redPause):
				}
			}
			run.Say("Looking whether " + one.URL + " answers")
			result := c.room.Prober.Probe(ctx, one)
			if result.OK || result.Unseen {
				return "", nil
			}
			why = result.Detail
		}
		return why, nil
	})
}

// back undoes a change that left the endpoint red.
func (c *Deploy) back(ctx context.Context, run *commands.Run, p rollout, red string) (commands.Report, error) {
	run.Say("The endpoint fails (" + red + "), putting back what was there")
	old := map[string]string{}
	for name := range p.Change {
		old[name] = p.Stack.Parameters[name]
	}
	tags := p.Tags
	if tags != nil {
		tags = p.Stack.Tags
	}
	token := run.Token + "-back"
	message := fmt.Sprintf("After the change the check %s failed: %s.", commands.Mono(p.CheckName), red)
	v, err := look(ctx, c.room, p.Target, p.Stack)
	if err != nil {
		return commands.Report{}, err
	}
	f := &follower{room: c.room, run: run, target: p.Target, stack: p.Stack.ID, token: token}
	for _, h := range v.health {
		f.before = append(f.before, h.ID)
	}
	if _, err := c.update(ctx, run, p, "UpdateStack back", old, tags, token); err != nil {
		return commands.Report{}, &commands.Error{
			Kind: commands.Words(err).Kind, Message: message + " Putting back what was there did not begin: " + commands.Words(err).Message,
			Hint: "It runs as changed: look at " + commands.Mono(where.Line(p.Target, "app status", p.Stack.Name)) + ".", Err: err,
		}
	}
	s, err := follow(ctx, f)
	if err != nil {
		return commands.Report{}, err
	}
	report := c.report(ctx, run, p, s, commands.Bad, p.Stack.Name+" was put back")
	if s.Status != "UPDATE_COMPLETE" {
		return report, &commands.Error{Kind: commands.Failed, Message: message + " Putting back what was there failed too. " + causeWords(s, f.events), Hint: "The stack is " + s.Status + ": it needs a look by hand."}
	}
	return report, &commands.Error{Kind: commands.Failed, Message: message, Hint: "What was there before is back: " + p.Stack.Name + " runs as it did."}
}
