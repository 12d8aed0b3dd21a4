package sandbox

import (
	"net/netip"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addRoutes(table map[string]operation) {
	table["EC2.CreateInternetGateway"] = on(createGateway)
	table["EC2.AttachInternetGateway"] = on(attachGateway)
	table["EC2.DetachInternetGateway"] = on(detachGateway)
	table["EC2.DeleteInternetGateway"] = on(deleteGateway)
	table["EC2.DescribeInternetGateways"] = on(describeGateways)
	table["EC2.CreateRouteTable"] = on(createRouteTable)
	table["EC2.DeleteRouteTable"] = on(deleteRouteTable)
	table["EC2.DescribeRouteTables"] = on(describeRouteTables)
	table["EC2.CreateRoute"] = on(createRoute)
	table["EC2.DeleteRoute"] = on(deleteRoute)
	table["EC2.AssociateRouteTable"] = on(associateRouteTable)
	table["EC2.DisassociateRouteTable"] = on(disassociateRouteTable)
}

// openDefault gives a region's default VPC its way to the internet.
func (r *region) openDefault(seed string) {
	vpc := r.vpcs[0]
	gateway := types.InternetGateway{
		InternetGatewayId: awssdk.String(derivedID("igw", seed)), OwnerId: &r.account,
		Attachments: []types.InternetGatewayAttachment{{VpcId: vpc.VpcId, State: "available"}},
	}
	main := r.newTable(derivedID("rtb", seed), vpc, true)
	main.Routes = append(main.Routes, types.Route{
		DestinationCidrBlock: awssdk.String("0.0.0.0/0"), GatewayId: gateway.InternetGatewayId, State: types.RouteStateActive, Origin: types.RouteOriginCreateRoute,
	})
	r.gateways, r.tables = []types.InternetGateway{gateway}, []types.RouteTable{main}
}

func (r *region) newTable(id string, vpc types.Vpc, main bool) types.RouteTable {
	t := types.RouteTable{
		RouteTableId: &id, VpcId: vpc.VpcId, OwnerId: &r.account,
		Routes: []types.Route{{DestinationCidrBlock: vpc.CidrBlock, GatewayId: awssdk.String("local"), State: types.RouteStateActive, Origin: types.RouteOriginCreateRouteTable}},
	}
	if main {
		t.Associations = []types.RouteTableAssociation{{
			Main: awssdk.Bool(true), RouteTableId: &id, RouteTableAssociationId: awssdk.String(derivedID("rtbassoc", id)), AssociationState: associated(),
		}}
	}
	return t
}

func associated() *types.RouteTableAssociationState {
	return &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated}
}

func isMain(t types.RouteTable) bool {
	return slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return awssdk.ToBool(a.Main) })
}

// attachedTo is the VPC of a gateway; "" where it is attached to none.
func attachedTo(g types.InternetGateway) string {
	if len(g.Attachments) == 0 {
		return ""
	}
	return awssdk.ToString(g.Attachments[0].VpcId)
}

func createGateway(r *region, in *ec2.CreateInternetGatewayInput) (*ec2.CreateInternetGatewayOutput, error) {
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	g := types.InternetGateway{InternetGatewayId: awssdk.String(r.world.id("igw")), OwnerId: &r.account, Tags: tagsFor(in.TagSpecifications, types.ResourceTypeInternetGateway)}
	r.gateways = append(slices.Clone(r.gateways), g)
	return &ec2.CreateInternetGatewayOutput{InternetGateway: &g}, nil
}

func (r *region) gateway(id *string) (int, error) {
	at := slices.IndexFunc(r.gateways, func(g types.InternetGateway) bool { return *g.InternetGatewayId == awssdk.ToString(id) })
	if at < 0 {
		return at, refuse("InvalidInternetGatewayID.NotFound", "The internetGateway ID '"+awssdk.ToString(id)+"' does not exist")
	}
	return at, nil
}

func attachGateway(r *region, in *ec2.AttachInternetGatewayInput) (*ec2.AttachInternetGatewayOutput, error) {
	at, err := r.gateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if _, err := r.vpc(in.VpcId); err != nil {
		return nil, err
	}
	if vpc := attachedTo(r.gateways[at]); vpc != "" {
		return nil, refuse("Resource.AlreadyAssociated", "resource "+*in.InternetGatewayId+" is already attached to network "+vpc)
	}
	if slices.ContainsFunc(r.gateways, func(g types.InternetGateway) bool { return attachedTo(g) == *in.VpcId }) {
		return nil, refuse("InvalidParameterValue", "Network "+*in.VpcId+" already has an internet gateway attached")
	}
	r.gateways = slices.Clone(r.gateways)
	r.gateways[at].Attachments = []types.InternetGatewayAttachment{{VpcId: in.VpcId, State: "available"}}
	return &ec2.AttachInternetGatewayOutput{}, nil
}

func detachGateway(r *region, in *ec2.DetachInternetGatewayInput) (*ec2.DetachInternetGatewayOutput, error) {
	at, err := r.gateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if attachedTo(r.gateways[at]) != *in.VpcId {
		return nil, refuse("Gateway.NotAttached", "resource "+*in.InternetGatewayId+" is not attached to network "+*in.VpcId)
	}
	mapped := refuse("DependencyViolation", "Network "+*in.VpcId+" has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.")
	for _, n := range r.nats {
		if *n.VpcId == *in.VpcId && n.lives(r) {
			return nil, mapped
		}
	}
	for _, one := range r.present() {
		if one.PublicIpAddress != nil && awssdk.ToString(one.VpcId) == *in.VpcId {
			return nil, mapped
		}
	}
	r.gateways = slices.Clone(r.gateways)
	r.gateways[at].Attachments = nil
	return &ec2.DetachInternetGatewayOutput{}, nil
}

func deleteGateway(r *region, in *ec2.DeleteInternetGatewayInput) (*ec2.DeleteInternetGatewayOutput, error) {
	at, err := r.gateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if attachedTo(r.gateways[at]) != "" {
		return nil, hasDependencies("internetGateway", *in.InternetGatewayId)
	}
	r.gateways = slices.Delete(slices.Clone(r.gateways), at, at+1)
	return &ec2.DeleteInternetGatewayOutput{}, nil
}

func describeGateways(r *region, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
	kept, err := pick(r.gateways, in.InternetGatewayIds, in.Filters, finder[types.InternetGateway]{
		id:      func(x types.InternetGateway) string { return *x.InternetGatewayId },
		missing: noSuch("InvalidInternetGatewayID.NotFound", "internetGateway ID"),
		tags:    func(x types.InternetGateway) []types.Tag { return x.Tags },
		field: func(x types.InternetGateway, name string) ([]string, bool) {
			switch name {
			case "internet-gateway-id":
				return one(x.InternetGatewayId), true
			case "attachment.vpc-id":
				return []string{attachedTo(x)}, true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeInternetGatewaysOutput{InternetGateways: part, NextToken: next}, err
}

func createRouteTable(r *region, in *ec2.CreateRouteTableInput) (*ec2.CreateRouteTableOutput, error) {
	vpc, err := r.vpc(in.VpcId)
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	t := r.newTable(r.world.id("rtb"), vpc, false)
	t.Tags = tagsFor(in.TagSpecifications, types.ResourceTypeRouteTable)
	r.tables = append(slices.Clone(r.tables), t)
	return &ec2.CreateRouteTableOutput{RouteTable: &t}, nil
}

func (r *region) table(id *string) (int, error) {
	at := slices.IndexFunc(r.tables, func(t types.RouteTable) bool { return *t.RouteTableId == awssdk.ToString(id) })
	if at < 0 {
		return at, refuse("InvalidRouteTableID.NotFound", "The routeTable ID '"+awssdk.ToString(id)+"' does not exist")
	}
	r.tables = slices.Clone(r.tables)
	return at, nil
}

func deleteRouteTable(r *region, in *ec2.DeleteRouteTableInput) (*ec2.DeleteRouteTableOutput, error) {
	at, err := r.table(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if len(r.tables[at].Associations) > 0 {
		return nil, hasDependencies("routeTable", *in.RouteTableId)
	}
	r.tables = slices.Delete(r.tables, at, at+1)
	return &ec2.DeleteRouteTableOutput{}, nil
}

func describeRouteTables(r *region, in *ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
	kept, err := pick(r.tables, in.RouteTableIds, in.Filters, finder[types.RouteTable]{
		id:      func(x types.RouteTable) string { return *x.RouteTableId },
		missing: noSuch("InvalidRouteTableID.NotFound", "routeTable ID"),
		tags:    func(x types.RouteTable) []types.Tag { return x.Tags },
		field: func(x types.RouteTable, name string) ([]string, bool) {
			switch name {
			case "route-table-id":
				return one(x.RouteTableId), true
			case "vpc-id":
				return one(x.VpcId), true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeRouteTablesOutput{RouteTables: part, NextToken: next}, err
}

func createRoute(r *region, in *ec2.CreateRouteInput) (*ec2.CreateRouteOutput, error) {
	at, err := r.table(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParsePrefix(awssdk.ToString(in.DestinationCidrBlock)); err != nil {
		return nil, refuse("InvalidParameterValue", "Value ("+awssdk.ToString(in.DestinationCidrBlock)+") for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.")
	}
	t := r.tables[at]
	if err := r.leadsOut(t, in); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(t.Routes, func(x types.Route) bool { return *x.DestinationCidrBlock == *in.DestinationCidrBlock }) {
		return nil, refuse("RouteAlreadyExists", "The route identified by "+*in.DestinationCidrBlock+" already exists.")
	}
	r.tables[at].Routes = append(slices.Clone(t.Routes), types.Route{
		DestinationCidrBlock: in.DestinationCidrBlock, GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, State: types.RouteStateActive, Origin: types.RouteOriginCreateRoute,
	})
	return &ec2.CreateRouteOutput{Return: awssdk.Bool(true)}, nil
}

// leadsOut refuses a target that a route of this table cannot have.
func (r *region) leadsOut(t types.RouteTable, in *ec2.CreateRouteInput) error {
	switch {
	case in.NatGatewayId != nil:
		n, err := r.nat(*in.NatGatewayId)
		if err != nil || !n.lives(r) {
			return refuse("InvalidNatGatewayID.NotFound", "The natGateway ID '"+*in.NatGatewayId+"' does not exist")
		}
		if *n.VpcId != *t.VpcId {
			return refuse("InvalidParameterValue", "route table "+*t.RouteTableId+" and network gateway "+*in.NatGatewayId+" belong to different networks")
		}
		return nil
	case in.GatewayId == nil:
		return refuse("InvalidParameterCombination", "The sandbox keeps routes to internet gateways and NAT gateways alone.")
	}
	gateway, err := r.gateway(in.GatewayId)
	if err != nil {
		return refuse("InvalidGatewayID.NotFound", "The gateway ID '"+*in.GatewayId+"' does not exist")
	}
	if attachedTo(r.gateways[gateway]) != *t.VpcId {
		return refuse("InvalidParameterValue", "route table "+*t.RouteTableId+" and network gateway "+*in.GatewayId+" belong to different networks")
	}
	return nil
}

func deleteRoute(r *region, in *ec2.DeleteRouteInput) (*ec2.DeleteRouteOutput, error) {
	at, err := r.table(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	t := r.tables[at]
	i := slices.IndexFunc(t.Routes, func(x types.Route) bool {
		return *x.DestinationCidrBlock == awssdk.ToString(in.DestinationCidrBlock) && awssdk.ToString(x.GatewayId) != "local"
	})
	if i < 0 {
		return nil, refuse("InvalidRoute.NotFound", "no route with destination-cidr-block "+awssdk.ToString(in.DestinationCidrBlock)+" in route table "+*t.RouteTableId)
	}
	r.tables[at].Routes = slices.Delete(slices.Clone(t.Routes), i, i+1)
	return &ec2.DeleteRouteOutput{}, nil
}

func associateRouteTable(r *region, in *ec2.AssociateRouteTableInput) (*ec2.AssociateRouteTableOutput, error) {
	at, err := r.table(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	subnet, ok := r.subnet(awssdk.ToString(in.SubnetId))
	switch {
	case !ok:
		return nil, refuse("InvalidSubnetID.NotFound", "The subnet ID '"+awssdk.ToString(in.SubnetId)+"' does not exist")
	case *subnet.VpcId != *r.tables[at].VpcId:
		return nil, refuse("InvalidParameterValue", "Route table "+*in.RouteTableId+" and subnet "+*in.SubnetId+" belong to different networks")
	}
	for _, t := range r.tables {
		for _, a := range t.Associations {
			if awssdk.ToString(a.SubnetId) != *in.SubnetId {
				continue
			}
			if *t.RouteTableId == *in.RouteTableId {
				return &ec2.AssociateRouteTableOutput{AssociationId: a.RouteTableAssociationId, AssociationState: associated()}, nil
			}
			return nil, refuse("Resource.AlreadyAssociated", "the specified association for route table "+*in.RouteTableId+" conflicts with an existing association")
		}
	}
	id := r.world.id("rtbassoc")
	r.tables[at].Associations = append(slices.Clone(r.tables[at].Associations), types.RouteTableAssociation{
		Main: awssdk.Bool(false), RouteTableId: in.RouteTableId, SubnetId: in.SubnetId, RouteTableAssociationId: &id, AssociationState: associated(),
	})
	return &ec2.AssociateRouteTableOutput{AssociationId: &id, AssociationState: associated()}, nil
}

func disassociateRouteTable(r *region, in *ec2.DisassociateRouteTableInput) (*ec2.DisassociateRouteTableOutput, error) {
	r.tables = slices.Clone(r.tables)
	for at, t := range r.tables {
		for i, a := range t.Associations {
			if *a.RouteTableAssociationId == *in.AssociationId && !awssdk.ToBool(a.Main) {
				r.tables[at].Associations = slices.Delete(slices.Clone(t.Associations), i, i+1)
				return &ec2.DisassociateRouteTableOutput{}, nil
			}
		}
	}
	return nil, refuse("InvalidAssociationID.NotFound", "The association ID '"+*in.AssociationId+"' does not exist")
}
