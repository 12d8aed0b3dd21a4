package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
)

// thing is one resource in neither language: attributes in the order in which they are written.
type thing struct {
	id    string // AWS's, "vpc-0abc"
	label string // what it is called in the text
	kind  kind
	attrs []attr
	tags  map[string]string

	importID string            // what Terraform imports it by, where that is not its id
	known    map[string]string // what CloudFormation knows it by, where that is not its id alone
}

// identified says by what each language imports a thing.
func (t *thing) identified(importID string, known map[string]string) {
	t.importID, t.known = importID, known
}

// kind is how both languages name a sort of thing. A language without a name for it leaves it out.
type kind struct {
	terraform, formation string
	identifier           string // what CloudFormation knows an existing one by
	tags                 tagging
}

// tagging is how a template writes the tags of a kind.
type tagging int

const (
	asList tagging = iota
	asMap
	untagged
)

var (
	vpc     = kind{"aws_vpc", "AWS::EC2::VPC", "VpcId", asList}                                      //nolint:gochecknoglobals // a constant
	subnet  = kind{"aws_subnet", "AWS::EC2::Subnet", "SubnetId", asList}                             //nolint:gochecknoglobals // a constant
	group   = kind{"aws_security_group", "AWS::EC2::SecurityGroup", "Id", asList}                    //nolint:gochecknoglobals // a constant
	gateway = kind{"aws_internet_gateway", "AWS::EC2::InternetGateway", "InternetGatewayId", asList} //nolint:gochecknoglobals // a constant
	table   = kind{"aws_route_table", "AWS::EC2::RouteTable", "RouteTableId", asList}                //nolint:gochecknoglobals // a constant
	machine = kind{"aws_instance", "AWS::EC2::Instance", "InstanceId", asList}                       //nolint:gochecknoglobals // a constant

	address = kind{"aws_eip", "AWS::EC2::EIP", "AllocationId", asList}                //nolint:gochecknoglobals // a constant
	nat     = kind{"aws_nat_gateway", "AWS::EC2::NatGateway", "NatGatewayId", asList} //nolint:gochecknoglobals // a constant

	balancer = kind{"aws_lb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn", asList}            //nolint:gochecknoglobals // a constant
	targets  = kind{"aws_lb_target_group", "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupArn", asList} //nolint:gochecknoglobals // a constant
	listener = kind{"aws_lb_listener", "AWS::ElasticLoadBalancingV2::Listener", "ListenerArn", untagged}         //nolint:gochecknoglobals // a constant
)

// attr is one attribute by its names; value.go tells what a value may be. An empty name leaves it out of that language.
type attr struct {
	terraform, formation string
	value                any
}

// things are what stands, in an order in which each comes after what it names.
func (s standing) things() []thing {
	var out []thing
	taken := map[string]bool{}
	add := func(k kind, id, name string, tags map[string]string, attrs ...attr) *thing {
		label := plain(cmp.Or(name, id))
		for n := 2; taken[k.terraform+k.formation+label]; n++ {
			label = fmt.Sprintf("%s_%d", plain(cmp.Or(name, id)), n)
		}
		taken[k.terraform+k.formation+label] = true
		out = append(out, thing{id: id, label: label, kind: k, attrs: written(attrs), tags: tags})
		return &out[len(out)-1]
	}
	for _, v := range s.network.VPCs {
		one := add(vpc, v.ID, v.Name, v.Tags, attr{"cidr_block", "CidrBlock", v.CIDR})
		if names, read := s.names[v.ID]; read {
			one.attrs = append(one.attrs, attr{"enable_dns_support", "EnableDnsSupport", names.Resolves}, attr{"enable_dns_hostnames", "EnableDnsHostnames", names.Hosts})
		}
	}
	for _, v := range s.network.Subnets {
		add(subnet, v.ID, v.Name, v.Tags, attr{"vpc_id", "VpcId", ref(v.VPCID)}, attr{"cidr_block", "CidrBlock", v.CIDR},
			attr{"availability_zone", "AvailabilityZone", v.Zone}, attr{"map_public_ip_on_launch", "MapPublicIpOnLaunch", v.Public})
	}
	for _, v := range s.network.Groups {
		add(group, v.ID, v.Name, v.Tags, attr{"name", "GroupName", v.Name}, attr{"description", "GroupDescription", v.Description}, attr{"vpc_id", "VpcId", ref(v.VPCID)})
	}
	for _, v := range s.network.Gateways {
		add(gateway, v.ID, v.Name, v.Tags, attr{"vpc_id", "", ref(v.VPCID)})
	}
	for _, v := range s.network.Addresses {
		add(address, v.ID, cmp.Or(v.Name, v.IP), v.Tags, attr{"domain", "Domain", "vpc"}).identified(v.ID, map[string]string{"AllocationId": v.ID, "PublicIp": v.IP})
	}
	for _, v := range s.network.NATs {
		add(nat, v.ID, v.Name, v.Tags, attr{"allocation_id", "AllocationId", ref(v.AddressID)}, attr{"subnet_id", "SubnetId", ref(v.SubnetID)})
	}
	for _, v := range s.network.Tables {
		add(table, v.ID, v.Name, v.Tags, attr{"vpc_id", "VpcId", ref(v.VPCID)})
	}
	for _, v := range s.machines {
		var groups []ref
		for _, g := range v.SecurityGroups {
			groups = append(groups, ref(g.ID))
		}
		one := add(machine, v.ID, v.Name, v.Tags, attr{"ami", "ImageId", v.ImageID}, attr{"instance_type", "InstanceType", v.Type}, attr{"key_name", "KeyName", v.KeyName}, attr{"iam_instance_profile", "IamInstanceProfile", v.Profile},
			attr{"subnet_id", "SubnetId", ref(v.SubnetID)}, attr{"vpc_security_group_ids", "SecurityGroupIds", groups})
		one.attrs = append(one.attrs, attr{"user_data", "", bare("data.aws_instance." + one.label + ".user_data_base64")})
	}
	s.balanced.things(add)
	s.called.things(add)
	for _, a := range s.apis {
		a.things(add)
	}
	for _, d := range s.domains {
		d.things(add)
	}
	return out
}

// adding takes one more thing, and answers it.
type adding func(k kind, id, name string, tags map[string]string, attrs ...attr) *thing

func refs(ids []string) []ref {
	out := make([]ref, len(ids))
	for i, id := range ids {
		out[i] = ref(id)
	}
	return out
}

// plain makes a name that both languages take, apart from CloudFormation's dislike of underscores.
func plain(name string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, name)
	if out == "" || out[0] < 'a' || out[0] > 'z' {
		out = "r_" + out
	}
	return out
}

// tagKeys are the keys of the tags that may be written, sorted: AWS keeps those that begin with aws: for itself.
func tagKeys(tags map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(tags)), func(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") })
}

// groupOf and tableOf find what a thing was read from.
func (s standing) groupOf(id string) aws.SecurityGroup {
	return s.network.Groups[slices.IndexFunc(s.network.Groups, func(g aws.SecurityGroup) bool { return g.ID == id })]
}

func (s standing) tableOf(id string) aws.RouteTable {
	return s.network.Tables[slices.IndexFunc(s.network.Tables, func(t aws.RouteTable) bool { return t.ID == id })]
}

// routes are those of a table that can be written, and words on those that cannot.
func routes(t aws.RouteTable) (out []aws.Route, notes []string) {
	for _, r := range t.Routes {
		switch {
		case r.Target == "local":
		case strings.HasPrefix(r.Target, "igw-"), strings.HasPrefix(r.Target, "nat-"):
			out = append(out, r)
		default:
			notes = append(notes, "The route of "+t.ID+" to "+r.Destination+" by "+r.Target+" is not written.")
		}
	}
	return out, notes
}

// ports are the ports of a rule as both languages want them: -1 for all kinds of ICMP.
func ports(r aws.Rule) (from, to int) {
	if strings.HasPrefix(r.Protocol, "icmp") && r.From == 0 && r.To == 0 {
		return -1, -1
	}
	return r.From, r.To
}
