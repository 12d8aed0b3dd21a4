package net

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// fixed is a network that answers what it is told to have, and keeps what it is asked to change.
type fixed struct {
	Cloud
	n       aws.Network
	changed []string
	refused error // of describing

	holders []aws.Holder
	unseen  error // of looking for holders
}

func (f *fixed) Holders(context.Context, aws.Target, string) ([]aws.Holder, error) {
	return f.holders, f.unseen
}

func (f *fixed) DeleteNetworkPart(_ context.Context, _ aws.Target, id string) error {
	f.changed = append(f.changed, "delete "+id)
	return nil
}

func (f *fixed) Place(context.Context, aws.Target) aws.Place { return aws.Place{Region: "us-east-1"} }

func (f *fixed) Network(context.Context, aws.Target, string) (aws.Network, error) { return f.n, nil }

func (f *fixed) Disassociate(_ context.Context, _ aws.Target, id string) error {
	f.changed = append(f.changed, "disassociate "+id)
	f.n.Tables[1].Subnets = nil
	return nil
}

func (f *fixed) Allow(_ context.Context, _ aws.Target, group string, rules ...aws.Rule) error {
	for _, r := range rules {
		f.changed = append(f.changed, "allow "+r.Peer)
	}
	f.n.Groups[0].Ingress = append(f.n.Groups[0].Ingress, rules...)
	return nil
}

func (f *fixed) DescribeRules(_ context.Context, _ aws.Target, group string, rules ...aws.Rule) error {
	for _, r := range rules {
		f.changed = append(f.changed, "describe "+r.Peer+": "+r.Description)
	}
	return f.refused
}

func (f *fixed) AddRoute(_ context.Context, _ aws.Target, _ string, r aws.Route) error {
	f.changed = append(f.changed, "add "+r.Destination+" to "+r.Target)
	return nil
}

func (f *fixed) RemoveRoute(_ context.Context, _ aws.Target, _, destination string) error {
	f.changed = append(f.changed, "remove "+destination)
	return nil
}

func (f *fixed) DetachGateway(_ context.Context, _ aws.Target, id, from string) error {
	f.changed = append(f.changed, "detach "+id+" from "+from)
	f.n.Gateways[0].VPCID = ""
	return nil
}

func lab() *fixed {
	return &fixed{n: aws.Network{
		VPCs:     []aws.VPC{{ID: "vpc-1", CIDR: "10.0.0.0/16"}},
		Subnets:  []aws.Subnet{{ID: "subnet-1", Name: "lab-a", VPCID: "vpc-1"}},
		Gateways: []aws.Gateway{{ID: "igw-1", VPCID: "vpc-1"}},
		Tables: []aws.RouteTable{
			{ID: "rtb-0", VPCID: "vpc-1", Main: true},
			{ID: "rtb-1", Name: "lab", VPCID: "vpc-1", Subnets: map[string]string{"subnet-1": "rtbassoc-1"}, Routes: []aws.Route{{Destination: "0.0.0.0/0", Target: "igw-1"}, {Destination: "10.50.0.0/16", Target: "i-1"}, {Destination: "10.60.0.0/16", Target: "lgw-1"}}},
		},
		Groups: []aws.SecurityGroup{{ID: "sg-1", Name: "web", VPCID: "vpc-1", Ingress: []aws.Rule{
			{Protocol: "tcp", From: 443, To: 443, Peer: "10.0.0.0/8", Description: "for good"},
			{Protocol: "tcp", From: 443, To: 443, Peer: "192.0.2.0/24", Description: "ends 2026-11-26T12:00Z; deckhand R-1"},
		}}},
	}}
}

func TestWhatIsSoAlreadyIsLeftAndNothingTakesItBack(t *testing.T) {
	t.Parallel()
	for _, k := range []struct{ line, title, undo, changed string }{
		{"net sg allow web --port 443 --from 10.0.0.0/8", "The security group web (" + commands.Mono("sg-1") + ") lets tcp 443 from 10.0.0.0/8 in already", "", ""},
		{"net sg allow web --port 443 --from 10.0.0.0/8 10.9.9.9/32", "Let tcp 443 from 10.9.9.9/32 into web", "net sg revoke sg-1 --protocol tcp --port 443 --from 10.9.9.9/32", "allow 10.9.9.9/32"},
		{"net route create lab --destination 0.0.0.0/0 --gateway igw-1", "The route table lab (" + commands.Mono("rtb-1") + ") leads 0.0.0.0/0 to igw-1 already", "", ""},
		{"net route delete lab --destination 10.50.0.0/16", "Removed the route to 10.50.0.0/16", "net route create rtb-1 --destination 10.50.0.0/16 --gateway i-1", "remove 10.50.0.0/16"},
		{"net route delete lab --destination 10.60.0.0/16", "Removed the route to 10.60.0.0/16", "", "remove 10.60.0.0/16"},
		{"net route create lab --destination 10.70.0.0/16 --gateway i-1", "Leads 10.70.0.0/16 to i-1", "net route delete rtb-1 --destination 10.70.0.0/16", "add 10.70.0.0/16 to i-1"},
		{"net gateway detach igw-1 --vpc vpc-1", "Detached the internet gateway from vpc-1", "net gateway attach igw-1 --vpc vpc-1", "detach igw-1 from vpc-1"},
		{"net gateway attach igw-1 --vpc vpc-1", "The internet gateway " + commands.Mono("igw-1") + " is attached to vpc-1 already", "", ""},
		{"net table associate lab --subnet lab-a", "The subnet lab-a (" + commands.Mono("subnet-1") + ") has the route table lab (" + commands.Mono("rtb-1") + ") already", "", ""},
		{"net table disassociate lab --subnet lab-a", "Gave the subnet subnet-1 the main route table of its VPC, instead of lab", "net table associate rtb-1 --subnet subnet-1", "disassociate rtbassoc-1"},
	} {
		f := lab()
		report, err := commandstest.Run(t.Context(), t, Commands(f, nil, nil), &commands.Run{ID: "R-2"}, k.line)
		undo := ""
		for _, next := range report.Next {
			undo = next.Line
		}
		if err != nil || report.Title != k.title || undo != k.undo || strings.Join(f.changed, ", ") != k.changed {
			t.Errorf("%s: %q, %q, %v, %v", k.line, report.Title, undo, f.changed, err)
		}
	}
}

func TestARuleThatIsThereForGoodGetsNoEnd(t *testing.T) {
	t.Parallel()
	f := lab()
	report, err := commandstest.Run(t.Context(), t, Commands(f, nil, nil), &commands.Run{ID: "R-2"}, "net sg allow web --port 443 --from 10.0.0.0/8 --expires 1h")
	commandstest.Want(t, commandstest.Told(report, err), "was given no end")
	f = lab()
	f.refused = &commands.Error{Kind: commands.Denied, Message: "AWS does not let deckhand."}
	report, err = commandstest.Run(t.Context(), t, Commands(f, nil, nil), &commands.Run{ID: "R-2"}, "net sg allow web --port 443 --from 192.0.2.0/24")
	commandstest.Want(t, commandstest.Told(report, err), "It had an end, and has none from now on.", "still tells its old end. AWS does not let deckhand.")
	if want := "describe 192.0.2.0/24: deckhand R-2"; strings.Join(f.changed, ", ") != want {
		t.Errorf("changed %q, want %s", f.changed, want)
	}
}

// stubborn takes every call and changes nothing.
type stubborn struct{ *fixed }

func (stubborn) Revoke(context.Context, aws.Target, string, ...aws.Rule) error { return nil }

func TestARuleThatStandsAfterwardsIsNotCalledRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := commandstest.Run(t.Context(), t, Commands(stubborn{lab()}, nil, nil), &commands.Run{ID: "R-2"}, "net sg revoke web --port 443 --from 10.0.0.0/8")
		if err == nil || !strings.Contains(commands.Words(err).Message, "still shows that") {
			t.Errorf("told %v", err)
		}
	})
}

func TestARevokedDoorThatAnotherRuleHoldsOpenIsTold(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		line  string
		other aws.Rule
		want  string
	}{
		{"net sg revoke web --port 443 --from 10.0.0.0/8", aws.Rule{Protocol: "tcp", From: 400, To: 500, Peer: "10.0.0.0/8"}, "Another rule, tcp 400-500 from 10.0.0.0/8, goes on letting it in."},
		{"net sg revoke web --port 443 --from 10.0.0.0/8", aws.Rule{Protocol: "-1", Peer: "0.0.0.0/0"}, "from 0.0.0.0/0, goes on letting it in."},
		{"net sg revoke web --port 443 --from 10.0.0.0/8", aws.Rule{Protocol: "tcp", From: 443, To: 443, Peer: "10.1.0.0/16"}, ""},
		{"net sg revoke web --port 443 --from 10.0.0.0/8", aws.Rule{Protocol: "udp", From: 0, To: 65535, Peer: "0.0.0.0/0"}, ""},
		{"net sg revoke web --port 83 --from 10.0.0.0/8", aws.Rule{Protocol: "tcp", From: 83, To: 90, Peer: "10.0.0.0/8"}, "has no rule tcp 83 from 10.0.0.0/8. Another rule, tcp 83-90"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := lab()
			f.n.Groups[0].Ingress = append(f.n.Groups[0].Ingress, k.other)
			got := commandstest.Told(commandstest.Run(t.Context(), t, Commands(stubborn{f}, nil, nil), &commands.Run{ID: "R-2"}, k.line+" --plan"))
			if k.want != "" {
				commandstest.Want(t, got, k.want)
				if strings.Contains(got, "no longer") {
					t.Errorf("%s with %+v: %s", k.line, k.other, got)
				}
			} else if strings.Contains(got, "goes on letting") {
				t.Errorf("%s with %+v: %s", k.line, k.other, got)
			}
			if !strings.Contains(k.line, "83") {
				commandstest.Want(t, got, "which deckhand did not write: for good")
			}
		})
	}
}
