package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

const lookUpStep = "look up what the application needs"

func (c *Up) planned(ctx context.Context, run *commands.Run) (blueprint, error) {
	return commands.Repeat(ctx, run, lookUpStep, func(ctx context.Context) (blueprint, error) { return c.resolve(ctx, run.Now) })
}

// Scope is the application that would be.
func (c *Up) Scope(ctx context.Context) (commands.Scope, error) {
	tags := maps.Clone(c.Tag)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[commands.AppTag] = c.Name
	return commands.Scope{
		Account: c.Account, Region: c.room.Cloud.Place(ctx, c.At()).Region,
		Resources: []commands.Resource{{ID: "new application", Name: c.Name, Tags: tags}},
	}, nil
}

// tags are put on the stack; CloudFormation puts them on everything in it.
func (c *Up) tags(run *commands.Run) map[string]string {
	tags := run.Tags("", c.Tag)
	tags[commands.AppTag] = c.Name
	if run.Token != "" {
		tags[commands.TokenTag] = run.Token
	}
	if c.UserDataTemplate != "" {
		tags[templateTag] = c.UserDataTemplate
	}
	return tags
}

// Plan tells what would be made, and looks up everything that it needs.
func (c *Up) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	r := commands.Report{
		Title: fmt.Sprintf("Would bring up %s: %s behind a load balancer", c.Name, commands.Count(c.Count, "machine")), Where: where.Words(p.Place),
		Body: commands.Blocks{
			commands.Fields{Fields: append(c.fields(p), commands.Field{Name: "Price", Value: bill(ctx, c.room.Cloud, p.Target, sized{c.InstanceType, p.Image, c.Count}).Words()})},
			commands.Table{Columns: []string{"Part", "Type"}, Rows: c.planRows()},
		},
	}
	notes := append(slices.Concat(p.Notes, c.profileWords()), "CloudFormation makes it as the stack "+commands.Mono(c.Name)+", and takes all of it away again where a part fails. "+
		commands.Mono(where.Line(p.Target, "app down", c.Name))+" undoes it.")
	r.Body = append(r.Body, commands.Text{Text: strings.Join(notes, "\n")})
	return r, nil
}

func (c *Up) planRows() [][]string {
	rows := [][]string{
		{"Load balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer"}, {"Target group", "AWS::ElasticLoadBalancingV2::TargetGroup"},
		{"Listener", "AWS::ElasticLoadBalancingV2::Listener"}, {"Two security groups", "AWS::EC2::SecurityGroup"},
		{"Launch template", "AWS::EC2::LaunchTemplate"}, {"Auto Scaling group of " + commands.Count(c.Count, "machine"), "AWS::AutoScaling::AutoScalingGroup"},
	}
	if c.Certificate != "" {
		rows = append(rows, []string{"Redirect from HTTP", "AWS::ElasticLoadBalancingV2::Listener"})
	}
	if c.Alias != "" {
		rows = append(rows, []string{"Record " + c.alias(), "AWS::Route53::RecordSet"})
	}
	return rows
}

func (c *Up) fields(p blueprint) []commands.Field {
	image := commands.Mono(p.Image.ID)
	if p.ImageFrom != "" {
		image += ", " + p.ImageFrom
	}
	var subnets []string
	for _, s := range p.Subnets {
		subnets = append(subnets, s.ID+" in "+s.Zone)
	}
	script, _ := c.Script(c.room.Templates)
	listens := "HTTP at port 80"
	if p.Certificate != "" {
		listens = "HTTPS at port 443; HTTP at port 80 redirects there"
	}
	return []commands.Field{
		{Name: "Machines", Value: fmt.Sprintf("%d of type %s", c.Count, c.InstanceType)}, {Name: "Image", Value: image},
		{Name: "User data", Value: c.Words(script)}, {Name: "Answers at", Value: listens},
		{Name: "Name", Value: commands.OrNone(c.alias())}, {Name: "Health check", Value: fmt.Sprintf("GET %s at port %d of each machine", c.HealthCheckPath, c.Port)},
		{Name: "VPC", Value: named(p.VPC.Name, p.VPC.ID)}, {Name: "Subnets", Value: strings.Join(subnets, ", ")},
		{Name: "Key pair", Value: commands.OrNone(c.KeyName)}, {Name: "Instance profile", Value: commands.OrNone(c.InstanceProfile)},
	}
}

// Run makes the stack and waits until the application answers.
func (c *Up) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	script, wrong := c.Script(c.room.Templates)
	if err := wrong.Err(); err != nil {
		return commands.Report{}, err
	}
	run.Say("Asking CloudFormation for the stack " + c.Name)
	id, err := commands.Ensure(ctx, run, "CreateStack", func(ctx context.Context) (string, bool, error) {
		there, err := c.room.Cloud.Stack(ctx, p.Target, c.Name)
		if err != nil || there.ID == "" {
			return "", false, err
		}
		if there.Tags[commands.TokenTag] != run.Token {
			return "", false, taken(p.Target, there)
		}
		return there.ID, true, nil
	}, func(ctx context.Context) (string, error) {
		return c.room.Cloud.CreateStack(ctx, p.Target, aws.NewStack{Name: c.Name, Template: template, Parameters: c.parameters(p, script, c.tags(run)), Tags: c.tags(run), Token: run.Token})
	})
	if err != nil {
		return commands.Report{}, err
	}
	return c.finish(ctx, run, p, id)
}

// Check looks, after a run whose end is not known, for the stack that it made.
func (c *Up) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if answered(ctx, run, "CreateStack") {
		return c.Run(ctx, run)
	}
	p, err := c.planned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	there, err := c.room.Cloud.Stack(ctx, p.Target, c.Name)
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind: commands.Uncertain, Message: "AWS does not say whether the stack was made: " + commands.Words(err).Message,
			Hint: commands.Mono(where.Line(p.Target, "app status", c.Name)) + " shows it once AWS answers.", Err: err,
		}
	case there.ID == "":
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no stack " + commands.Mono(c.Name) + ": nothing was made.", Hint: commands.SendAgain}
	case there.Tags[commands.TokenTag] != run.Token:
		return commands.Report{}, taken(p.Target, there)
	}
	return c.finish(ctx, run, p, there.ID)
}

// finish waits for the stack and tells how it ended.
func (c *Up) finish(ctx context.Context, run *commands.Run, p blueprint, id string) (commands.Report, error) {
	f := &follower{room: c.room, run: run, target: p.Target, stack: id, token: run.Token}
	s, err := follow(ctx, f)
	if err != nil {
		return c.unseen(p), err
	}
	if s.Status != "CREATE_COMPLETE" {
		r := c.halfway(p)
		if s.Status == "DELETE_COMPLETE" {
			r.Undo, r.Next = "", []commands.Next{{Label: "Again", Line: c.line()}}
		}
		return r, c.failed(p, s, f)
	}
	if err := settle(ctx, c.room, run, p.Target, s); err != nil {
		return commands.Report{}, err
	}
	notes := slices.Concat(p.Notes, c.profileWords())
	v, unseen := look(ctx, c.room, p.Target, s)
	if unseen != nil { // it stands all the same, which is what has to be said
		if ctx.Err() != nil {
			return commands.Report{}, unseen
		}
		words := commands.Words(unseen)
		v, notes = &view{target: p.Target, stack: s, lease: c.room.terms(ctx)}, append(notes, strings.TrimSpace("How its machines stand now could not be looked up: "+words.Message+" "+words.Hint))
	}
	v.lease.begins = run.Until
	if c.Watch == nil || *c.Watch {
		note, err := watch(ctx, c.room.Book, run, p.Target, s)
		if err != nil {
			return commands.Report{}, err
		}
		notes = append(notes, note)
	}
	v.watched(ctx, c.room.Book) // the check is newer than the look
	r := commands.Report{
		Tone: commands.Good, Title: fmt.Sprintf("%s is up at %s", s.Name, s.Outputs["Endpoint"]),
		Where: where.Words(p.Place), Body: v.blocks(ctx, c.room.Cloud, run.Now), Next: v.next(), Undo: where.Line(p.Target, "app down", s.Name),
	}
	if n := v.healthy(); unseen == nil {
		r.Title += fmt.Sprintf(", %d of %s healthy", n, commands.Count(c.Count, "machine"))
		if n < c.Count {
			notes = append(notes, "A machine that is not healthy gets no requests.")
		}
	}
	if v.healthy() < c.Count {
		r.Tone = commands.Warning
	}
	r.Body = append(r.Body, commands.Text{Text: strings.Join(notes, "\n")})
	return r, nil
}

func (c *Up) failed(p blueprint, s aws.Stack, f *follower) error {
	if s.Status == "DELETE_COMPLETE" {
		return &commands.Error{Kind: commands.Failed, Message: s.Name + " did not come up: somebody deleted the stack meanwhile.", Hint: "Nothing of it is left."}
	}
	e := &commands.Error{Kind: commands.Failed, Message: fmt.Sprintf("%s did not come up. %s", s.Name, f.why(s))}
	if why := f.unhealthy(); why != "" {
		e.Message += " " + why
	}
	down := commands.Mono(where.Line(p.Target, "app down", s.Name))
	switch s.Status {
	case "ROLLBACK_COMPLETE":
		e.Hint = "CloudFormation took away what it had made. " + down + " removes the record that is left, then the name is free again."
	default:
		e.Hint = fmt.Sprintf("The stack is %s and may cost money. %s takes away what is left.", s.Status, down)
	}
	return e
}

// unseen is the report where nobody could look how it ends: the stack stands, so the same line would be refused.
func (c *Up) unseen(p blueprint) commands.Report {
	r := c.halfway(p)
	r.Title, r.Next = c.Name+" was not seen to come up", r.Next[:2]
	r.Body = commands.Blocks{commands.Text{Text: "CloudFormation waits 15 minutes for deckhand's word that the machines answer, and takes away again what it made where none comes."}}
	return r
}

func (c *Up) halfway(p blueprint) commands.Report {
	return commands.Report{
		Title: c.Name + " is not up", Where: where.Words(p.Place), Undo: where.Line(p.Target, "app down", c.Name),
		Next: []commands.Next{
			{Label: "Status", Line: where.Line(p.Target, "app status", c.Name)},
			{Label: "Clean up", Line: where.Line(p.Target, "app down", c.Name), Style: "danger", Confirm: "Take away what is left of " + c.Name + "?"},
			{Label: "Again", Line: c.line()},
		},
	}
}

// checkName is what the check of an application is called.
func checkName(s aws.Stack) string { return strings.ToLower(s.Name) }

// watch adds a check of the endpoint, and says so. A check that is there already stays as it is.
func watch(ctx context.Context, book check.Book, run *commands.Run, at aws.Target, s aws.Stack) (string, error) {
	if book == nil {
		return "No check watches it.", nil
	}
	name := checkName(s)
	wanted := check.Check{
		Name: name, URL: s.Outputs["Endpoint"], Schedule: "@every 1m", Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2,
		Channel: run.Asker.Channel, Owner: run.Asker, CreatedAt: run.Now, MadeBy: madeBy(s.Name),
		Hands: []commands.Next{{Label: "Status", Line: where.Line(at, "app status", s.Name)}, check.RestartBehind(where.Line(at, "lb restart", s.Name), s.Name)},
	}
	there, err := book.Checks(ctx)
	if err != nil {
		return "", err
	}
	for _, one := range there {
		switch {
		case one.Same(wanted):
			return "The check " + commands.Mono(one.Name) + " watches it.", nil
		case one.Name == name:
			return "There is a check " + commands.Mono(name) + " of another address, " + commands.Mono(one.URL) + ", so none was added.", nil
		}
	}
	_, err = commands.Repeat(ctx, run, "add the check", func(ctx context.Context) (bool, error) { return true, book.AddCheck(ctx, wanted) })
	if err != nil {
		return "No check watches it: " + commands.Words(err).Message, ctx.Err()
	}
	return "The check " + commands.Mono(name) + " watches it every minute.", nil
}

// checkOf answers the check that watches an application's endpoint; false where none does. Of a stack that is going, or half gone, AWS tells no
// endpoint any more: then it is the check that came with it.
func checkOf(ctx context.Context, book check.Book, at aws.Target, s aws.Stack) (check.Check, bool) {
	if book == nil {
		return check.Check{}, false
	}
	all, err := book.Checks(ctx)
	if err != nil {
		return check.Check{}, false
	}
	status := where.Line(at, "app status", s.Name)
	for _, one := range all {
		came := one.MadeBy == madeBy(s.Name) && len(one.Hands) > 0 && one.Hands[0].Line == status
		if endpoint := s.Outputs["Endpoint"]; endpoint != "" && one.URL == endpoint || endpoint == "" && came {
			return one, true
		}
	}
	return check.Check{}, false
}
