// Package export writes what a request made as Terraform's or CloudFormation's own text, with what imports it there.
package export

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
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
	Stacks(ctx context.Context, t aws.Target) ([]aws.Stack, error)
	// StackTemplate answers a stack's template as it was given, in JSON or YAML.
	StackTemplate(ctx context.Context, t aws.Target, stack string) (string, error)
	LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error)
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
	HostedZone(ctx context.Context, t aws.Target, name string) (aws.HostedZone, error)
	Records(ctx context.Context, t aws.Target, zone, name string) ([]aws.Record, error)
	Ways
	Functions
	Gateways
	Belongings
}

// Ways are the ways out of a network.
type Ways interface {
	NATGateways(ctx context.Context, t aws.Target, vpc string) ([]aws.NATGateway, error)
	VPCNames(ctx context.Context, t aws.Target, vpc string) (aws.VPCNames, error)
	Addresses(ctx context.Context, t aws.Target) ([]aws.Address, error)
}

// Functions are Lambda's, and what invokes them.
type Functions interface {
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	FunctionAliases(ctx context.Context, t aws.Target, name string) ([]aws.FunctionAlias, error)
	FunctionGrants(ctx context.Context, t aws.Target, function string) ([]aws.Grant, error)
	QueueSources(ctx context.Context, t aws.Target, function string) ([]aws.QueueSource, error)
	RulesFor(ctx context.Context, t aws.Target, functionARN string) ([]string, error)
	EventRule(ctx context.Context, t aws.Target, name string) (aws.EventRule, error)
}

// Gateways are the HTTP APIs.
type Gateways interface {
	APIs(ctx context.Context, t aws.Target) ([]aws.API, error)
	APIRoutes(ctx context.Context, t aws.Target, id string) ([]aws.APIRoute, error)
	APIIntegrations(ctx context.Context, t aws.Target, id string) ([]aws.APIIntegration, error)
	APIAuthorizer(ctx context.Context, t aws.Target, id, authorizer string) (aws.APIAuthorizer, error)
	APIStages(ctx context.Context, t aws.Target, id string) ([]aws.APIStage, error)
	APIDomains(ctx context.Context, t aws.Target) ([]aws.APIDomain, error)
	APIMappings(ctx context.Context, t aws.Target, domain string) ([]aws.APIMapping, error)
}

// Past is a request that may have made something.
type Past struct {
	Target   aws.Target
	Command  string // "vm create": what else it cannot have made is not asked for
	Line     string
	Owner    string // who asked, "" where that is not known
	Function string // that its line names, "" where it names none

	Code   aws.FunctionCode // from where its line takes the code of that function
	Source string           // the text of index.py, where it is the code
	// Notice is the id of the permission that its line makes for a bucket or a topic, or what it begins with up to its last hyphen; or the ARN, of some
	// account, of the queue or table that its line has read; "" where it makes none.
	Notice string
}

// maker is the request that is exported, and who asked for it: another deckhand in the same account gives the same numbers.
type maker struct{ id, owner string }

func (m maker) made(tags map[string]string) bool {
	owner := tags[commands.OwnerTag]
	return tags[commands.RequestTag] == m.id && (owner == "" || m.owner == "" || owner == m.owner)
}

// Made answers what a request was.
type Made func(ctx context.Context, number int64) (Past, error)

// Commands is the group.
func Commands(cloud Cloud, made Made) []commands.Command {
	return []commands.Command{{
		Name: "export", Aliases: []string{"request export"}, Summary: "Write the machines, the network, the load balancer, the application, the function or the API that a request made as Terraform or CloudFormation, to be imported there",
		Example: "export R-42 --as terraform",
		Rights: []string{
			"ec2:DescribeInstances", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways",
			"ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces", "cloudformation:DescribeStacks", "cloudformation:GetTemplate",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners",
			"elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets",
			"ec2:DescribeNatGateways", "ec2:DescribeAddresses", "ec2:DescribeVpcAttribute", "lambda:GetFunction", "lambda:ListAliases", "lambda:GetPolicy", "lambda:ListEventSourceMappings",
			"events:ListRuleNamesByTarget", "events:DescribeRule", "events:ListTagsForResource", "apigateway:GET",
			"iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource",
			"dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups",
			"logs:DescribeLogGroups", "logs:ListTagsForResource", "s3:GetBucketNotification", "sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes",
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
	past, err := c.made(ctx, n)
	if err != nil {
		return commands.Report{}, err
	}
	id := fmt.Sprintf("R-%d", n)
	s, err := c.stands(ctx, past, maker{id, past.Owner})
	if err != nil {
		return commands.Report{}, err
	}
	if s.empty() {
		return commands.Report{}, &commands.Error{
			Kind: commands.NotFound, Message: "Nothing that can be exported carries " + commands.Mono(commands.RequestTag+"="+id) + " now.",
			Hint: commands.Mono(past.Line) + " made nothing of that kind, or it is gone. A route, a rule, a target, an alias or a version is written with what it belongs to, by the request that made that. Machines, VPCs, subnets, security groups, internet and NAT gateways, addresses, route tables, load balancers, applications, functions with their triggers, role and table, and HTTP APIs with their log and domain names are exported.",
		}
	}
	report := commands.Report{Title: "What " + id + " made, as " + c.As, Where: where.Words(c.cloud.Place(ctx, past.Target))}
	if c.As == "terraform" {
		report.Body = s.asTerraform(strings.ToLower(id))
		return report, nil
	}
	report.Body, err = s.asCloudFormation(strings.ToLower(id))
	return report, err
}

// partial says what is never written of what no stack holds.
func (s standing) partial() []string {
	var left []string
	for what, there := range []bool{len(s.machines) > 0, len(s.network.Groups) > 0, len(s.balanced.balancers)+len(s.balanced.groups) > 0} {
		if there {
			left = append(left, []string{"disks, first scripts, addresses and protection of machines", "outgoing rules of security groups", "attributes of load balancers and target groups"}[what])
		}
	}
	if len(left) == 0 {
		return nil
	}
	return []string{"Not written, and left as they are: " + strings.Join(left, "; ") + "."}
}

// counted says what a plan of Terraform counts though AWS is asked for nothing by it.
func (s standing) counted() []string {
	if len(s.called.topics) == 0 {
		return nil
	}
	return []string{"The plan counts the subscription as changed, by two settings that Terraform alone knows, confirmation_timeout_in_minutes and endpoint_auto_confirms: AWS is asked for nothing."}
}

// notes are what is there and cannot be written.
func (s standing) notes() []string {
	notes := slices.Concat(s.unnamed, s.balanced.notes, s.called.notes())
	for _, a := range s.apis {
		notes = append(notes, a.notes()...)
	}
	for _, d := range s.domains {
		if d.words != "" {
			notes = append(notes, d.words)
		}
	}
	return notes
}

func (s standing) asTerraform(name string) commands.Blocks {
	text, notes := s.terraform()
	files := commands.Blocks{}
	for _, one := range s.stacks {
		written, words := one.terraform(name)
		if text != "" {
			text += "\n"
		}
		text, notes = text+written, append(notes, words...)
		files = append(files, one.file(name))
	}
	nothing, counted := "nothing.", s.counted()
	if len(s.stacks)+len(counted) > 0 {
		nothing = "nothing but what is said below."
	}
	if s.called.shipped() {
		files = append(files, commands.File{Name: s.called.sourceFile(), Content: s.called.source})
	}
	blocks := append(commands.Blocks{commands.File{Name: name + ".tf", Content: text}}, files...)
	blocks = append(blocks, commands.Text{Text: "Put it beside your other files (Terraform 1.5 or later) and look at " + commands.Mono("terraform plan") + " before anything: it should import and change " + nothing})
	return withNotes(blocks, slices.Concat(counted, s.partial(), notes))
}

func withNotes(blocks commands.Blocks, notes []string) commands.Blocks {
	if len(notes) == 0 {
		return blocks
	}
	return append(blocks, commands.Text{Text: strings.Join(notes, "\n")})
}

func (s standing) asCloudFormation(name string) (commands.Blocks, error) {
	var blocks commands.Blocks
	var notes []string
	if s.loose() {
		written, words, err := s.cloudFormation(name)
		if err != nil {
			return nil, err
		}
		blocks, notes = written, append(s.partial(), words...)
	}
	notes = append(notes, s.called.unformed()...)
	for _, one := range s.stacks {
		written, words, err := one.cloudFormation(name)
		if err != nil {
			return nil, err
		}
		blocks, notes = append(blocks, written...), append(notes, words...)
	}
	return withNotes(blocks, notes), nil
}

// standing is what a request made and still stands.
type standing struct {
	machines []aws.Instance
	network  aws.Network
	names    map[string]aws.VPCNames // by VPC
	unnamed  []string                // notes on what of it could not be read
	balanced balanced
	stacks   []application
	called   called
	apis     []api
	domains  []domain
}

func (s standing) empty() bool { return !s.loose() && len(s.stacks) == 0 }

// loose tells whether there is something that no stack holds.
func (s standing) loose() bool {
	return s.basic() || !s.called.empty() || len(s.apis)+len(s.domains) > 0
}

// basic tells whether there are machines, parts of a network or load balancers.
func (s standing) basic() bool {
	n := s.network
	return len(s.machines)+len(n.VPCs)+len(n.Subnets)+len(n.Groups)+len(n.Gateways)+len(n.NATs)+len(n.Addresses)+len(n.Tables)+
		len(s.balanced.balancers)+len(s.balanced.groups) > 0
}

// stands looks for what a command of this kind can have made, and for nothing else: that would need rights that have nothing to do with it.
func (c *Export) stands(ctx context.Context, past Past, by maker) (s standing, err error) {
	t := past.Target
	noun, _, _ := strings.Cut(past.Command, " ")
	steps := map[string]func() error{
		"vm":     func() (err error) { s.machines, err = c.machines(ctx, t, by); return err },
		"net":    func() (err error) { return c.netted(ctx, t, by, &s) },
		"lb":     func() (err error) { s.balanced, err = c.balanced(ctx, t, by); return err },
		"app":    func() (err error) { s.stacks, err = c.applications(ctx, t, by); return err },
		"lambda": func() (err error) { s.called, err = c.called(ctx, by, past); return err },
		"api": func() (err error) {
			if s.apis, err = c.apisOf(ctx, t, by); err != nil {
				return err
			}
			var unread error
			if s.domains, unread = c.domains(ctx, t, by); unread != nil {
				s.unnamed = append(s.unnamed, "Domain names are not written: "+commands.Words(unread).Message)
			}
			return ctx.Err()
		},
	}
	if step := steps[noun]; step != nil {
		return s, step()
	}
	for _, noun := range slices.Sorted(maps.Keys(steps)) { // it may have made anything
		if err := steps[noun](); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (c *Export) machines(ctx context.Context, t aws.Target, by maker) ([]aws.Instance, error) {
	all, err := c.cloud.Instances(ctx, t, aws.InstanceQuery{
		Tags: map[string]string{commands.RequestTag: by.id}, States: []aws.InstanceState{aws.Pending, aws.Running, aws.Stopping, aws.Stopped},
	})
	by.sift(&all)
	return all, err
}

func (c *Export) network(ctx context.Context, t aws.Target, by maker) (aws.Network, error) {
	all, err := c.cloud.Network(ctx, t, "")
	if err != nil {
		return aws.Network{}, err
	}
	if all.NATs, err = c.cloud.NATGateways(ctx, t, ""); err != nil {
		return aws.Network{}, err
	}
	if all.Addresses, err = c.cloud.Addresses(ctx, t); err != nil {
		return aws.Network{}, err
	}
	by.sift(&all.VPCs, &all.Subnets, &all.Groups, &all.Gateways, &all.Tables, &all.NATs, &all.Addresses)
	return all, nil
}

// netted adds a network and what its VPCs do for names. Where that cannot be read, that is a note.
func (c *Export) netted(ctx context.Context, t aws.Target, by maker, s *standing) (err error) {
	if s.network, err = c.network(ctx, t, by); err != nil {
		return err
	}
	s.names = map[string]aws.VPCNames{}
	for _, v := range s.network.VPCs {
		names, err := c.cloud.VPCNames(ctx, t, v.ID)
		if err != nil {
			s.unnamed = append(s.unnamed, "Whether "+v.ID+" resolves names and gives them to machines is not written: "+commands.Words(err).Message)
			continue
		}
		s.names[v.ID] = names
	}
	return ctx.Err()
}

// keeps tells whether something carries the request's tag, and no stack and no Auto Scaling group holds it: that is theirs, and not to be imported elsewhere.
func (m maker) keeps(tags map[string]string) bool {
	return m.made(tags) && tags["aws:cloudformation:stack-id"] == "" && tags["aws:autoscaling:groupName"] == ""
}

// sift leaves in each list what keeps keeps. A function of its own for each sort of thing would be seven times as much code.
func (m maker) sift(lists ...any) {
	for _, list := range lists {
		all := reflect.ValueOf(list).Elem()
		left := reflect.Zero(all.Type())
		for i := range all.Len() {
			tags, _ := all.Index(i).FieldByName("Tags").Interface().(map[string]string)
			if m.keeps(tags) {
				left = reflect.Append(left, all.Index(i))
			}
		}
		all.Set(left)
	}
}
