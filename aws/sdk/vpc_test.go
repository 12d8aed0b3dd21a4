package sdk_test

import (
	"net/http"
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

// lab makes a VPC with a subnet, a gateway and a route out.
func lab(t *testing.T, c *sdk.Cloud) (aws.VPC, aws.Subnet, aws.Gateway, aws.RouteTable) {
	t.Helper()
	ctx := t.Context()
	v, err := c.CreateVPC(ctx, here, aws.VPC{CIDR: "10.20.0.0/16", Tags: map[string]string{"Name": "lab"}})
	must(t, err)
	s, err := c.CreateSubnet(ctx, here, aws.Subnet{VPCID: v.ID, CIDR: "10.20.0.0/20", Zone: "us-east-1a"})
	must(t, err)
	g, err := c.CreateGateway(ctx, here, map[string]string{"Name": "lab"})
	must(t, err)
	must(t, c.AttachGateway(ctx, here, g.ID, v.ID))
	table, err := c.CreateRouteTable(ctx, here, aws.RouteTable{VPCID: v.ID}, "")
	must(t, err)
	must(t, c.AddRoute(ctx, here, table.ID, aws.Route{Destination: "0.0.0.0/0", Target: g.ID}))
	must(t, c.Associate(ctx, here, table.ID, s.ID))
	return v, s, g, table
}

func TestANetworkIsMadeSeenAndDeletedInOrder(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		v, s, g, table := lab(t, c)
		n, err := c.Network(ctx, here, v.ID)
		must(t, err)
		if len(n.VPCs) != 1 || n.VPCs[0].Name != "lab" || len(n.Subnets) != 1 || len(n.Groups) != 1 || len(n.Tables) != 2 {
			t.Fatalf("the network is %+v", n)
		}
		for _, x := range n.Tables {
			if x.ID == table.ID && (len(x.Routes) != 2 || x.Routes[1].Target != g.ID || x.Subnets[s.ID] == "" || x.Main) {
				t.Errorf("the route table is %+v", x)
			}
		}
		for _, id := range []string{v.ID, g.ID, table.ID} {
			wantError(t, c.DeleteNetworkPart(ctx, here, id), "failed", "dependencies")
		}
		must(t, c.DeleteNetworkPart(ctx, here, s.ID))
		must(t, c.DeleteNetworkPart(ctx, here, table.ID))
		must(t, c.DetachGateway(ctx, here, g.ID, v.ID))
		for range 2 { // the second time it is gone already
			must(t, c.DetachGateway(ctx, here, g.ID, v.ID))
			must(t, c.DeleteNetworkPart(ctx, here, g.ID))
			must(t, c.DeleteNetworkPart(ctx, here, v.ID))
		}
		if n, err = c.Network(ctx, here, v.ID); err != nil || len(n.VPCs)+len(n.Groups)+len(n.Tables) != 0 {
			t.Errorf("left %+v, %v", n, err)
		}
	})
}

func TestNetworksThatAWSRefuses(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		v, s, g, table := lab(t, c)
		subnet := func(cidr, zone string) error {
			_, err := c.CreateSubnet(ctx, here, aws.Subnet{VPCID: v.ID, CIDR: cidr, Zone: zone})
			return err
		}
		_, tooLarge := c.CreateVPC(ctx, here, aws.VPC{CIDR: "10.0.0.0/8"})
		_, second := c.CreateSecurityGroup(ctx, here, aws.SecurityGroup{Name: "default", Description: "x", VPCID: v.ID})
		launch(t, c, aws.Launch{ImageID: "ami-0123456789abcdef0", InstanceType: "t3.micro", MinCount: 1, MaxCount: 1, Subnet: s.ID})
		for why, x := range map[string]struct {
			err  error
			code string
		}{
			"a VPC that is too large":      {tooLarge, "InvalidVpc.Range"},
			"a subnet outside":             {subnet("10.21.0.0/20", ""), "InvalidSubnet.Range"},
			"a subnet that is too small":   {subnet("10.20.200.0/29", ""), "InvalidSubnet.Range"},
			"an overlapping subnet":        {subnet("10.20.8.0/24", ""), "InvalidSubnet.Conflict"},
			"a zone of nobody's":           {subnet("10.20.200.0/24", "us-east-1z"), "InvalidParameterValue"},
			"a gateway attached twice":     {c.AttachGateway(ctx, here, g.ID, v.ID), "Resource.AlreadyAssociated"},
			"a route that is there":        {c.AddRoute(ctx, here, table.ID, aws.Route{Destination: "0.0.0.0/0", Target: g.ID}), "RouteAlreadyExists"},
			"a reserved group name":        {second, "InvalidParameterValue"},
			"a subnet with an instance":    {c.DeleteNetworkPart(ctx, here, s.ID), "DependencyViolation"},
			"a block with bits of a host":  {c.Allow(ctx, here, "sg-0123456789abcdef0", aws.Rule{Protocol: "tcp", From: 1, To: 1, Peer: "10.0.0.1/8"}), "InvalidParameterValue"},
			"a group that is not there":    {c.Allow(ctx, here, "sg-0aaaaaaaaaaaaaaaa", aws.Rule{Protocol: "tcp", From: 1, To: 1, Peer: "10.0.0.0/8"}), "InvalidGroup.NotFound"},
			"a group that something holds": {c.DeleteNetworkPart(ctx, here, groupOf(t, c, v.ID)), "CannotDelete"},
		} {
			if code := codeOf(x.err); code != x.code {
				t.Errorf("%s: got %q (%v), want %s", why, code, x.err, x.code)
			}
		}
	})
}

func TestWhatWasDeletedAMomentAgoIsWaitedFor(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		_, s, g, _ := lab(t, c)
		w.Fail("DeleteSubnet", "DependencyViolation", 3)
		must(t, c.DeleteNetworkPart(t.Context(), here, s.ID))
		w.Fail("DetachInternetGateway", "DependencyViolation", 3)
		must(t, c.DetachGateway(t.Context(), here, g.ID, g.VPCID))
		w.Fail("DeleteInternetGateway", "DependencyViolation", 1000)
		if err := c.DeleteNetworkPart(t.Context(), here, g.ID); codeOf(err) != "DependencyViolation" {
			t.Errorf("what is needed for good: %v", err)
		}
	})
}

func groupOf(t *testing.T, c *sdk.Cloud, vpc string) string {
	t.Helper()
	groups, err := c.SecurityGroups(t.Context(), here, vpc)
	must(t, err)
	return groups[0].ID
}

func codeOf(err error) string {
	if e, ok := err.(*sdk.Error); ok { //nolint:errorlint // the errors of the cloud are not wrapped
		return e.Code
	}
	return ""
}

func TestRulesAreAddedOnceAndRevoked(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		group := "sg-0123456789abcdef0"
		rules := []aws.Rule{
			{Protocol: "tcp", From: 443, To: 443, Peer: "10.0.0.0/8", Description: "office"},
			{Protocol: "tcp", From: 443, To: 443, Peer: "2001:db8::/32"},
			{Protocol: "-1", Peer: group},
		}
		for _, r := range append(rules, rules...) { // the second time it is there already
			must(t, c.Allow(ctx, here, group, r))
		}
		now := func() (n int) {
			all, err := c.SecurityGroups(ctx, here, "")
			must(t, err)
			for _, g := range all {
				for _, r := range g.Ingress {
					for _, want := range rules {
						if g.ID == group && r == want {
							n++
						}
					}
				}
			}
			return n
		}
		if n := now(); n != 3 {
			t.Errorf("%d of 3 rules are there", n)
		}
		for _, r := range append(rules, rules...) {
			must(t, c.Revoke(ctx, here, group, r))
		}
		if n := now(); n != 0 {
			t.Errorf("%d rules are left", n)
		}
	})
}

func TestALostAnswerOfAMakingIsNotAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("CreateVpc", 1)
		_, err := c.CreateVPC(t.Context(), here, aws.VPC{CIDR: "10.20.0.0/16"})
		wantError(t, err, "uncertain", "CreateVpc")
		if n := count(w, "CreateVpc"); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestARuleAndASubnetOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"AuthorizeSecurityGroupIngress": xml(`<AuthorizeSecurityGroupIngressResponse><return>true</return></AuthorizeSecurityGroupIngressResponse>`),
		"CreateSubnet":                  xml(`<CreateSubnetResponse><subnet><subnetId>subnet-1</subnetId></subnet></CreateSubnetResponse>`),
	})
	must(t, c.Allow(t.Context(), here, "sg-1", aws.Rule{Protocol: "tcp", From: 443, To: 444, Peer: "10.0.0.0/8", Description: "office"}))
	_, err := c.CreateSubnet(t.Context(), here, aws.Subnet{VPCID: "vpc-1", CIDR: "10.0.1.0/24", Zone: "us-east-1b", Tags: map[string]string{"Name": "lab"}})
	must(t, err)
	wantFields(t, e.sent("AuthorizeSecurityGroupIngress")[0], map[string]string{
		"GroupId": "sg-1", "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "443", "IpPermissions.1.ToPort": "444",
		"IpPermissions.1.IpRanges.1.CidrIp": "10.0.0.0/8", "IpPermissions.1.IpRanges.1.Description": "office",
	})
	wantFields(t, e.sent("CreateSubnet")[0], map[string]string{
		"VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1b",
		"TagSpecification.1.ResourceType": "subnet", "TagSpecification.1.Tag.1.Key": "Name", "TagSpecification.1.Tag.1.Value": "lab",
	})
}

func TestARouteLeadsToWhatItsTargetIs(t *testing.T) {
	t.Parallel()
	for target, field := range map[string]string{
		"igw-1": "GatewayId", "vgw-1": "GatewayId", "nat-1": "NatGatewayId", "tgw-1": "TransitGatewayId", "pcx-1": "VpcPeeringConnectionId",
		"eni-1": "NetworkInterfaceId", "i-1": "InstanceId", "vpce-1": "VpcEndpointId",
	} {
		e, c := wired(t, map[string]http.HandlerFunc{"CreateRoute": xml(`<CreateRouteResponse><return>true</return></CreateRouteResponse>`)})
		must(t, c.AddRoute(t.Context(), here, "rtb-1", aws.Route{Destination: "10.1.0.0/16", Target: target}))
		wantFields(t, e.sent("CreateRoute")[0], map[string]string{"RouteTableId": "rtb-1", "DestinationCidrBlock": "10.1.0.0/16", field: target})
	}
}

// AWS may say of what it has just made that it does not exist.
func TestPartsThatAWSDoesNotKnowYetAreAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		for operation, code := range map[string]string{
			"ModifyVpcAttribute": "InvalidVpcID.NotFound", "CreateSubnet": "InvalidVpcID.NotFound", "ModifySubnetAttribute": "InvalidSubnetID.NotFound",
			"AttachInternetGateway": "InvalidInternetGatewayID.NotFound", "CreateRouteTable": "InvalidVpcID.NotFound", "CreateRoute": "InvalidRouteTableID.NotFound",
			"AssociateRouteTable": "InvalidSubnetID.NotFound", "CreateSecurityGroup": "InvalidVpcID.NotFound", "AuthorizeSecurityGroupIngress": "InvalidGroup.NotFound",
			"CreateNatGateway": "InvalidElasticIpID.NotFound",
		} {
			w.Fail(operation, code, 2)
		}
		ctx := t.Context()
		v, s, _, _ := lab(t, c)
		must(t, c.NameHosts(ctx, here, v.ID))
		must(t, c.SetSubnetPublic(ctx, here, s.ID, true))
		g, err := c.CreateSecurityGroup(ctx, here, aws.SecurityGroup{Name: "web", Description: "x", VPCID: v.ID})
		must(t, err)
		must(t, c.Allow(ctx, here, g.ID, aws.Rule{Protocol: "tcp", From: 80, To: 80, Peer: "10.0.0.0/8"}))
		a, err := c.AllocateAddress(ctx, here, nil)
		must(t, err)
		_, err = c.CreateNATGateway(ctx, here, aws.NATGateway{SubnetID: s.ID, AddressID: a.ID}, "token")
		must(t, err)
		n, err := c.Network(ctx, here, v.ID)
		if must(t, err); len(n.Subnets) != 1 || len(n.Tables) != 2 || len(n.Groups) != 2 {
			t.Errorf("there is %+v", n)
		}
	})
}
