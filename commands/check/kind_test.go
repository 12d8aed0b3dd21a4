package check

import "testing"

func TestTheSchemeSaysTheKind(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]Kind{
		"http://a.example.com/": HTTP, "https://a.example.com/": HTTP, "tcp://db:5432": TCP, "tls://a.example.com:443": TLS,
		"dns://a.example.com?type=MX": DNS, "icmp://10.0.0.1": ICMP, "heartbeat://backup": Beat,
		"target-group://web": TargetGroup, "ec2://i-0abc": EC2, "lambda://counter": Lambda, "domain://example.com": Domain,
	} {
		if got := (Check{URL: url}).Kind(); got != want {
			t.Errorf("%s is of kind %s, want %s", url, got, want)
		}
	}
}

func TestTheSameThingIsSeenThroughItsSpellings(t *testing.T) {
	t.Parallel()
	post := &Request{Method: "POST"}
	for _, c := range []struct {
		a, b Check
		same bool
	}{
		{Check{URL: "http://a.example.com"}, Check{URL: "http://A.example.com:80/"}, true},
		{Check{URL: "https://a.example.com/x"}, Check{URL: "https://a.example.com:443/x#part"}, true},
		{Check{URL: "http://a.example.com/"}, Check{URL: "http://a.example.com/", Request: &Request{Method: "GET"}}, true},
		{Check{URL: "http://a.example.com/"}, Check{URL: "http://a.example.com/", Request: post}, false},
		{Check{URL: "http://a.example.com/"}, Check{URL: "https://a.example.com/"}, false},
		{Check{URL: "http://a.example.com:80/"}, Check{URL: "http://a.example.com:8080/"}, false},
		{Check{URL: "dns://a.example.com?type=A"}, Check{URL: "dns://a.example.com?type=MX"}, false},
		{Check{URL: "heartbeat://a"}, Check{URL: "heartbeat://a"}, false},
	} {
		if c.a.Same(c.b) != c.same {
			t.Errorf("%s and %s: same is %v", c.a.URL, c.b.URL, !c.same)
		}
	}
}
