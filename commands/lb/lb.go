// Package lb is the commands on load balancers: a load balancer with its target group, listener and alias record is made,
// looked at and removed as one thing.
package lb

import (
	"context"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// Cloud is the door to AWS. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Maker
	Remover
	Targets
	Network
	DNS
	Rebooter
}

// Reader looks at load balancers and changes nothing.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
	BalancerProtected(ctx context.Context, t aws.Target, arn string) (bool, error)
	// BalancerPrice answers an error where the price cannot be told for certain.
	BalancerPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
}

// Maker makes what is not there yet; the same settings again answer what is there.
type Maker interface {
	CreateLoadBalancer(ctx context.Context, t aws.Target, n aws.NewLoadBalancer) (aws.LoadBalancer, error)
	CreateTargetGroup(ctx context.Context, t aws.Target, g aws.TargetGroup) (aws.TargetGroup, error)
	CreateListener(ctx context.Context, t aws.Target, l aws.Listener) (aws.Listener, error)
	WaitForLoadBalancer(ctx context.Context, t aws.Target, arn string, progress func(aws.LoadBalancer)) (aws.LoadBalancer, error)
}

// Remover removes; what is gone already is no error.
type Remover interface {
	DeleteListener(ctx context.Context, t aws.Target, arn string) error
	DeleteLoadBalancer(ctx context.Context, t aws.Target, arn string) error
	DeleteTargetGroup(ctx context.Context, t aws.Target, arn string) error
}

// Targets puts instances behind load balancers and takes them away.
type Targets interface {
	RegisterTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, port int) error
	DeregisterTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, port int) error
	// WaitForTargets answers how the targets stand when all are healthy, when nothing more is to be expected, or when time is up.
	WaitForTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, progress func([]aws.TargetHealth)) ([]aws.TargetHealth, error)
	WaitForDrained(ctx context.Context, t aws.Target, targetGroup string, ids []string, progress func([]aws.TargetHealth)) error
	// DrainTime is how long AWS lets a deregistered target drain, in seconds.
	DrainTime(ctx context.Context, t aws.Target, targetGroup string) (int, error)
}

// Rebooter restarts what stands behind a load balancer.
type Rebooter interface {
	RebootInstances(ctx context.Context, t aws.Target, ids []string, dryRun bool) error
	WaitForStatusOK(ctx context.Context, t aws.Target, ids []string, progress func([]aws.InstanceStatus)) error
}

// Network is what a load balancer stands in.
type Network interface {
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	// Subnets and SecurityGroups answer those of a VPC, or all of the region for "".
	Subnets(ctx context.Context, t aws.Target, vpc string) ([]aws.Subnet, error)
	RouteTables(ctx context.Context, t aws.Target, vpc string) ([]aws.RouteTable, error)
	SecurityGroups(ctx context.Context, t aws.Target, vpc string) ([]aws.SecurityGroup, error)
}

// DNS is names and the certificates for them.
type DNS interface {
	// HostedZone answers the longest public zone that a name belongs to; an error where there is none.
	HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error)
	Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error)
	SetAlias(ctx context.Context, t aws.Target, a aws.Alias) (change string, err error)
	DeleteAlias(ctx context.Context, t aws.Target, a aws.Alias) (change string, err error)
	// WaitForDNS tells whether all name servers know of a change before the context ended.
	WaitForDNS(ctx context.Context, t aws.Target, change string) (everywhere bool, err error)
	Certificates(ctx context.Context, t aws.Target) ([]aws.Certificate, error)
}

// The tags that say what deckhand made, for whom, and which name leads to it.
const (
	aliasTag = "deckhand:alias"
)

// tagged is a DNS name as a tag keeps it: tags of load balancers take no asterisk.
func tagged(name string) string { return strings.Replace(name, "*", "@", 1) }

// AliasOf answers the name that was made to lead to a load balancer; "" for none.
func AliasOf(b aws.LoadBalancer) string { return strings.Replace(b.Tags[aliasTag], "@", "*", 1) }

// Commands is the lb commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud, book check.Book) []commands.Command {
	look := []string{
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners",
		"elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags", "ec2:DescribeInstances",
	}
	with := func(more ...string) []string { return append(look[:len(look):len(look)], more...) }
	// Elastic Load Balancing looks at the network with the rights of whoever calls it.
	// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html
	registers := with("elasticloadbalancing:RegisterTargets", "ec2:DescribeInternetGateways", "ec2:DescribeSubnets", "ec2:DescribeVpcs")
	return []commands.Command{
		{
			Name: "lb create", Aliases: []string{"elbv2 create-load-balancer", "elbv2 create"},
			Instead: map[string]string{"subnet-mappings": "AWS chooses the addresses: " + commands.Mono("--subnets") + ".", "ip-address-type": "It has IPv4 addresses."},
			Summary: "Make a load balancer with target group, listener and alias record, and wait until it answers",
			Example: "lb create --name myapp --port 80 --protocol HTTP --alias myapp.example.com --targets web",
			Undo:    commands.Mono("lb delete") + " of the same name.",
			Risk:    commands.Change,
			Rights: append(registers[:len(registers):len(registers)], "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:CreateListener",
				"elasticloadbalancing:AddTags", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses",
				"route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets", "route53:GetChange",
				"acm:ListCertificates", "iam:CreateServiceLinkedRole", "pricing:GetProducts"),
			New: func() commands.Runner { return &Create{cloud: cloud, book: book} },
		},
		{
			Name: "lb list", Aliases: []string{"lb ls", "elbv2 describe-load-balancers"},
			Summary: "List load balancers", Example: "lb list", Rights: look,
			New: func() commands.Runner { return &List{cloud: cloud} },
		},
		{
			Name: "lb show", Summary: "Show a load balancer with its listeners and targets", Example: "lb show myapp", Rights: look,
			New: func() commands.Runner { return &Show{cloud: cloud} },
		},
		{
			Name: "lb health", Aliases: []string{"lb targets", "elbv2 describe-target-health"},
			Instead: map[string]string{"targets": "It shows every target."},
			Summary: "Tell which targets are healthy, and why the others are not", Example: "lb health myapp", Rights: look,
			New: func() commands.Runner { return &Health{cloud: cloud} },
		},
		{
			Name: "lb register", Aliases: []string{"elbv2 register-targets"},
			Summary: "Put virtual machines behind a load balancer and wait until they are healthy", Example: "lb register myapp web-2",
			Undo: commands.Mono("lb deregister") + " of the same machines.",
			Risk: commands.Change, Rights: registers,
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Register{cloud: cloud} },
		},
		{
			Name: "lb deregister", Aliases: []string{"elbv2 deregister-targets"},
			Summary: "Take virtual machines away from a load balancer and wait until they are drained", Example: "lb deregister myapp web-2",
			Undo: commands.Mono("lb register") + " of the same machines.",
			Risk: commands.Change, Rights: with("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:DescribeTargetGroupAttributes"),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &Deregister{cloud: cloud} },
		},
		{
			Name: "lb restart", Summary: "Reboot targets one at a time, each drained before and healthy after", Example: "lb restart myapp",
			Undo: "Nothing takes a reboot back; each machine is put back behind the load balancer.",
			Risk: commands.Change,
			Rights: append(registers[:len(registers):len(registers)], "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:DescribeTargetGroupAttributes",
				"ec2:RebootInstances", "ec2:DescribeInstanceStatus"),
			Disturbs: commands.Briefly,
			New:      func() commands.Runner { return &Restart{cloud: cloud} },
		},
		{
			Name: "lb delete", Aliases: []string{"lb rm", "elbv2 delete-load-balancer"},
			Summary: "Delete a load balancer with its listeners, target group and alias record", Example: "lb delete myapp",
			Undo: "Nothing brings it back; the line that made it makes another, with another DNS name.",
			Risk: commands.Destroy,
			Rights: with("elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteTargetGroup",
				"elasticloadbalancing:DescribeLoadBalancerAttributes", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets"),
			Disturbs: commands.Lastingly,
			New:      func() commands.Runner { return &Delete{cloud: cloud, book: book} },
		},
	}
}
