package net

import (
	"net/netip"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func catalog(t *testing.T) *commands.Catalog {
	t.Helper()
	return commandstest.Catalog(t, Commands(nil, nil, Sets{"office": {"203.0.113.0/24", "198.51.100.7/32"}, "world": {"0.0.0.0/0"}}))
}

func TestLinesThatAreUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ why, line, command, args string }{
		{"everything in one go", "net up --name lab --cidr-block 10.20.0.0/16 --azs 3", "net up", `"AZs":3`},
		{"a VPC as the AWS CLI says it", "aws ec2 create-vpc --cidr-block 10.0.0.0/16", "net vpc create", `"CIDR":"10.0.0.0/16"`},
		{"a subnet as the AWS CLI says it", "ec2 create-subnet --vpc-id vpc-1 --cidr-block 10.0.1.0/24 --availability-zone us-east-1a", "net subnet create", `"Zone":"us-east-1a"`},
		{"a rule as the AWS CLI says it", "ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 443 --cidr 10.0.0.0/8", "net sg allow", `"From":["10.0.0.0/8"]`},
		{"a rule as the AWS CLI writes it whole", `ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions 'IpProtocol=tcp,FromPort=3389,ToPort=3389,IpRanges=[{CidrIp=172.31.0.0/16,Description="RDP from NY, office"},{CidrIp=10.0.0.0/8}]'`, "net sg allow", `"Port":"3389","Protocol":"tcp","From":["172.31.0.0/16","10.0.0.0/8"]`},
		{"its description", `ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions IpProtocol=icmp,FromPort=-1,ToPort=-1,IpRanges='[{CidrIp=172.31.0.0/16,Description="ping"}]'`, "net sg allow", `"Description":"ping"`},
		{"a rule as JSON", `ec2 revoke-security-group-ingress --group-id sg-1 --ip-permissions '[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2"}]}]'`, "net sg revoke", `"Port":"","Protocol":"-1","From":["sg-2"]`},
		{"a protocol by its number", `ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions IpProtocol=6,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/8}]`, "net sg allow", `"Port":"443","Protocol":"tcp"`},
		{"a group by its name", `ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupName=web}]`, "net sg allow", `"From":["web"]`},
		{"the ICMP of IPv6", "net sg allow web --protocol icmpv6 --from 2001:db8::/32", "net sg allow", `"Protocol":"icmpv6"`},
		{"a rule in words", "net sg allow web 443 from office", "net sg allow", `"Port":"443","Protocol":"tcp","From":["office"]`},
		{"a rule in words with its protocol", "net sg allow web udp/53 from 10.0.0.0/8 vpc", "net sg allow", `"Port":"53","Protocol":"udp","From":["10.0.0.0/8","vpc"]`},
		{"an admin port for a time", "net sg allow web 22 --from anywhere --reason rescue --for 2h", "net sg allow", `"Expires":7200000000000`},
		{"who uses a group", "who uses sg-1", "net sg show", `"Name":"sg-1"`},
		{"a range of ports", "net sg allow web --port 8000-8100 --from vpc", "net sg allow", `"Port":"8000-8100"`},
		{"an admin port with its reason", "net sg allow web --port 22 --from anywhere --reason rescue --expires 2h", "net sg allow", `"Expires":7200000000000`},
		{"an admin port for an office", "net sg allow web --port 22 --from 198.51.100.0/24", "net sg allow", `"Reason":""`},
		{"a route as the AWS CLI says it", "ec2 create-route --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1", "net route create", `"Gateway":"igw-1"`},
		{"route tables by the routes' name", "net route list", "net table list", `"Names":null`},
	} {
		inv, command, err := c.Parse("", k.line)
		if err != nil || command.Name != k.command || !strings.Contains(string(inv.Args), k.args) {
			t.Errorf("%s: %s is %v %s, %v", k.why, k.line, command, inv.Args, err)
		}
	}
}

func TestLinesThatCannotWorkAreRefusedBeforeAWSIsAsked(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ why, line, want string }{
		{"a block that is too large", "net vpc create --cidr-block 10.0.0.0/8", "It may be /16 to /28"},
		{"a block that is too small", "net subnet create x --vpc lab --cidr-block 10.0.0.0/29", "It may be /16 to /28"},
		{"a block that is too large and has bits of a host", "net up lab --cidr-block 10.20.0.0/8", "It may be /16 to /28"},
		{"a block with bits of a host", "net up lab --cidr-block 10.20.1.0/16", "10.20.0.0/16"},
		{"no block", "net up lab --cidr-block ten", "looks like 10.20.0.0/16"},
		{"too many zones", "net up lab --azs 9", "1 to 6 zones"},
		{"a block without room", "net up lab --cidr-block 10.0.0.0/28 --azs 2", "no room for 2 subnets"},
		{"a reserved name", "net sg create default --vpc lab", "AWS keeps default"},
		{"a reserved name in capitals", "net sg create SG-1 --vpc lab", "AWS keeps default"},
		{"a name with signs that AWS does not take", "net sg create we?b --vpc lab", "cannot be the name"},
		{"a description that is too long", "net sg create web --vpc lab --description " + strings.Repeat("x", 256), "AWS takes 255"},
		{"a tag of AWS's own", "net vpc create --name lab --tag aws:x=1", "begins with aws:"},
		{"a tag that says which network it is of", "net table create --name lab --vpc lab --tag deckhand:network=lab", "deckhand writes itself"},
		{"a tag of every part", "net up lab --cidr-block 10.20.0.0/16 --tag AWS:x=1", "begins with aws:"},
		{"ICMP from IPv6", "net sg allow web --protocol icmp --from 2001:db8::1", "Write --protocol icmpv6"},
		{"the ICMP of IPv6 from a set of IPv4", "net sg allow web --protocol icmpv6 --from office", "is for addresses of IPv6"},
		{"a group without a name", "net sg allow web --ip-permissions IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{UserId=123456789012}]", "is no rule"},
		{"two rules in one line", "net sg allow web --ip-permissions IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=10.0.0.0/8}] IpProtocol=tcp,FromPort=81,ToPort=81,IpRanges=[{CidrIp=10.0.0.0/8}]", "One line is one protocol and port"},
		{"SSH for the world in AWS's words", "net sg allow web --ip-permissions IpProtocol=tcp,FromPort=0,ToPort=65535,IpRanges=[{CidrIp=0.0.0.0/0}]", "port 22, 3389"},
		{"a rule without a source", "net sg allow web --ip-permissions IpProtocol=tcp,FromPort=80,ToPort=80", "is no rule"},
		{"a rule in words and by flags", "net sg allow web 443 from office --port 80", "in words and by flags"},
		{"words that are no port", "net sg allow web icmq/8 from office", "is no port"},
		{"no source", "net sg allow web --port 80", "It needs --from"},
		{"no port", "net sg allow web --port https --from vpc", "is not a port"},
		{"a port for all protocols", "net sg allow web --protocol all --port 1 --from vpc", "All protocols means all ports"},
		{"half of ICMP's type and code", "net sg allow web --protocol icmp --port 3 --from vpc", "--port 8-0"},
		{"no type of ICMP", "net sg allow web --protocol icmp --port 300-0 --from vpc", "no type and code of ICMP"},
		{"SSH for the world", "net sg allow web --port 22 --from anywhere", "open port 22 to the whole internet"},
		{"SSH for the world of IPv6", "net sg allow web --port 22 --from ::/0", "open port 22"},
		{"databases within a range", "net sg allow web --port 3300-5500 --from 0.0.0.0/0", "port 3389, 5432 and 3306"},
		{"everything for half of the world", "net sg allow web --protocol all --from 0.0.0.0/1", "to the whole internet"},
		{"SSH for a set with the world in it", "net sg allow web --port 22 --from world", "open port 22 to the whole internet"},
		{"a reason without an end", "net sg allow web --port 22 --from anywhere --reason rescue", "--expires"},
		{"an end too far away", "net sg allow web --port 22 --from anywhere --reason rescue --expires 9000h", "720h"},
		{"a route to nothing", "net route create lab --destination here --gateway lab", "0.0.0.0/0"},
	} {
		_, _, err := c.Parse("", k.line)
		if err == nil || !strings.Contains(commands.Terminal().Render(commands.Words(err).Error()), k.want) {
			t.Errorf("%s: %q answers %v, want %q", k.why, k.line, err, k.want)
		}
	}
}

func TestTheNextFreeBlock(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		why    string
		within string
		bits   int
		taken  string
		want   string
	}{
		{"nothing is taken", "10.0.0.0/8", 16, "", "10.0.0.0/16"},
		{"the first is taken", "10.0.0.0/8", 16, "10.0.0.0/16", "10.1.0.0/16"},
		{"a small part of the first is taken", "10.0.0.0/8", 16, "10.0.7.0/24", "10.1.0.0/16"},
		{"a gap is found", "10.0.0.0/16", 20, "10.0.0.0/20 10.0.32.0/20", "10.0.16.0/20"},
		{"a large one is in the way", "10.0.0.0/16", 24, "10.0.0.0/17", "10.0.128.0/24"},
		{"elsewhere does not matter", "10.0.0.0/16", 24, "172.31.0.0/16", "10.0.0.0/24"},
		{"all is taken", "10.0.0.0/16", 24, "10.0.0.0/16", ""},
		{"it does not fit", "10.0.0.0/24", 20, "", ""},
		{"the end of all addresses", "255.255.0.0/16", 16, "255.255.0.0/16", ""},
	} {
		got, ok := free(netip.MustParsePrefix(k.within), k.bits, blocksOf(strings.Fields(k.taken)))
		if ok != (k.want != "") || ok && got.String() != k.want {
			t.Errorf("%s: %v %v, want %q", k.why, got, ok, k.want)
		}
	}
}

func TestFreeBlocksNeverOverlap(t *testing.T) {
	t.Parallel()
	taken := blocksOf([]string{"10.3.0.0/16", "10.1.128.0/17", "10.5.5.0/24"})
	for range 40 {
		p, ok := free(netip.MustParsePrefix("10.0.0.0/12"), 18, taken)
		if !ok {
			break
		}
		if other, clash := overlapping(p, taken); clash {
			t.Fatalf("%s overlaps %s", p, other)
		}
		taken = append(taken, p)
	}
	if len(taken) < 30 {
		t.Errorf("only %d blocks were found", len(taken))
	}
}

// town is a network with one of everything.
func town() aws.Network {
	return aws.Network{
		VPCs:       []aws.VPC{{ID: "vpc-1", Name: "lab", CIDR: "10.20.0.0/16", CIDRs: []string{"10.20.0.0/16"}}},
		Subnets:    []aws.Subnet{{ID: "subnet-1", Name: "lab-a", VPCID: "vpc-1", CIDR: "10.20.0.0/20"}},
		Groups:     []aws.SecurityGroup{{ID: "sg-1", Name: "web", VPCID: "vpc-1", Ingress: []aws.Rule{{Protocol: "-1", Peer: "sg-2"}}}, {ID: "sg-2", Name: "lb", VPCID: "vpc-1"}, {ID: "sg-3", Name: "out", VPCID: "vpc-9", Sends: []string{"sg-2"}}},
		Gateways:   []aws.Gateway{{ID: "igw-1", Name: "lab", VPCID: "vpc-1"}},
		Tables:     []aws.RouteTable{{ID: "rtb-1", Name: "lab", VPCID: "vpc-1", Routes: []aws.Route{{Destination: everywhere, Target: "igw-1"}, {Destination: "10.9.0.0/16", Target: "pcx-1"}, {Destination: "10.8.0.0/16", Target: "pcx-2", State: "blackhole"}}, Subnets: map[string]string{"subnet-1": "a-1"}}},
		Interfaces: []aws.Interface{{ID: "eni-1", VPCID: "vpc-1", SubnetID: "subnet-1", Groups: []string{"sg-1"}, InstanceID: "i-1", InstanceName: "web-1", InstanceState: "running", IP: "10.20.0.5", PublicIP: "198.51.100.7"}},
	}
}

func TestWhatUsesAPart(t *testing.T) {
	t.Parallel()
	n := town()
	for _, k := range []struct {
		kind kind
		name string
		want string
	}{
		{vpc, "lab", "the instance web-1 (i-1), the subnet lab-a (subnet-1), the security group web (sg-1), the security group lb (sg-2), the internet gateway lab (igw-1), the route table lab (rtb-1) and the peering connection pcx-1, to which 10.9.0.0/16 leads"},
		{subnet, "lab-a", "the instance web-1 (i-1)"},
		{group, "web", "the instance web-1 (i-1)"},
		{group, "lb", "a rule of the security group web (sg-1) and a rule of the security group out (sg-3)"},
		{gateway, "igw-1", "a route of the route table lab (rtb-1)"},
		{table, "lab", "the subnet subnet-1"},
	} {
		p, err := find(n, k.kind, k.name, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := commands.Terminal().Render(commands.And(users(n, p))); got != k.want {
			t.Errorf("%s %s is used by %s, want %s", k.kind, k.name, got, k.want)
		}
	}
}

func TestPortsOfRules(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		protocol, port, want string
		from, to             int
	}{
		{"tcp", "443", "tcp 443", 443, 443},
		{"udp", "1-9", "udp 1-9", 1, 9},
		{"icmp", "", "icmp", -1, -1},
		{"icmp", "-1", "icmp", -1, -1},
		{"icmp", "8-0", "icmp type 8 code 0", 8, 0},
		{"icmp", "3--1", "icmp type 3", 3, -1},
		{"all", "all", "everything", 0, 0},
		{"-1", "-1", "everything", 0, 0},
	} {
		r, err := (&Through{Protocol: k.protocol, Port: k.port}).rule()
		if err != nil || r.From != k.from || r.To != k.to || ports(r) != k.want {
			t.Errorf("%s %s: %+v %q, %v, want %q", k.protocol, k.port, r, ports(r), err, k.want)
		}
	}
}

func TestSourcesOfRules(t *testing.T) {
	t.Parallel()
	n := town()
	in := part{VPC: "vpc-1"}
	for word, want := range map[string]string{
		"anywhere": "0.0.0.0/0", "vpc": "10.20.0.0/16", "10.0.0.0/8": "10.0.0.0/8", "198.51.100.7": "198.51.100.7/32", "2001:db8::1": "2001:db8::1/128",
		"lb": "sg-2", "sg-2": "sg-2", "pl-1": "pl-1",
	} {
		if got, err := source(n, in, word); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", word, got, err, want)
		}
	}
	for _, word := range []string{"office", "10.0.0.1/8"} {
		if got, err := source(n, in, word); err == nil {
			t.Errorf("%s is %s", word, got)
		}
	}
}

func TestTheTreeShowsWhatIsConnected(t *testing.T) {
	t.Parallel()
	n := town()
	got := strings.Join(branch(n, partsOf(n, vpc)[0]), "\n")
	want := `VPC lab (vpc-1) 10.20.0.0/16
├─ subnet lab-a (subnet-1) 10.20.0.0/20 in 
│  └─ web-1 (i-1) running 10.20.0.5 198.51.100.7
├─ internet gateway lab (igw-1)
├─ route table lab (rtb-1)
│  ├─ 0.0.0.0/0 to igw-1
│  ├─ 10.9.0.0/16 to pcx-1
│  ├─ 10.8.0.0/16 to pcx-2 (leads nowhere)
│  └─ for subnet-1
├─ security group lb (sg-2)
└─ security group web (sg-1)
   └─ lets in everything from sg-2`
	if got != want {
		t.Errorf("the tree is\n%s\nwant\n%s", got, want)
	}
}

// A network that grows keeps the blocks that its subnets have; the new ones take what is free.
func TestANetworkGrowsIntoFreeBlocks(t *testing.T) {
	t.Parallel()
	in := func(part, cidr string) aws.Subnet {
		return aws.Subnet{VPCID: "vpc-1", CIDR: cidr, Tags: map[string]string{networkTag: "lab", partTag: part}}
	}
	n := aws.Network{
		VPCs:    []aws.VPC{{ID: "vpc-1", CIDR: "10.20.0.0/16", Tags: map[string]string{networkTag: "lab"}}, {ID: "vpc-2", CIDR: "10.20.0.0/16"}},
		Subnets: []aws.Subnet{in("subnet-r-1a", "10.20.0.0/20"), in("private-r-1a", "10.20.16.0/20"), {VPCID: "vpc-1", CIDR: "10.20.32.0/20"}, {VPCID: "vpc-2", CIDR: "10.20.48.0/20"}},
	}
	up := &Up{Name: "lab", AZs: 2, NAT: true}
	all, err := up.subnets(n, "10.20.0.0/16", []string{"r-1a", "r-1b", "r-1c"})
	var got []string
	for _, s := range all {
		got = append(got, s.Name+" "+s.CIDR)
	}
	if want := "lab-a 10.20.0.0/20, lab-b 10.20.48.0/20, lab-private-a 10.20.16.0/20, lab-private-b 10.20.64.0/20"; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
}
