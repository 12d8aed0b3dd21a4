// Package app is the commands on applications: virtual machines behind a load balancer with a name, as one stack of CloudFormation.
package app

import (
	"context"
	_ "embed" // template.yaml

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/lease"
	"deckhand/commands/userdata"
	"deckhand/commands/vm"
)

// template is the stack of an application.
//
//go:embed template.yaml
var template string

// Cloud is the door to AWS. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Stacks
	Surroundings
	vm.ImageFinder
}

// Stacks is the door to CloudFormation.
type Stacks interface {
	CreateStack(ctx context.Context, t aws.Target, n aws.NewStack) (id string, err error)
	// UpdateStack answers false where nothing would change.
	UpdateStack(ctx context.Context, t aws.Target, change aws.StackChange) (bool, error)
	DeleteStack(ctx context.Context, t aws.Target, stack, token string) error
	// ContinueUpdateRollback goes on where going back failed; parts that are skipped stay as they are.
	ContinueUpdateRollback(ctx context.Context, t aws.Target, stack string, skip []string, token string) error
	Stacks(ctx context.Context, t aws.Target) ([]aws.Stack, error)
	// Stack answers the zero Stack where there is none of this name or id.
	Stack(ctx context.Context, t aws.Target, name string) (aws.Stack, error)
	StackEvents(ctx context.Context, t aws.Target, stack, token string) ([]aws.StackEvent, error)
	StackParts(ctx context.Context, t aws.Target, stack string) ([]aws.StackPart, error)
	// SignalPart tells CloudFormation that a machine of an Auto Scaling group is ready.
	SignalPart(ctx context.Context, t aws.Target, stack, part, instance string) error
	WaitForStack(ctx context.Context, t aws.Target, stack string, progress func(aws.Stack)) (aws.Stack, error)
}

// Surroundings are what a stack stands in and what it is made of.
type Surroundings interface {
	Place(ctx context.Context, t aws.Target) aws.Place
	Network(ctx context.Context, t aws.Target, vpc string) (aws.Network, error)
	Image(ctx context.Context, t aws.Target, id string) (aws.Image, error)
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
	// WaitForTargets answers how the targets stand when all are healthy, when nothing more is to be expected, or when time is up.
	WaitForTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, progress func([]aws.TargetHealth)) ([]aws.TargetHealth, error)
	Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error)
	BalancerProtected(ctx context.Context, t aws.Target, arn string) (bool, error)
	HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error)
	Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error)
	Certificates(ctx context.Context, t aws.Target) ([]aws.Certificate, error)
	// Prices are errors where they cannot be told for certain.
	Price(ctx context.Context, t aws.Target, name, platform string) (aws.Price, error)
	BalancerPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
	DiskPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
}

// templateTag holds the name of the template that the machines' script was made from.
const templateTag = "deckhand:template"

// Room is what the commands close over.
type Room struct {
	Cloud     Cloud
	Book      check.Book
	Prober    check.Prober
	Templates []userdata.Template
	Profiles  []vm.Profile
	Leases    Leases // nil: nothing is made for a time
}

// Leases knows until when things may stay.
type Leases interface {
	Leases(ctx context.Context) ([]lease.Lease, error)
}

// Commands is the app commands.
func Commands(r Room) []commands.Command {
	look := []string{
		"cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResources",
		"elasticloadbalancing:DescribeTargetHealth", "ec2:DescribeInstances",
	}
	with := func(more ...string) []string { return append(look[:len(look):len(look)], more...) }
	return []commands.Command{
		{
			Name: "app up", Aliases: []string{"app create"},
			Summary: "Bring up an application: machines, a load balancer and a name, health-checked, as one stack",
			Example: "app up --name shop --image-id amazon-linux-2023 --count 2 --instance-type t3.micro --alias shop.example.com",
			Undo:    commands.Mono("app down") + " of the same name.",
			Risk:    commands.Change,
			Rights: with("cloudformation:CreateStack", "cloudformation:SignalResource", "iam:PassRole", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
				"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways", "ec2:DescribeRouteTables",
				"ec2:DescribeNetworkInterfaces", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups",
				"elasticloadbalancing:DescribeTags", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "acm:ListCertificates",
				"ssm:GetParameter", "pricing:GetProducts"),
			New: func() commands.Runner { return &Up{room: r} },
		},
		{
			Name: "app list", Aliases: []string{"app ls"}, Summary: "List the applications", Example: "app list",
			Rights: []string{"cloudformation:DescribeStacks"},
			New:    func() commands.Runner { return &List{room: r} },
		},
		{
			Name: "app status", Aliases: []string{"app show"}, Summary: "Show an application: its machines, its endpoint, its check and its cost",
			Example: "app status shop", Rights: with("pricing:GetProducts", "ec2:DescribeImages"),
			New: func() commands.Runner { return &Status{room: r} },
		},
		{
			Name: "app deploy", Aliases: []string{"app update"},
			Summary: "Bring a new image, script, type or number of machines to an application, one machine after the other",
			Example: "app deploy shop --image-id ami-0123456789abcdef0", Undo: commands.Mono("app deploy") + " with what it was; a script for the first boot is not kept, and has to be given again.",
			Risk: commands.Change,
			Rights: with("cloudformation:UpdateStack", "cloudformation:SignalResource", "iam:PassRole", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
				"ssm:GetParameter", "pricing:GetProducts", "lambda:InvokeFunction"),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Deploy{room: r} },
		},
		{
			Name: continueCommand, Aliases: []string{"cloudformation continue-update-rollback", "app continue"},
			Summary: "Go on with bringing an application back, where a change failed and going back failed too",
			Example: "app continue-update-rollback shop", Undo: "Nothing takes it back: it is itself the way back from a change.",
			Risk:     commands.Change,
			Rights:   with("cloudformation:ContinueUpdateRollback", "cloudformation:SignalResource", "iam:PassRole"),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Continue{room: r} },
		},
		{
			Name: "app down", Aliases: []string{"app delete", "app rm"},
			Summary: "Take an application down for good, with everything in its stack", Example: "app down shop", Undo: "Nothing brings it back.",
			Risk: commands.Destroy,
			// CloudFormation deletes with the role that the stack has: nothing is passed.
			Rights: with("cloudformation:DeleteStack", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways",
				"ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags",
				"elasticloadbalancing:DescribeLoadBalancerAttributes"),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &Down{room: r} },
		},
	}
}
