package why

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/commandstest"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// town is an AWS with one load balancer, myapp, over one instance, web, and names around them.
type town struct {
	balancers []aws.LoadBalancer
	listeners []aws.Listener
	rules     []aws.ListenerRule
	health    []aws.TargetHealth
	instances []aws.Instance
	status    aws.InstanceStatus
	groups    []aws.SecurityGroup
	acls      []aws.NetworkACL
	tables    []aws.RouteTable
	records   []aws.Record
	refuse    string // the call that AWS refuses
	names     map[string][]string
	looks     map[string]check.Result
	change    *Change
	down      bool
}

const group = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/myapp/50dc6c495c0c9188"

func newTown() *town {
	any4 := []aws.ACLEntry{
		{Number: 100, Allow: true, Protocol: "-1", Peer: everywhere}, {Number: 32767, Protocol: "-1", Peer: everywhere},
		{Number: 100, Egress: true, Allow: true, Protocol: "-1", Peer: everywhere}, {Number: 32767, Egress: true, Protocol: "-1", Peer: everywhere},
	}
	return &town{
		balancers: []aws.LoadBalancer{{
			ARN: "arn:lb", Name: "myapp", Type: "application", Scheme: "internet-facing", State: "active", DNSName: "myapp-1.us-east-1.elb.amazonaws.com",
			VPCID: "vpc-1", Subnets: []string{"subnet-a", "subnet-b"}, SecurityGroups: []string{"sg-lb"},
		}},
		listeners: []aws.Listener{{ARN: "arn:listener", Protocol: "HTTP", Port: 80, TargetGroup: group}},
		rules:     []aws.ListenerRule{{Priority: "default", Action: "forward", TargetGroups: []string{group}}},
		health:    []aws.TargetHealth{{ID: "i-web", Port: 8080, State: aws.TargetHealthy}},
		instances: []aws.Instance{{ID: "i-web", Name: "web", State: aws.Running, VPCID: "vpc-1", SubnetID: "subnet-a", PublicIP: "203.0.113.7", SecurityGroups: []aws.NamedID{{ID: "sg-web"}}}},
		status:    aws.InstanceStatus{ID: "i-web", System: "ok", Instance: "ok"},
		groups: []aws.SecurityGroup{
			{ID: "sg-lb", Name: "front", Ingress: []aws.Rule{{Protocol: "tcp", From: 80, To: 80, Peer: everywhere}}},
			{ID: "sg-web", Name: "back", Ingress: []aws.Rule{{Protocol: "tcp", From: 8080, To: 8080, Peer: "sg-lb"}}},
		},
		acls:    []aws.NetworkACL{{ID: "acl-1", Subnets: []string{"subnet-a", "subnet-b"}, Entries: any4}},
		tables:  []aws.RouteTable{{ID: "rtb-1", Main: true, Routes: []aws.Route{{Destination: everywhere, Target: "igw-1", State: "active"}}}},
		records: []aws.Record{{Name: "myapp.example.com", Type: "A", AliasName: "dualstack.myapp-1.us-east-1.elb.amazonaws.com"}},
		names:   map[string][]string{"myapp.example.com": {"198.51.100.1"}, "direct.example.org": {"203.0.113.7"}},
		looks:   map[string]check.Result{},
	}
}

func (t *town) err(call string) error {
	if t.refuse != call {
		return nil
	}
	return &commands.Error{Kind: commands.Denied, Message: "AWS does not allow deckhand to call " + call + ".", Hint: "Grant it."}
}

func (t *town) Place(context.Context, aws.Target) aws.Place {
	return aws.Place{AccountID: "111122223333", Region: "us-east-1"}
}

func (t *town) LoadBalancers(context.Context, aws.Target, aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	return t.balancers, t.err("DescribeLoadBalancers")
}

func (t *town) Listeners(context.Context, aws.Target, string) ([]aws.Listener, error) {
	return t.listeners, nil
}

func (t *town) ListenerRules(context.Context, aws.Target, string) ([]aws.ListenerRule, error) {
	return t.rules, t.err("DescribeRules")
}

func (t *town) TargetGroups(_ context.Context, _ aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	if slices.Contains(q.Names, "myapp") {
		return []aws.TargetGroup{{ARN: group, Name: "myapp", VPCID: "vpc-1"}}, nil
	}
	return nil, nil
}

func (t *town) TargetHealth(context.Context, aws.Target, string) ([]aws.TargetHealth, error) {
	return t.health, nil
}

func (t *town) Instances(_ context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	var out []aws.Instance
	for _, i := range t.instances {
		if slices.Contains(q.IDs, i.ID) || slices.Contains(q.Names, i.Name) || slices.Contains(q.PrivateIPs, i.PrivateIP) || slices.Contains(q.Filters["ip-address"], i.PublicIP) {
			out = append(out, i)
		}
	}
	return out, nil
}

func (t *town) Statuses(context.Context, aws.Target, []string) ([]aws.InstanceStatus, error) {
	return []aws.InstanceStatus{t.status}, nil
}

func (t *town) FunctionErrors(context.Context, aws.Target, string, time.Time, time.Time) (aws.FunctionErrors, error) {
	return aws.FunctionErrors{}, nil
}

func (t *town) Subnets(context.Context, aws.Target, string) ([]aws.Subnet, error) {
	return []aws.Subnet{{ID: "subnet-a", CIDR: "10.0.0.0/24"}, {ID: "subnet-b", CIDR: "10.0.1.0/24"}}, nil
}

func (t *town) SecurityGroups(context.Context, aws.Target, string) ([]aws.SecurityGroup, error) {
	return t.groups, nil
}

func (t *town) NetworkACLs(context.Context, aws.Target, string) ([]aws.NetworkACL, error) {
	return t.acls, t.err("DescribeNetworkAcls")
}

func (t *town) ServiceNow(_ context.Context, _ aws.Target, s aws.Service) (aws.Service, error) {
	s.TargetGroups = []string{group}
	return s, t.err("ServiceNow")
}

func (t *town) RouteTables(context.Context, aws.Target, string) ([]aws.RouteTable, error) {
	return t.tables, nil
}

func (t *town) HostedZone(_ context.Context, _ aws.Target, name string) (aws.HostedZone, error) {
	if name == "myapp.example.com" {
		return aws.HostedZone{ID: "Z1"}, nil
	}
	return aws.HostedZone{}, &commands.Error{Kind: commands.NotFound, Message: "There is no zone."}
}

func (t *town) Records(context.Context, aws.Target, string, string) ([]aws.Record, error) {
	return t.records, nil
}

func (t *town) APIs(context.Context, aws.Target) ([]aws.API, error) {
	return []aws.API{{ID: "a1b2c3", Name: "counter"}}, nil
}

func (t *town) LookupHost(_ context.Context, host string) ([]string, error) {
	if addresses, ok := t.names[host]; ok {
		return addresses, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (t *town) Probe(_ context.Context, c check.Check) check.Result {
	r, ok := t.looks[c.URL]
	if !ok {
		r = check.Result{Detail: "no answer within 5 s"}
	}
	return r
}

func (t *town) Trace(ctx context.Context, c check.Check) (check.Result, []check.Step) {
	return t.Probe(ctx, c), nil
}

func (t *town) LastChange(_ context.Context, words []string) (Change, bool, error) {
	if t.change == nil || !slices.Contains(words, "i-web") {
		return Change{}, false, nil
	}
	return *t.change, true, nil
}

// ledger is the checks that there are.
type ledger struct {
	check.Book
	check check.Check
	down  bool
}

func (l ledger) Checks(context.Context) ([]check.Check, error) { return []check.Check{l.check}, nil }

func (l ledger) States(context.Context) (map[string]check.State, error) {
	if !l.down {
		return nil, nil
	}
	return map[string]check.State{l.check.Name: {Status: check.Down, Since: now}}, nil
}

func TestWhereTheWayIsBroken(t *testing.T) {
	t.Parallel()
	const site = "http://myapp.example.com/"
	for name, c := range map[string]struct {
		url    string
		change func(*town)
	}{
		"all-is-well":      {site, func(t *town) { t.looks[site] = check.Result{OK: true, Code: 200, Detail: "HTTP 200"} }},
		"the-application":  {site, func(t *town) { t.looks[site] = check.Result{Code: 500, Detail: "HTTP 500"} }},
		"no-such-name":     {site, func(t *town) { delete(t.names, "myapp.example.com") }},
		"no-listener":      {"https://myapp.example.com/", func(*town) {}},
		"another-protocol": {"https://myapp.example.com:80/", func(*town) {}},
		"a-rule-that-says-503": {site + "api/x", func(t *town) {
			t.rules = append([]aws.ListenerRule{{Priority: "5", Hosts: []string{"other.example.com"}}, {Priority: "10", Paths: []string{"/api/*"}, Action: "fixed-response", Status: "503"}}, t.rules...)
		}},
		"a-rule-that-cannot-be-judged": {site, func(t *town) {
			t.rules = append([]aws.ListenerRule{{Priority: "1", Other: true, Action: "forward"}}, t.rules...)
		}},
		"no-targets": {site, func(t *town) { t.health = nil }},
		"instance-stopped": {site, func(t *town) {
			t.health[0].State, t.health[0].Reason, t.health[0].Description = aws.TargetUnused, "Target.InvalidState", "Target is in the stopped state"
			t.instances[0].State, t.instances[0].StateReason = aws.Stopped, "Client.UserInitiatedShutdown: User initiated shutdown"
			t.change, t.down = &Change{Request: "R-7", Line: "vm stop web", By: "U_ALICE", At: now, State: "done"}, true
		}},
		"instance-impaired": {site, func(t *town) {
			t.health[0].State, t.health[0].Description = aws.TargetUnhealthy, "Request timed out"
			t.status.Instance = "impaired"
		}},
		"group-shut": {site, func(t *town) {
			t.health[0].State, t.health[0].Description = aws.TargetUnhealthy, "Request timed out"
			t.groups[1].Ingress[0].From, t.groups[1].Ingress[0].To = 80, 80
		}},
		"front-group-shut":     {site, func(t *town) { t.groups[0].Ingress = nil }},
		"front-group-for-some": {site, func(t *town) { t.groups[0].Ingress[0].Peer = "192.0.2.0/24" }},
		"acl-shut": {site, func(t *town) {
			t.acls[0].Entries = append(t.acls[0].Entries, aws.ACLEntry{Number: 90, Protocol: "6", From: 80, To: 80, Peer: everywhere})
		}},
		"acl-lets-no-answers-out": {site, func(t *town) { t.acls[0].Entries = t.acls[0].Entries[:2] }},
		"route-to-nowhere":        {site, func(t *town) { t.tables[0].Routes[0].State = "blackhole" }},
		"no-route":                {site, func(t *town) { t.tables[0].Routes = nil }},
		"aws-refuses":             {site, func(t *town) { t.refuse = "DescribeNetworkAcls" }},
		"aws-refuses-all":         {site, func(t *town) { t.refuse = "DescribeLoadBalancers" }},
		"nothing-can-be-checked":  {"http://192.0.2.9/", func(t *town) { t.refuse = "Instances" }},
		"an-instance":             {"http://direct.example.org:8080/", func(t *town) { t.groups[1].Ingress[0].Peer = everywhere }},
		"an-instance-shut":        {"tcp://direct.example.org:22", func(*town) {}},
		"somebody-elses":          {"http://elsewhere.example.net/", func(t *town) { t.names["elsewhere.example.net"] = []string{"192.0.2.9"} }},
		"an-api":                  {"https://a1b2c3.execute-api.us-east-1.amazonaws.com/", func(t *town) { t.names["a1b2c3.execute-api.us-east-1.amazonaws.com"] = []string{"192.0.2.9"} }},
		"an-api-that-is-gone":     {"https://zzz.execute-api.us-east-1.amazonaws.com/", func(*town) {}},
		"certificate": {"https://direct.example.org/", func(t *town) {
			t.looks["https://direct.example.org/"] = check.Result{Detail: "certificate expired on 2026-11-01, 23 days ago"}
			t.looks["tls://direct.example.org:443"] = check.Result{Detail: "certificate expired on 2026-11-01, 23 days ago"}
		}},
		"an-ec2-check":     {"ec2://web", func(t *town) { t.instances[0].State = aws.Stopped }},
		"no-such-instance": {"ec2://nobody", func(*town) {}},
		"a-group": {"target-group://myapp", func(t *town) {
			t.health[0].State, t.health[0].Reason = aws.TargetUnhealthy, "Target.FailedHealthChecks"
		}},
		"a-heartbeat": {"heartbeat://nightly", func(t *town) {
			t.looks["heartbeat://nightly"] = check.Result{Detail: "no call for 26 h; one is due every 1 d"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newTown()
			c.change(world)
			one := check.Check{Name: "shop", URL: c.url, Timeout: time.Second}
			d := &Doctor{Cloud: world, Eye: world, Resolver: world, Changes: world, Book: ledger{check: one, down: world.down}}
			report, err := (&Why{Name: "shop", doctor: d}).Run(t.Context(), &commands.Run{})
			if err != nil {
				t.Fatal(err)
			}
			commandstest.Golden(t, name, report)
		})
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	allow := func(number int, peer string) aws.ACLEntry {
		return aws.ACLEntry{Number: number, Allow: true, Protocol: "-1", Peer: peer}
	}
	deny := func(number int, peer string) aws.ACLEntry {
		return aws.ACLEntry{Number: number, Protocol: "-1", Peer: peer}
	}
	for name, c := range map[string]struct {
		entries []aws.ACLEntry
		want    state
	}{
		"nothing is let in by itself":      {nil, broken},
		"the lowest number decides":        {[]aws.ACLEntry{allow(200, everywhere), deny(100, everywhere)}, broken},
		"another direction does not count": {[]aws.ACLEntry{{Number: 1, Egress: true, Allow: true, Protocol: "-1", Peer: everywhere}}, broken},
		"another port does not count":      {[]aws.ACLEntry{{Number: 1, Protocol: "6", From: 22, To: 22, Peer: everywhere}, allow(2, everywhere)}, fine},
		"another protocol does not count":  {[]aws.ACLEntry{{Number: 1, Protocol: "17", From: 80, To: 80, Peer: everywhere}, allow(2, everywhere)}, fine},
		"some are kept out":                {[]aws.ACLEntry{deny(1, "192.0.2.0/24"), allow(2, everywhere)}, unchecked},
		"some are let in":                  {[]aws.ACLEntry{allow(1, "192.0.2.0/24"), deny(2, everywhere)}, unchecked},
		"IPv6 says nothing of IPv4":        {[]aws.ACLEntry{allow(1, "::/0")}, broken},
	} {
		if got := verdict(c.entries, false, 80, everywhere); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestACheckThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	world := newTown()
	d := &Doctor{Cloud: world, Eye: world, Resolver: world, Book: ledger{check: check.Check{Name: "shop"}}}
	_, err := (&Why{Name: "shopp", doctor: d}).Run(t.Context(), &commands.Run{})
	var e *commands.Error
	if !errors.As(err, &e) || e.Kind != commands.NotFound {
		t.Error(err)
	}
}
