package aws

// VPCNames is what a VPC does for names: Resolves answers questions at the VPC's own resolver, Hosts gives public names to machines with a
// public address.
type VPCNames struct{ Resolves, Hosts bool }

// VPC is a virtual network.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html
type VPC struct {
	ID      string
	Name    string   // the Name tag
	CIDR    string   // the first block
	CIDRs   []string // every IPv4 block, the first among them
	State   string   // "pending" or "available"
	Default bool
	Tags    map[string]string
}

// Subnet is a part of a VPC in one zone.
type Subnet struct {
	ID       string
	Name     string
	VPCID    string
	CIDR     string
	Zone     string
	State    string
	Free     int  // addresses that nobody has
	Public   bool // gives new instances a public address
	ZoneMain bool // the zone's default subnet
	Tags     map[string]string
}

// SecurityGroup is a set of rules about who may talk to whom.
type SecurityGroup struct {
	ID          string
	Name        string // the group's own name, not a tag
	Description string
	VPCID       string
	Ingress     []Rule
	Sends       []string // ids of the groups that its rules let its members send to
	Tags        map[string]string
}

// Rule lets one source in.
type Rule struct {
	Protocol    string // "tcp", "udp", "icmp", "icmpv6", or "-1" for all
	From, To    int    // ports, or type and code of ICMP, of which -1 is all; 0 where the protocol has none
	Peer        string // a block, a security group's id or a prefix list's
	Description string
}

// Same tells whether two rules allow the same; descriptions do not count.
func (r Rule) Same(other Rule) bool {
	r.Description, other.Description = "", ""
	return r == other
}

// Gateway is an internet gateway.
type Gateway struct {
	ID    string
	Name  string
	VPCID string // "" where it is attached to none
	Tags  map[string]string
}

// NATGateway lets subnets without public addresses reach the internet.
type NATGateway struct {
	ID        string
	Name      string
	VPCID     string
	SubnetID  string
	AddressID string // of its elastic IP address
	Interface string // id of its network interface
	IP        string
	State     string // "pending", "available", "deleting", ...
	Failure   string // why it failed, in AWS's words
	Tags      map[string]string
}

// RouteTable says where traffic of its subnets goes.
type RouteTable struct {
	ID      string
	Name    string
	VPCID   string
	Main    bool // for all subnets that have no table of their own
	Routes  []Route
	Subnets map[string]string // associations: subnet id to association id
	Tags    map[string]string
}

// Route is one destination.
type Route struct {
	Destination string // a block
	Target      string // "local", a gateway's id, ...
	State       string // "active" or "blackhole"
}

// Interface is a network interface: what holds a subnet and its groups.
type Interface struct {
	ID           string
	VPCID        string
	SubnetID     string
	Groups       []string
	IP, PublicIP string
	Description  string

	InstanceID, InstanceName, InstanceState string // of the machine that has it; name and state are empty where AWS does not tell them
}

// Network is what there is in a VPC, or in all VPCs of a region.
type Network struct {
	VPCs       []VPC
	Subnets    []Subnet
	Groups     []SecurityGroup
	Gateways   []Gateway
	Tables     []RouteTable
	Interfaces []Interface
	NATs       []NATGateway // where they were asked for
	Addresses  []Address    // elastic IP addresses, where they were asked for
	Holders    []Holder     // where they were asked for
}

// Holder is something that keeps a VPC from being deleted and shows nowhere else in a Network.
type Holder struct {
	Kind string // as people call it: "VPC endpoint"
	ID   string
}
