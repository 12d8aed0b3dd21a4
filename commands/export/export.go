// Package export writes what a request made as Terraform's or CloudFormation's own text, with what imports it there.
package export

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Cloud looks at what stands, and changes nothing.
type Cloud interface {
	Place(ctx context.Context, t aws.Target) aws.Place
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	Network(ctx context.Context, t aws.Target, vpc string) (aws.Network, error)
}

// Made answers where a request acted, and its line.
type Made func(ctx context.Context, number int64) (t aws.Target, line string, err error)

// Commands is the group.
func Commands(cloud Cloud, made Made) []commands.Command {
	return []commands.Command{{
		Name: "export", Aliases: []string{"request export"}, Summary: "Write the machines and the network that a request made as Terraform or CloudFormation, to be imported there",
		Example: "export R-42 --as terraform",
		Rights: []string{
			"ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways",
			"ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces",
		},
		New: func() commands.Runner { return &Export{cloud: cloud, made: made} },
	}}
}

// Export is export.
type Export struct {
	Request string `arg:"request" required:"" value:"R-42" help:"The request."`
	As      string `flag:"as" required:"" enum:"terraform,cloudformation" value:"terraform|cloudformation" help:"In whose language."`

	cloud Cloud
	made  Made
}

func (c *Export) number() (int64, error) {
	text := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(c.Request), "R"), "-")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, commands.Misuse("A request looks like "+commands.Mono("R-42")+", and "+commands.Mono(c.Request)+" does not.", commands.Mono("request list")+" shows the latest.")
	}
	return n, nil
}

// Validate reads the request's name.
func (c *Export) Validate() error {
	_, err := c.number()
	return err
}

// Run looks at what carries the request's tag now, and writes it.
func (c *Export) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	n, err := c.number()
	if err != nil {
		return commands.Report{}, err
	}
	t, line, err := c.made(ctx, n)
	if err != nil {
		return commands.Report{}, err
	}
	id := fmt.Sprintf("R-%d", n)
	s, err := c.stands(ctx, t, id)
	if err != nil {
		return commands.Report{}, err
	}
	if s.empty() {
		return commands.Report{}, &commands.Error{
			Kind: commands.NotFound, Message: "No machine and no part of a network carries " + commands.Mono(commands.RequestTag+"="+id) + " now.",
			Hint: commands.Mono(line) + " made nothing of that kind, or it is gone. Only machines, VPCs, subnets, security groups, internet gateways and route tables are exported.",
		}
	}
	report := commands.Report{Title: "What " + id + " made, as " + c.As, Where: where.Words(c.cloud.Place(ctx, t))}
	if c.As == "terraform" {
		text, notes := s.terraform()
		report.Body = commands.Blocks{
			commands.File{Name: strings.ToLower(id) + ".tf", Content: text},
			commands.Text{Text: "Put it beside your other files (Terraform 1.5 or later) and look at " + commands.Mono("terraform plan") + " before anything: it should import and change nothing."},
		}
		return withNotes(report, notes), nil
	}
	template, imports, notes, err := s.cloudFormation()
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = commands.Blocks{
		commands.File{Name: strings.ToLower(id) + ".template.json", Content: template},
		commands.File{Name: strings.ToLower(id) + ".import.json", Content: imports},
		commands.Text{Text: "Import it by " + commands.Mono("aws cloudformation create-change-set --change-set-type IMPORT --resources-to-import file://"+strings.ToLower(id)+".import.json") + ", and look at the change set before it is executed."},
	}
	return withNotes(report, notes), nil
}

func withNotes(report commands.Report, notes []string) commands.Report {
	notes = append([]string{"Only machines and networks are written, and of them what was read: outgoing rules, disks and first scripts are not."}, notes...)
	report.Body = append(report.Body, commands.Text{Text: strings.Join(notes, "\n")})
	return report
}

// standing is what a request made and still stands.
type standing struct {
	machines []aws.Instance
	network  aws.Network
}

func (s standing) empty() bool {
	n := s.network
	return len(s.machines)+len(n.VPCs)+len(n.Subnets)+len(n.Groups)+len(n.Gateways)+len(n.Tables) == 0
}

func (c *Export) stands(ctx context.Context, t aws.Target, id string) (standing, error) {
	var s standing
	machines, err := c.cloud.Instances(ctx, t, aws.InstanceQuery{
		Tags: map[string]string{commands.RequestTag: id}, States: []aws.InstanceState{aws.Pending, aws.Running, aws.Stopping, aws.Stopped},
	})
	if err != nil {
		return s, err
	}
	all, err := c.cloud.Network(ctx, t, "")
	if err != nil {
		return s, err
	}
	s.machines = machines
	s.network = aws.Network{
		VPCs: of(id, all.VPCs, func(v aws.VPC) map[string]string { return v.Tags }), Subnets: of(id, all.Subnets, func(v aws.Subnet) map[string]string { return v.Tags }),
		Groups: of(id, all.Groups, func(v aws.SecurityGroup) map[string]string { return v.Tags }), Gateways: of(id, all.Gateways, func(v aws.Gateway) map[string]string { return v.Tags }),
		Tables: of(id, all.Tables, func(v aws.RouteTable) map[string]string { return v.Tags }),
	}
	return s, nil
}

// of is those that carry the request's tag.
func of[T any](id string, all []T, tags func(T) map[string]string) []T {
	var out []T
	for _, one := range all {
		if tags(one)[commands.RequestTag] == id {
			out = append(out, one)
		}
	}
	return out
}
