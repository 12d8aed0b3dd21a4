package probe

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Target{
		"http://myapp.example.com/x?y=1":             {Scheme: "http", Host: "myapp.example.com"},
		"https://[2001:db8::1]:8443/":                {Scheme: "https", Host: "2001:db8::1", Port: 8443},
		"tcp://db.example.com:5432":                  {Scheme: TCP, Host: "db.example.com", Port: 5432},
		"tls://myapp.example.com":                    {Scheme: TLS, Host: "myapp.example.com", Port: 443},
		"dns://myapp.example.com":                    {Scheme: DNS, Host: "myapp.example.com", Record: "A"},
		"dns://example.com?type=mx&server=10.0.0.2":  {Scheme: DNS, Host: "example.com", Record: "MX", Server: "10.0.0.2:53"},
		"dns://example.com?server=[fd00::1]:5353":    {Scheme: DNS, Host: "example.com", Record: "A", Server: "[fd00::1]:5353"},
		"icmp://10.0.0.1":                            {Scheme: ICMP, Host: "10.0.0.1"},
		"heartbeat://nightly-backup":                 {Scheme: Heartbeat, Host: "nightly-backup"},
		"ec2://web?region=eu-central-1&account=prod": {Scheme: EC2, Host: "web", Region: "eu-central-1", Account: "prod"},
		"lambda://counter":                           {Scheme: Lambda, Host: "counter"},
		"domain://Example.com":                       {Scheme: Domain, Host: "Example.com"},
		"target-group://myapp":                       {Scheme: TargetGroup, Host: "myapp"},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s is %+v (%v), want %+v", text, got, err, want)
		}
	}
}

func TestWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"ftp://myapp.example.com/":                 "not an address that can be checked",
		"ssh://ann:secret@myapp.example.com/":      "user name or password",
		"http:///path":                             "not an http or https address",
		"http://ann:secret@myapp.example.com/":     "user name or password",
		"http://myapp.example.com:99999/":          "not a port",
		"http://169.254.169.254/latest/":           "never looked at",
		"tcp://169.254.170.2:80":                   "never looked at",
		"tls://[fd00:ec2::254]:443":                "never looked at",
		"icmp://[fe80::1%25eth0]":                  "never looked at",
		"icmp://224.0.0.1":                         "never looked at",
		"dns://example.com?server=169.254.169.253": "not the address of a name server",
		"dns://example.com?server=ns.example.com":  "not the address of a name server",
		"http://metadata.google.internal./":        "never looked at",
		"http://2852039166/":                       "neither a name nor an IP address",
		"tcp://db.example.com":                     "needs a port",
		"tcp://db.example.com:5432/path":           "has no path",
		"dns://example.com?type=SRV":               "not a type of record",
		"dns://example.com?typ=MX":                 `knows no "typ"`,
		"dns://10.0.0.1":                           "this is an address",
		"icmp://example.com:80":                    "has no port",
		"domain://com":                             "is no domain name",
		"domain://bücher.example":                  "is no domain name",
		"domain://10.0.0.1":                        "this is an address",
		"domain://example.com/x":                   "has no path",
		"domain://example.com?x=1":                 `knows no "x"`,
		"domain://metadata.google.internal":        "never looked at",
		"ec2://":                                   "names nothing",
		"a b":                                      "cannot be read",
	} {
		_, err := Parse(text)
		var wrong *Fault
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Message, says) || wrong.Hint == "" || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v, want %q and a hint", text, err, says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, shape := range shapes {
		f.Add(shape)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := Parse(text)
		if address, literal := target.Literal(); err == nil && literal && Forbidden(address) {
			t.Errorf("%q leads to %s", text, address)
		}
	})
}

func TestForbiddenAndPrivate(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ forbidden, private bool }{
		"169.254.169.254": {true, false}, "169.254.170.2": {true, false}, "::ffff:169.254.169.254": {true, false}, "64:ff9b::a9fe:a9fe": {true, false},
		"64:ff9b:1::a9fe:a9fe": {true, false}, "2002:a9fe:a9fe::1": {true, false}, "::169.254.169.254": {true, false}, "2002:a00:1::1": {false, true}, "::10.0.0.1": {false, true},
		"fe80::1": {true, false}, "fe80::1%eth0": {true, false}, "fd00:ec2::254": {true, true}, "fd00:ec2::23": {true, true}, "fd00:ec2::254%1": {true, true},
		"0.0.0.0": {true, false}, "::": {true, false}, "224.0.0.1": {true, false}, "ff02::1": {true, false}, "100.100.100.200": {true, true},
		"127.0.0.1": {false, true}, "::1": {false, true}, "10.0.0.5": {false, true}, "192.168.1.1": {false, true}, "172.31.0.1": {false, true},
		"::ffff:10.0.0.1": {false, true}, "64:ff9b::a00:1": {false, true}, "100.64.0.1": {false, true}, "fd12:3456::1": {false, true},
		"93.184.216.34": {false, false}, "2606:2800:220:1::1": {false, false}, "64:ff9b::5db8:d822": {false, false},
	} {
		at := netip.MustParseAddr(address)
		if Forbidden(at) != want.forbidden || Private(at) != want.private {
			t.Errorf("%s: forbidden %v, private %v", address, Forbidden(at), Private(at))
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	var document any
	const body = `{"status":"degraded","n":3,"up":true,"none":null,"items":[{"name":"a"},"b"],"build date":"today","d":{}}`
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	for text, broken := range map[string]string{
		`$.status == "degraded"`:     "",
		`$.status == degraded`:       "",
		`$.status == 'degraded'`:     "",
		`$.status=="ok"`:             `$.status is "degraded", not == "ok"`,
		`$.status != "ok"`:           "",
		`$.status contains "grad"`:   "",
		`$.status contains "ok"`:     `$.status is "degraded", not contains "ok"`,
		`$.n >= 3`:                   "",
		`$.n < 3`:                    "$.n is 3, not < 3",
		`$.n == 3.0`:                 "",
		`$.n == "3"`:                 `$.n is 3, not == "3"`,
		`$.status > 3`:               `$.status is "degraded", not > 3`,
		`$.up == true`:               "",
		`$.none == null`:             "",
		`$.none`:                     "",
		`$.missing`:                  "$.missing is not there",
		`$.missing == null`:          "$.missing is not there",
		`$.items[0].name == "a"`:     "",
		`$.items[1] == "b"`:          "",
		`$.items[2]`:                 "$.items[2] is not there",
		`$.items contains "b"`:       "",
		`$["build date"] == "today"`: "",
		`len($.items) > 1`:           "",
		`len($.items) == 0`:          "len($.items) is 2, not == 0",
		`len($.status) >= 8`:         "",
		`len($.n) > 0`:               "len($.n) has no length",
		`$.d == 1`:                   "$.d is {}, not == 1",
		`$`:                          "",
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Broken(document); got != broken {
			t.Errorf("%s: %q, want %q", text, got, broken)
		}
	}
	for _, text := range []string{"", "status == ok", "$.", "$.a ==", "$.a == b c", "$.a > \"b\"", "len($.a", "len($.a) contains 1", "$.a ~ 1", "$[x]", "$.a == [1]", `$["a]`} {
		if _, err := ParseCondition(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzCondition(f *testing.F) {
	f.Add(`$.status == "ok"`, `{"status":"ok"}`)
	f.Add(`len($["a"][0]) > 1`, `{"a":[[1]]}`)
	f.Fuzz(func(_ *testing.T, text, body string) {
		c, err := ParseCondition(text)
		var document any
		if err == nil && json.Unmarshal([]byte(body), &document) == nil {
			c.Broken(document)
		}
	})
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"200": "200", "204,200,200": "200, 204", "200-299": "200-299", "200-299,404": "200-299, 404", "200,201": "200, 201", "200,201,202": "200-202",
	} {
		codes, err := Statuses(strings.Split(text, ","))
		if got := StatusText(codes, ", "); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "ok", "99", "600", "2000", "299-200", "2xx", "000-099"} {
		if codes, err := Statuses([]string{text}); err == nil {
			t.Errorf("%s is %v", text, codes)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	if name, value, err := SplitHeader("Accept: application/json"); name != "Accept" || value != "application/json" || err != nil {
		t.Errorf("%s, %s, %v", name, value, err)
	}
	for _, text := range []string{"Accept", "A b: c", ": c", "Content-Length: 3", "A: b\nC: d"} {
		if _, _, err := SplitHeader(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	for value, want := range map[string][2]string{
		"env:API_TOKEN":         {"", "env:API_TOKEN"},
		"Bearer env:API_TOKEN":  {"Bearer ", "env:API_TOKEN"},
		"file:/run/token":       {"", "file:/run/token"},
		"Bearer file:/my run/t": {"Bearer ", "file:/my run/t"},
		"plain":                 {"plain", ""},
		"penv:x":                {"penv:x", ""},
		"env:x y":               {"env:x y", ""},
	} {
		before, ref, _ := Reference(value)
		if got := [2]string{before, ref}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q", value, got)
		}
	}
	for name, want := range map[string]bool{"Authorization": true, "X-Api-Key": true, "Cookie": true, "Accept": false, "Host": false} {
		if SensitiveHeader(name) != want {
			t.Errorf("%s", name)
		}
	}
}
