package aws

// VPC is a virtual network.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html
type VPC struct {
	ID      string
	Name    string   // the Name tag
	CIDR    string   // the first block
	CIDRs   []string // every block, the first among them
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
	Tags        map[string]string
}
