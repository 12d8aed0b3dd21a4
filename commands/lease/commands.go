package lease

import (
	"context"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Looking is what a look needs at whether something on lease is still there.
func Looking() []string {
	return []string{
		"ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways", "ec2:DescribeRouteTables",
		"ec2:DescribeNatGateways", "cloudformation:DescribeStacks", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
		"lambda:GetFunction", "apigateway:GET",
	}
}

// Commands is the group.
func Commands(d Desk) []commands.Command {
	rights := append(Looking(), "ec2:CreateTags", "ec2:DescribeTags", "cloudformation:UpdateStack", "iam:PassRole",
		"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:AddTags", "lambda:TagResource", "iam:GetRole", "iam:TagRole", "dynamodb:DescribeTable",
		"dynamodb:ListTagsOfResource", "dynamodb:TagResource", "apigateway:POST")
	return []commands.Command{
		{Name: "lease list", Aliases: []string{"leases"}, Summary: "List what was made for a time, and when it ends", Example: "lease list --owner U024BE7LH",
			New: func() commands.Runner { return &list{desk: d} }},
		{Name: "lease show", Summary: "Show a lease, with what happens at its end", Example: "lease show R-42",
			Rights: Looking(), New: func() commands.Runner { return &show{desk: d} }},
		{Name: "lease extend", Summary: "Let something stay longer", Example: "lease extend R-42 --by 4h", Undo: "Nothing makes a lease shorter again; " + commands.Mono("lease end") + " ends it at once.",
			Risk: commands.Change, Rights: rights,
			New: func() commands.Runner { return &extend{about: about{desk: d}, cloud: d.Cloud} }},
		{Name: "lease end", Summary: "End a lease now: stop what can be stopped, remove the rest", Example: "lease end R-42", Undo: "Nothing brings back what is removed; what is only stopped can be started.",
			Risk: commands.Destroy,
			New:  func() commands.Runner { return &end{about: about{desk: d}} }},
	}
}

// where is the account and the region of what is on lease, "" where nothing is reached.
func (d Desk) where(ctx context.Context, l Lease) string {
	if d.Cloud == nil {
		return ""
	}
	target, _ := l.instances()
	return where.Words(d.Cloud.Place(ctx, target))
}

type list struct {
	Owner string `flag:"owner" value:"USER" help:"Only what this person made."`
	desk  Desk
}

// Run lists.
func (c *list) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	leases, err := c.desk.Book.Leases(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Lease", "Owner", "Ends", "Made by", "Where"}}
	report := commands.Report{Title: "Leases"}
	for _, l := range leases {
		if c.Owner != "" && l.Owner.User != c.Owner {
			continue
		}
		ends := commands.At(l.Ends)
		if !run.Now.Before(l.Ends) {
			ends = "over since " + ends
		}
		table.Rows = append(table.Rows, []string{l.ID(), commands.Person(l.Owner.User), ends, commands.Unmarked(l.Line), c.desk.where(ctx, l)})
		if len(report.Next) < 3 {
			report.Next = append(report.Next, commands.Next{Label: "Show " + l.ID(), Line: "lease show " + l.ID()})
		}
	}
	if len(table.Rows) == 0 {
		return commands.Report{Title: "No leases", Body: commands.Blocks{commands.Text{Text: "Nothing that was made with " + commands.Mono("--ttl") + " is there now, or nothing that matches."}}}, nil
	}
	report.Body = commands.Blocks{table}
	return report, nil
}

type show struct {
	Name string `arg:"name" required:"" value:"NAME|R-42" help:"The request that made it, or a name of what it made."`
	desk Desk
}

// Run shows what happens at the end, with the buttons to change that. It is the message to the owner before the end.
func (c *show) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.desk.find(ctx, c.Name)
	if err != nil {
		return commands.Report{}, err
	}
	if err := c.desk.gone(ctx, l, c.desk.tried(ctx, l), run.Now); err != nil {
		return commands.Report{Where: c.desk.where(ctx, l)}, err
	}
	report := commands.Report{Tone: commands.Warning, Title: "Lease of " + l.ID() + " ends " + commands.At(l.Ends), Where: c.desk.where(ctx, l)}
	if !run.Now.Before(l.Ends) {
		report.Title = "Lease of " + l.ID() + " is over since " + commands.At(l.Ends)
	}
	report.Body = commands.Blocks{commands.Fields{Fields: []commands.Field{
		{Name: "Made by", Value: commands.Mono(l.Line)}, {Name: "Owner", Value: commands.Person(l.Owner.User)},
	}}, commands.Text{Text: c.desk.Terms.then(l)}}
	now := "Remove now"
	if l.stop() != "" {
		now = "Stop now"
	}
	report.Next = []commands.Next{
		{Label: "Extend 4 h", Line: "lease extend " + l.ID() + " --by 4h", Style: "primary"},
		{Label: now, Line: "lease end " + l.ID(), Style: "danger", Confirm: "End the lease of " + l.ID() + " now?"},
	}
	return report, nil
}

// about is what the commands on one lease share.
type about struct {
	Name string `arg:"name" required:"" value:"NAME|R-42" help:"The request that made it, or a name of what it made."`
	desk Desk
}

// Scope is what is on lease.
func (c *about) Scope(ctx context.Context) (commands.Scope, error) {
	l, err := c.desk.find(ctx, c.Name)
	target, ids := l.instances()
	scope := commands.Scope{Account: target.Account, Region: target.Region}
	for _, id := range ids {
		scope.Resources = append(scope.Resources, commands.Resource{ID: id})
	}
	if name := l.Application(); name != "" {
		scope.Resources = append(scope.Resources, commands.Resource{ID: name, Name: name, Tags: map[string]string{commands.AppTag: name}})
	}
	return scope, err
}

// Application answers the name of the application that the lease's end takes down, "" where it removes something else.
func (l Lease) Application() string {
	rest, _ := strings.CutPrefix(l.Undo, applications)
	name, _, _ := strings.Cut(rest, " ")
	if rest == l.Undo {
		return ""
	}
	return name
}

// instances reads the line that removes the lease's machines: none of them where it removes something else.
func (l Lease) instances() (t aws.Target, ids []string) {
	words := strings.Fields(l.Undo)
	for i, word := range words {
		switch {
		case strings.HasPrefix(word, "i-") && strings.HasPrefix(l.Undo, machines):
			ids = append(ids, word)
		case word == "--region" && i+1 < len(words):
			t.Region = words[i+1]
		case word == "--account" && i+1 < len(words):
			t.Account = words[i+1]
		}
	}
	return t, ids
}

type extend struct {
	about
	By    time.Duration `arg:"by" alias:"by,ttl" required:"" value:"4h" help:"How much longer."`
	cloud Tagger
}

// Validate refuses to make a lease shorter.
func (c *extend) Validate() error {
	if c.By <= 0 {
		return commands.Misuse(commands.Mono("--by")+" must be more than nothing.", "Write it as 30m, 4h or 48h.")
	}
	return nil
}

func (c *extend) extended(ctx context.Context, now time.Time) (l Lease, was time.Time, err error) {
	if l, err = c.desk.find(ctx, c.Name); err != nil {
		return l, was, err
	}
	was = l.Ends
	if now.After(l.Ends) {
		l.Ends = now.UTC().Truncate(time.Second)
	}
	l.Ends, l.Late = l.Ends.Add(c.By), time.Time{}
	if most := c.desk.Terms.Max; most > 0 && l.Ends.After(l.MadeAt.Add(most)) {
		return l, was, &commands.Error{
			Kind: commands.Denied, Message: "A lease lasts " + most.String() + " at most, until " + commands.At(l.MadeAt.Add(most)) + " for " + l.ID() + ".",
			Hint: "Extend it by less.",
		}
	}
	return l, was, nil
}

// Plan tells the new end.
func (c *extend) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, was, err := c.extended(ctx, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{Title: "Would let " + l.ID() + " stay until " + commands.At(l.Ends) + " instead of " + commands.At(was), Where: c.desk.where(ctx, l)}, nil
}

// moved is an end that was moved, kept in the journal.
type moved struct {
	Lease Lease
	Was   time.Time
}

// Run moves the end, in the store and then in the tags of what is on lease.
func (c *extend) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	m, err := commands.Repeat(ctx, run, "find the lease", func(ctx context.Context) (moved, error) {
		l, was, err := c.extended(ctx, run.Now)
		return moved{l, was}, err
	})
	if err != nil {
		l, none := c.desk.find(ctx, c.Name)
		if none != nil {
			return commands.Report{}, err
		}
		return commands.Report{Where: c.desk.where(ctx, l)}, err
	}
	l := m.Lease
	refused := commands.Report{Where: c.desk.where(ctx, l)}
	if err := c.desk.gone(ctx, l, c.desk.tried(ctx, l), run.Now); err != nil {
		return refused, err
	}
	begun, err := c.desk.running(ctx, l, l.remove())
	if err != nil {
		return refused, err
	}
	if put, err := commands.Begun(ctx, run, extendStep); err != nil {
		return refused, err
	} else if begun != "" && !put {
		return refused, &commands.Error{
			Kind: commands.Conflict, Message: begun + " is ending the lease of " + l.ID() + " at this moment, so it was not extended.",
			Hint: "Its message says what comes of it; where something is left, extend it then.",
		}
	}
	_, err = commands.Repeat(ctx, run, extendStep, func(ctx context.Context) (bool, error) {
		return true, c.desk.Book.PutLease(ctx, l, c.desk.Terms.acts(l, l.Owner, true, run.Now), l.keys()...)
	})
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{
		Tone: commands.Good, Title: "Extended " + l.ID() + " until " + commands.At(l.Ends), Where: c.desk.where(ctx, l),
		Body: commands.Blocks{commands.Text{Text: c.desk.Terms.then(l)}}, Next: []commands.Next{{Label: "Show", Line: "lease show " + l.ID()}},
	}
	if run.Now.After(m.Was) {
		report.Body = append(report.Body, commands.Text{Text: "It was over since " + commands.At(m.Was) + ": what was stopped then stays stopped until it is started."})
	}
	crossed, err := c.crossed(ctx, l)
	if err != nil {
		return commands.Report{}, err
	}
	if crossed != "" {
		report.Tone, report.Body = commands.Warning, append(report.Body, commands.Text{Text: crossed})
	}
	report.Body = append(report.Body, commands.Text{Text: c.retag(ctx, run, l)})
	return report, nil
}

const extendStep = "extend the lease"

// running answers the request that is running a line which came due of a lease, "" where none is.
func (d Desk) running(ctx context.Context, l Lease, line string) (string, error) {
	if d.Running == nil || line == "" {
		return "", nil
	}
	return d.Running(ctx, l.Request, line)
}

// crossed says what began in the moment in which the lease was extended. An end that had not begun finds the extension.
func (c *extend) crossed(ctx context.Context, l Lease) (string, error) {
	ends, err := c.desk.running(ctx, l, l.remove())
	if ends != "" || err != nil {
		return ends + " began to end it at the same moment. Its message says whether it was left alone.", err
	}
	stops, err := c.desk.running(ctx, l, l.stop())
	if stops != "" {
		return stops + " is stopping it at this moment; what it stops stays stopped until it is started.", nil
	}
	return "", err
}

type end struct{ about }

// ended is the lease with its end now.
func (c *end) ended(ctx context.Context, now time.Time) (Lease, error) {
	l, err := c.desk.find(ctx, c.Name)
	l.Ends, l.Late = now.UTC().Truncate(time.Second), time.Time{}
	return l, err
}

// Plan tells what would happen at once, and later.
func (c *end) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.ended(ctx, run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{Title: "Would end the lease of " + l.ID() + " now", Body: commands.Blocks{commands.Text{Text: c.desk.Terms.byHand(l).then(l)}}, Where: c.desk.where(ctx, l)}, nil
}

// Run makes the end due now, with the rights of whoever ends it.
func (c *end) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := commands.Repeat(ctx, run, "find the lease", func(ctx context.Context) (Lease, error) { return c.ended(ctx, run.Now) })
	if err != nil {
		return commands.Report{}, err
	}
	by := run.Asker
	if by.Channel == "" {
		by.Channel = l.Owner.Channel
	}
	_, err = commands.Repeat(ctx, run, "end the lease", func(ctx context.Context) (bool, error) {
		return true, c.desk.Book.PutLease(ctx, l, c.desk.Terms.byHand(l).acts(l, by, false, run.Now), l.keys()...)
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Ended the lease of " + l.ID(), Where: c.desk.where(ctx, l),
		Body: commands.Blocks{commands.Text{Text: c.desk.Terms.byHand(l).then(l) + " It follows as a request of its own, with the rights of " + commands.Person(by.User) + "."}},
	}, nil
}
