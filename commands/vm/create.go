package vm

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/userdata"
	"deckhand/commands/where"
)

// Create is vm create: RunInstances with the AWS CLI's flags.
type Create struct {
	where.Target
	userdata.Flags
	commands.Term
	ImageID                  string            `flag:"image-id" alias:"image,ami" required:"" value:"IMAGE" help:"Image to launch from: ami-..., resolve:ssm:PARAMETER, or the newest ubuntu-24.04, ubuntu-22.04, debian-13, debian-12, amazon-linux-2023, amazon-linux-2."`
	Count                    string            `flag:"count" default:"1" value:"N" help:"How many, or MIN:MAX; at most 20."`
	InstanceType             string            `flag:"instance-type" alias:"type" default:"t3.micro" value:"TYPE" help:"Instance type."`
	KeyName                  string            `flag:"key-name" alias:"key" value:"KEY" help:"Key pair for SSH."`
	SecurityGroupIDs         []string          `flag:"security-group-ids" alias:"security-groups,sg" value:"GROUP" help:"Security groups by id or name."`
	SubnetID                 string            `flag:"subnet-id" alias:"subnet" value:"SUBNET" help:"Subnet by id or name."`
	AssociatePublicIPAddress *bool             `flag:"associate-public-ip-address" alias:"public-ip" help:"Give it a public address; --no-public-ip for none."`
	PrivateIP                string            `flag:"private-ip-address" alias:"private-ip" value:"IP" help:"Private address, for one instance."`
	IAMInstanceProfile       string            `flag:"iam-instance-profile" alias:"instance-profile" value:"NAME" help:"Instance profile by name or ARN."`
	Name                     string            `flag:"name" value:"NAME" help:"Name tag; several instances all get the same."`
	Tag                      map[string]string `flag:"tag" value:"KEY=VALUE" help:"Tag for the instance."`
	Tags                     []string          `flag:"tags" raw:"" value:"Key=K,Value=V" help:"Tags as the AWS CLI writes them."`
	TagSpecifications        []string          `flag:"tag-specifications" raw:"" value:"SPEC" help:"Tags as RunInstances writes them, for the instance."`
	Env                      string            `flag:"env" value:"ENV" help:"Short for --tag env=ENV."`
	VolumeSize               int               `flag:"volume-size" value:"GIB" help:"Size of the root volume in GiB."`
	Profile                  string            `flag:"profile" value:"NAME" help:"Launch profile of the configuration: it gives what the line leaves open; none for no profile."`
	DisableAPITermination    bool              `flag:"disable-api-termination" alias:"protect" help:"Protect against termination."`

	From   string            `flag:"-" json:",omitempty"` // the profile that was taken
	Filled []commands.Preset `flag:"-" json:",omitempty"` // what it gave

	cloud     Cloud
	templates []userdata.Template
	profiles  []Profile
}

const launchStep = "RunInstances"

// Validate tells everything that can be known without AWS, all at once.
func (c *Create) Validate() error {
	_, wrong := c.launch()
	return wrong.Err()
}

// Scope is the instance that would be: its tags are the ones asked for.
func (c *Create) Scope(ctx context.Context) (commands.Scope, error) {
	launch, wrong := c.launch()
	place := c.cloud.Place(ctx, c.At())
	return commands.Scope{
		Account: c.Account, Region: place.Region,
		Resources: []commands.Resource{{ID: "new instance", Name: launch.Tags["Name"], Tags: launch.Tags}},
	}, wrong.Err()
}

// prepare adds what the request adds: its tags.
func (c *Create) prepare(run *commands.Run) (aws.Launch, error) {
	launch, wrong := c.launch()
	if err := wrong.Err(); err != nil {
		return launch, err
	}
	launch.Tags = run.Tags("", launch.Tags)
	return launch, nil
}

// Plan tells what would be launched, the defaults filled in, and what AWS's dry run says.
func (c *Create) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	launch, err := c.prepare(run)
	if err != nil {
		return commands.Report{}, err
	}
	image, err := c.pinImage(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	launch.ImageID, launch.DryRun = image.ID, true
	ahead := foresee(ctx, c.cloud, c.prospect(ctx, launch))
	if ahead.refusal != nil {
		return commands.Report{}, ahead.refusal
	}
	_, err = c.cloud.LaunchInstances(ctx, c.At(), launch)
	verdict, tone := commands.DryRun(err)
	title := "Would launch " + countRange(launch)
	if tone == commands.Bad {
		title = "AWS would refuse to launch " + countRange(launch)
	}
	if name := launch.Tags["Name"]; name != "" {
		title += ": " + name
	}
	fields := launchFields(launch, image, c.Words(launch.UserData))
	c.fromProfile(fields.Fields)
	fields.Fields = append(append(fields.Fields, ahead.fields()...), commands.Field{Name: "Price", Value: c.price(ctx, launch)})
	return commands.Report{
		Tone: tone, Title: title, Where: where.Words(c.cloud.Place(ctx, c.At())),
		Body: commands.Blocks{fields, commands.Text{Text: verdict}},
	}, nil
}

func (c *Create) prospect(ctx context.Context, l aws.Launch) prospect {
	region := c.cloud.Place(ctx, c.At()).Region
	return prospect{target: c.At(), region: region, kind: l.InstanceType, subnet: l.Subnet, least: l.MinCount, most: l.MaxCount, image: l.ImageID}
}

// price says what the launch costs while it runs; the image tells which operating system is paid for.
func (c *Create) price(ctx context.Context, l aws.Launch) string {
	image, err := c.cloud.Image(ctx, c.At(), l.ImageID)
	if err != nil {
		return "unknown: " + trimStop(commands.Words(err).Message)
	}
	return price(ctx, c.cloud, bill{c.At(), l.InstanceType, image.Platform, l.MaxCount})
}

func countRange(l aws.Launch) string {
	if l.MinCount == l.MaxCount {
		return count(l.MaxCount)
	}
	return fmt.Sprintf("%d to %s", l.MinCount, count(l.MaxCount))
}

func launchFields(l aws.Launch, from image, script string) commands.Fields {
	public := "as the subnet says"
	if l.PublicIP != nil {
		public = map[bool]string{true: "yes", false: "no"}[*l.PublicIP]
	}
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	root := "the image's own size"
	if l.RootVolumeGiB > 0 {
		root = fmt.Sprintf("%d GiB", l.RootVolumeGiB)
	}
	return commands.Fields{Fields: []commands.Field{
		{Name: "Image", Value: from.words()},
		{Name: "Count", Value: countRange(l)},
		{Name: "Type", Value: l.InstanceType},
		{Name: "Key pair", Value: or(l.KeyName, "none")},
		{Name: "Security groups", Value: or(strings.Join(l.SecurityGroups, ", "), "the VPC's default group")},
		{Name: "Subnet", Value: or(l.Subnet, "one of the default VPC, as AWS chooses")},
		{Name: "Public address", Value: public},
		{Name: "Private address", Value: or(l.PrivateIP, "as AWS chooses")},
		{Name: "Instance profile", Value: or(l.InstanceProfile, "none")},
		{Name: "Root volume", Value: root + ", encrypted"},
		{Name: "User data", Value: script},
		{Name: "Metadata service", Value: "with tokens only (IMDSv2)"},
		{Name: "Termination protection", Value: onOff(l.TerminationProtection)},
		{Name: "Tags", Value: or(commands.TagWords(l.Tags), "none")},
	}}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Run launches and waits until everything runs. The launch may be repeated: its ClientToken makes AWS answer the same instances.
func (c *Create) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	launch, err := c.prepare(run)
	if err != nil {
		return commands.Report{}, err
	}
	image, err := c.pinImage(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	launch.ImageID, launch.ClientToken = image.ID, run.Token
	if launch.Sent, err = commands.Begun(ctx, run, launchStep); err != nil {
		return commands.Report{}, err
	}
	if !launch.Sent {
		if err := c.refuse(ctx, run, launch); err != nil {
			return commands.Report{}, err
		}
	}
	run.Say("Asking AWS to launch " + countRange(launch) + ".")
	launched, err := commands.Repeat(ctx, run, launchStep, func(ctx context.Context) ([]aws.Instance, error) {
		return c.cloud.LaunchInstances(ctx, c.At(), launch)
	})
	if err != nil {
		return commands.Report{}, err
	}
	report, err := c.settle(ctx, run, launch, launched)
	if image.From != "" && report.Title != "" {
		report.Body = append(report.Body, commands.Text{Text: "Launched from " + image.words() + "."})
	}
	if words := ProfileWords(c.From, c.Filled); words != "" && report.Title != "" {
		report.Body = append(report.Body, commands.Text{Text: words})
	}
	return report, err
}

// refuse looks whether AWS has room, before it is asked for the first time: a launch that was sent already counts itself.
func (c *Create) refuse(ctx context.Context, run *commands.Run, launch aws.Launch) error {
	run.Say("Looking whether AWS has room for " + countRange(launch) + ".")
	return foresee(ctx, c.cloud, c.prospect(ctx, launch)).refusal
}

// settle waits for the launched instances and reports how they stand.
func (c *Create) settle(ctx context.Context, run *commands.Run, launch aws.Launch, launched []aws.Instance) (commands.Report, error) {
	p := picked{Target: c.At(), Place: c.cloud.Place(ctx, c.At()), Instances: sorted(launched)}
	now, err := await(ctx, run, c.cloud, wait{p, aws.Running, patience, "launch"})
	if err != nil {
		return commands.Report{}, err
	}
	var stand, late, left []aws.Instance
	for _, i := range p.Instances {
		stand = append(stand, now[i.ID])
		if now[i.ID].State != aws.Running {
			late = append(late, now[i.ID])
		}
		if !isDead(now[i.ID].State) {
			left = append(left, now[i.ID])
		}
	}
	report := commands.Report{
		Tone: commands.Good, Title: titled("", stand, "running"), Where: where.Words(p.Place),
		Body: commands.Blocks{launchedTable(stand)},
		Next: []commands.Next{showNext(stand, p.Target), stopNext(stand, p.Target), terminateNext(stand, p.Target)},
	}
	if len(left) > 0 {
		report.Undo = lineFor("vm terminate", left, p.Target)
	}
	if len(late) > 0 {
		report.Tone = commands.Bad
		report.Title = fmt.Sprintf("%d of %s running", len(stand)-len(late), count(len(stand)))
		report.Next = []commands.Next{{Label: "Look again", Line: lineFor("vm list", stand, p.Target)}}
		if len(left) > 0 {
			report.Next = append(report.Next, terminateNext(left, p.Target))
		}
		return report, launchShortfall(stand, late, left)
	}
	if len(stand) < launch.MaxCount {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: fmt.Sprintf("AWS launched %d of the %d that were asked for at most.", len(stand), launch.MaxCount)})
	}
	return report, nil
}

func launchedTable(some []aws.Instance) commands.Table {
	table := commands.Table{Columns: []string{"Name", "ID", "State", "Type", "Zone", "Private IP", "Public IP"}}
	for _, i := range some {
		table.Rows = append(table.Rows, []string{
			commands.OrNone(i.Name), i.ID, string(i.State), i.Type, commands.OrNone(i.Zone), commands.OrNone(i.PrivateIP), commands.OrNone(i.PublicIP),
		})
	}
	return table
}

// launchShortfall says exactly what stands after a launch that did not end well.
func launchShortfall(stand, late, left []aws.Instance) error {
	message := fmt.Sprintf("AWS launched %s, but %s.", count(len(stand)), join(late, standsAs))
	if right := len(stand) - len(late); right > 0 {
		message = fmt.Sprintf("%d of %s %s running, but %s.", right, count(len(stand)), is(right), join(late, standsAs))
	}
	hint := "None of them is left."
	if len(left) > 0 {
		hint = "What is left goes on costing money: " + join(left, stands) + "."
	}
	return &commands.Error{Kind: commands.Failed, Message: message, Hint: hint}
}

// Check looks for the launch by its ClientToken.
func (c *Create) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	launch, err := c.prepare(run)
	if err != nil {
		return commands.Report{}, err
	}
	answered, err := commands.Answered(ctx, run, launchStep, toDo("launch"))
	if err != nil {
		return commands.Report{}, err
	}
	if answered {
		return c.Run(ctx, run)
	}
	found, ok, err := lookFor(ctx, func(time.Duration) ([]aws.Instance, bool, error) {
		some, err := c.cloud.Instances(ctx, c.At(), aws.InstanceQuery{ClientToken: run.Token, Tags: map[string]string{commands.RequestTag: run.ID}})
		return some, len(some) > 0, err
	})
	switch {
	case err != nil:
		return commands.Report{}, &commands.Error{
			Kind:    commands.Uncertain,
			Message: "AWS does not say whether it launched anything: " + commands.Words(err).Message,
			Hint:    commands.Mono(lineFor("vm list", nil, c.At())+" --tag "+commands.Quote(commands.RequestTag+"="+run.ID)) + " shows what this request launched.",
			Err:     err,
		}
	case !ok:
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "AWS shows no instance of this launch: nothing was launched.", Hint: commands.SendAgain}
	}
	return c.settle(ctx, run, launch, found)
}
