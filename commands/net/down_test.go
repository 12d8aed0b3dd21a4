package net

import (
	"context"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// upped is a network that net up put up and nothing stands in.
func upped() *fixed {
	tags := map[string]string{networkTag: "lab", commands.RequestTag: "R-1"}
	return &fixed{n: aws.Network{
		VPCs:    []aws.VPC{{ID: "vpc-1", Name: "lab", CIDR: "10.0.0.0/16", Tags: tags}},
		Subnets: []aws.Subnet{{ID: "subnet-1", Name: "lab-a", VPCID: "vpc-1", Tags: tags}},
		Tables:  []aws.RouteTable{{ID: "rtb-0", VPCID: "vpc-1", Main: true, Routes: []aws.Route{{Destination: "10.9.0.0/16", Target: "pcx-1"}}}},
	}}
}

func TestWhatHoldsAVPCStopsADeletionBeforeItBegins(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"net down lab", "net vpc delete lab"} {
		for _, h := range []aws.Holder{{Kind: "network ACL", ID: "acl-1"}, {Kind: "VPC endpoint", ID: "vpce-1"}, {Kind: "VPN gateway", ID: "vgw-1"}, {Kind: "egress-only gateway", ID: "eigw-1"}, {Kind: "peering connection", ID: "pcx-1"}} {
			f := upped()
			f.holders = []aws.Holder{h}
			if line != "net down lab" {
				f.n.Subnets = nil
			}
			report, err := commandstest.Run(t.Context(), t, Commands(f, nil, nil), &commands.Run{ID: "R-2"}, line)
			told := commandstest.Told(report, err)
			commandstest.Want(t, told, "[conflict]", "the "+h.Kind+" "+h.ID, "nothing was deleted")
			if len(f.changed) > 0 || strings.Count(told, h.ID) != 1 {
				t.Errorf("%s: changed %v, told %s", line, f.changed, told)
			}
		}
	}
}

// looking is a network whose changes are all tried without being made.
type looking struct{ *fixed }

func (looking) DeleteNetworkPart(context.Context, aws.Target, string) error { return aws.ErrRehearsed }

func TestAPlanSaysWhatMayHoldAVPCAndWasNotLookedFor(t *testing.T) {
	t.Parallel()
	f := upped()
	f.n.Tables, f.unseen = nil, &commands.Error{Kind: commands.Denied, Message: "AWS refused the call DescribeVpcEndpoints."}
	report, err := commandstest.Run(t.Context(), t, Commands(looking{f}, nil, nil), &commands.Run{ID: "R-2"}, "net down lab --plan")
	commandstest.Want(t, commandstest.Told(report, err), "Would take down the network lab: 2 parts", "were not looked for: AWS refused the call DescribeVpcEndpoints.")
	if _, err := commandstest.Run(t.Context(), t, Commands(f, nil, nil), &commands.Run{ID: "R-2"}, "net down lab"); err != nil || strings.Join(f.changed, ", ") != "delete subnet-1, delete vpc-1" {
		t.Errorf("changed %v, %v", f.changed, err)
	}
}
