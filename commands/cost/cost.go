// Package cost is the commands that look for what costs money, cost today, month and idle, and that remove what they find attached to nothing.
package cost

import (
	"context"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// Cloud is the door to what may cost money for nothing. Its errors carry words for people.
type Cloud interface {
	Place(ctx context.Context, t aws.Target) aws.Place
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	// LooseVolumes answers the volumes that are attached to nothing, LooseAddresses the addresses that lead to nothing.
	LooseVolumes(ctx context.Context, t aws.Target) ([]aws.Volume, error)
	LooseAddresses(ctx context.Context, t aws.Target) ([]aws.Address, error)
	// Spending answers what each service, or with a tag's key each value of it, cost on each day, from a day up to, and without, another.
	Spending(ctx context.Context, t aws.Target, from, to time.Time, tag string) ([]aws.Spend, error)
	Balancers
	Remover
	Rates
}

// Rates is the door to what runs now, and to AWS's price list. A price that cannot be told for certain is an error.
type Rates interface {
	Volumes(ctx context.Context, t aws.Target) ([]aws.Volume, error)
	NATGateways(ctx context.Context, t aws.Target, vpc string) ([]aws.NATGateway, error)
	Addresses(ctx context.Context, t aws.Target) ([]aws.Address, error)
	Price(ctx context.Context, t aws.Target, name, platform string) (aws.Price, error)
	DiskPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
	BalancerPrice(ctx context.Context, t aws.Target, kind string) (aws.Price, error)
	NATPrice(ctx context.Context, t aws.Target) (aws.Price, error)
	AddressPrice(ctx context.Context, t aws.Target) (aws.Price, error)
}

// Balancers is the door to load balancers.
type Balancers interface {
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
}

// Commands is the cost commands.
func Commands(cloud Cloud) []commands.Command {
	spending := []string{ // by owner or application, what runs now is estimated where Cost Explorer does not know
		"ce:GetCostAndUsage", "ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeAddresses", "ec2:DescribeNatGateways",
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags", "pricing:GetProducts",
	}
	return []commands.Command{{
		Name:    "cost idle",
		Aliases: []string{"idle"},
		Summary: "List what costs money and does nothing: long stopped machines, loose disks and addresses, empty load balancers",
		Example: "cost idle --days 14",
		Risk:    commands.Read,
		Rights: []string{
			"ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeAddresses", "elasticloadbalancing:DescribeLoadBalancers",
			"elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "pricing:GetProducts",
		},
		New: func() commands.Runner { return &Idle{cloud: cloud} },
	}, {
		Name: "cost today", Summary: "Show what the account has cost today, by service, owner or application", Example: "cost today --by owner",
		Risk: commands.Read, Rights: spending,
		New: func() commands.Runner { return &Spend{cloud: cloud} },
	}, {
		Name: "cost month", Aliases: []string{"ce get-cost-and-usage"},
		Instead: map[string]string{
			"time-period": "It is this month, and " + commands.Mono("cost today") + " is this day.", "granularity": "It shows the month and each day.", "metrics": "It is the unblended cost.",
			"group-by": "Say " + commands.Mono("--by service") + ", " + commands.Mono("--by owner") + " or " + commands.Mono("--by app") + ".", "filter": "It is the whole account's.",
		},
		Summary: "Show what the account has cost this month, by service, owner or application, and each day", Example: "cost month --by app",
		Risk: commands.Read, Rights: spending,
		New: func() commands.Runner { return &Spend{cloud: cloud, month: true} },
	}, {
		Name: "vm volume delete", Aliases: []string{"ec2 delete-volume"}, Summary: "Delete a disk that is attached to nothing, for good",
		Example: "vm volume delete vol-0123456789abcdef0", Undo: "Nothing brings it back; a snapshot made before keeps what is on it.",
		Risk: commands.Destroy, Rights: []string{"ec2:DescribeVolumes", "ec2:DeleteVolume"},
		New: func() commands.Runner { return &DeleteVolume{removal: removal{diskKind(), cloud}} },
	}, {
		Name: "net address release", Aliases: []string{"ec2 release-address"}, Summary: "Give back an Elastic IP address that leads to nothing",
		Example: "net address release 198.51.100.7", Undo: "Nothing brings the same address back.",
		Risk: commands.Destroy, Rights: []string{"ec2:DescribeAddresses", "ec2:ReleaseAddress"},
		New: func() commands.Runner { return &ReleaseAddress{removal: removal{addressKind(), cloud}} },
	}}
}
