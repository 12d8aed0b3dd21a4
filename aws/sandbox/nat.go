package sandbox

import (
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addNAT(table map[string]operation) {
	table["EC2.CreateNatGateway"] = on(createNatGateway)
	table["EC2.DeleteNatGateway"] = on(deleteNatGateway)
	table["EC2.DescribeNatGateways"] = on(describeNatGateways)
}

// nat is a NAT gateway: pending, available, deleting, and deleted, each for its time.
type nat struct {
	types.NatGateway
	token   string
	since   time.Time
	leaving time.Time // deleted; zero: not
}

func (n *nat) state(r *region) types.NatGatewayState {
	settle := r.world.options.Settle
	switch {
	case !n.leaving.IsZero() && r.now().Sub(n.leaving) >= settle:
		return types.NatGatewayStateDeleted
	case !n.leaving.IsZero():
		return types.NatGatewayStateDeleting
	case r.now().Sub(n.since) < settle:
		return types.NatGatewayStatePending
	default:
		return types.NatGatewayStateAvailable
	}
}

// lives tells whether it holds its address and its subnet.
func (n *nat) lives(r *region) bool { return n.state(r) != types.NatGatewayStateDeleted }

func (n *nat) shown(r *region) types.NatGateway {
	out := n.NatGateway
	out.State = n.state(r)
	return out
}

func (r *region) nat(id string) (*nat, error) {
	for _, n := range r.nats {
		if *n.NatGatewayId == id {
			return n, nil
		}
	}
	return nil, refuse("NatGatewayNotFound", "The Nat Gateway "+id+" was not found")
}

// natOfAddress answers the NAT gateway that has an elastic IP address; nil for none.
func (r *region) natOfAddress(allocation string) *nat {
	for _, n := range r.nats {
		if n.lives(r) && *n.NatGatewayAddresses[0].AllocationId == allocation {
			return n
		}
	}
	return nil
}

func createNatGateway(r *region, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	for _, n := range r.nats {
		if in.ClientToken != nil && n.token == *in.ClientToken {
			shown := n.shown(r)
			return &ec2.CreateNatGatewayOutput{NatGateway: &shown, ClientToken: in.ClientToken}, nil
		}
	}
	subnet, ok := r.subnet(awssdk.ToString(in.SubnetId))
	if !ok {
		return nil, refuse("InvalidSubnet", "The subnet ID '"+awssdk.ToString(in.SubnetId)+"' does not exist")
	}
	if in.AllocationId == nil {
		return nil, refuse("MissingParameter", "The request must contain the parameter AllocationId")
	}
	at := slices.IndexFunc(r.addresses, func(a types.Address) bool { return *a.AllocationId == *in.AllocationId })
	switch {
	case at < 0:
		return nil, refuse("InvalidElasticIpID.NotFound", "Elastic IP address "+*in.AllocationId+" could not be found")
	case r.natOfAddress(*in.AllocationId) != nil:
		return nil, refuse("Resource.AlreadyAssociated", "Elastic IP address ["+*in.AllocationId+"] is already associated")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	now := r.now()
	n := &nat{token: awssdk.ToString(in.ClientToken), since: now, NatGateway: types.NatGateway{
		NatGatewayId: awssdk.String(r.world.id("nat")), SubnetId: in.SubnetId, VpcId: subnet.VpcId, CreateTime: &now, ConnectivityType: in.ConnectivityType,
		NatGatewayAddresses: []types.NatGatewayAddress{{AllocationId: in.AllocationId, PublicIp: r.addresses[at].PublicIp, IsPrimary: awssdk.Bool(true)}},
		Tags:                tagsFor(in.TagSpecifications, types.ResourceTypeNatgateway),
	}}
	r.nats = append(r.nats, n)
	shown := n.shown(r)
	return &ec2.CreateNatGatewayOutput{NatGateway: &shown, ClientToken: in.ClientToken}, nil
}

func deleteNatGateway(r *region, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
	n, err := r.nat(*in.NatGatewayId)
	if err == nil {
		err = dryRun(in.DryRun) // a copy of the region shares it
	}
	if err != nil {
		return nil, err
	}
	if n.leaving.IsZero() {
		n.leaving = r.now()
	}
	return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
}

func describeNatGateways(r *region, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
	var all []types.NatGateway
	for _, n := range r.nats {
		all = append(all, n.shown(r))
	}
	kept, err := pick(all, in.NatGatewayIds, in.Filter, finder[types.NatGateway]{
		id: func(x types.NatGateway) string { return *x.NatGatewayId },
		missing: func(id string) error {
			return refuse("NatGatewayNotFound", "The Nat Gateway "+id+" was not found")
		},
		tags: func(x types.NatGateway) []types.Tag { return x.Tags },
		field: func(x types.NatGateway, name string) ([]string, bool) {
			switch name {
			case "vpc-id":
				return one(x.VpcId), true
			case "subnet-id":
				return one(x.SubnetId), true
			case "state":
				return []string{string(x.State)}, true
			}
			return nil, false
		},
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(kept, in.NextToken, in.MaxResults)
	return &ec2.DescribeNatGatewaysOutput{NatGateways: part, NextToken: next}, err
}

// natInterfaces are what NAT gateways hold their subnets with.
func (r *region) natInterfaces() []types.NetworkInterface {
	var all []types.NetworkInterface
	for _, n := range r.nats {
		if n.lives(r) {
			all = append(all, types.NetworkInterface{
				NetworkInterfaceId: awssdk.String(derivedID("eni", *n.NatGatewayId)), SubnetId: n.SubnetId, VpcId: n.VpcId,
				Status: types.NetworkInterfaceStatusInUse, InterfaceType: types.NetworkInterfaceTypeNatGateway, RequesterManaged: awssdk.Bool(true),
				Description: awssdk.String("Interface for NAT Gateway " + *n.NatGatewayId), OwnerId: &r.account,
			})
		}
	}
	return all
}
