package sdk_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

// changes are all the methods that change a network, on parts of one that is there.
func changes(c *sdk.Cloud, v aws.VPC, s aws.Subnet, g aws.Gateway, table aws.RouteTable, group string) map[string]func(context.Context) error {
	rule := aws.Rule{Protocol: "tcp", From: 443, To: 443, Peer: "10.0.0.0/8"}
	return map[string]func(context.Context) error{
		"CreateVpc": func(ctx context.Context) error {
			_, err := c.CreateVPC(ctx, here, aws.VPC{CIDR: "10.30.0.0/16"})
			return err
		},
		"CreateSubnet": func(ctx context.Context) error {
			_, err := c.CreateSubnet(ctx, here, aws.Subnet{VPCID: v.ID, CIDR: "10.20.64.0/20"})
			return err
		},
		"CreateSecurityGroup": func(ctx context.Context) error {
			_, err := c.CreateSecurityGroup(ctx, here, aws.SecurityGroup{Name: "web", Description: "x", VPCID: v.ID})
			return err
		},
		"CreateInternetGateway": func(ctx context.Context) error {
			_, err := c.CreateGateway(ctx, here, nil)
			return err
		},
		"CreateRouteTable": func(ctx context.Context) error {
			_, err := c.CreateRouteTable(ctx, here, aws.RouteTable{VPCID: v.ID}, "")
			return err
		},
		"AllocateAddress": func(ctx context.Context) error {
			_, err := c.AllocateAddress(ctx, here, nil)
			return err
		},
		"DetachInternetGateway": func(ctx context.Context) error { return c.DetachGateway(ctx, here, g.ID, v.ID) },
		"CreateRoute": func(ctx context.Context) error {
			return c.AddRoute(ctx, here, table.ID, aws.Route{Destination: "10.50.0.0/16", Target: g.ID})
		},
		"DeleteRoute":                   func(ctx context.Context) error { return c.RemoveRoute(ctx, here, table.ID, "0.0.0.0/0") },
		"AssociateRouteTable":           func(ctx context.Context) error { return c.Associate(ctx, here, table.ID, s.ID) },
		"DisassociateRouteTable":        func(ctx context.Context) error { return c.Disassociate(ctx, here, table.Subnets[s.ID]) },
		"AuthorizeSecurityGroupIngress": func(ctx context.Context) error { return c.Allow(ctx, here, group, rule) },
		"DeleteSubnet":                  func(ctx context.Context) error { return c.DeleteNetworkPart(ctx, here, s.ID) },
		"DeleteVpc":                     func(ctx context.Context) error { return c.DeleteNetworkPart(ctx, here, v.ID) }, // which its subnet is in the way of
		"DeleteRouteTable":              func(ctx context.Context) error { return c.DeleteNetworkPart(ctx, here, table.ID) },
		"DeleteInternetGateway":         func(ctx context.Context) error { return c.DeleteNetworkPart(ctx, here, g.ID) },
	}
}

func TestARehearsalChangesNothingAndAsksForEveryRight(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		v, s, g, table := lab(t, c)
		group := groupOf(t, c, v.ID)
		look := func() aws.Network {
			n, err := c.Network(t.Context(), here, "")
			must(t, err)
			return n
		}
		before := look()
		for _, x := range before.Tables {
			if x.ID == table.ID {
				table = x
			}
		}
		for operation, do := range changes(c, v, s, g, table, group) {
			if err := do(aws.Rehearsing(t.Context())); !errors.Is(err, aws.ErrRehearsed) {
				t.Errorf("%s answers %v", operation, err)
			}
			w.Fail(operation, "UnauthorizedOperation", 1)
			wantError(t, do(aws.Rehearsing(t.Context())), "denied", "ec2:"+operation, "administrator", `"Action":"ec2:`+operation+`"`)
		}
		if err := c.NameHosts(aws.Rehearsing(t.Context()), here, v.ID); !errors.Is(err, aws.ErrUnasked) {
			t.Errorf("what has no dry run answers %v", err)
		}
		if after := look(); !reflect.DeepEqual(before, after) {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
		if n := count(w, "ModifyVpcAttribute"); n > 0 {
			t.Errorf("what has no dry run was called %d times", n)
		}
		_, err := c.CreateSubnet(aws.Rehearsing(t.Context()), here, aws.Subnet{VPCID: "vpc-0aaaaaaaaaaaaaaaa", CIDR: "10.20.64.0/20"})
		wantError(t, err, "not_found", "vpc-0aaaaaaaaaaaaaaaa")
	})
}

func TestARehearsalOnTheWire(t *testing.T) {
	t.Parallel()
	would := refusal(http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	made := xml(`<CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>`)
	e, c := wired(t, map[string]http.HandlerFunc{
		"AuthorizeSecurityGroupIngress": would, "CreateVpc": made, "ModifyVpcAttribute": made,
		"ReleaseAddress":        refusal(http.StatusBadRequest, "InvalidIPAddress.InUse", "It is in use."),
		"StopInstances":         xml(`<StopInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instancesSet/></StopInstancesResponse>`),
		"CreateInternetGateway": xml(`<CreateInternetGatewayResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><internetGateway><internetGatewayId>igw-1</internetGatewayId></internetGateway></CreateInternetGatewayResponse>`),
	})
	ctx := aws.Rehearsing(t.Context())
	if err := c.Allow(ctx, here, "sg-1", aws.Rule{Protocol: "tcp", From: 1, To: 1, Peer: "10.0.0.0/8"}); !errors.Is(err, aws.ErrRehearsed) {
		t.Errorf("a rule answers %v", err)
	}
	if sent := e.sent("AuthorizeSecurityGroupIngress"); len(sent) != 1 || sent[0].Get("DryRun") != "true" {
		t.Errorf("sent %v", sent)
	}
	if err := c.DeleteNetworkPart(ctx, here, "eipalloc-1"); !errors.Is(err, aws.ErrRehearsed) {
		t.Errorf("an address that is in use answers %v", err)
	}
	for what, do := range map[string]func() error{
		"CreateVpc": func() error {
			_, err := c.CreateVPC(ctx, here, aws.VPC{CIDR: "10.0.0.0/16"})
			return err
		},
		"ModifyVpcAttribute": func() error { return c.NameHosts(ctx, here, "vpc-1") },
		"DeleteVpc":          func() error { return c.DeleteNetworkPart(ctx, here, "vpc-1") },
	} {
		if err := do(); !errors.Is(err, aws.ErrUnasked) || len(e.sent(what)) > 0 {
			t.Errorf("%s answers %v, and was sent %v: this endpoint may act", what, err, e.sent(what))
		}
	}
	_, err := c.CreateGateway(ctx, here, nil)
	wantError(t, err, "failed", "took the dry run of CreateInternetGateway for the call itself")
	_, err = c.StopInstances(t.Context(), here, []string{"i-1"}, false, true)
	wantError(t, err, "uncertain", "took the dry run of StopInstances for the call itself")
}
