package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pretended is a pretend AWS that settles at once, and the door to it.
func pretended(t *testing.T) (*sandbox.World, *sdk.Cloud) {
	t.Helper()
	world := sandbox.New(sandbox.Options{Settle: 5 * time.Millisecond})
	cloud, err := sdk.New(t.Context(), sdk.Settings{
		Region: "us-east-1", Credentials: world.Credentials(), Options: []sdk.Option{world.Option()}, PollMin: time.Millisecond,
	})
	must(t, err)
	return world, cloud
}

// balanced makes a load balancer myapp with one healthy target, and the alias myapp.example.com.
func balanced(t *testing.T, c *sdk.Cloud) (instance string) {
	t.Helper()
	ctx, here := t.Context(), aws.Target{}
	list, err := c.LaunchInstances(ctx, here, aws.Launch{ImageID: "ami-0123456789abcdef0", MinCount: 1, MaxCount: 1, Subnet: "subnet-0123456789abcdef0", InstanceType: "t3.micro"})
	must(t, err)
	instance = list[0].ID
	_, err = c.WaitForState(ctx, here, []string{instance}, aws.Running, nil)
	must(t, err)
	subnets, err := c.Subnets(ctx, here, "")
	must(t, err)
	b, err := c.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{Name: "myapp", Type: "application", Subnets: []string{subnets[0].ID, subnets[1].ID}})
	must(t, err)
	g, err := c.CreateTargetGroup(ctx, here, aws.TargetGroup{Name: "myapp", Protocol: "HTTP", Port: 80, VPCID: list[0].VPCID, TargetType: "instance"})
	must(t, err)
	must(t, c.RegisterTargets(ctx, here, g.ARN, []string{instance}, 0))
	_, err = c.CreateListener(ctx, here, aws.Listener{LoadBalancer: b.ARN, Protocol: "HTTP", Port: 80, TargetGroup: g.ARN})
	must(t, err)
	zone, err := c.HostedZone(ctx, here, "myapp.example.com")
	must(t, err)
	_, err = c.SetAlias(ctx, here, aws.Alias{Zone: zone.ID, Name: "myapp.example.com", Target: b.DNSName, TargetZone: b.HostedZoneID})
	must(t, err)
	_, err = c.WaitForTargets(ctx, here, g.ARN, []string{instance}, nil)
	must(t, err)
	return instance
}

func open(t *testing.T, url, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must(t, err)
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(body)
}

func TestALoadBalancerAnswersForRealAsLongAsItsMachinesRun(t *testing.T) {
	t.Parallel()
	world, cloud := pretended(t)
	id := balanced(t, cloud)
	issuer, err := newAuthority()
	must(t, err)
	b := newBalancers(world, issuer)
	b.sync(t.Context())
	t.Cleanup(func() { b.closeExcept(nil) })

	own := b.hosts("myapp.example.com:80")
	if !strings.HasPrefix(own, "127.0.0.1:") || b.hosts("elsewhere.example.com:80") != "elsewhere.example.com:80" {
		t.Fatalf("myapp.example.com is dialled at %s", own)
	}
	if b.hosts(world.LoadBalancers()[0].DNSName+":80") != own || b.hosts("myapp.example.com:81") == own {
		t.Error("the name of the load balancer leads elsewhere than its alias, or a port without a listener leads to it")
	}
	page := httptest.NewServer(b.byName(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") })))
	t.Cleanup(page.Close)
	for _, look := range []struct{ url, host string }{{"http://" + own + "/", ""}, {page.URL, "myapp.example.com"}, {page.URL, "myapp.example.com:8080"}} {
		if code, body := open(t, look.url, look.host); code != http.StatusOK || !strings.Contains(body, id) {
			t.Errorf("%v answers %d %s", look, code, body)
		}
	}
	if _, body := open(t, page.URL, ""); body != "the page" {
		t.Errorf("the page is %q", body)
	}
	shown, err := cloud.LoadBalancers(t.Context(), aws.Target{}, aws.LoadBalancerQuery{})
	must(t, err)
	if shown[0].Tags["demo:port-80"] != "http://"+own+"/" {
		t.Errorf("tags %v", shown[0].Tags)
	}

	group := shown[0].SecurityGroups[0]
	among := aws.Rule{Protocol: "-1", Peer: group}
	const outside = "let nobody on the internet in at port 80"
	if _, body := open(t, "http://"+own+"/", ""); !strings.Contains(body, outside) {
		t.Errorf("with a group whose members alone reach each other it answers %s", body)
	}
	must(t, cloud.Revoke(t.Context(), aws.Target{}, group, among))
	if code, _ := open(t, "http://"+own+"/", ""); code != http.StatusGatewayTimeout {
		t.Errorf("with targets that it cannot reach it answers %d", code)
	}
	must(t, cloud.Allow(t.Context(), aws.Target{}, group, aws.Rule{Protocol: "tcp", From: 80, To: 80, Peer: "0.0.0.0/0"}))
	if code, body := open(t, "http://"+own+"/", ""); code != http.StatusOK || strings.Contains(body, outside) {
		t.Errorf("open to everybody it answers %d %s", code, body)
	}

	_, err = cloud.StopInstances(t.Context(), aws.Target{}, []string{id}, false, false)
	must(t, err)
	if code, _ := open(t, "http://"+own+"/", ""); code != http.StatusServiceUnavailable {
		t.Errorf("with its machine stopped it answers %d", code)
	}
	must(t, cloud.DeleteLoadBalancer(t.Context(), aws.Target{}, shown[0].ARN))
	b.sync(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+own+"/", nil)
	must(t, err)
	if answer, err := http.DefaultClient.Do(r); err == nil {
		answer.Body.Close()
		t.Errorf("deleted, it answers %d", answer.StatusCode)
	}
}

// Its certificate is for the names that the one in the pretend AWS has, and nobody else trusts it.
func TestAListenerForHTTPSAnswersWithTheCertificatesNames(t *testing.T) {
	t.Parallel()
	world, cloud := pretended(t)
	id := balanced(t, cloud)
	ctx, here := t.Context(), aws.Target{}
	shown, err := cloud.LoadBalancers(ctx, here, aws.LoadBalancerQuery{})
	must(t, err)
	groups, err := cloud.TargetGroups(ctx, here, aws.TargetGroupQuery{LoadBalancer: shown[0].ARN})
	must(t, err)
	certificates, err := cloud.Certificates(ctx, here)
	must(t, err)
	_, err = cloud.CreateListener(ctx, here, aws.Listener{
		LoadBalancer: shown[0].ARN, Protocol: "HTTPS", Port: 443, TargetGroup: groups[0].ARN, Certificate: certificates[0].ARN,
	})
	must(t, err)
	issuer, err := newAuthority()
	must(t, err)
	b := newBalancers(world, issuer)
	b.sync(ctx)
	t.Cleanup(func() { b.closeExcept(nil) })
	look := func(name string, trust *tls.Config) (string, error) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, b.hosts(address))
		}}}
		defer client.CloseIdleConnections()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+name+"/", nil)
		must(t, err)
		answer, err := client.Do(r)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return string(body), err
	}
	trusting := &tls.Config{RootCAs: issuer.roots, MinVersion: tls.VersionTLS12}
	if body, err := look("myapp.example.com", trusting); err != nil || !strings.Contains(body, id) {
		t.Errorf("by its alias: %q, %v", body, err)
	}
	if _, err := look(shown[0].DNSName, trusting); err == nil || !strings.Contains(err.Error(), "*.example.com") {
		t.Errorf("by a name that the certificate is not for: %v", err)
	}
	if _, err := look("myapp.example.com", nil); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("to the machine at large: %v", err)
	}
}

// What the groups that somebody chose shut out is not answered, and not refused either.
func TestAListenerThatNobodyGetsInByAnswersNobody(t *testing.T) {
	t.Parallel()
	world := sandbox.New(sandbox.Options{Settle: 5 * time.Millisecond})
	cloud, err := sdk.New(t.Context(), sdk.Settings{
		Region: "us-east-1", Credentials: world.Credentials(), Options: []sdk.Option{world.Option()}, PollMin: time.Millisecond,
	})
	must(t, err)
	balanced(t, cloud)
	ctx, here := t.Context(), aws.Target{}
	const chosen = "sg-0123456789abcdef0"
	web := aws.Rule{Protocol: "tcp", From: 80, To: 80, Peer: "0.0.0.0/0"}
	first, err := cloud.LoadBalancers(ctx, here, aws.LoadBalancerQuery{})
	must(t, err)
	groups, err := cloud.TargetGroups(ctx, here, aws.TargetGroupQuery{LoadBalancer: first[0].ARN})
	must(t, err)
	must(t, cloud.DeleteLoadBalancer(ctx, here, first[0].ARN))
	one, err := cloud.CreateLoadBalancer(ctx, here, aws.NewLoadBalancer{Name: "chosen", Type: "application", Subnets: first[0].Subnets, SecurityGroups: []string{chosen}})
	must(t, err)
	_, err = cloud.CreateListener(ctx, here, aws.Listener{LoadBalancer: one.ARN, Protocol: "HTTP", Port: 80, TargetGroup: groups[0].ARN})
	must(t, err)
	issuer, err := newAuthority()
	must(t, err)
	b := newBalancers(world, issuer)
	b.sync(ctx)
	t.Cleanup(func() { b.closeExcept(nil) })
	page := httptest.NewServer(b.byName(http.NotFoundHandler()))
	t.Cleanup(page.Close)
	own := "http://" + b.hosts(one.DNSName+":80") + "/"
	silent := func(url string) bool {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(short, http.MethodGet, url, nil)
		must(t, err)
		r.Host = one.DNSName
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err == nil {
			answer.Body.Close()
		}
		return errors.Is(err, context.DeadlineExceeded)
	}
	for _, url := range []string{own, page.URL} {
		if code, _ := open(t, url, one.DNSName); code == 0 || silent(url) {
			t.Errorf("with port 80 open, %s is silent", url)
		}
	}
	must(t, cloud.Revoke(ctx, here, chosen, web))
	for _, url := range []string{own, page.URL} {
		if !silent(url) {
			t.Errorf("with port 80 shut, %s answers or refuses", url)
		}
	}
	must(t, cloud.Allow(ctx, here, chosen, web))
	if silent(own) {
		t.Error("with port 80 open again it is silent")
	}
}
