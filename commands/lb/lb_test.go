package lb

import (
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
		{"nothing", Create{Type: "application"}, settled{"HTTP", "HTTP", 80, 80, "/", false, false}},
		{"a certificate", Create{Type: "application", Certificate: "auto"}, settled{"HTTPS", "HTTP", 443, 80, "/", true, true}},
		{"port 443", Create{Type: "application", Port: 443}, settled{"HTTPS", "HTTP", 443, 80, "/", true, true}},
		{"another port", Create{Type: "application", Port: 8080, HealthCheckPath: "/up"}, settled{"HTTP", "HTTP", 8080, 8080, "/up", false, false}},
		{"a network load balancer", Create{Type: "network", Port: 5432}, settled{"TCP", "TCP", 5432, 5432, "", false, false}},
		{"TLS", Create{Type: "network", Protocol: "tls", TargetPort: 9000}, settled{"TLS", "TCP", 443, 9000, "", true, false}},
	} {
		if got := k.line.settle(); got != k.want {
			t.Errorf("%s: %+v, want %+v", k.why, got, k.want)
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
		"lb create n --type network --port 5432 --subnets a,b --overwrite-alias --scheme internal --health-check-path /x",
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
	for scheme, want := range map[string]string{"internet-facing": "subnet-1 subnet-4", "internal": "subnet-2 subnet-3"} {
		var got []string
		for _, s := range (&Create{Scheme: scheme}).bestSubnets(targets, all) {
			got = append(got, s.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", scheme, got, want)
		}
	}
}

func TestWhoIsNotLetInIsTold(t *testing.T) {
	t.Parallel()
	all := []aws.SecurityGroup{
		{ID: "sg-dns", Ingress: []aws.Rule{{Protocol: "udp", From: 53, To: 53, Peer: "0.0.0.0/0"}}},
		{ID: "sg-web", Ingress: []aws.Rule{{Protocol: "tcp", From: 53, To: 80, Peer: "0.0.0.0/0"}}},
		{ID: "sg-own", Ingress: []aws.Rule{{Protocol: "-1", Peer: "sg-own"}}},
	}
	for _, k := range []struct {
		why    string
		line   Create
		groups string
		want   string
	}{
		{"UDP by a rule for UDP", Create{Type: "network", Protocol: "UDP", Port: 53}, "sg-dns", ""},
		{"UDP by a rule for TCP", Create{Type: "network", Protocol: "udp", Port: 53}, "sg-web", "No rule of sg-web lets anybody in at udp port 53, so it answers nobody yet. To let them in: net sg allow sg-web --port 53 --from anywhere --protocol udp."},
		{"both by one of them", Create{Type: "network", Protocol: "TCP_UDP", Port: 53}, "sg-dns", "at port 53, so it answers"},
		{"both by two groups", Create{Type: "network", Protocol: "TCP_UDP", Port: 53}, "sg-dns sg-web", ""},
		{"only its own members", Create{Type: "application", Scheme: "internal"}, "sg-own", "No rule of sg-own lets anybody in at port 80, so it answers nobody yet. To let them in: net sg allow sg-own --port 80 --from 10.0.0.0/8."},
		{"no group, and targets that let nobody in", Create{Type: "network", Port: 443, TargetPort: 8443}, "", "No rule of sg-web lets anybody in at port 8443, and a load balancer without groups leaves it to theirs"},
		{"no group, and targets that do", Create{Type: "network", Port: 443, TargetPort: 80}, "", ""},
	} {
		p := blueprint{Groups: strings.Fields(k.groups), Instances: []aws.Instance{{ID: "i-1", SecurityGroups: []aws.NamedID{{ID: "sg-web"}}}}}
		k.line.warnOfClosedDoor(&p, all)
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
