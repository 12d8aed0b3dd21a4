package adopt

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"deckhand/commands/probe"
)

// gatusFile is what is read of a Gatus configuration.
// Source: https://github.com/TwiN/gatus (README, "Configuration")
type gatusFile struct {
	Endpoints   []gatusEndpoint `yaml:"endpoints"`
	External    []gatusExternal `yaml:"external-endpoints"`
	Suites      []gatusSuite    `yaml:"suites"`
	Maintenance map[string]any  `yaml:"maintenance"`
	// Alerting is by kind; beside kinds there may be other things.
	Alerting map[string]yaml.Node `yaml:"alerting"`
}

type gatusSuite struct {
	Name string `yaml:"name"`
}

type gatusEndpoint struct {
	Name       string            `yaml:"name"`
	Group      string            `yaml:"group"`
	Enabled    *bool             `yaml:"enabled"`
	URL        string            `yaml:"url"`
	Method     string            `yaml:"method"`
	Body       string            `yaml:"body"`
	GraphQL    bool              `yaml:"graphql"`
	Headers    map[string]string `yaml:"headers"`
	Interval   string            `yaml:"interval"`
	Conditions []string          `yaml:"conditions"`
	Alerts     []gatusAlert      `yaml:"alerts"`
	DNS        *struct {
		Name string `yaml:"query-name"`
		Type string `yaml:"query-type"`
	} `yaml:"dns"`
	SSH    map[string]any `yaml:"ssh"`
	Client struct {
		Timeout        string         `yaml:"timeout"`
		Insecure       bool           `yaml:"insecure"`
		IgnoreRedirect bool           `yaml:"ignore-redirect"`
		OAuth2         map[string]any `yaml:"oauth2"`
		TLS            map[string]any `yaml:"tls"`
		Proxy          string         `yaml:"proxy-url"`
		Resolver       string         `yaml:"dns-resolver"`
		IAP            map[string]any `yaml:"identity-aware-proxy"`
		Tunnel         string         `yaml:"tunnel"`
	} `yaml:"client"`
	Maintenance []any `yaml:"maintenance-windows"`
}

type gatusAlert struct {
	Type    string `yaml:"type"`
	Failure int    `yaml:"failure-threshold"`
	Success int    `yaml:"success-threshold"`
}

// usual are the thresholds that a kind of alert has where an endpoint says none; 0 where the file does not say either.
func (f gatusFile) usual(kind string) gatusAlert {
	var of struct {
		Usual gatusAlert `yaml:"default-alert"`
	}
	node := f.Alerting[kind]
	if node.Decode(&of) != nil {
		return gatusAlert{}
	}
	return of.Usual
}

type gatusExternal struct {
	Name      string `yaml:"name"`
	Group     string `yaml:"group"`
	Heartbeat struct {
		Interval string `yaml:"interval"`
	} `yaml:"heartbeat"`
}

func (f gatusFile) adopt() Adopted {
	a := Adopted{From: "Gatus"}
	taken := names{}
	for _, e := range f.Endpoints {
		title := strings.Trim(e.Group+" "+e.Name, " ")
		if e.Enabled != nil && !*e.Enabled {
			a.leave(title, "it is switched off and was left out")
			continue
		}
		c := Check{Name: taken.plain(title), Schedule: "@every " + cmp.Or(e.Interval, "1m"), Timeout: gatusTimeout}
		if !e.address(&a, &c) {
			continue
		}
		e.send(&a, &c)
		e.expect(&a, &c)
		if len(e.Alerts) > 0 {
			usual := f.usual(e.Alerts[0].Type)
			c.FailAfter, c.PassAfter = cmp.Or(e.Alerts[0].Failure, usual.Failure), cmp.Or(e.Alerts[0].Success, usual.Success)
		}
		a.settle(&c)
		a.Checks = append(a.Checks, c)
		e.domain(&a, taken, c)
	}
	for _, e := range f.External {
		title := strings.Trim(e.Group+" "+e.Name, " ")
		if e.Heartbeat.Interval == "" || e.Heartbeat.Interval == "0s" {
			a.leave(title, "it only takes results that others push, which deckhand does not")
			continue
		}
		name := taken.plain(title)
		a.Checks = append(a.Checks, Check{Name: name, Schedule: "@every 1m", Heartbeat: &Heartbeat{Every: e.Heartbeat.Interval, Token: secretFor(name, "token")}})
		a.leave(name, "it is called at /heartbeat/TOKEN now; put a token of at least 20 characters into %s", strings.TrimPrefix(secretFor(name, "token"), "env:"))
	}
	if len(f.Maintenance) > 0 {
		a.leave("maintenance", "the window is not carried over; write it under maintenance: of the configuration")
	}
	for _, s := range f.Suites {
		a.leave("suite "+s.Name, "endpoints that pass values to each other have no counterpart, and were left out")
	}
	return a
}

// gatusTimeout is Gatus's own, where an endpoint says none.
const gatusTimeout = "10s"

// address carries the address over; false where deckhand has no such kind.
func (e gatusEndpoint) address(a *Adopted, c *Check) bool {
	c.URL = e.URL
	switch {
	case e.DNS != nil:
		c.URL = "dns://" + strings.TrimSuffix(e.DNS.Name, ".") + "?type=" + cmp.Or(strings.ToUpper(e.DNS.Type), "A") + "&server=" + e.URL
	case strings.HasPrefix(e.URL, "starttls://") || e.SSH != nil:
		a.leave(c.Name, "%s is of a kind that deckhand does not have, and was left out", e.URL)
		return false
	}
	if _, err := probe.Parse(c.URL); err != nil {
		a.leave(c.Name, "it was left out: %s", strings.TrimSuffix(err.Error(), "."))
		return false
	}
	return true
}

// send carries over what is sent.
func (e gatusEndpoint) send(a *Adopted, c *Check) {
	c.Timeout = cmp.Or(e.Client.Timeout, c.Timeout)
	if len(e.Maintenance) > 0 {
		a.leave(c.Name, "its maintenance-windows are not carried over; write them under maintenance: of the configuration")
	}
	if strings.Contains(e.URL, "${") {
		a.leave(c.Name, "its address is filled in from the environment; write it out")
	}
	if !strings.HasPrefix(c.URL, "http") {
		return
	}
	r := Request{Body: e.Body}
	if e.Method != "" && e.Method != http.MethodGet {
		r.Method = e.Method
	}
	if e.GraphQL {
		a.leave(c.Name, "graphql wraps the body into a query; write the whole body by hand")
	}
	if e.Client.IgnoreRedirect {
		none := 0
		r.Redirects = &none
	}
	for _, one := range []struct {
		what string
		is   bool
	}{
		{"insecure", e.Client.Insecure}, {"oauth2", e.Client.OAuth2 != nil}, {"tls", e.Client.TLS != nil}, {"proxy-url", e.Client.Proxy != ""}, {"dns-resolver", e.Client.Resolver != ""},
		{"identity-aware-proxy", e.Client.IAP != nil}, {"tunnel", e.Client.Tunnel != ""},
	} {
		if one.is {
			a.leave(c.Name, "client.%s has no counterpart", one.what)
		}
	}
	a.sent(c, r, e.Headers)
}

var condition = regexp.MustCompile(`^\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$`)

// expect carries the conditions over, one by one.
func (e gatusEndpoint) expect(a *Adopted, c *Check) {
	var x Expect
	for _, text := range e.Conditions {
		found := condition.FindStringSubmatch(text)
		if found != nil && found[1] == domainEnds {
			continue // it becomes a check of its own
		}
		if found == nil || !x.take(found[1], found[2], found[3], c.URL) {
			a.leave(c.Name, "the condition %s has no counterpart", text)
		}
	}
	if len(x.Status) == 0 && strings.HasPrefix(c.URL, "http") {
		x.Status = codes{"100-599"} // Gatus takes any, unless a condition says otherwise
	}
	if len(x.Status)+len(x.JSON)+len(x.Records)+x.CertificateDays > 0 || x.Body != "" || x.Latency != "" {
		c.Expect = &x
	}
}

const domainEnds = "[DOMAIN_EXPIRATION]"

// domain makes a check of its own of a condition on the domain name. Of a host with more than two parts it is not certain which of them are registered.
func (e gatusEndpoint) domain(a *Adopted, taken names, c Check) {
	for _, text := range e.Conditions {
		found := condition.FindStringSubmatch(text)
		if found == nil || found[1] != domainEnds {
			continue
		}
		target, err := probe.Parse(c.URL)
		limit, wrong := time.ParseDuration(found[3])
		if err != nil || wrong != nil || !strings.HasPrefix(found[2], ">") || strings.Count(target.Host, ".") != 1 {
			a.leave(c.Name, "the condition %s is a check of its own here; add one of domain://NAME, with the name that is registered", text)
			return
		}
		a.Checks = append(a.Checks, Check{
			Name: taken.plain(c.Name + " domain"), URL: "domain://" + target.Host, Schedule: "@every 6h",
			Expect: &Expect{CertificateDays: max(1, int((limit+24*time.Hour-1)/(24*time.Hour)))},
		})
		return
	}
}

var (
	anyOf = regexp.MustCompile(`^any\((.*)\)$`)
	pat   = regexp.MustCompile(`^pat\(\*(.*)\*\)$`)
)

// take carries one condition over; false where it has no counterpart.
func (x *Expect) take(left, op, right, url string) bool {
	path, isPath := strings.CutPrefix(left, "[BODY].")
	inner, isLength := strings.CutPrefix(strings.TrimSuffix(left, ")"), "len([BODY].")
	there, isHas := strings.CutPrefix(strings.TrimSuffix(left, ")"), "has([BODY].")
	switch {
	case left == "[STATUS]":
		return x.status(op, right)
	case left == "[CONNECTED]":
		return op == "==" && right == "true" // every check means that
	case left == "[RESPONSE_TIME]" && (op == "<" || op == "<="):
		n, err := strconv.Atoi(right)
		if err != nil || n <= 0 || x.Latency != "" {
			return false
		}
		x.Latency = (time.Duration(n) * time.Millisecond).String()
		return true
	case left == "[CERTIFICATE_EXPIRATION]" && (op == ">" || op == ">="):
		d, err := time.ParseDuration(right)
		if err == nil {
			x.CertificateDays = max(1, x.CertificateDays, int((d+24*time.Hour-1)/(24*time.Hour)))
		}
		return err == nil
	case left == "[DNS_RCODE]":
		return op == "==" && right == "NOERROR"
	case left == "[BODY]" && strings.HasPrefix(url, "dns://") && op == "==":
		if strings.ContainsAny(right, "*()") {
			return false
		}
		x.Records = append(x.Records, right)
		return true
	case left == "[BODY]" && op == "==" && pat.MatchString(right):
		text := pat.FindStringSubmatch(right)[1]
		if x.Body != "" || strings.Contains(text, "*") {
			return false // a check looks for one text
		}
		x.Body = text
		return true
	case isHas:
		if _, err := probe.ParseCondition("$." + there); err != nil || op != "==" || right != "true" {
			return false
		}
		x.JSON = append(x.JSON, "$."+there)
		return true
	case isLength:
		return x.json("len($."+inner+")", op, right)
	case isPath:
		return x.json("$."+path, op, right)
	default:
		return false
	}
}

func (x *Expect) status(op, right string) bool {
	if list := anyOf.FindStringSubmatch(right); list != nil && op == "==" {
		for _, code := range strings.Split(list[1], ",") {
			x.Status = append(x.Status, strings.TrimSpace(code))
		}
		return true
	}
	n, err := strconv.Atoi(right)
	if err == nil && op == "!=" && n > 100 && n < 599 {
		return x.narrow(fmt.Sprintf("100-%d", n-1), fmt.Sprintf("%d-599", n+1))
	}
	ranges := map[string]string{"==": right, "<": fmt.Sprintf("100-%d", n-1), "<=": fmt.Sprintf("100-%d", n), ">": fmt.Sprintf("%d-599", n+1), ">=": fmt.Sprintf("%d-599", n)}
	span, ok := ranges[op]
	if err != nil || !ok {
		return false
	}
	return x.narrow(span)
}

// narrow keeps the codes that are in both: both ends of a range are two conditions.
func (x *Expect) narrow(spans ...string) bool {
	if len(x.Status) == 0 {
		x.Status = spans
		return true
	}
	before, errA := probe.Statuses(x.Status)
	now, errB := probe.Statuses(spans)
	both := slices.DeleteFunc(before, func(code int) bool { return !slices.Contains(now, code) })
	if errA != nil || errB != nil || len(both) == 0 {
		return false
	}
	x.Status = strings.Split(probe.StatusText(both, ","), ",")
	return true
}

// json carries over a condition on a JSON body.
func (x *Expect) json(left, op, right string) bool {
	if found := pat.FindStringSubmatch(right); found != nil && op == "==" && !strings.Contains(found[1], "*") {
		op, right = "contains", strconv.Quote(found[1])
	}
	if strings.ContainsAny(right, "()") && !strings.HasPrefix(right, `"`) {
		return false
	}
	text := left + " " + op + " " + right
	if _, err := probe.ParseCondition(text); err != nil {
		text = left + " " + op + " " + strconv.Quote(right)
		if _, err := probe.ParseCondition(text); err != nil {
			return false
		}
	}
	x.JSON = append(x.JSON, text)
	return true
}
