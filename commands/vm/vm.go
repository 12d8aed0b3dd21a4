// Package vm is the commands on virtual machines, which AWS calls EC2 instances: from vm create to vm terminate, and what
// operates them in between.
package vm

import (
	"context"
	"slices"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/userdata"
)

// Cloud is the door to EC2. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Changer
	Waiter
	Images
	Scout
	Operator
	Imager
	Shell
	Surroundings
}

// Operator works on single instances. Doing the same again changes nothing.
type Operator interface {
	SetInstanceType(ctx context.Context, t aws.Target, id, kind string, dryRun bool) error
	SetTerminationProtection(ctx context.Context, t aws.Target, id string, on, dryRun bool) error
	TagInstances(ctx context.Context, t aws.Target, ids []string, tags map[string]string, dryRun bool) error
	UntagInstances(ctx context.Context, t aws.Target, ids, keys []string, dryRun bool) error
	ConsoleOutput(ctx context.Context, t aws.Target, id string) (aws.Console, error)
	Measures(ctx context.Context, t aws.Target, id string, what []aws.Metric, span aws.Span) ([]aws.Measure, error)
}

// Imager makes machine images.
type Imager interface {
	// OwnImage answers the zero Image where the account has none of this name.
	OwnImage(ctx context.Context, t aws.Target, name string) (aws.Image, error)
	CreateImage(ctx context.Context, t aws.Target, n aws.NewImage) (string, error)
	WaitForImage(ctx context.Context, t aws.Target, id string, progress func(aws.Image)) (aws.Image, error)
}

// Shell gets into instances.
type Shell interface {
	// Agents leaves out instances that never registered with Systems Manager.
	Agents(ctx context.Context, t aws.Target, ids []string) (map[string]aws.Agent, error)
	SendPublicKey(ctx context.Context, t aws.Target, i aws.Instance, login, key string) error
	// SendCommand answers the command's id. There is no idempotency token.
	SendCommand(ctx context.Context, t aws.Target, s aws.Shell) (string, error)
	// CommandNamed answers the id of the command with a comment, "" where there is none.
	CommandNamed(ctx context.Context, t aws.Target, comment string, since time.Time) (string, error)
	// Document answers what Systems Manager knows of a document.
	Document(ctx context.Context, t aws.Target, name string) (aws.Document, error)
	// WaitForCommand answers how the command stands on each instance, in the order of ids, with an error too.
	WaitForCommand(ctx context.Context, t aws.Target, command string, ids []string, progress func([]aws.Invocation)) ([]aws.Invocation, error)
}

// Images knows machine images.
type Images interface {
	// ParameterImage answers the image id that a parameter of Systems Manager holds now.
	ParameterImage(ctx context.Context, t aws.Target, parameter string) (string, error)
}

// Scout tells beforehand what a launch would meet.
type Scout interface {
	InstanceTypes(ctx context.Context, t aws.Target, names []string) ([]aws.InstanceType, error)
	Image(ctx context.Context, t aws.Target, id string) (aws.Image, error)
	Offering(ctx context.Context, t aws.Target, name string) (aws.Offering, error)
	SubnetZone(ctx context.Context, t aws.Target, subnet string) (string, error)
	VCPUQuota(ctx context.Context, t aws.Target, name string) (aws.VCPUQuota, error)
	// Price answers an error where the price cannot be told for certain.
	Price(ctx context.Context, t aws.Target, name, platform string) (aws.Price, error)
	// DiskPrice is of each GiB of a type of volume; the same holds.
	DiskPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
	// SnapshotPrice is of each GiB that a snapshot holds; the same holds.
	SnapshotPrice(ctx context.Context, t aws.Target) (aws.Price, error)
	// DiskSize is what the volumes of an instance hold together, in GiB; 0 where AWS shows none.
	DiskSize(ctx context.Context, t aws.Target, id string) (int, error)
}

// Reader looks and changes nothing.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	// Instances answers the instances that match, in no particular order.
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	// EachPage gives the same instances to each as they come, and whether there are more to come.
	EachPage(ctx context.Context, t aws.Target, q aws.InstanceQuery, each func(some []aws.Instance, more bool) error) error
	// Statuses answers the status checks of running instances; others are left out.
	Statuses(ctx context.Context, t aws.Target, ids []string) ([]aws.InstanceStatus, error)
	TerminationProtected(ctx context.Context, t aws.Target, id string) (bool, error)
	// StopProtected tells whether an instance refuses to be stopped.
	StopProtected(ctx context.Context, t aws.Target, id string) (bool, error)
}

// Changer asks EC2 to change something, and returns as soon as EC2 has agreed. With dryRun nothing
// changes, and no error means that EC2 would have agreed.
type Changer interface {
	// LaunchInstances answers the same instances again where the launch's ClientToken was used before. Root volumes
	// are encrypted and tagged like their instance, and the metadata service answers only with tokens (IMDSv2).
	LaunchInstances(ctx context.Context, t aws.Target, l aws.Launch) ([]aws.Instance, error)
	StartInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error)
	StopInstances(ctx context.Context, t aws.Target, ids []string, force, dryRun bool) ([]aws.StateChange, error)
	RebootInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) error
	TerminateInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) ([]aws.StateChange, error)
}

// Waiter looks again and again until the context ends. An instance that is not visible yet is waited for.
type Waiter interface {
	// WaitForState answers an error as soon as one of the instances can no longer get to the state.
	WaitForState(ctx context.Context, t aws.Target, ids []string, want aws.InstanceState, progress func([]aws.Instance)) ([]aws.Instance, error)
	WaitForStatusOK(ctx context.Context, t aws.Target, ids []string, progress func([]aws.InstanceStatus)) error
}

// scoutRights are the rights to look ahead. Without them a launch goes on, and says what was not checked.
func scoutRights() []string {
	return []string{
		"ec2:DescribeInstanceTypes", "ec2:DescribeInstanceTypeOfferings", "servicequotas:GetServiceQuota",
		"servicequotas:GetAWSDefaultServiceQuota", "pricing:GetProducts",
	}
}

// Commands is the vm commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud, templates []userdata.Template, profiles []Profile, vetted Vetted, bin Bin) []commands.Command {
	return slices.Concat(lifecycle(cloud, templates, profiles, bin), operations(cloud, vetted))
}

// lifecycle is from the launch to the termination.
func lifecycle(cloud Cloud, templates []userdata.Template, profiles []Profile, bin Bin) []commands.Command {
	gone := "This cannot be undone. Nothing brings a terminated machine back."
	if bin.Keep > 0 {
		gone = commands.Mono(keepCommand) + " within " + bin.words() + ", while it is in the recycle bin. " + gone
	}
	return []commands.Command{
		{
			Name: "vm create", Aliases: []string{"vm launch", "ec2 run-instances"},
			Summary: "Launch virtual machines and wait until they run",
			Example: "vm create --image-id ubuntu-24.04 --type t3.micro --name web --env dev",
			Undo:    commands.Mono("vm terminate") + " of what it made.",
			Risk:    commands.Change,
			Instead: insteadOfLaunchFlags(),
			Rights: append([]string{
				"ec2:RunInstances", "ec2:CreateTags", "iam:PassRole", "ec2:DescribeInstances", "ec2:DescribeImages",
				"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "ssm:GetParameter",
			}, scoutRights()...),
			New: func() commands.Runner { return &Create{cloud: cloud, templates: templates, profiles: profiles} },
		},
		{
			Name: "vm list", Aliases: []string{"vm ls", "ec2 describe-instances", "ec2 describe-instance-status"},
			Summary: "List virtual machines",
			Example: "vm list --tag env=dev --sort=-launched",
			Risk:    commands.Read,
			Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "pricing:GetProducts"},
			New:     func() commands.Runner { return &List{cloud: cloud} },
		},
		{
			Name:    "vm show",
			Summary: "Show everything about a virtual machine",
			Example: "vm show web",
			Risk:    commands.Read,
			Rights:  []string{"ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceAttribute", "pricing:GetProducts"},
			New:     func() commands.Runner { return &Show{cloud: cloud} },
		},
		{
			Name: "vm start", Aliases: []string{"ec2 start-instances"},
			Summary:  "Start stopped virtual machines and wait until they run",
			Example:  "vm start web",
			Undo:     commands.Mono("vm stop") + " of the same machines.",
			Risk:     commands.Change,
			Rights:   []string{"ec2:StartInstances", "ec2:DescribeInstances", "ec2:DeleteTags", "pricing:GetProducts"},
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Start{bin: bin, cloud: cloud} },
		},
		{
			Name: "vm stop", Aliases: []string{"ec2 stop-instances"},
			Instead:  map[string]string{"hibernate": "It stops: what was in memory is gone.", "force": "The operating system shuts down in order; EC2 does the rest after some minutes."},
			Summary:  "Stop virtual machines and wait until they are down",
			Example:  "vm stop web",
			Undo:     commands.Mono("vm start") + " of the same machines; a public address that is not an Elastic IP is another one then.",
			Risk:     commands.Change,
			Rights:   append([]string{"ec2:StopInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceAttribute"}, radiusRights()...),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &Stop{cloud: cloud} },
		},
		{
			Name: "vm reboot", Aliases: []string{"vm restart", "ec2 reboot-instances"},
			Summary:  "Reboot virtual machines and wait for their status checks",
			Example:  "vm reboot web",
			Undo:     "Nothing takes a reboot back.",
			Risk:     commands.Change,
			Rights:   append([]string{"ec2:RebootInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus"}, radiusRights()...),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Reboot{cloud: cloud} },
		},
		{
			Name: "vm terminate", Aliases: []string{"vm delete", "ec2 terminate-instances"},
			Summary: "Terminate virtual machines for good",
			Example: "vm terminate web",
			Undo:    gone,
			Risk:    commands.Destroy,
			Rights: append([]string{
				"ec2:TerminateInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:StopInstances",
			}, slices.Concat(imageRights(), radiusRights())...),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &Terminate{bin: bin, cloud: cloud} },
		},
		{
			Name:     keepCommand,
			Summary:  "Take virtual machines out of the recycle bin and start them",
			Example:  "vm keep web",
			Undo:     commands.Mono(terminateCommand) + " puts them into it again.",
			Risk:     commands.Change,
			Rights:   []string{"ec2:DeleteTags", "ec2:StartInstances", "ec2:DescribeInstances"},
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Keep{bin: bin, cloud: cloud} },
		},
	}
}
