package vm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/query"
	"deckhand/commands/where"
)

// Show is vm show.
type Show struct {
	where.Target
	query.Flags
	Names []string          `arg:"name" alias:"instance-ids,instance-id,name" required:"" value:"NAME" help:"Name tag, instance id, private IP or ARN."`
	Tag   map[string]string `flag:"tag" value:"KEY=VALUE" help:"Only where the tag is carried."`
	Env   string            `flag:"env" value:"ENV" help:"Short for --tag env=ENV."`

	cloud Cloud
}

// Validate refuses words that can mean no instance.
func (c *Show) Validate() error {
	words, err := readWords(c.Names)
	if err != nil {
		return err
	}
	if _, err = aim(c.Target, words); err != nil {
		return err
	}
	if _, err = withEnv(c.Tag, c.Env); err != nil {
		return err
	}
	return c.Err()
}

// Run shows the one instance that is meant, or the list where several are.
func (c *Show) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	tags, err := withEnv(c.Tag, c.Env)
	if err != nil {
		return commands.Report{}, err
	}
	look := search{target: c.Target, names: c.Names, tags: tags, reading: true}
	if c.Asked() {
		return c.Flags.Report(ctx, asAWS(), func(ctx context.Context) (commands.Report, []string, error) {
			p, err := look.find(ctx, c.cloud)
			return commands.Report{Title: stateCounts(p.Instances), Where: where.Words(p.Place)}, ids(p.Instances), err
		})
	}
	p, err := look.find(ctx, c.cloud)
	switch {
	case err != nil:
		return commands.Report{}, err
	case len(p.Instances) == 1:
		return c.one(ctx, p.Instances[0], p), nil
	case len(p.Instances) == 0:
		return commands.Report{
			Title: "No instance matches", Where: where.Words(p.Place),
			Next: []commands.Next{{Label: "List all", Line: lineFor("vm list", nil, p.Target)}},
		}, nil
	}
	report := commands.Report{
		Title: titled("", p.Instances, ""), Where: where.Words(p.Place),
		Body: append(lookCloser(ctx, c.cloud, p.Target, p.Instances).body(p.Instances, run.Now, ""), commands.Text{Text: "Name one by its id to see all of it."}),
	}
	const few = 5
	for _, i := range p.Instances[:min(few, len(p.Instances))] {
		report.Next = append(report.Next, commands.Next{Label: i.ID, Line: lineFor("vm show", []aws.Instance{i}, p.Target)})
	}
	return report, nil
}

func (c *Show) one(ctx context.Context, i aws.Instance, p picked) commands.Report {
	report := commands.Report{
		Title: fmt.Sprintf("%s is %s", nameOf(i), i.State), Where: where.Words(p.Place),
		Body: commands.Blocks{commands.Fields{Fields: c.fields(ctx, i, p.Target)}},
		Next: nextFor(i, p.Target),
	}
	if len(i.Tags) > 0 {
		tags := commands.Table{Columns: []string{"Tag", "Value"}}
		for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
			tags.Rows = append(tags.Rows, []string{commands.Unmarked(key), commands.OrNone(i.Tags[key])})
		}
		report.Body = append(report.Body, tags)
	}
	return report
}

// price is the list price of one that runs on demand. It is empty for others: a spot price changes, and what is gone costs nothing.
func (c *Show) price(ctx context.Context, i aws.Instance, t aws.Target) string {
	if i.Lifecycle != "" || isDead(i.State) {
		return ""
	}
	return price(ctx, c.cloud, bill{t, i.Type, i.Platform, 1})
}

// fields are what there is to tell; what an instance does not have is left out, except its addresses and name.
func (c *Show) fields(ctx context.Context, i aws.Instance, t aws.Target) []commands.Field {
	lifecycle := i.Lifecycle
	if lifecycle == "" {
		lifecycle = "on demand"
	}
	launched := ""
	if !i.LaunchedAt.IsZero() {
		launched = commands.At(i.LaunchedAt)
	}
	all := []commands.Field{
		{Name: "Name", Value: commands.OrNone(i.Name)},
		{Name: "ID", Value: commands.Mono(i.ID)},
		{Name: "State", Value: string(i.State)},
		{Name: "State reason", Value: commands.Unmarked(i.StateReason)},
		{Name: "Status checks", Value: c.statusChecks(ctx, i, t)},
		{Name: "Type", Value: i.Type},
		{Name: "Price while it runs", Value: c.price(ctx, i, t)},
		{Name: "Zone", Value: i.Zone},
		{Name: "Private IP", Value: monoOrNone(i.PrivateIP)},
		{Name: "Public IP", Value: monoOrNone(i.PublicIP)},
		{Name: "Public DNS", Value: mono(i.PublicDNS)},
		{Name: "Image", Value: mono(i.ImageID)},
		{Name: "Key pair", Value: commands.Unmarked(i.KeyName)},
		{Name: "VPC", Value: mono(i.VPCID)},
		{Name: "Subnet", Value: mono(i.SubnetID)},
		{Name: "Security groups", Value: groupWords(i.SecurityGroups)},
		{Name: "Root device", Value: i.RootDeviceType},
		{Name: "Lifecycle", Value: lifecycle},
		{Name: "Launched", Value: launched},
		{Name: "Termination protection", Value: c.protection(ctx, i, t)},
	}
	return slices.DeleteFunc(all, func(f commands.Field) bool { return f.Value == "" })
}

// statusChecks is empty for an instance that has none, because it does not run.
func (c *Show) statusChecks(ctx context.Context, i aws.Instance, t aws.Target) string {
	if i.State != aws.Running {
		return ""
	}
	statuses, err := c.cloud.Statuses(ctx, t, []string{i.ID})
	if err != nil {
		return "could not be read: " + trimStop(commands.Words(err).Message)
	}
	for _, s := range statuses {
		switch {
		case s.ID == i.ID && s.OK():
			return allPass
		case s.ID == i.ID:
			return statusWords(s)
		}
	}
	return "not reported yet"
}

func (c *Show) protection(ctx context.Context, i aws.Instance, t aws.Target) string {
	if isDead(i.State) {
		return ""
	}
	on, err := c.cloud.TerminationProtected(ctx, t, i.ID)
	if err != nil {
		return "could not be read: " + trimStop(commands.Words(err).Message)
	}
	return onOff(on)
}

// nextFor is what fits the state.
func nextFor(i aws.Instance, t aws.Target) []commands.Next {
	one := []aws.Instance{i}
	switch i.State {
	case aws.Running:
		return []commands.Next{stopNext(one, t), rebootNext(one, t)}
	case aws.Stopped:
		return []commands.Next{startNext(one, t), terminateNext(one, t)}
	case aws.Pending, aws.Stopping, aws.ShuttingDown:
		return []commands.Next{{Label: "Look again", Line: lineFor("vm show", one, t)}}
	default:
		return nil
	}
}

func groupWords(groups []aws.NamedID) string {
	words := make([]string, len(groups))
	for n, g := range groups {
		words[n] = commands.Unmarked(g.Name) + " (" + commands.Mono(g.ID) + ")"
	}
	return strings.Join(words, ", ")
}

func mono(text string) string {
	if text == "" {
		return ""
	}
	return commands.Mono(text)
}

func monoOrNone(text string) string {
	if text == "" {
		return commands.None
	}
	return commands.Mono(text)
}
