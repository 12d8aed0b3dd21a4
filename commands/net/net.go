// Package net is the commands on networks: a whole one is put up, shown and taken down by its name, and its parts, which are VPCs, subnets,
// security groups, internet gateways, route tables and routes, can be made and removed one by one.
package net

import (
	"context"

	"deckhand/aws"
	"deckhand/commands"
)

// Cloud is the door to EC2's networks. Its errors carry words for people (see commands.Words).
type Cloud interface {
	Reader
	Maker
	Connector
	Remover
	Outlets
}

// Reader looks and changes nothing.
type Reader interface {
	// Place tells where a target is. It always answers; what AWS could not be asked for is empty.
	Place(ctx context.Context, t aws.Target) aws.Place
	// Network answers what there is in a VPC, or in the whole region for "".
	Network(ctx context.Context, t aws.Target, vpc string) (aws.Network, error)
	// Holders answers what keeps a VPC from being deleted and is in no Network.
	Holders(ctx context.Context, t aws.Target, vpc string) ([]aws.Holder, error)
	// Zones answers the zones that subnets may be in, sorted.
	Zones(ctx context.Context, t aws.Target) ([]string, error)
}

// Maker makes parts. Only the token of a route table tells AWS that two calls are the same one, so each is found by its tags before it is made.
type Maker interface {
	CreateVPC(ctx context.Context, t aws.Target, v aws.VPC) (aws.VPC, error)
	CreateSubnet(ctx context.Context, t aws.Target, s aws.Subnet) (aws.Subnet, error)
	CreateSecurityGroup(ctx context.Context, t aws.Target, g aws.SecurityGroup) (aws.SecurityGroup, error)
	CreateGateway(ctx context.Context, t aws.Target, tags map[string]string) (aws.Gateway, error)
	CreateRouteTable(ctx context.Context, t aws.Target, table aws.RouteTable, token string) (aws.RouteTable, error)
}

// Connector connects parts. That something is so already is no error, but for AttachGateway and AddRoute.
type Connector interface {
	NameHosts(ctx context.Context, t aws.Target, vpc string) error
	SetSubnetPublic(ctx context.Context, t aws.Target, id string, public bool) error
	AttachGateway(ctx context.Context, t aws.Target, gateway, vpc string) error
	AddRoute(ctx context.Context, t aws.Target, table string, r aws.Route) error
	Associate(ctx context.Context, t aws.Target, table, subnet string) error
	// DescribeRules gives rules that are there the descriptions that these have.
	DescribeRules(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error
	// Allow lets all in, or none.
	Allow(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error
}

// Remover removes; what is gone already is no error.
type Remover interface {
	Revoke(ctx context.Context, t aws.Target, group string, rules ...aws.Rule) error
	RemoveRoute(ctx context.Context, t aws.Target, table, destination string) error
	Disassociate(ctx context.Context, t aws.Target, association string) error
	DetachGateway(ctx context.Context, t aws.Target, gateway, vpc string) error
	DeleteNetworkPart(ctx context.Context, t aws.Target, id string) error
}

// Outlets lets private subnets reach the internet. CreateNATGateway answers the same one for the same token.
type Outlets interface {
	NATGateways(ctx context.Context, t aws.Target, vpc string) ([]aws.NATGateway, error)
	Addresses(ctx context.Context, t aws.Target) ([]aws.Address, error)
	AllocateAddress(ctx context.Context, t aws.Target, tags map[string]string) (aws.Address, error)
	CreateNATGateway(ctx context.Context, t aws.Target, n aws.NATGateway, token string) (aws.NATGateway, error)
	WaitForNATGateway(ctx context.Context, t aws.Target, id, want string) error
	// NATPrice answers an error where the price cannot be told for certain.
	NATPrice(ctx context.Context, t aws.Target) (aws.Price, error)
}

// The tags that say what deckhand made, for whom, and which part of which network it is.
const (
	networkTag = "deckhand:network"
	partTag    = "deckhand:part"
)

// Commands is the net commands, with the names of the AWS CLI's operations as aliases.
func Commands(cloud Cloud, acts Acts, sets Sets) []commands.Command {
	look := []string{
		"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeInternetGateways", "ec2:DescribeRouteTables",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances",
	}
	with := func(more ...string) []string { return append(look[:len(look):len(look)], more...) }
	holders := []string{"ec2:DescribeNetworkAcls", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpnGateways", "ec2:DescribeEgressOnlyInternetGateways"}
	all := []commands.Command{
		{
			Name: "net up", Aliases: []string{"net create"}, Summary: "Put up a network: VPC, subnets, internet gateway, routes and security group",
			Example: "net up --name lab --cidr-block 10.20.0.0/16 --azs 2", Undo: commands.Mono("net down") + " of the same name.",
			Risk: commands.Change,
			Rights: with("ec2:CreateVpc", "ec2:ModifyVpcAttribute", "ec2:CreateSubnet", "ec2:ModifySubnetAttribute", "ec2:CreateInternetGateway",
				"ec2:AttachInternetGateway", "ec2:CreateRouteTable", "ec2:CreateRoute", "ec2:AssociateRouteTable", "ec2:CreateSecurityGroup",
				"ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", "ec2:DescribeAvailabilityZones", "ec2:DescribeNatGateways", "ec2:DescribeAddresses", "ec2:AllocateAddress",
				"ec2:CreateNatGateway", "pricing:GetProducts"),
			New: func() commands.Runner { return &Up{cloud: cloud} },
		},
		{
			Name: "net show", Aliases: []string{"net map"}, Summary: "Show a network as a tree", Example: "net show lab", Rights: look,
			New: func() commands.Runner { return &Tree{cloud: cloud} },
		},
		{
			Name: "net down", Summary: "Take down a network that net up put up", Example: "net down lab", Undo: "Nothing brings it back; the same name can be put up again, with other ids.",
			Risk: commands.Destroy,
			Rights: append(with("ec2:DeleteVpc", "ec2:DeleteSubnet", "ec2:DetachInternetGateway", "ec2:DeleteInternetGateway", "ec2:DisassociateRouteTable", "ec2:DeleteRouteTable",
				"ec2:DeleteSecurityGroup", "ec2:DescribeNatGateways", "ec2:DescribeAddresses", "ec2:DeleteNatGateway", "ec2:ReleaseAddress"), holders...),
			New: func() commands.Runner { return &Down{cloud: cloud} },
		},
		{
			Name: "net vpc create", Aliases: []string{"ec2 create-vpc"}, Summary: "Make a VPC",
			Instead: map[string]string{
				"instance-tenancy": "Instances of its VPCs share hardware, AWS's default.", "amazon-provided-ipv6-cidr-block": "Its VPCs are of IPv4 alone.",
				"ipv4-ipam-pool-id": "The block is said, " + commands.Mono("--cidr-block") + ", or the next free one is taken.", "ipv4-netmask-length": "The block is said with its size: " + commands.Mono("--cidr-block 10.20.0.0/16") + ".",
			},
			Example: "net vpc create --name lab --cidr-block 10.20.0.0/16",
			Undo:    commands.Mono("net vpc delete") + " of what it made.",
			Risk:    commands.Change, Rights: with("ec2:CreateVpc", "ec2:CreateTags"), New: func() commands.Runner { return &CreateVPC{cloud: cloud} },
		},
		{
			Name: "net subnet create", Aliases: []string{"ec2 create-subnet"}, Summary: "Make a subnet of a VPC",
			Instead: map[string]string{"availability-zone-id": "Zones go by their names: " + commands.Mono("--zone us-east-1a") + ".", "ipv6-cidr-block": "Its subnets are of IPv4 alone."},
			Example: "net subnet create --name lab-c --vpc lab --cidr-block 10.20.32.0/20", Undo: commands.Mono("net subnet delete") + " of what it made.",
			Risk:   commands.Change,
			Rights: with("ec2:CreateSubnet", "ec2:CreateTags"), New: func() commands.Runner { return &CreateSubnet{cloud: cloud} },
		},
		{
			Name: "net sg create", Aliases: []string{"ec2 create-security-group"}, Summary: "Make a security group", Example: "net sg create web --vpc lab",
			Undo: commands.Mono("net sg delete") + " of what it made.",
			Risk: commands.Change, Rights: with("ec2:CreateSecurityGroup", "ec2:CreateTags"), New: func() commands.Runner { return &CreateGroup{cloud: cloud} },
		},
		{
			Name: "net sg allow", Aliases: []string{"ec2 authorize-security-group-ingress"}, Summary: "Let somebody in through a security group",
			Example: "net sg allow web --port 443 --from 10.0.0.0/8", Undo: commands.Mono("net sg revoke") + " of the same rule.",
			Risk: commands.Change, Rights: with("ec2:AuthorizeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress"),
			New: func() commands.Runner { return &Allow{Through: Through{sets: sets}, cloud: cloud, acts: acts} },
		},
		{
			Name: "net sg revoke", Aliases: []string{"net sg deny", "ec2 revoke-security-group-ingress"}, Summary: "Take a rule of a security group away",
			Example: "net sg revoke web --port 443 --from 10.0.0.0/8", Undo: commands.Mono("net sg allow") + " of the same rule; rules that differ in what they are for or when they end come back one by one.",
			Risk: commands.Change, Rights: with("ec2:RevokeSecurityGroupIngress"),
			New: func() commands.Runner { return &Revoke{Through: Through{sets: sets}, cloud: cloud, acts: acts} },
		},
		{
			Name: "net gateway create", Aliases: []string{"ec2 create-internet-gateway"}, Summary: "Make an internet gateway, attached where a VPC is named",
			Example: "net gateway create --name lab --vpc lab", Undo: commands.Mono("net gateway delete") + " of what it made.",
			Risk:   commands.Change,
			Rights: with("ec2:CreateInternetGateway", "ec2:AttachInternetGateway", "ec2:CreateTags"), New: func() commands.Runner { return &CreateGateway{cloud: cloud} },
		},
		{
			Name: "net gateway attach", Aliases: []string{"ec2 attach-internet-gateway"}, Summary: "Attach an internet gateway to a VPC",
			Example: "net gateway attach lab --vpc lab", Undo: commands.Mono("net gateway detach") + " of the same.",
			Risk: commands.Change, Rights: with("ec2:AttachInternetGateway"),
			New: func() commands.Runner { return &AttachGateway{cloud: cloud} },
		},
		{
			Name: "net gateway detach", Aliases: []string{"ec2 detach-internet-gateway"}, Summary: "Detach an internet gateway from its VPC; it stays",
			Example: "net gateway detach lab", Undo: commands.Mono("net gateway attach") + " of the same.",
			Risk: commands.Change, Rights: with("ec2:DetachInternetGateway"),
			New: func() commands.Runner { return &DetachGateway{cloud: cloud} },
		},
		{
			Name: "net table create", Aliases: []string{"ec2 create-route-table"}, Summary: "Make a route table", Example: "net table create --name lab --vpc lab",
			Undo: commands.Mono("net table delete") + " of what it made.",
			Risk: commands.Change, Rights: with("ec2:CreateRouteTable", "ec2:CreateTags"), New: func() commands.Runner { return &CreateTable{cloud: cloud} },
		},
		{
			Name: "net table associate", Aliases: []string{"ec2 associate-route-table"}, Summary: "Give a subnet a route table",
			Example: "net table associate lab --subnet lab-a", Undo: commands.Mono("net table disassociate") + " of the same.",
			Risk: commands.Change, Rights: with("ec2:AssociateRouteTable"),
			New: func() commands.Runner { return &Associate{cloud: cloud} },
		},
		{
			Name: "net table disassociate", Aliases: []string{"ec2 disassociate-route-table"}, Summary: "Give a subnet back to the main route table of its VPC",
			Example: "net table disassociate lab --subnet lab-a", Undo: commands.Mono("net table associate") + " of the same.",
			Instead: map[string]string{"association-id": "Name the route table, and the subnet with " + commands.Mono("--subnet") + "."},
			Risk:    commands.Change, Rights: with("ec2:DisassociateRouteTable"),
			New: func() commands.Runner { return &Disassociate{cloud: cloud} },
		},
		{
			Name: "net route create", Aliases: []string{"ec2 create-route"}, Summary: "Add a route to a route table",
			Instead: map[string]string{"destination-ipv6-cidr-block": "Its routes are of IPv4 alone.", "destination-prefix-list-id": "Its routes lead to blocks: " + commands.Mono("--destination") + "."},
			Example: "net route create lab --destination 0.0.0.0/0 --gateway lab", Undo: commands.Mono("net route delete") + " of the same destination.",
			Risk: commands.Change, Rights: with("ec2:CreateRoute"),
			New: func() commands.Runner { return &CreateRoute{cloud: cloud} },
		},
		{
			Name: "net route delete", Aliases: []string{"ec2 delete-route"}, Summary: "Remove a route from a route table",
			Example: "net route delete lab --destination 0.0.0.0/0", Undo: commands.Mono("net route create") + " of the same destination and gateway.",
			Risk: commands.Destroy, Rights: with("ec2:DeleteRoute"),
			New: func() commands.Runner { return &DeleteRoute{cloud: cloud} },
		},
	}
	return append(all, eachKind(cloud, look, holders)...)
}

// eachKind is list, show and delete of every kind of part.
func eachKind(cloud Cloud, look, holders []string) []commands.Command {
	var all []commands.Command
	for _, k := range []struct {
		kind              kind
		noun              string
		plural            string // as AWS's operations name it
		one               string
		remove, operation string
		besides           []string // what has to be undone before it can be deleted, or looked at
	}{
		{vpc, "net vpc", "vpcs", "a VPC", "delete-vpc", "ec2:DeleteVpc", holders},
		{subnet, "net subnet", "subnets", "a subnet", "delete-subnet", "ec2:DeleteSubnet", nil},
		{group, "net sg", "security-groups", "a security group", "delete-security-group", "ec2:DeleteSecurityGroup", nil},
		{gateway, "net gateway", "internet-gateways", "an internet gateway", "delete-internet-gateway", "ec2:DeleteInternetGateway", []string{"ec2:DetachInternetGateway"}},
		{table, "net table", "route-tables", "a route table with its routes", "delete-route-table", "ec2:DeleteRouteTable", nil},
	} {
		listAliases := []string{"ec2 describe-" + k.plural}
		showAliases := []string(nil)
		switch k.kind { //nolint:exhaustive // the others go by one name
		case vpc:
			listAliases = append(listAliases, "net list")
		case table:
			listAliases, showAliases = append(listAliases, "net route list"), []string{"net route show"}
		case group:
			showAliases = []string{"net sg uses", "who uses"}
		}
		all = append(all,
			commands.Command{
				Name: k.noun + " list", Aliases: listAliases, Summary: "List " + string(k.kind) + "s", Example: k.noun + " list", Rights: look,
				New: func() commands.Runner { return &List{kind: k.kind, cloud: cloud} },
			},
			commands.Command{
				Name: k.noun + " show", Aliases: showAliases, Summary: "Show " + k.one + " and what uses it", Example: k.noun + " show lab", Rights: look,
				New: func() commands.Runner { return &Show{kind: k.kind, cloud: cloud} },
			},
			commands.Command{
				Name: k.noun + " delete", Aliases: []string{"ec2 " + k.remove}, Summary: "Delete " + k.one, Example: k.noun + " delete lab",
				Undo: "Nothing brings it back; a new one has another id.", Risk: commands.Destroy,
				Rights: append(append(look[:len(look):len(look)], k.operation), k.besides...),
				New:    func() commands.Runner { return &Delete{kind: k.kind, cloud: cloud} },
			})
	}
	return all
}
