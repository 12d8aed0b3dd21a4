package sdk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// network is where a launch goes, in ids; empty is AWS's own choice.
type network struct {
	subnet string
	groups []string
}

// finder looks for the ids behind names in one region.
type finder struct{ client *ec2.Client }

// findNetwork answers the ids behind the names in a launch. Where everything is an id, nothing is asked.
func findNetwork(ctx context.Context, client *ec2.Client, l aws.Launch) (network, error) {
	f := finder{client}
	found := network{subnet: l.Subnet}
	vpc := ""
	if l.Subnet != "" && !strings.HasPrefix(l.Subnet, "subnet-") {
		subnet, err := f.subnetNamed(ctx, l.Subnet)
		if err != nil {
			return found, err
		}
		found.subnet, vpc = awssdk.ToString(subnet.SubnetId), awssdk.ToString(subnet.VpcId)
	}
	for _, group := range l.SecurityGroups {
		if strings.HasPrefix(group, "sg-") {
			found.groups = append(found.groups, group)
			continue
		}
		if vpc == "" {
			var err error
			if vpc, err = f.vpcOf(ctx, found.subnet); err != nil {
				return found, err
			}
		}
		id, err := f.groupNamed(ctx, group, vpc)
		if err != nil {
			return found, err
		}
		found.groups = append(found.groups, id)
	}
	return found, nil
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// subnets answers the subnets that pass the filters.
func (f finder) subnets(ctx context.Context, filters ...types.Filter) ([]types.Subnet, error) {
	var all []types.Subnet
	in := &ec2.DescribeSubnetsInput{Filters: filters}
	for {
		out, err := ask(ctx, f.client.DescribeSubnets, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.Subnets...)
		if awssdk.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &ec2.DescribeSubnetsInput{Filters: filters, NextToken: out.NextToken}
	}
}

func (f finder) subnetNamed(ctx context.Context, name string) (types.Subnet, error) {
	named, err := f.subnets(ctx, filter("tag:Name", literal(name)))
	if err != nil {
		return types.Subnet{}, err
	}
	named = slices.DeleteFunc(named, func(s types.Subnet) bool { return nameTag(s.Tags) != name })
	if len(named) == 1 {
		return named[0], nil
	}
	candidates := named
	if len(named) == 0 {
		if candidates, err = f.subnets(ctx); err != nil {
			return types.Subnet{}, err
		}
	}
	var shown []string
	for _, s := range candidates {
		label := awssdk.ToString(s.SubnetId)
		if own := nameTag(s.Tags); own != "" {
			label += " (" + own + ")"
		}
		shown = append(shown, label)
	}
	return types.Subnet{}, notOne("subnet", name, "in this region", len(named), shown)
}

// vpcOf answers the VPC of a subnet, and the default VPC for none.
func (f finder) vpcOf(ctx context.Context, subnet string) (string, error) {
	if subnet != "" {
		out, err := ask(ctx, f.client.DescribeSubnets, &ec2.DescribeSubnetsInput{SubnetIds: []string{subnet}})
		if err != nil {
			return "", err
		}
		if len(out.Subnets) == 1 {
			return awssdk.ToString(out.Subnets[0].VpcId), nil
		}
		return "", &Error{
			kind: kindNotFound, message: "AWS knows no subnet " + subnet + ".", hint: lookUp("InvalidSubnetID.NotFound").hint,
		}
	}
	own := ""
	err := pages(func(token *string) (*string, error) {
		out, err := ask(ctx, f.client.DescribeVpcs, &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("is-default", "true")}, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, v := range out.Vpcs {
			if awssdk.ToBool(v.IsDefault) {
				own = awssdk.ToString(v.VpcId)
			}
		}
		return out.NextToken, nil
	})
	if err != nil || own != "" {
		return own, err
	}
	return "", &Error{
		kind: kindUsage, message: "This region has no default VPC, so a security group's name does not say which one is meant.",
		hint: "Name a subnet with --subnet-id, or give the security group's id.",
	}
}

func (f finder) groupNamed(ctx context.Context, name, vpc string) (string, error) {
	var ids, others []string
	in := &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{filter("vpc-id", vpc)}}
	for {
		out, err := ask(ctx, f.client.DescribeSecurityGroups, in)
		if err != nil {
			return "", err
		}
		for _, g := range out.SecurityGroups {
			switch {
			case awssdk.ToString(g.VpcId) != vpc:
			case awssdk.ToString(g.GroupName) == name:
				ids = append(ids, awssdk.ToString(g.GroupId))
			default:
				others = append(others, fmt.Sprintf("%s (%s)", awssdk.ToString(g.GroupId), awssdk.ToString(g.GroupName)))
			}
		}
		if awssdk.ToString(out.NextToken) == "" {
			break
		}
		in = &ec2.DescribeSecurityGroupsInput{Filters: in.Filters, NextToken: out.NextToken}
	}
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		return "", notOne("security group", name, "in "+vpc, 0, others)
	default:
		return "", notOne("security group", name, "in "+vpc, len(ids), ids)
	}
}

// notOne is the error for a name that stands for nothing or for several things.
func notOne(kind, name, where string, found int, candidates []string) *Error {
	var ids []string
	for _, candidate := range candidates {
		id, _, _ := strings.Cut(candidate, " ")
		ids = append(ids, id)
	}
	const most = 10
	if more := len(candidates) - most; more > 0 {
		candidates = append(candidates[:most:most], fmt.Sprintf("%d more", more))
	}
	list := strings.Join(candidates, ", ")
	if found > 1 {
		return &Error{
			kind: kindAmbiguous, message: fmt.Sprintf("There are %d %ss named %q %s: %s.", found, kind, name, where, list),
			hint: "Give the id of the one you mean.", of: name, ids: ids,
		}
	}
	e := &Error{kind: kindNotFound, message: fmt.Sprintf("There is no %s named %q %s.", kind, name, where)}
	if list != "" {
		e.hint = "There are " + list + "."
	}
	return e
}

// literal keeps the wildcards of AWS's filters from having a meaning.
func literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s)
}

func literals(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = literal(s)
	}
	return out
}

func nameTag(tags []types.Tag) string {
	for _, t := range tags {
		if awssdk.ToString(t.Key) == "Name" {
			return awssdk.ToString(t.Value)
		}
	}
	return ""
}
