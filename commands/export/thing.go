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
}

// kind is how both languages name a sort of thing.
type kind struct {
	terraform, formation string
	identifier           string // what CloudFormation knows an existing one by
}

var (
	vpc     = kind{"aws_vpc", "AWS::EC2::VPC", "VpcId"}                                      //nolint:gochecknoglobals // a constant
	subnet  = kind{"aws_subnet", "AWS::EC2::Subnet", "SubnetId"}                             //nolint:gochecknoglobals // a constant
	group   = kind{"aws_security_group", "AWS::EC2::SecurityGroup", "Id"}                    //nolint:gochecknoglobals // a constant
	gateway = kind{"aws_internet_gateway", "AWS::EC2::InternetGateway", "InternetGatewayId"} //nolint:gochecknoglobals // a constant
	table   = kind{"aws_route_table", "AWS::EC2::RouteTable", "RouteTableId"}                //nolint:gochecknoglobals // a constant
	machine = kind{"aws_instance", "AWS::EC2::Instance", "InstanceId"}                       //nolint:gochecknoglobals // a constant

	balancer = kind{"aws_lb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn"}            //nolint:gochecknoglobals // a constant
	targets  = kind{"aws_lb_target_group", "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupArn"} //nolint:gochecknoglobals // a constant
	listener = kind{"aws_lb_listener", "AWS::ElasticLoadBalancingV2::Listener", "ListenerArn"}           //nolint:gochecknoglobals // a constant
)

// attr is one attribute by its names; a value is a string, a number, a bool, a ref, or a list of refs. An empty name leaves it out of that language.
type attr struct {
	terraform, formation string
	value                any
}

// ref is the id of something, which may be among what is written.
type ref string

// things are what stands, in an order in which each comes after what it names.
func (s standing) things() []thing {
	var out []thing
	taken := map[string]bool{}
	add := func(k kind, id, name string, tags map[string]string, attrs ...attr) {
		label := plain(cmp.Or(name, id))
		for n := 2; taken[k.terraform+label]; n++ {
			label = fmt.Sprintf("%s_%d", plain(cmp.Or(name, id)), n)
		}
		taken[k.terraform+label] = true
		out = append(out, thing{id, label, k, slices.DeleteFunc(attrs, func(a attr) bool { return empty(a.value) }), tags})
	}
	for _, v := range s.network.VPCs {
		add(vpc, v.ID, v.Name, v.Tags, attr{"cidr_block", "CidrBlock", v.CIDR})
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
	for _, v := range s.network.Tables {
		add(table, v.ID, v.Name, v.Tags, attr{"vpc_id", "VpcId", ref(v.VPCID)})
	}
	for _, v := range s.machines {
		var groups []ref
		for _, g := range v.SecurityGroups {
			groups = append(groups, ref(g.ID))
		}
		add(machine, v.ID, v.Name, v.Tags, attr{"ami", "ImageId", v.ImageID}, attr{"instance_type", "InstanceType", v.Type}, attr{"key_name", "KeyName", v.KeyName},
			attr{"subnet_id", "SubnetId", ref(v.SubnetID)}, attr{"vpc_security_group_ids", "SecurityGroupIds", groups})
	}
	s.balanced.things(add)
	return out
}

func empty(value any) bool {
	if list, ok := value.([]ref); ok {
		return len(list) == 0
	}
	return value == "" || value == ref("") || value == 0
}

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
