package probes

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lambda"
	"deckhand/commands/where"
)

// Create is probe create.
type Create struct {
	Spot
	Subnets []string `flag:"subnet-ids" alias:"subnets" value:"SUBNET" help:"Subnets of a VPC by id, to look from inside of it."`
	Groups  []string `flag:"security-group-ids" alias:"security-groups,sg" value:"GROUP" help:"Security groups by id, where there are subnets."`

	room Room
}

// Validate tells everything that can be known without AWS, all at once.
func (c *Create) Validate() error {
	var wrong commands.Problems
	if err := c.Spot.Validate(); err != nil {
		wrong.Add(commands.Words(err))
	}
	if (len(c.Subnets) == 0) != (len(c.Groups) == 0) {
		wrong.Add(commands.Misuse("A probe inside of a VPC needs its subnets and its security groups.", "Write "+commands.Mono("--subnet-ids subnet-0abc --security-group-ids sg-0abc")+"."))
	}
	for kind, ids := range map[string][]string{"subnet-": c.Subnets, "sg-": c.Groups} {
		for _, id := range ids {
			if !strings.HasPrefix(id, kind) {
				wrong.Add(commands.Misuse(commands.Mono(id)+" is no id that begins with "+kind+".", "See "+commands.Mono("net subnet list")+" and "+commands.Mono("net sg list")+"."))
			}
		}
	}
	return wrong.Err()
}

// Scope is the function that would be.
func (c *Create) Scope(ctx context.Context) (commands.Scope, error) {
	p, err := c.pick(ctx, c.room.Cloud)
	return commands.Scope{Account: p.Account, Region: p.Region, Resources: []commands.Resource{p.resource(nil)}}, err
}

// What there is to do.
const (
	toMake   = "make"
	toUpdate = "update"
	toLeave  = "leave"
)

// making is what is to be made.
type making struct {
	picked
	role     aws.NewRole
	function aws.NewFunction
}

func (c *Create) prepare(ctx context.Context, run *commands.Run) (making, error) {
	p, err := c.pick(ctx, c.room.Cloud)
	if err != nil {
		return making{}, err
	}
	zip, err := archive()
	if err != nil {
		return making{}, err
	}
	m := making{picked: p}
	m.role = m.leastRole(run, len(c.Subnets) > 0)
	m.function = aws.NewFunction{
		Name: p.Function(), Code: aws.FunctionCode{Zip: zip}, Mark: commands.TokenTag,
		Tags:             run.Tags("", map[string]string{probeTag: tag(p.Place), commands.TokenTag: run.Token}),
		FunctionSettings: aws.FunctionSettings{Granted: true, Runtime: runtime, Handler: handler, Description: "Looks at endpoints for deckhand", Timeout: timeout, MemoryMB: memory, Subnets: slices.Sorted(slices.Values(c.Subnets)), Groups: slices.Sorted(slices.Values(c.Groups))},
	}
	return m, nil
}

// leastRole may do nothing; where the function stands in a VPC, Lambda may take its network interfaces there, and the function itself may not.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (m making) leastRole(run *commands.Run, inside bool) aws.NewRole {
	role := aws.NewRole{
		Name: roleName(m.Place), Path: rolePath + m.Region + "/", Description: "Made by deckhand for its probe in " + tag(m.Place), Trust: lambda.Trust(), PolicyName: "deckhand",
		Tags: run.Tags("", map[string]string{probeTag: tag(m.Place)}), Mark: probeTag,
	}
	if !inside {
		return role
	}
	role.Policy = lambda.Document(lambda.Inside(m.At, m.Region, m.Function())...)
	return role
}

// judge answers what is to be done, with the function that stands there.
func (c *Create) judge(ctx context.Context, m making) (string, aws.Function, error) {
	there, err := c.room.Cloud.Function(ctx, target(m.Place), m.Function(), "")
	switch {
	case err != nil && missing(err):
		return toMake, there, nil
	case err != nil:
		return "", there, err
	case there.Tags[commands.TokenTag] == m.function.Tags[commands.TokenTag] && there.Tags[commands.TokenTag] != "":
		return toMake, there, nil // this very request got that far before
	case there.Tags[probeTag] != tag(m.Place):
		return "", there, &commands.Error{
			Kind: commands.Failed, Message: fmt.Sprintf("There is a function %s in %s that was not made as a probe, so it is left alone.", commands.Mono(there.Name), m.Region),
			Hint: "Give the probe a name of its own: " + commands.Mono("--name outside") + ".",
		}
	case !slices.Equal(there.Subnets, m.function.Subnets) || !slices.Equal(there.Groups, m.function.Groups):
		return "", there, &commands.Error{
			Kind: commands.Failed, Message: "The probe " + commands.Mono(m.String()) + " stands elsewhere already: " + network(there) + ".",
			Hint: "Delete it first, " + commands.Mono(m.undo()) + ", or give the new one a name: " + commands.Mono("--name inside") + ".",
		}
	case there.CodeSHA256 != hash(m.function.Code.Zip):
		return toUpdate, there, nil
	}
	return toLeave, there, nil
}

// hash is how AWS tells code apart.
func hash(zip []byte) string {
	sum := sha256.Sum256(zip)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p picked) undo() string { return "probe delete " + commands.Quote(p.String()) }

// Plan tells what would be made, and what it costs.
func (c *Create) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	what, there, err := c.judge(ctx, m)
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Where: where.Words(m.At)}
	switch what {
	case toLeave:
		report.Title = "The probe " + m.String() + " is there already, and up to date"
		report.Body = commands.Blocks{probeFields(there)}
		return report, nil
	case toUpdate:
		report.Title = "Would bring the probe " + m.String() + " up to date"
		report.Body = commands.Blocks{commands.Text{Text: "Its program is another one than this version of deckhand has. Nothing else changes."}}
		return report, nil
	}
	may := "nothing: it has no rights in AWS, and writes no log"
	if m.role.Policy != "" {
		may = "nothing itself; Lambda may take network interfaces in the VPC for it"
	}
	report.Title = "Would make a probe that looks from " + m.String()
	report.Body = commands.Blocks{
		commands.Fields{Fields: []commands.Field{
			{Name: "Function", Value: fmt.Sprintf("%s, %s, %d MB, %d KiB of code", commands.Mono(m.Function()), runtime, memory, (len(m.function.Code.Zip)+1023)/1024)},
			{Name: "Looks from", Value: network(aws.Function{Subnets: m.function.Subnets, Groups: m.function.Groups})},
			{Name: "Role", Value: commands.Mono(m.role.Name) + ", made for it"},
			{Name: "It may do", Value: may},
			{Name: "Price", Value: c.room.price(ctx, m.Place)},
		}},
		commands.Text{Text: "AWS has no rehearsal for this: what it would refuse shows when it is asked. " + commands.Mono(m.undo()) + " takes all of it away again."},
	}
	return report, nil
}

// Run makes the role and the function, and waits until it is active.
func (c *Create) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	what, err := commands.Repeat(ctx, run, "look for probe", func(ctx context.Context) (string, error) {
		what, _, err := c.judge(ctx, m)
		return what, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	switch what {
	case toLeave:
		return c.finish(ctx, run, m, "The probe "+m.String()+" was there already, and is up to date")
	case toUpdate:
		run.Say("Bringing the program up to date.")
		_, err = commands.Repeat(ctx, run, "UpdateFunctionCode", func(ctx context.Context) (bool, error) {
			return true, c.room.Cloud.UpdateFunctionCode(ctx, target(m.Place), m.Function(), m.function.Code, nil)
		})
		if err != nil {
			return commands.Report{}, err
		}
		return c.finish(ctx, run, m, "Brought the probe "+m.String()+" up to date")
	}
	return c.make(ctx, run, m)
}

func (c *Create) make(ctx context.Context, run *commands.Run, m making) (commands.Report, error) {
	if _, err := commands.Repeat(ctx, run, "PutActs", func(ctx context.Context) (bool, error) { return true, c.room.keepRole(ctx, m.Place) }); err != nil {
		return commands.Report{}, err
	}
	run.Say("Making the role " + m.role.Name + ".")
	arn, err := commands.Repeat(ctx, run, "CreateRole", func(ctx context.Context) (string, error) {
		role, err := c.room.Cloud.EnsureRole(ctx, target(m.Place), m.role)
		return role.ARN, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	m.function.Role = arn
	run.Say("Making the function " + m.Function() + ".")
	_, err = commands.Repeat(ctx, run, "CreateFunction", func(ctx context.Context) (string, error) {
		f, err := c.room.Cloud.CreateFunction(ctx, target(m.Place), m.function)
		return f.ARN, err
	})
	if err != nil && !commands.IsUncertain(err) {
		return commands.Report{
			Title: "Not made: the probe " + m.String(), Where: where.Words(m.At),
			Body: commands.Blocks{commands.Text{Text: "There is no function yet, but the role " + commands.Mono(m.role.Name) + " stands and is used when the same line is sent again. " + commands.Mono(m.undo()) + " takes it away."}},
			Next: []commands.Next{{Label: "Take it away", Line: m.undo(), Style: "danger"}},
		}, err
	}
	if err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, m, "Made a probe that looks from "+m.String())
}

// finish waits until the function is ready.
func (c *Create) finish(ctx context.Context, run *commands.Run, m making, title string) (commands.Report, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f, err := c.room.Cloud.WaitForFunction(limited, target(m.Place), m.Function(), func(f aws.Function) {
		run.Say(fmt.Sprintf("%s is %s.", f.Name, strings.ToLower(f.State)))
	})
	if err != nil {
		return commands.Report{Title: "Made, but not ready: the probe " + m.String(), Where: where.Words(m.At), Undo: m.undo(), Next: []commands.Next{
			{Label: "Show", Line: "probe show " + commands.Quote(m.String())}, {Label: "Remove", Line: m.undo(), Style: "danger"},
		}}, err
	}
	report := commands.Report{
		Tone: commands.Good, Title: title, Where: where.Words(m.At),
		Body: commands.Blocks{probeFields(f), commands.Text{
			Text: "Checks look from it with " + commands.Mono("--from "+m.String()) + ", and from several with " + commands.Mono("--from "+m.String()+",here --agree 2") + ".",
		}},
		Next: []commands.Next{{Label: "All probes", Line: "probe list"}, {Label: "Remove", Line: m.undo(), Style: "danger", Confirm: "Remove the probe " + m.String() + "?"}},
	}
	if f.Tags[commands.TokenTag] == run.Token && run.Token != "" { // one that was there before is not this line's to take away
		report.Undo = m.undo()
	}
	return report, nil
}

// Check looks for the function that this request made.
func (c *Create) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := c.prepare(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	what, _, err := c.judge(ctx, m)
	switch {
	case err != nil:
		return commands.Report{}, err
	case what == toLeave:
		return c.finish(ctx, run, m, "The probe "+m.String()+" is there, and up to date")
	}
	f, err := c.room.find(ctx, m.Place)
	if err == nil && f.Function.Tags[commands.TokenTag] == run.Token && f.Function.Name != "" {
		return c.finish(ctx, run, m, "Made a probe that looks from "+m.String())
	}
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{}, &commands.Error{
		Kind: commands.Failed, Message: "AWS shows no probe that this request made or brought up to date; a role of it may stand.",
		Hint: "Send the same line again to finish it, or " + commands.Mono(m.undo()) + " to take away what stands.",
	}
}
