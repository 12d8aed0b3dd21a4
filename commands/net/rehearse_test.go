package net

import (
	"context"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// strict answers what it is asked to change with what a dry run answers. A change that is no rehearsal fails the test.
type strict struct {
	*fixed
	t      *testing.T
	answer error // nil: aws.ErrRehearsed
	at     string
	asked  []string
}

func (s *strict) heard(ctx context.Context, what string) error {
	if !aws.IsRehearsal(ctx) {
		s.t.Errorf("a plan did this: %s", what)
	}
	s.asked = append(s.asked, what)
	if s.answer != nil && (s.at == "" || s.at == what) {
		return s.answer
	}
	return aws.ErrRehearsed
}

func (s *strict) CreateVPC(ctx context.Context, _ aws.Target, v aws.VPC) (aws.VPC, error) {
	return v, s.heard(ctx, "make vpc "+v.CIDR+" of "+v.Tags[networkTag])
}

func (s *strict) CreateSubnet(ctx context.Context, _ aws.Target, n aws.Subnet) (aws.Subnet, error) {
	return n, s.heard(ctx, "make subnet "+n.CIDR)
}

func (s *strict) CreateSecurityGroup(ctx context.Context, _ aws.Target, g aws.SecurityGroup) (aws.SecurityGroup, error) {
	return g, s.heard(ctx, "make group "+g.Name)
}

func (s *strict) CreateGateway(ctx context.Context, _ aws.Target, tags map[string]string) (aws.Gateway, error) {
	return aws.Gateway{}, s.heard(ctx, "make gateway "+tags["Name"])
}

func (s *strict) CreateRouteTable(ctx context.Context, _ aws.Target, t aws.RouteTable, _ string) (aws.RouteTable, error) {
	return t, s.heard(ctx, "make table in "+t.VPCID)
}

func (s *strict) AllocateAddress(ctx context.Context, _ aws.Target, tags map[string]string) (aws.Address, error) {
	return aws.Address{}, s.heard(ctx, "allocate address of "+tags[networkTag])
}

func (s *strict) AttachGateway(ctx context.Context, _ aws.Target, id, to string) error {
	return s.heard(ctx, "attach "+id+" to "+to)
}

func (s *strict) DetachGateway(ctx context.Context, _ aws.Target, id, from string) error {
	return s.heard(ctx, "detach "+id+" from "+from)
}

func (s *strict) AddRoute(ctx context.Context, _ aws.Target, _ string, r aws.Route) error {
	return s.heard(ctx, "add "+r.Destination)
}

func (s *strict) RemoveRoute(ctx context.Context, _ aws.Target, _, destination string) error {
	return s.heard(ctx, "remove "+destination)
}

func (s *strict) Associate(ctx context.Context, _ aws.Target, table, subnet string) error {
	return s.heard(ctx, "associate "+table+" with "+subnet)
}

func (s *strict) Disassociate(ctx context.Context, _ aws.Target, id string) error {
	return s.heard(ctx, "disassociate "+id)
}

func (s *strict) Allow(ctx context.Context, _ aws.Target, group string, rules ...aws.Rule) error {
	return s.heard(ctx, "allow "+rules[0].Peer+" into "+group)
}

func (s *strict) Revoke(ctx context.Context, _ aws.Target, group string, rules ...aws.Rule) error {
	return s.heard(ctx, "revoke "+rules[0].Peer+" of "+group)
}

func (s *strict) DeleteNetworkPart(ctx context.Context, _ aws.Target, id string) error {
	return s.heard(ctx, "delete "+id)
}

func (s *strict) Zones(context.Context, aws.Target) ([]string, error) {
	return []string{"us-east-1a", "us-east-1b"}, nil
}

func (s *strict) NATPrice(context.Context, aws.Target) (aws.Price, error) {
	return aws.Price{USDPerHour: 0.045}, nil
}

// theirs is a lab whose parts are all of the network lab.
func theirs(t *testing.T) *strict {
	s := &strict{fixed: lab(), t: t}
	tags := map[string]string{networkTag: "lab", commands.RequestTag: "R-1"}
	n := &s.n
	n.VPCs[0].Tags, n.Subnets[0].Tags, n.Gateways[0].Tags, n.Tables[1].Tags, n.Groups[0].Tags = tags, tags, tags, tags, tags
	n.Subnets = append(n.Subnets, aws.Subnet{ID: "subnet-2", Name: "lab-b", VPCID: "vpc-1", Tags: tags})
	n.Gateways = append(n.Gateways, aws.Gateway{ID: "igw-2", Name: "spare", Tags: tags})
	n.Gateways = append(n.Gateways, aws.Gateway{ID: "igw-3", Name: "far", VPCID: "vpc-2", Tags: map[string]string{commands.RequestTag: "R-1"}})
	n.VPCs[0].CIDRs = []string{"10.0.0.0/16"}
	n.VPCs = append(n.VPCs, aws.VPC{ID: "vpc-3", Name: "bare", CIDR: "10.1.0.0/16", Tags: map[string]string{commands.RequestTag: "R-1"}})
	return s
}

// rehearsals are lines, and what AWS's dry run is asked for each of them.
func rehearsals() map[string][]string {
	return map[string][]string{
		"net vpc create x --cidr-block 10.9.0.0/16":                     {"make vpc 10.9.0.0/16 of "},
		"net subnet create x --vpc vpc-1 --cidr-block 10.0.0.0/24":      {"make subnet 10.0.0.0/24"},
		"net sg create inner --vpc vpc-1":                               {"make group inner"},
		"net gateway create x --vpc bare":                               {"make gateway x"},
		"net gateway attach spare --vpc bare":                           {"attach igw-2 to vpc-3"},
		"net gateway detach igw-1":                                      {"detach igw-1 from vpc-1"},
		"net gateway delete far":                                        {"detach igw-3 from vpc-2", "delete igw-3"},
		"net table create x --vpc vpc-1":                                {"make table in vpc-1"},
		"net table associate lab --subnet lab-b":                        {"associate rtb-1 with subnet-2"},
		"net table disassociate lab --subnet lab-a":                     {"disassociate rtbassoc-1"},
		"net route create lab --destination 10.70.0.0/16 --gateway i-1": {"add 10.70.0.0/16"},
		"net route delete lab --destination 10.50.0.0/16":               {"remove 10.50.0.0/16"},
		"net sg allow web --port 443 --from 10.9.9.9/32":                {"allow 10.9.9.9/32 into sg-1"},
		"net sg revoke web --port 443 --from 10.0.0.0/8":                {"revoke 10.0.0.0/8 of sg-1"},
		"net vpc delete bare":                                           {"delete vpc-3"},
		"net up x --cidr-block 10.9.0.0/16":                             {"make vpc 10.9.0.0/16 of x", "make gateway x"},
		"net up x --cidr-block 10.9.0.0/16 --nat":                       {"make vpc 10.9.0.0/16 of x", "make gateway x", "allocate address of x"},
	}
}

func TestAPlanAsksAWSForADryRunOfTheVeryCalls(t *testing.T) {
	t.Parallel()
	for line, asked := range rehearsals() {
		s := theirs(t)
		got := commandstest.Told(commandstest.Run(t.Context(), t, Commands(s, nil, nil), &commands.Run{ID: "R-2"}, line+" --plan"))
		if !slices.Equal(s.asked, asked) || !strings.Contains(got, "AWS's dry run says that ") {
			t.Errorf("%s asked %q and told:\n%s", line, s.asked, got)
		}
	}
	s := theirs(t)
	got := commandstest.Told(commandstest.Run(t.Context(), t, Commands(s, nil, nil), &commands.Run{ID: "R-2"}, "net sg allow web --port 443 --from 10.0.0.0/8 --plan"))
	if len(s.asked) > 0 || strings.Contains(got, "dry run") {
		t.Errorf("what is so already asked %q and told:\n%s", s.asked, got)
	}
}

func TestAPlanOfTakingDownAsksAboutEveryPart(t *testing.T) {
	t.Parallel()
	s := theirs(t)
	got := commandstest.Told(commandstest.Run(t.Context(), t, Commands(s, nil, nil), &commands.Run{ID: "R-2"}, "net down lab --plan"))
	want := []string{"delete subnet-1", "delete subnet-2", "disassociate rtbassoc-1", "delete rtb-1", "delete sg-1", "delete igw-2", "detach igw-1 from vpc-1", "delete igw-1", "delete vpc-1"}
	slices.Sort(want)
	slices.Sort(s.asked)
	if !slices.Equal(s.asked, want) {
		t.Errorf("asked %q, told:\n%s", s.asked, got)
	}
	commandstest.Want(t, got, "AWS's dry run says that deckhand may do all of this.")
}

func TestWhatADryRunAnswersToAPlan(t *testing.T) {
	t.Parallel()
	refusal := &commands.Error{Kind: commands.Denied, Message: "AWS refused it.", Hint: "Ask the AWS administrator."}
	for _, k := range []struct {
		why    string
		answer error
		want   string
	}{
		{"a right is missing: nobody is asked to approve", refusal, "[denied] AWS refused it.\nAsk the AWS administrator."},
		{"a limit is reached", &commands.Error{Kind: commands.Failed, Message: "AWS refused it: the maximum number is reached."}, "[failed] AWS refused it: the maximum"},
		{"AWS does not answer: the plan stands", &commands.Error{Kind: commands.Unavailable, Message: "AWS could not be reached."}, "AWS's dry run gave no answer: AWS could not be reached."},
		{"an endpoint that may act", aws.ErrUnasked, "No dry run says whether this would go through"},
	} {
		for line, asked := range rehearsals() {
			s := theirs(t)
			s.answer, s.at = k.answer, asked[len(asked)-1]
			report, err := commandstest.Run(t.Context(), t, Commands(s, nil, nil), &commands.Run{ID: "R-2"}, line+" --plan")
			got := commandstest.Told(report, err)
			commandstest.Want(t, got, k.want)
			if strings.Contains(got, "says that") || (err == nil) != strings.HasPrefix(report.Title, "Would ") {
				t.Errorf("%s, %s: told\n%s", k.why, line, got)
			}
		}
	}
}
