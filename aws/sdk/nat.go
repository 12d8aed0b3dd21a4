package sdk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// NATGateways answers the NAT gateways of a VPC. Deleted and failed ones, which AWS shows for about an hour, are left out.
func (c *Cloud) NATGateways(ctx context.Context, t aws.Target, vpc string) ([]aws.NATGateway, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.NATGateway
	err = each(func(token *string) (*ec2.DescribeNatGatewaysOutput, error) {
		return ask(ctx, ready.plain.DescribeNatGateways, &ec2.DescribeNatGatewaysInput{Filter: inVPC(vpc), NextToken: token})
	}, func(out *ec2.DescribeNatGatewaysOutput) *string {
		for _, one := range out.NatGateways {
			gone := one.State == types.NatGatewayStateDeleted || one.State == types.NatGatewayStateFailed
			if !gone && (vpc == "" || awssdk.ToString(one.VpcId) == vpc) {
				all = append(all, natOf(one))
			}
		}
		return out.NextToken
	})
	return all, err
}

func natOf(n types.NatGateway) aws.NATGateway {
	tags := tagsOf(n.Tags)
	out := aws.NATGateway{
		ID: awssdk.ToString(n.NatGatewayId), Name: tags["Name"], VPCID: awssdk.ToString(n.VpcId), SubnetID: awssdk.ToString(n.SubnetId),
		State: string(n.State), Failure: awssdk.ToString(n.FailureMessage), Tags: tags,
	}
	for _, a := range n.NatGatewayAddresses {
		if out.AddressID == "" {
			out.AddressID, out.IP, out.Interface = awssdk.ToString(a.AllocationId), awssdk.ToString(a.PublicIp), awssdk.ToString(a.NetworkInterfaceId)
		}
	}
	return out
}

// CreateNATGateway makes a NAT gateway with an elastic IP address in a subnet, and returns while it is pending. The same token with the
// same settings answers the same one.
func (c *Cloud) CreateNATGateway(ctx context.Context, t aws.Target, n aws.NATGateway, token string) (aws.NATGateway, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.NATGateway{}, err
	}
	out, err := soon(ctx, c, sought, ready.ec2.CreateNatGateway, &ec2.CreateNatGatewayInput{
		SubnetId: &n.SubnetID, AllocationId: &n.AddressID, ConnectivityType: types.ConnectivityTypePublic, ClientToken: optional(token),
		TagSpecifications: tagSpec(types.ResourceTypeNatgateway, n.Tags),
	})
	if err != nil || out.NatGateway == nil {
		return aws.NATGateway{}, orUnread(err, "CreateNatGateway")
	}
	return natOf(*out.NatGateway), nil
}

// WaitForNATGateway waits until a NAT gateway is "available" or "deleted". It ends early, with AWS's reason, where setting it up failed.
func (c *Cloud) WaitForNATGateway(ctx context.Context, t aws.Target, id, want string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	begun, state := time.Now(), "not visible"
	err = c.poll(ctx, func() (bool, error) {
		out, err := ask(ctx, ready.plain.DescribeNatGateways, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
		if codeOf(err) == "NatGatewayNotFound" {
			return want == "deleted", nil
		}
		if err != nil {
			return false, err
		}
		for _, one := range out.NatGateways {
			if awssdk.ToString(one.NatGatewayId) != id {
				continue
			}
			state = string(one.State)
			if one.State == types.NatGatewayStateFailed {
				return true, natFailed(one, want)
			}
		}
		return state == want || len(out.NatGateways) == 0 && want == "deleted", nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return &Error{
			kind: kindFailed, message: fmt.Sprintf("The NAT gateway %s is still %s after %s.", id, state, time.Since(begun).Round(time.Second)),
			hint: "It may still get there: the same line goes on where this one ended.", err: err,
		}
	}
	return err
}

func natFailed(n types.NatGateway, want string) error {
	if want == "deleted" {
		return nil // it costs nothing, and AWS removes it by itself
	}
	return &Error{
		Code: awssdk.ToString(n.FailureCode), kind: kindFailed,
		message: "AWS could not set up the NAT gateway " + awssdk.ToString(n.NatGatewayId) + ": " + sentence(oneLine(redact(awssdk.ToString(n.FailureMessage)))),
		hint:    "AWS removes what failed by itself; the same line makes another.",
	}
}

// Addresses answers the elastic IP addresses of a region.
func (c *Cloud) Addresses(ctx context.Context, t aws.Target) ([]aws.Address, error) {
	return c.addresses(ctx, t, func(types.Address) bool { return true })
}

// addresses answers those elastic IP addresses of a region that are wanted.
func (c *Cloud) addresses(ctx context.Context, t aws.Target, want func(types.Address) bool) ([]aws.Address, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, ready.ec2.DescribeAddresses, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, err
	}
	var all []aws.Address
	for _, a := range out.Addresses {
		if want(a) {
			all = append(all, aws.Address{
				ID: awssdk.ToString(a.AllocationId), Name: nameTag(a.Tags), IP: awssdk.ToString(a.PublicIp), Association: awssdk.ToString(a.AssociationId), Tags: tagsOf(a.Tags),
			})
		}
	}
	return all, nil
}

// AllocateAddress takes an elastic IP address. Nothing tells AWS that two calls are the same one, so it is not repeated.
func (c *Cloud) AllocateAddress(ctx context.Context, t aws.Target, tags map[string]string) (aws.Address, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Address{}, err
	}
	out, err := change(ctx, ready.plain.AllocateAddress, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: tagSpec(types.ResourceTypeElasticIp, tags)})
	if err != nil || out.AllocationId == nil {
		return aws.Address{}, orUnread(err, "AllocateAddress")
	}
	return aws.Address{ID: *out.AllocationId, Name: tags["Name"], IP: awssdk.ToString(out.PublicIp), Tags: tags}, nil
}

// releaseAddress gives an elastic IP address back. AWS may go on for some seconds to say that a deleted NAT gateway has it.
func (c *Cloud) releaseAddress(ctx context.Context, client plainCalls, id string) error {
	return c.letGo(ctx, addressInUse, func() error {
		_, err := repeat(ctx, client.ReleaseAddress, &ec2.ReleaseAddressInput{AllocationId: &id})
		return unless(err, "InvalidAllocationID.NotFound")
	})
}
