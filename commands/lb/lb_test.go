package lb

import (
	"context"
	"slices"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

func catalog(t *testing.T) *commands.Catalog {
	t.Helper()
	return commandstest.Catalog(t, Commands(nil, nil))
}

func TestLinesThatAreUnderstood(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ why, line, command, args string }{
		{"the article's", "lb create --name myapp --port 80 --protocol HTTP --alias myapp.example.com --targets i-1 web", "lb create", `"Targets":["i-1","web"]`},
		{"the AWS CLI's", "aws elbv2 create-load-balancer --name myapp --subnets subnet-1 subnet-2 --security-groups sg-1 --type network --scheme internal", "lb create", `"SecurityGroupIDs":["sg-1"]`},
		{"a name without its flag", "lb create myapp --targets web", "lb create", `"Name":"myapp"`},
		{"no check", "lb create myapp --targets web --no-check", "lb create", `"Watch":false`},
		{"a certificate", "lb create myapp --targets web --certificate auto --alias a.example.com", "lb create", `"Certificate":"auto"`},
		{"several targets", "lb register myapp web-2 web-3", "lb register", `"Targets":["web-2","web-3"]`},
		{"AWS's word for the list", "elbv2 describe-load-balancers", "lb list", `"Names":null`},
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
		{"a name with an underscore", "lb create my_app --targets web", "up to 32 letters"},
		{"a name that AWS keeps", "lb create internal-x --targets web", "does not begin with internal-"},
		{"a port of nobody's", "lb create myapp --port 70000 --targets web", "1 to 65535"},
		{"a protocol of the other kind", "lb create myapp --protocol TCP --targets web", "It may be HTTP, HTTPS; --type network makes one that takes TCP"},
		{"a protocol of nobody's", "lb create myapp --protocol QUIC --targets web", "It may be HTTP, HTTPS"},
		{"HTTPS without a certificate", "lb create myapp --protocol https --targets web", "--certificate auto"},
		{"HTTP with one", "lb create myapp --protocol http --certificate arn:aws:acm:x --targets web", "goes with HTTPS or TLS"},
		{"auto without an alias", "lb create myapp --certificate auto --targets web", "chooses by the alias"},
		{"no DNS name", "lb create myapp --alias 'my app' --targets web", "looks like myapp.example.com"},
		{"a path without a slash", "lb create myapp --health-check-path up --targets web", "--health-check-path /up"},
		{"a redirect without HTTPS", "lb create myapp --redirect --targets web", "leads from HTTP at port 80 to HTTPS"},
		{"a check of a name that no certificate is for", "lb create myapp --certificate arn:aws:acm:x --check --targets web", "no alias leads to it"},
		{"nothing behind it", "lb create myapp", "--targets"},
		{"nobody to register", "lb register myapp", "which instances"},
	} {
		_, _, err := c.Parse("", k.line)
		if err == nil || !strings.Contains(commands.Terminal().Render(commands.Words(err).Error()), k.want) {
			t.Errorf("%s: %q answers %v, want %q", k.why, k.line, err, k.want)
		}
	}
}

func TestWhatIsNotSaidIsFilledIn(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		why  string
		line Create
		want settled
	}{
		{"nothing", Create{Type: "application"}, settled{"HTTP", "HTTP", 80, 80, false, false}},
		{"a certificate", Create{Type: "application", Certificate: "auto"}, settled{"HTTPS", "HTTP", 443, 80, true, true}},
		{"port 443", Create{Type: "application", Port: 443}, settled{"HTTPS", "HTTP", 443, 80, true, true}},
		{"another port", Create{Type: "application", Port: 8080}, settled{"HTTP", "HTTP", 8080, 8080, false, false}},
		{"a network load balancer", Create{Type: "network", Port: 5432}, settled{"TCP", "TCP", 5432, 5432, false, false}},
		{"TLS", Create{Type: "network", Protocol: "tls", TargetPort: 9000}, settled{"TLS", "TCP", 443, 9000, true, false}},
	} {
		if got := k.line.settle(); got != k.want {
			t.Errorf("%s: %+v, want %+v", k.why, got, k.want)
		}
	}
}

func TestHealthChecks(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, k := range []struct{ flags, refused, words, differs string }{
		{"", "", "/", ""},
		{"--health-check-path /up --matcher HttpCode=200,301 --health-check-interval-seconds 10 --health-check-port 9000", "", "/up at port 9000, every 10 s, healthy with status 200,301", "the path /old"},
		{"--health-check-port traffic-port --health-check-protocol https --unhealthy-threshold 3", "", "HTTPS /", "the protocol"},
		{"--healthy-threshold-count 3", "", "/", "the threshold"},
		{"--type network", "", "by connection", ""},
		{"--type network --matcher 200-399", "", "", ""},
		{"--type network --protocol UDP --health-check-protocol TCP --health-check-port 80", "", "by connection at port 80", "the protocol"},
		{"--health-check-interval 4", "from 5 to 300", "", ""},
		{"--health-check-timeout 1", "from 2 to 120", "", ""},
		{"--healthy-threshold 11", "from 2 to 10", "", ""},
		{"--health-check-interval 6", "may take 6 s", "", ""},
		{"--health-check-interval 6 --health-check-timeout 3", "", "/, every 6 s", "the interval"},
		{"--health-check-port 70000", "1 to 65535", "", ""},
		{"--health-check-protocol TCP", "open a path", "", ""},
		{"--health-check-protocol UDP --type network", "HTTP, HTTPS or TCP", "", ""},
		{"--health-check-protocol TCP --type network --health-check-path /up", "opens no path", "", ""},
	} {
		inv, _, err := c.Parse("", "lb create myapp --targets web "+k.flags)
		if (err == nil) != (k.refused == "") || err != nil && !strings.Contains(commands.Terminal().Render(commands.Words(err).Error()), k.refused) {
			t.Errorf("%s: %v, want %q", k.flags, err, k.refused)
		}
		if err != nil {
			continue
		}
		runner, _, err := c.Runner(inv)
		if err != nil {
			t.Fatal(err)
		}
		create := runner.(*Create)
		there := aws.HealthChecks{Protocol: "HTTP", Path: "/old", Port: "traffic-port", Interval: 30, Healthy: 5}
		if words := create.words(create.Type); k.words != "" && words != k.words {
			t.Errorf("%s: %q, want %q", k.flags, words, k.words)
		}
		if differs := commands.Terminal().Render(create.differ(create.Type, there)); (k.differs == "") != (differs == "") && k.words != "" || !strings.Contains(differs, k.differs) {
			t.Errorf("%s: %q, want %q", k.flags, differs, k.differs)
		}
		if same := create.checks(create.Type); create.differ(create.Type, same) != "" {
			t.Errorf("%s: differs from itself", k.flags)
		}
	}
}

func TestTheLineThatGoesOnMeansTheSame(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, typed := range []string{
		"lb create myapp --targets web 'db 1' --alias myapp.example.com --tag team=x --no-check --region eu-west-1",
		"lb create s --certificate auto --alias s.example.com --no-redirect --targets web",
		"lb create s --certificate auto --alias s.example.com --port 8443 --redirect --targets web",
		"lb create n --type network --port 5432 --subnets a,b --overwrite-alias --scheme internal --health-check-path /x --health-check-port 81 --health-check-interval-seconds 10 --health-check-timeout-seconds 5 --healthy-threshold-count 2 --unhealthy-threshold-count 3 --matcher 200,301",
	} {
		line := typed
		for range 2 {
			inv, _, err := c.Parse("", line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			runner, _, err := c.Runner(inv)
			if err != nil {
				t.Fatal(err)
			}
			again := runner.(*Create).line()
			if line != typed && again != line {
				t.Errorf("%q goes on as %q", line, again)
			}
			line = again
		}
	}
}

func TestACertificateFitsItsNames(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		domain, host string
		want         bool
	}{
		{"myapp.example.com", "myapp.example.com", true},
		{"*.example.com", "myapp.example.com", true},
		{"*.Example.com", "myapp.example.com", true},
		{"*.example.com", "a.b.example.com", false},
		{"*.example.com", "example.com", false},
		{"example.com", "myapp.example.com", false},
	} {
		if got := fits(k.domain, k.host); got != k.want {
			t.Errorf("%s for %s: %v", k.domain, k.host, got)
		}
	}
}

func TestOneSubnetOfEachZone(t *testing.T) {
	t.Parallel()
	all := []aws.Subnet{
		{ID: "subnet-1", Zone: "a", ZoneMain: true}, {ID: "subnet-2", Zone: "a"}, {ID: "subnet-3", Zone: "b"}, {ID: "subnet-4", Zone: "b", Public: true},
	}
	targets := []aws.Instance{{ID: "i-1", SubnetID: "subnet-2"}}
	out := []aws.Route{{Destination: "0.0.0.0/0", Target: "igw-1"}}
	tables := []aws.RouteTable{{Main: true}, {Subnets: map[string]string{"subnet-2": "", "subnet-3": ""}, Routes: out}, {Main: true, VPCID: "vpc-other", Routes: out}}
	hidden := append(all[:4:4], aws.Subnet{ID: "subnet-5", Zone: "c"})
	for _, k := range []struct {
		why          string
		kind, scheme string
		all          []aws.Subnet
		tables       []aws.RouteTable
		want         string
	}{
		{"those with public addresses", "application", "internet-facing", all, nil, "subnet-1 subnet-4"},
		{"the others", "application", "internal", all, nil, "subnet-2 subnet-3"},
		{"those with a route out, whatever they give", "application", "internet-facing", all, tables, "subnet-2 subnet-3"},
		{"those with public addresses, where no route out is known", "application", "internet-facing", all, tables[2:], "subnet-1 subnet-4"},
		{"those without", "application", "internal", all, tables, "subnet-1 subnet-4"},
		{"no zone that the internet does not reach", "application", "internet-facing", hidden, tables, "subnet-2 subnet-3"},
		{"one such where two zones are needed", "application", "internet-facing", hidden[3:], nil, "subnet-4 subnet-5"},
		{"none such where one is enough", "network", "internet-facing", hidden[3:], nil, "subnet-4"},
	} {
		var got []string
		for _, s := range (&Create{Type: k.kind, Scheme: k.scheme}).bestSubnets(targets, k.all, k.tables) {
			got = append(got, s.ID)
		}
		if strings.Join(got, " ") != k.want {
			t.Errorf("%s: %v, want %s", k.why, got, k.want)
		}
	}
}

func TestASubnetThatTheInternetDoesNotReachIsTold(t *testing.T) {
	t.Parallel()
	p := blueprint{Subnets: []aws.Subnet{{ID: "subnet-1", Zone: "a"}}}
	out := aws.RouteTable{Routes: []aws.Route{{Destination: "0.0.0.0/0", Target: "igw-1"}}}
	(&Create{Scheme: "internet-facing"}).warnOfDeadEnds(&p, nil)
	(&Create{Scheme: "internet-facing"}).warnOfDeadEnds(&p, []aws.RouteTable{{Main: true}})
	(&Create{Scheme: "internal"}).warnOfDeadEnds(&p, []aws.RouteTable{{Main: true}, out})
	if len(p.Notes) > 0 {
		t.Errorf("%q", p.Notes)
	}
	(&Create{Scheme: "internet-facing"}).warnOfDeadEnds(&p, []aws.RouteTable{{Main: true}, out})
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "who is sent to a gets no answer") {
		t.Errorf("%q", p.Notes)
	}
}

func TestAListenerThatIsThereIsTheWantedOneOrInItsWay(t *testing.T) {
	t.Parallel()
	there := []aws.Listener{{Protocol: "HTTPS", Port: 443, TargetGroup: "tg", Certificate: "arn:1"}, {Protocol: "HTTP", Port: 80, RedirectPort: 443}}
	for _, k := range []struct {
		why   string
		line  Create
		group string
		found int
		wrong string
	}{
		{"as it was made", Create{Protocol: "HTTPS", Certificate: "arn:1"}, "tg", 2, ""},
		{"the certificate is left to us", Create{Protocol: "HTTPS", Certificate: "auto"}, "tg", 2, ""},
		{"another certificate", Create{Protocol: "HTTPS", Certificate: "arn:2"}, "tg", 1, "with the certificate arn:1"},
		{"another target group", Create{Protocol: "HTTPS", Certificate: "arn:1"}, "other", 1, "does something else"},
		{"another port", Create{Protocol: "HTTP", Port: 8080}, "tg", 0, ""},
		{"the redirect in the way", Create{Protocol: "HTTP"}, "tg", 0, "does something else"},
	} {
		found, wrong := 0, ""
		for _, wanted := range k.line.listeners(k.group, k.line.Certificate) {
			_, ok, err := k.line.listening(there, wanted)
			if err != nil {
				wrong += commands.Words(err).Message
			} else if ok {
				found++
			}
		}
		if found != k.found || (k.wrong == "") != (wrong == "") || !strings.Contains(wrong, k.wrong) {
			t.Errorf("%s: %d, %q, want %d, %q", k.why, found, wrong, k.found, k.wrong)
		}
	}
}

// names is a zone with one record.
type names struct {
	Cloud

	record aws.Record
}

func (names) HostedZone(context.Context, aws.Target, string) (aws.HostedZone, error) {
	return aws.HostedZone{ID: "Z1", Name: "example.com"}, nil
}

func (n names) Records(context.Context, aws.Target, string, string) ([]aws.Record, error) {
	return []aws.Record{n.record}, nil
}

func TestTheRecordGoesAsItIs(t *testing.T) {
	t.Parallel()
	const dns = "myapp-1.us-east-1.elb.amazonaws.com"
	for _, k := range []struct {
		why    string
		record aws.Record
		want   []aws.Alias
	}{
		{"as it was made", aws.Record{Type: "A", AliasName: dns, AliasZone: "Z2", Plain: true}, []aws.Alias{{Target: dns, TargetZone: "Z2"}}},
		{"made to follow by somebody else", aws.Record{Type: "A", AliasName: dns, Plain: true, Follows: true}, []aws.Alias{{Target: dns, Follows: true}}},
		{"written by AWS's console", aws.Record{Type: "A", AliasName: "dualstack." + dns, Plain: true}, []aws.Alias{{Target: "dualstack." + dns}}},
		{"one that leads elsewhere", aws.Record{Type: "A", AliasName: "other.us-east-1.elb.amazonaws.com", Plain: true}, nil},
		{"one of several", aws.Record{Type: "A", AliasName: dns}, nil},
	} {
		d := doomed{Name: "myapp", Balancer: aws.LoadBalancer{DNSName: "MyApp-1.us-east-1.elb.amazonaws.com", Tags: map[string]string{aliasTag: "a.example.com"}}}
		if err := (&Delete{cloud: names{record: k.record}}).findAliases(t.Context(), &d); err != nil {
			t.Fatal(err)
		}
		for i := range k.want {
			k.want[i].Zone, k.want[i].Name, k.want[i].Comment = "Z1", "a.example.com", "deckhand deletes myapp"
		}
		if !slices.Equal(d.Aliases, k.want) {
			t.Errorf("%s: %+v, want %+v", k.why, d.Aliases, k.want)
		}
	}
}

func TestWhoIsNotLetInIsTold(t *testing.T) {
	t.Parallel()
	all := []aws.SecurityGroup{
		{ID: "sg-dns", Ingress: []aws.Rule{{Protocol: "udp", From: 53, To: 53, Peer: "0.0.0.0/0"}}},
		{ID: "sg-web", Ingress: []aws.Rule{{Protocol: "tcp", From: 53, To: 80, Peer: "0.0.0.0/0"}}},
		{ID: "sg-own", Ingress: []aws.Rule{{Protocol: "-1", Peer: "sg-own"}}},
		{ID: "sg-443", Ingress: []aws.Rule{{Protocol: "tcp", From: 443, To: 443, Peer: "0.0.0.0/0"}}},
	}
	for _, k := range []struct {
		why    string
		line   Create
		groups string
		own    string
		want   string
	}{
		{"UDP by a rule for UDP", Create{Type: "network", Protocol: "UDP", Port: 53}, "sg-dns", "sg-dns", ""},
		{"UDP by a rule for TCP", Create{Type: "network", Protocol: "udp", Port: 53}, "sg-web", "sg-web", "No rule of sg-web lets anybody in at udp port 53, so it answers nobody yet. To open it: net sg allow sg-web --port 53 --from anywhere --protocol udp."},
		{"both by one of them", Create{Type: "network", Protocol: "TCP_UDP", Port: 53}, "sg-dns", "sg-dns sg-web", "at port 53, so it answers"},
		{"both by two groups", Create{Type: "network", Protocol: "TCP_UDP", Port: 53}, "sg-dns sg-web", "sg-dns sg-web", ""},
		{"only its own members", Create{Type: "application", Scheme: "internal"}, "sg-own", "sg-own", "No rule of sg-own lets anybody in at port 80, so it answers nobody yet. To open it: net sg allow sg-own --port 80 --from 10.0.0.0/8."},
		{"no group, and targets that let nobody in", Create{Type: "network", Port: 443, TargetPort: 8443}, "", "sg-web", "No rule of sg-web lets anybody in at port 8443, and a load balancer without groups leaves it to theirs"},
		{"no group, and targets that do", Create{Type: "network", Port: 443, TargetPort: 80}, "", "sg-web", ""},
		{"targets that do not let it in", Create{Type: "application", TargetPort: 8080, Port: 80}, "sg-web", "sg-own sg-dns", "No rule of sg-dns, sg-own lets the load balancer in at port 8080, so i-1 gets no requests and passes no health check. To open it: net sg allow sg-dns --port 8080 --from sg-web."},
		{"targets that let their own members in", Create{Type: "application", TargetPort: 8080, Port: 80}, "sg-own sg-web", "sg-own", ""},
		{"a redirect that nobody gets to", Create{Type: "application", Protocol: "HTTPS", TargetPort: 80}, "sg-443", "sg-web", "No rule of sg-443 lets anybody in at port 80, so nobody is redirected yet."},
	} {
		p := blueprint{Groups: strings.Fields(k.groups), Instances: []aws.Instance{{ID: "i-1"}}}
		for _, id := range strings.Fields(k.own) {
			p.Instances[0].SecurityGroups = append(p.Instances[0].SecurityGroups, aws.NamedID{ID: id})
		}
		k.line.warnOfClosedDoors(&p, all)
		if got := commands.Terminal().Render(strings.Join(p.Notes, " ")); (k.want == "") != (got == "") || !strings.Contains(got, k.want) {
			t.Errorf("%s: %q, want %q", k.why, got, k.want)
		}
	}
}

func TestReasonsAreToldWithTheirLikelyCause(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		health     aws.TargetHealth
		why, cause string
	}{
		{aws.TargetHealth{State: aws.TargetHealthy}, "", ""},
		{aws.TargetHealth{Reason: "Target.FailedHealthChecks"}, "get no connection", "security group"},
		{aws.TargetHealth{Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [404]"}, "[404]", "error or a redirect"},
		{aws.TargetHealth{Reason: "Target.InvalidState"}, "does not run", "vm start"},
		{aws.TargetHealth{Reason: "Target.SomethingNew", Description: "New."}, "Target.SomethingNew New.", ""},
	} {
		why, cause := explain(k.health)
		if !strings.Contains(why, k.why) || !strings.Contains(cause, k.cause) {
			t.Errorf("%+v: %q, %q", k.health, why, cause)
		}
	}
}

func TestPortsOfTargetsAreThoseOfTheirGroup(t *testing.T) {
	t.Parallel()
	if rest, err := withoutPort([]string{"Id=i-1", "Port=80", "web"}, 80); err != nil || strings.Join(rest, " ") != "Id=i-1 web" {
		t.Errorf("%q, %v", rest, err)
	}
	if _, err := withoutPort([]string{"Id=i-1", "Port=8080"}, 80); err == nil || commands.Words(err).Kind != commands.Conflict {
		t.Errorf("another port: %v", err)
	}
}
