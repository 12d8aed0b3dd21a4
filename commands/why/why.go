// Package why finds out where the way to a checked endpoint is broken: it walks from the name to what stands behind it in AWS, hop by hop.
// What could not be looked at is said to be not checked, and why; nothing is guessed.
package why

import (
	"context"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// Cloud is the door to AWS. It only reads.
type Cloud interface {
	Balancers
	Machines
	Names
	Place(ctx context.Context, t aws.Target) aws.Place
}

// Balancers is load balancing.
type Balancers interface {
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error)
	ListenerRules(ctx context.Context, t aws.Target, listener string) ([]aws.ListenerRule, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
}

// Machines is instances, functions, and the network around them.
type Machines interface {
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	Statuses(ctx context.Context, t aws.Target, ids []string) ([]aws.InstanceStatus, error)
	FunctionErrors(ctx context.Context, t aws.Target, function string, from, to time.Time) (aws.FunctionErrors, error)
	Subnets(ctx context.Context, t aws.Target, vpc string) ([]aws.Subnet, error)
	SecurityGroups(ctx context.Context, t aws.Target, vpc string) ([]aws.SecurityGroup, error)
	NetworkACLs(ctx context.Context, t aws.Target, vpc string) ([]aws.NetworkACL, error)
	RouteTables(ctx context.Context, t aws.Target, vpc string) ([]aws.RouteTable, error)
	ServiceNow(ctx context.Context, t aws.Target, s aws.Service) (aws.Service, error)
}

// Names is what names lead to.
type Names interface {
	HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error)
	Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error)
	APIs(ctx context.Context, t aws.Target) ([]aws.API, error)
}

// Resolver asks the name servers that the bot itself uses.
type Resolver interface {
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
}

// Changes knows what was changed through the bot.
type Changes interface {
	// LastChange answers the latest change whose line, resources or result name one of the words; false where there is none.
	LastChange(ctx context.Context, words []string) (Change, bool, error)
}

// Change is one change that was made through the bot.
type Change struct {
	Request string // "R-42"
	Line    string
	By      string // who asked
	At      time.Time
	State   string // how it ended: "done", "failed", ...
}

// Doctor implements check.Doctor.
type Doctor struct {
	Cloud    Cloud
	Eye      check.Tracer
	Resolver Resolver
	Changes  Changes
	Book     check.Book
}

// Commands is check why.
func Commands(d *Doctor) []commands.Command {
	return []commands.Command{{
		Name:    "check why",
		Aliases: []string{"why", "check doctor"},
		Summary: "Find out where the way to an endpoint is broken, from its name to the instance",
		Example: "check why myapp",
		Rights: []string{
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
			"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags",
			"ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeSecurityGroups", "ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables",
			"ec2:DescribeSubnets", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "apigateway:GET", "cloudwatch:GetMetricData", "lambda:GetFunction", "lambda:InvokeFunction",
		},
		New: func() commands.Runner { return &Why{doctor: d} },
	}}
}

// Why is check why.
type Why struct {
	Name string `arg:"name" alias:"name" required:"" help:"Name of the check."`

	doctor *Doctor
}

// Run walks the way once.
func (y *Why) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	c, err := check.Find(ctx, y.doctor.Book, y.Name)
	if err != nil {
		return commands.Report{}, err
	}
	return y.doctor.Explain(ctx, c)
}

// longest is how long a walk may take.
const longest = 25 * time.Second

// Explain implements check.Doctor.
func (d *Doctor) Explain(ctx context.Context, c check.Check) (commands.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	w := &walk{doctor: d, check: c}
	w.result, _ = d.Eye.Trace(ctx, c)
	w.start(ctx)
	if err := ctx.Err(); err != nil && len(w.hops) == 0 {
		return commands.Report{}, err
	}
	report := w.report(ctx)
	return report, nil
}
