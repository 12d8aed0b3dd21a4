package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func addGroups(table map[string]operation) {
	table["EC2.CreateSecurityGroup"] = on(createSecurityGroup)
	table["EC2.DeleteSecurityGroup"] = on(deleteSecurityGroup)
	table["EC2.AuthorizeSecurityGroupIngress"] = on(authorizeIngress)
	table["EC2.RevokeSecurityGroupIngress"] = on(revokeIngress)
	table["EC2.UpdateSecurityGroupRuleDescriptionsIngress"] = on(describeIngress)
}

// newGroup is a group as AWS makes it: everything may leave; into the default group its own members may come.
func (r *region) newGroup(id, name, description, vpc string) types.SecurityGroup {
	g := types.SecurityGroup{
		GroupId: &id, GroupName: &name, Description: &description, VpcId: &vpc, OwnerId: &r.account,
		IpPermissionsEgress: []types.IpPermission{{IpProtocol: awssdk.String("-1"), IpRanges: []types.IpRange{{CidrIp: awssdk.String("0.0.0.0/0")}}}},
	}
	if name == "default" {
		g.IpPermissions = []types.IpPermission{{IpProtocol: awssdk.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &id, UserId: &r.account}}}}
	}
	return g
}

func createSecurityGroup(r *region, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	vpc := in.VpcId
	if vpc == nil {
		for _, v := range r.vpcs {
			if awssdk.ToBool(v.IsDefault) {
				vpc = v.VpcId
			}
		}
	}
	if _, err := r.vpc(vpc); err != nil {
		return nil, err
	}
	name := *in.GroupName
	switch {
	case strings.HasPrefix(name, "sg-"):
		return nil, refuse("InvalidParameterValue", "Invalid value '"+name+"' for groupName. Group names may not be in the format sg-*.")
	case strings.EqualFold(name, "default"):
		return nil, refuse("InvalidParameterValue", "Cannot use reserved security group name: "+name)
	case slices.ContainsFunc(r.groups, func(g types.SecurityGroup) bool { return *g.VpcId == *vpc && *g.GroupName == name }):
		return nil, refuse("InvalidGroup.Duplicate", "The security group '"+name+"' already exists for VPC '"+*vpc+"'")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	g := r.newGroup(r.world.id("sg"), name, *in.Description, *vpc)
	g.Tags = tagsFor(in.TagSpecifications, types.ResourceTypeSecurityGroup)
	r.groups = append(slices.Clone(r.groups), g)
	return &ec2.CreateSecurityGroupOutput{GroupId: g.GroupId, Tags: g.Tags}, nil
}

func (r *region) group(id *string) (int, error) {
	at := slices.IndexFunc(r.groups, func(g types.SecurityGroup) bool { return *g.GroupId == awssdk.ToString(id) })
	if at < 0 {
		return at, refuse("InvalidGroup.NotFound", "The security group '"+awssdk.ToString(id)+"' does not exist")
	}
	return at, nil
}

func deleteSecurityGroup(r *region, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	at, err := r.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	id := *r.groups[at].GroupId
	if *r.groups[at].GroupName == "default" {
		return nil, refuse("CannotDelete", `the specified group: "`+id+`" name: "default" cannot be deleted by a user`)
	}
	refers := func(g types.SecurityGroup) bool {
		return *g.GroupId != id && slices.ContainsFunc(g.IpPermissions, func(p types.IpPermission) bool {
			return slices.ContainsFunc(p.UserIdGroupPairs, func(u types.UserIdGroupPair) bool { return awssdk.ToString(u.GroupId) == id })
		})
	}
	holds := func(i types.NetworkInterface) bool {
		return slices.ContainsFunc(i.Groups, func(g types.GroupIdentifier) bool { return *g.GroupId == id })
	}
	if slices.ContainsFunc(r.groups, refers) || slices.ContainsFunc(r.interfaces(), holds) {
		return nil, refuse("DependencyViolation", "resource "+id+" has a dependent object")
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	r.groups = slices.Delete(slices.Clone(r.groups), at, at+1)
	return &ec2.DeleteSecurityGroupOutput{GroupId: &id, Return: awssdk.Bool(true)}, nil
}

// rule is one source of one permission.
type rule struct {
	protocol    string
	from, to    int32
	peer        string // a block or a group's id
	description *string
}

func (x rule) same(y rule) bool {
	return x.protocol == y.protocol && x.from == y.from && x.to == y.to && x.peer == y.peer
}

func (x rule) String() string {
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", x.peer, strings.ToUpper(x.protocol), x.from, x.to)
}

// rulesOf takes permissions apart.
func rulesOf(permissions []types.IpPermission) []rule {
	var out []rule
	for _, p := range permissions {
		base := rule{protocol: awssdk.ToString(p.IpProtocol), from: awssdk.ToInt32(p.FromPort), to: awssdk.ToInt32(p.ToPort)}
		add := func(peer, description *string) {
			one := base
			one.peer, one.description = awssdk.ToString(peer), description
			out = append(out, one)
		}
		for _, x := range p.IpRanges {
			add(x.CidrIp, x.Description)
		}
		for _, x := range p.Ipv6Ranges {
			add(x.CidrIpv6, x.Description)
		}
		for _, x := range p.UserIdGroupPairs {
			add(x.GroupId, x.Description)
		}
	}
	return out
}

// permissionsOf puts rules together again, one permission for each protocol and ports, as AWS shows them.
func (r *region) permissionsOf(rules []rule) []types.IpPermission {
	var out []types.IpPermission
	for _, x := range rules {
		at := slices.IndexFunc(out, func(p types.IpPermission) bool {
			return *p.IpProtocol == x.protocol && awssdk.ToInt32(p.FromPort) == x.from && awssdk.ToInt32(p.ToPort) == x.to
		})
		if at < 0 {
			p := types.IpPermission{IpProtocol: awssdk.String(x.protocol)}
			if x.protocol != "-1" {
				p.FromPort, p.ToPort = awssdk.Int32(x.from), awssdk.Int32(x.to)
			}
			out, at = append(out, p), len(out)
		}
		switch {
		case strings.HasPrefix(x.peer, "sg-"):
			out[at].UserIdGroupPairs = append(out[at].UserIdGroupPairs, types.UserIdGroupPair{GroupId: awssdk.String(x.peer), UserId: &r.account, Description: x.description})
		case strings.Contains(x.peer, ":"):
			out[at].Ipv6Ranges = append(out[at].Ipv6Ranges, types.Ipv6Range{CidrIpv6: awssdk.String(x.peer), Description: x.description})
		default:
			out[at].IpRanges = append(out[at].IpRanges, types.IpRange{CidrIp: awssdk.String(x.peer), Description: x.description})
		}
	}
	return out
}

func (r *region) checkRule(x rule) error {
	if strings.HasPrefix(x.peer, "sg-") {
		_, err := r.group(&x.peer)
		return err
	}
	p, err := netip.ParsePrefix(x.peer)
	if err != nil {
		return refuse("InvalidParameterValue", "CIDR block "+x.peer+" is malformed")
	}
	if p != p.Masked() {
		return refuse("InvalidParameterValue", "CIDR block "+x.peer+" is malformed: it has bits of a host")
	}
	if (x.protocol == "tcp" || x.protocol == "udp") && (x.from < 0 || x.to > 65535 || x.from > x.to) {
		return refuse("InvalidParameterValue", "Invalid TCP/UDP port range")
	}
	return nil
}

func authorizeIngress(r *region, in *ec2.AuthorizeSecurityGroupIngressInput) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	at, err := r.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	rules := rulesOf(r.groups[at].IpPermissions)
	for _, x := range rulesOf(in.IpPermissions) {
		if err := r.checkRule(x); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(rules, x.same) {
			return nil, refuse("InvalidPermission.Duplicate", `the specified rule "`+x.String()+`" already exists`)
		}
		rules = append(rules, x)
	}
	if err := r.admit(at, rules, in.DryRun); err != nil {
		return nil, err
	}
	return &ec2.AuthorizeSecurityGroupIngressOutput{Return: awssdk.Bool(true)}, nil
}

// admit gives a group these rules, unless it was only asked whether it might.
func (r *region) admit(at int, rules []rule, dry *bool) error {
	if err := dryRun(dry); err != nil {
		return err
	}
	r.groups = slices.Clone(r.groups)
	r.groups[at].IpPermissions = r.permissionsOf(rules)
	return nil
}

func revokeIngress(r *region, in *ec2.RevokeSecurityGroupIngressInput) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	at, err := r.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	rules := rulesOf(r.groups[at].IpPermissions)
	for _, x := range rulesOf(in.IpPermissions) {
		i := slices.IndexFunc(rules, x.same)
		if i < 0 {
			return nil, refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		rules = slices.Delete(rules, i, i+1)
	}
	if err := r.admit(at, rules, in.DryRun); err != nil {
		return nil, err
	}
	return &ec2.RevokeSecurityGroupIngressOutput{Return: awssdk.Bool(true)}, nil
}

func describeIngress(r *region, in *ec2.UpdateSecurityGroupRuleDescriptionsIngressInput) (*ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	at, err := r.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	rules := rulesOf(r.groups[at].IpPermissions)
	for _, x := range rulesOf(in.IpPermissions) {
		i := slices.IndexFunc(rules, x.same)
		if i < 0 {
			return nil, refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		rules[i] = x
	}
	if err := r.admit(at, rules, in.DryRun); err != nil {
		return nil, err
	}
	return &ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput{Return: awssdk.Bool(true)}, nil
}
