package sdk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

const firstSubnet = "subnet-0123456789abcdef0"

// twoSubnets are subnets of the default VPC in two zones, the furnished one among them.
func twoSubnets(t *testing.T, c *sdk.Cloud) (vpc string, ids []string) {
	t.Helper()
	all, err := c.Subnets(t.Context(), here, "")
	must(t, err)
	ids = []string{firstSubnet}
	for _, s := range all {
		if vpc = s.VPCID; s.Zone != "us-east-1a" {
			ids = append(ids, s.ID)
		}
	}
	return vpc, ids
}

// balanced makes a load balancer named myapp with a listener and one registered instance.
func balanced(t *testing.T, c *sdk.Cloud) (aws.LoadBalancer, aws.TargetGroup, string) {
	t.Helper()
	ctx := t.Context()
	id := launch(t, c, small("r-1"))[0]
	vpc, subnets := twoSubnets(t, c)
	b, err := c.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{
		Name: "myapp", Type: "application", Scheme: "internet-facing", Subnets: subnets,
		SecurityGroups: []string{"sg-0123456789abcdef0"}, Tags: map[string]string{"deckhand:request": "R-1"},
	})
	must(t, err)
	g, err := c.CreateTargetGroup(ctx, here, aws.TargetGroup{Name: "myapp", Protocol: "HTTP", Port: 80, VPCID: vpc, TargetType: "instance", Health: aws.HealthChecks{Path: "/"}})
	must(t, err)
	must(t, c.RegisterTargets(ctx, here, g.ARN, []string{id}, 0))
	_, err = c.CreateListener(ctx, here, aws.Listener{LoadBalancer: b.ARN, Protocol: "HTTP", Port: 80, TargetGroup: g.ARN})
	must(t, err)
	return b, g, id
}

func TestALoadBalancerBecomesActiveAndItsTargetHealthy(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		b, g, id := balanced(t, c)
		if b.State != "provisioning" || !strings.HasSuffix(b.DNSName, ".us-east-1.elb.amazonaws.com") || b.HostedZoneID != "Z35SXDOTRQ7X7K" {
			t.Errorf("made %+v", b)
		}
		b, err := c.WaitForLoadBalancer(ctx, here, b.ARN, nil)
		must(t, err)
		if b.State != "active" || b.Tags["deckhand:request"] != "R-1" || len(b.Zones) != 2 {
			t.Errorf("active as %+v", b)
		}
		var states []aws.TargetState
		seen, err := c.WaitForTargets(ctx, here, g.ARN, []string{id}, func(now []aws.TargetHealth) { states = append(states, now[0].State) })
		must(t, err)
		if states[0] != aws.TargetInitial || seen[0].State != aws.TargetHealthy || seen[0].Port != 80 {
			t.Errorf("saw %v, then %+v", states, seen)
		}
		if live := w.LoadBalancers(); len(live) != 1 || len(live[0].Doors) != 1 || len(live[0].Doors[0].Healthy) != 1 {
			t.Errorf("the world shows %+v", live)
		}
		web := aws.Rule{Protocol: "tcp", From: 80, To: 80, Peer: "0.0.0.0/0"}
		must(t, c.Revoke(ctx, here, "sg-0123456789abcdef0", web))
		shut, err := c.TargetHealth(ctx, here, g.ARN)
		must(t, err)
		if door := w.LoadBalancers()[0].Doors[0]; shut[0].State != aws.TargetUnhealthy || shut[0].Reason != "Target.Timeout" || !door.Silent || !door.Shut {
			t.Errorf("with nobody let in the target is %+v behind %+v", shut[0], door)
		}
		must(t, c.Allow(ctx, here, "sg-0123456789abcdef0", aws.Rule{Protocol: "tcp", From: 1, To: 80, Peer: "172.31.16.0/20"}))
		inside, err := c.TargetHealth(ctx, here, g.ARN)
		must(t, err)
		if door := w.LoadBalancers()[0].Doors[0]; inside[0].State != aws.TargetHealthy || door.Silent || !door.Shut {
			t.Errorf("with a subnet of the load balancer let in the target is %+v behind %+v", inside[0], door)
		}
		_, err = c.StopInstances(ctx, here, []string{id}, false, false)
		must(t, err)
		_, err = c.WaitForState(ctx, here, []string{id}, aws.Stopped, nil)
		must(t, err)
		now, err := c.TargetHealth(ctx, here, g.ARN)
		must(t, err)
		if now[0].State != aws.TargetUnused || now[0].Reason != "Target.InvalidState" {
			t.Errorf("a stopped target is %+v", now[0])
		}
		if live := w.LoadBalancers(); len(live[0].Doors[0].Healthy) != 0 {
			t.Errorf("a stopped instance still answers: %+v", live)
		}
	})
}

func TestMakingTheSameAgainAnswersWhatIsThere(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		b, g, _ := balanced(t, c)
		vpc, subnets := twoSubnets(t, c)
		again := aws.NewLoadBalancer{Name: "myapp", Type: "application", Scheme: "internet-facing", Subnets: subnets, SecurityGroups: []string{"sg-0123456789abcdef0"}}
		second, err := c.CreateLoadBalancer(ctx, here, again)
		must(t, err)
		if second.ARN != b.ARN {
			t.Errorf("a second load balancer %s beside %s", second.ARN, b.ARN)
		}
		again.Scheme = "internal"
		_, err = c.CreateLoadBalancer(ctx, here, again)
		wantError(t, err, "failed", "different settings")
		_, err = c.CreateTargetGroup(ctx, here, aws.TargetGroup{Name: "myapp", Protocol: "HTTP", Port: 8080, VPCID: vpc, TargetType: "instance"})
		wantError(t, err, "failed", "different settings")
		_, err = c.CreateListener(ctx, here, aws.Listener{LoadBalancer: b.ARN, Protocol: "HTTP", Port: 80, TargetGroup: g.ARN})
		must(t, err)
		listeners, err := c.Listeners(ctx, here, b.ARN)
		must(t, err)
		if len(listeners) != 1 || listeners[0].TargetGroup != g.ARN {
			t.Errorf("listeners %+v", listeners)
		}
	})
}

func TestLoadBalancersThatAWSRefuses(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		_, err := c.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{Name: "one", Type: "application", Subnets: []string{firstSubnet}})
		wantError(t, err, "usage", "two different Availability Zones")
		_, err = c.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{Name: "one", Type: "network", Subnets: []string{"subnet-0aaaaaaaaaaaaaaaa"}})
		wantError(t, err, "not_found", "does not exist")
		id := launch(t, c, small("r-1"))[0]
		vpc, _ := twoSubnets(t, c)
		g, err := c.CreateTargetGroup(ctx, here, aws.TargetGroup{Name: "g", Protocol: "TCP", Port: 80, VPCID: vpc, TargetType: "instance"})
		must(t, err)
		_, err = c.StopInstances(ctx, here, []string{id}, false, false)
		must(t, err)
		err = c.RegisterTargets(ctx, here, g.ARN, []string{id}, 0)
		wantError(t, err, "failed", "not in a running state")
		found, err := c.LoadBalancers(ctx, here, aws.LoadBalancerQuery{Names: []string{"nobody"}})
		if err != nil || len(found) != 0 {
			t.Errorf("a name that nobody has: %v, %v", found, err)
		}
	})
}

func TestATargetDrainsAndEverythingIsDeleted(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		b, g, id := balanced(t, c)
		err := c.DeleteTargetGroup(withLimit(t, 3*time.Second), here, g.ARN)
		wantError(t, err, "failed", "in use")
		must(t, c.DeregisterTargets(ctx, here, g.ARN, []string{id}, 0))
		var states []aws.TargetState
		must(t, c.WaitForDrained(ctx, here, g.ARN, []string{id}, func(left []aws.TargetHealth) {
			for _, h := range left {
				states = append(states, h.State)
			}
		}))
		if len(states) == 0 || states[0] != aws.TargetDraining {
			t.Errorf("saw %v while draining", states)
		}
		for range 2 { // the second time everything is gone already
			must(t, c.DeleteLoadBalancer(ctx, here, b.ARN))
			must(t, c.DeleteTargetGroup(ctx, here, g.ARN))
		}
		if len(w.LoadBalancers()) != 0 {
			t.Errorf("left: %+v", w.LoadBalancers())
		}
	})
}

func withLimit(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestAnAliasIsSetReplacedAndDeleted(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		zone, err := c.HostedZone(ctx, here, "MyApp.example.com.")
		must(t, err)
		if zone.Name != "example.com" || zone.Private {
			t.Errorf("zone %+v", zone)
		}
		_, err = c.HostedZone(ctx, here, "myapp.example.net")
		wantError(t, err, "not_found", "myapp.example.net", "hosted zone")
		alias := aws.Alias{Zone: zone.ID, Name: "myapp.example.com", Target: "MyApp-1.us-east-1.elb.amazonaws.com", TargetZone: "Z35SXDOTRQ7X7K"}
		for range 2 {
			change, err := c.SetAlias(ctx, here, alias)
			must(t, err)
			everywhere, err := c.WaitForDNS(ctx, here, change)
			if err != nil || !everywhere {
				t.Fatalf("in sync: %v, %v", everywhere, err)
			}
		}
		records, err := c.Records(ctx, here, zone.ID, "myapp.example.com")
		must(t, err)
		if len(records) != 1 || records[0].AliasName != "myapp-1.us-east-1.elb.amazonaws.com" || records[0].Type != "A" {
			t.Errorf("records %+v", records)
		}
		other := alias
		other.Target = "other.us-east-1.elb.amazonaws.com"
		_, err = c.SetAlias(ctx, here, other)
		wantError(t, err, "conflict", "myapp.example.com has got a record that leads elsewhere")
		if left := w.Aliases(); len(left) != 1 || !strings.HasPrefix(left[0].Target, "myapp-1") {
			t.Errorf("overwritten: %v", left)
		}
		replacing := other
		replacing.Replaces = true
		for _, a := range []aws.Alias{replacing, {Zone: zone.ID, Name: alias.Name, Target: alias.Target, TargetZone: alias.TargetZone, Replaces: true}} {
			_, err = c.SetAlias(ctx, here, a)
			must(t, err)
		}
		if id, err := c.DeleteAlias(ctx, here, other); err != nil || id != "" {
			t.Errorf("deleting what is not there: %q, %v", id, err)
		}
		follows := alias
		follows.Follows = true
		_, err = c.DeleteAlias(ctx, here, follows)
		wantError(t, err, "failed", "was not found")
		_, err = c.DeleteAlias(ctx, here, alias)
		must(t, err)
		if left := w.Aliases(); len(left) != 0 {
			t.Errorf("left %+v", left)
		}
		alias.Name = "myapp.example.org"
		_, err = c.SetAlias(ctx, here, alias)
		wantError(t, err, "failed", "not permitted in zone")
	})
}

func TestALostAnswerOfAnIdempotentCallSaysThatItMayBeAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("CreateTargetGroup", 1)
		_, err := c.CreateTargetGroup(t.Context(), here, aws.TargetGroup{Name: "lost", Protocol: "HTTP", Port: 80, TargetType: "instance"})
		if e := wantError(t, err, "uncertain", "may have been done"); !e.Again() || count(w, "CreateTargetGroup") != 1 {
			t.Errorf("again %v after %d calls", e.Again(), count(w, "CreateTargetGroup"))
		}
		w.LoseAnswer("StopInstances", 1)
		_, err = c.StopInstances(t.Context(), here, launch(t, c, small("r-1")), false, false)
		if e := wantError(t, err, "uncertain", "may have been done"); e.Again() {
			t.Error("a stop without a token may be sent again")
		}
	})
}

func TestALoadBalancerOnTheWire(t *testing.T) {
	t.Parallel()
	e, c := wired(t, map[string]http.HandlerFunc{
		"CreateLoadBalancer": xml(`<CreateLoadBalancerResponse><CreateLoadBalancerResult><LoadBalancers><member><LoadBalancerArn>arn:lb</LoadBalancerArn>` +
			`<State><Code>provisioning</Code></State></member></LoadBalancers></CreateLoadBalancerResult></CreateLoadBalancerResponse>`),
		"CreateTargetGroup": xml(`<CreateTargetGroupResponse><CreateTargetGroupResult><TargetGroups><member><TargetGroupArn>arn:tg</TargetGroupArn></member>` +
			`</TargetGroups></CreateTargetGroupResult></CreateTargetGroupResponse>`),
		"CreateListener": xml(`<CreateListenerResponse><CreateListenerResult><Listeners><member><ListenerArn>arn:l</ListenerArn></member></Listeners>` +
			`</CreateListenerResult></CreateListenerResponse>`),
		"RegisterTargets": xml(`<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>`),
	})
	ctx := t.Context()
	b, err := c.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{
		Name: "myapp", Type: "application", Scheme: "internet-facing", Subnets: []string{"subnet-a", "subnet-b"}, SecurityGroups: []string{"sg-1"},
		Tags: map[string]string{"deckhand:request": "R-1"},
	})
	must(t, err)
	_, err = c.CreateTargetGroup(ctx, here, aws.TargetGroup{Name: "myapp", Protocol: "HTTP", Port: 80, VPCID: "vpc-1", TargetType: "instance", Health: aws.HealthChecks{Path: "/up"}})
	must(t, err)
	_, err = c.CreateListener(ctx, here, aws.Listener{LoadBalancer: b.ARN, Protocol: "HTTPS", Port: 443, TargetGroup: "arn:tg", Certificate: "arn:cert"})
	must(t, err)
	must(t, c.RegisterTargets(ctx, here, "arn:tg", []string{"i-1", "i-2"}, 0))
	wantFields(t, e.sent("CreateLoadBalancer")[0], map[string]string{
		"Name": "myapp", "Type": "application", "Scheme": "internet-facing", "Subnets.member.1": "subnet-a", "Subnets.member.2": "subnet-b",
		"SecurityGroups.member.1": "sg-1", "Tags.member.1.Key": "deckhand:request", "Tags.member.1.Value": "R-1",
	})
	wantFields(t, e.sent("CreateTargetGroup")[0], map[string]string{
		"Name": "myapp", "Protocol": "HTTP", "Port": "80", "VpcId": "vpc-1", "TargetType": "instance", "HealthCheckPath": "/up", "HealthCheckProtocol": "-",
	})
	wantFields(t, e.sent("CreateListener")[0], map[string]string{
		"LoadBalancerArn": "arn:lb", "Protocol": "HTTPS", "Port": "443", "Certificates.member.1.CertificateArn": "arn:cert",
		"DefaultActions.member.1.Type": "forward", "DefaultActions.member.1.TargetGroupArn": "arn:tg",
	})
	wantFields(t, e.sent("RegisterTargets")[0], map[string]string{
		"TargetGroupArn": "arn:tg", "Targets.member.1.Id": "i-1", "Targets.member.2.Id": "i-2", "Targets.member.1.Port": "-",
	})
}

func TestAnAliasOnTheWire(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	c := cloudAt(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw := make([]byte, 4096)
		n, _ := r.Body.Read(raw)
		bodies <- r.Method + " " + r.URL.Path + " " + string(raw[:n])
		_, _ = fmt.Fprint(w, `<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>`)
	}))
	id, err := c.SetAlias(t.Context(), here, aws.Alias{
		Zone: "Z1", Name: "myapp.example.com", Target: "myapp-1.us-east-1.elb.amazonaws.com", TargetZone: "Z35SXDOTRQ7X7K", Comment: "deckhand R-1",
	})
	must(t, err)
	if id != "C1" {
		t.Errorf("the change is %q", id)
	}
	sent := <-bodies
	for _, want := range []string{
		"POST /2013-04-01/hostedzone/Z1/rrset", "<Comment>deckhand R-1</Comment>", "<Action>CREATE</Action>", "<Type>A</Type>", "<Name>myapp.example.com</Name>",
		"<DNSName>myapp-1.us-east-1.elb.amazonaws.com</DNSName>", "<HostedZoneId>Z35SXDOTRQ7X7K</HostedZoneId>", "<EvaluateTargetHealth>false</EvaluateTargetHealth>",
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("%s lacks %s", sent, want)
		}
	}
}

func TestWhoIsTakenOutAlreadyIsTakenOut(t *testing.T) {
	t.Parallel()
	refused := func(code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>The specified target does not exist</Message></Error></ErrorResponse>`, code)
		}
	}
	health := func(state string) http.HandlerFunc {
		return xml(`<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>80</Port></Target>` +
			`<TargetHealth><State>` + state + `</State></TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`)
	}
	for state, refuses := range map[string]bool{"draining": false, "healthy": true} {
		_, c := wired(t, map[string]http.HandlerFunc{"DeregisterTargets": refused("InvalidTarget"), "DescribeTargetHealth": health(state)})
		if err := c.DeregisterTargets(t.Context(), here, "arn:tg", []string{"i-1"}, 80); (err != nil) != refuses {
			t.Errorf("%s: %v", state, err)
		}
	}
	_, c := wired(t, map[string]http.HandlerFunc{"CreateLoadBalancer": refused("OperationNotPermitted"), "CreateListener": refused("TargetGroupAssociationLimit")})
	_, err := c.CreateLoadBalancer(t.Context(), here, aws.NewLoadBalancer{Name: "x"})
	wantError(t, err, "denied", "AWS Support")
	_, err = c.CreateListener(t.Context(), here, aws.Listener{})
	wantError(t, err, "failed", "one load balancer")
}

func serve(t *testing.T, handler http.HandlerFunc) (address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
