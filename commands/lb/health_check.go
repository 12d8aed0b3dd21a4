package lb

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// HealthCheck is the flags about how the load balancer looks after its targets, by AWS's own names. What is not given is AWS's choice.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
type HealthCheck struct {
	HealthCheckPath     string `flag:"health-check-path" value:"PATH" help:"Path that health checks open; / where none is given."`
	HealthCheckProtocol string `flag:"health-check-protocol" value:"PROTOCOL" help:"HTTP or HTTPS; for a network load balancer also TCP, a connection alone."`
	HealthCheckPort     string `flag:"health-check-port" value:"PORT" help:"Port that health checks go to, where it is not that of the requests."`
	HealthCheckInterval int    `flag:"health-check-interval-seconds" alias:"health-check-interval" value:"N" help:"Seconds from one look to the next, 5 to 300; 30 where none are given."`
	HealthCheckTimeout  int    `flag:"health-check-timeout-seconds" alias:"health-check-timeout" value:"N" help:"Seconds that an answer may take, 2 to 120."`
	HealthyThreshold    int    `flag:"healthy-threshold-count" alias:"healthy-threshold" value:"N" help:"Good looks in a row that make a target healthy, 2 to 10."`
	UnhealthyThreshold  int    `flag:"unhealthy-threshold-count" alias:"unhealthy-threshold" value:"N" help:"Bad looks in a row that make it unhealthy, 2 to 10."`
	Matcher             string `flag:"matcher" value:"CODES" help:"HTTP statuses that count as healthy, such as 200,301 or 200-399."`
}

// trafficPort is AWS's word for the port that a target gets its requests at.
const trafficPort = "traffic-port"

// checks is what the flags mean for a kind of load balancer.
func (h HealthCheck) checks(kind string) aws.HealthChecks {
	out := aws.HealthChecks{
		Protocol: strings.ToUpper(h.HealthCheckProtocol), Path: h.HealthCheckPath, Port: h.HealthCheckPort, Interval: h.HealthCheckInterval,
		Timeout: h.HealthCheckTimeout, Healthy: h.HealthyThreshold, Unhealthy: h.UnhealthyThreshold, Matcher: strings.TrimPrefix(h.Matcher, "HttpCode="),
	}
	switch {
	case kind == "network" && out.Protocol == "" && (out.Path != "" || out.Matcher != ""):
		out.Protocol = "HTTP"
	case kind == "application" && out.Path == "":
		out.Path = "/"
	}
	return out
}

// validate tells what AWS would refuse.
func (h HealthCheck) validate(kind string) error {
	c := h.checks(kind)
	opens := kind == "application" || c.Protocol == "HTTP" || c.Protocol == "HTTPS"
	interval, timeout := cmp.Or(c.Interval, 30), cmp.Or(c.Timeout, map[string]int{"application": 6, "network": 10}[kind])
	for _, bound := range []struct {
		flag               string
		n, lowest, highest int
	}{
		{"health-check-interval-seconds", c.Interval, 5, 300}, {"health-check-timeout-seconds", c.Timeout, 2, 120},
		{"healthy-threshold-count", c.Healthy, 2, 10}, {"unhealthy-threshold-count", c.Unhealthy, 2, 10},
	} {
		if bound.n != 0 && (bound.n < bound.lowest || bound.n > bound.highest) {
			return commands.Misuse(fmt.Sprintf("%s is a number from %d to %d.", commands.Mono("--"+bound.flag), bound.lowest, bound.highest), "")
		}
	}
	switch {
	case c.Path != "" && !strings.HasPrefix(c.Path, "/"):
		return commands.Misuse("A health check's path begins with a slash.", "Write "+commands.Mono("--health-check-path /"+c.Path)+".")
	case kind == "application" && c.Protocol == "TCP":
		return commands.Misuse("An application load balancer's health checks open a path.", "Leave "+commands.Mono("--health-check-protocol")+" out, or say HTTPS.")
	case !contains([]string{"", "HTTP", "HTTPS", "TCP"}, c.Protocol):
		return commands.Misuse(commands.Mono(c.Protocol)+" is no protocol of health checks.", "It may be HTTP, HTTPS or TCP.")
	case !opens && (c.Path != "" || c.Matcher != ""):
		return commands.Misuse("A health check by TCP opens no path and gets no status.", "Leave "+commands.Mono("--health-check-path")+" and "+commands.Mono("--matcher")+" out, or say "+commands.Mono("--health-check-protocol HTTP")+".")
	case c.Port != "" && c.Port != trafficPort && !isPort(c.Port):
		return commands.Misuse(commands.Mono(c.Port)+" is no port of health checks.", "It is a number from 1 to 65535, or "+trafficPort+".")
	case timeout >= interval:
		return commands.Misuse(fmt.Sprintf("A look that may take %d s does not end before the next one, %d s later.", timeout, interval),
			"Give a shorter "+commands.Mono("--health-check-timeout-seconds")+", or a longer "+commands.Mono("--health-check-interval-seconds")+".")
	}
	return nil
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

// flags adds those that were given to a line.
func (h HealthCheck) flags(add func(flag string, values ...string)) {
	add("health-check-path", h.HealthCheckPath)
	add("health-check-protocol", h.HealthCheckProtocol)
	add("health-check-port", h.HealthCheckPort)
	add("health-check-interval-seconds", number(h.HealthCheckInterval))
	add("health-check-timeout-seconds", number(h.HealthCheckTimeout))
	add("healthy-threshold-count", number(h.HealthyThreshold))
	add("unhealthy-threshold-count", number(h.UnhealthyThreshold))
	add("matcher", h.Matcher)
}

// differ names what was asked for and is otherwise in a target group that is there; "" where nothing is.
func (h HealthCheck) differ(kind string, there aws.HealthChecks) string {
	c := h.checks(kind)
	for _, one := range []struct{ what, asked, is string }{
		{"path", h.HealthCheckPath, there.Path}, {"protocol", c.Protocol, there.Protocol}, {"port", c.Port, there.Port}, {"status", c.Matcher, there.Matcher},
		{"interval", number(c.Interval), number(there.Interval)}, {"timeout", number(c.Timeout), number(there.Timeout)},
		{"threshold", number(c.Healthy), number(there.Healthy)}, {"threshold of bad looks", number(c.Unhealthy), number(there.Unhealthy)},
	} {
		if one.asked != "" && one.is != "" && one.asked != one.is {
			return "whose health checks have the " + one.what + " " + commands.Mono(one.is)
		}
	}
	return ""
}

// number is a number that was given; "" for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// words are for the plan.
func (h HealthCheck) words(kind string) string {
	c := h.checks(kind)
	out := "by connection"
	if c.Path != "" {
		out = strings.TrimSpace(strings.TrimPrefix(c.Protocol+" ", "HTTP ") + c.Path)
	}
	if c.Port != "" && c.Port != trafficPort {
		out += " at port " + c.Port
	}
	if c.Interval != 0 {
		out += fmt.Sprintf(", every %d s", c.Interval)
	}
	if c.Matcher != "" {
		out += ", healthy with status " + c.Matcher
	}
	return out
}
