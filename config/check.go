package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/commands/probe"
)

const (
	defaultTimeout   = 5 * time.Second
	domainTimeout    = 15 * time.Second // for IANA's list and the registry
	maxTimeout       = time.Minute
	defaultFailAfter = 3
	defaultPassAfter = 2
)

// kinds are what a check can be.
var kinds = []string{ //nolint:gochecknoglobals // a constant list
	"http", probe.TCP, probe.TLS, probe.DNS, probe.ICMP, probe.Heartbeat, probe.TargetGroup, probe.EC2, probe.Lambda, probe.Domain,
}

func (r *reader) checks(raw []rawCheck, health *rawHealth, defaults *rawDefaults) []Check {
	if defaults != nil {
		r.response(rawCheck{}.withDefaults(defaults))
	}
	checks := make([]Check, 0, len(raw))
	names := unique{r: r, what: "check"}
	otherwise := 0.0
	if health != nil {
		otherwise, _ = strconv.ParseFloat(health.Objective.Value, 64) // reported with its own section
	}
	for _, check := range raw {
		valid := r.check(check.withDefaults(defaults), &names)
		valid.Objective = r.objective(check.Objective, "objective", otherwise)
		checks = append(checks, valid)
	}
	r.family(raw)
	return checks
}

// objective reads an uptime in percent. A hundred leaves no room for anything, and is no objective.
func (r *reader) objective(value text, key string, otherwise float64) float64 {
	if value.Value == "" {
		return otherwise
	}
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value.Value, "%")), 64)
	if err != nil || percent < 1 || percent >= 100 {
		r.problem(value.Line, fmt.Sprintf("%s is %s; it must be a percentage from 1 to below 100.", key, quoted(value.Value)), "Write the uptime that is aimed at, such as 99.9.")
		return otherwise
	}
	return percent
}

func (r *reader) check(raw rawCheck, names *unique) Check {
	names.check(raw.Name, raw.Line, "A check's name")
	address := r.checkURL(raw)
	if r.required(raw.Schedule, raw.Line, "A check's schedule", `Write when to look, such as "@every 1m".`) {
		r.timetable(raw.Schedule, "schedule")
	}
	usual := defaultTimeout
	if schemeOf(address) == probe.Domain {
		usual = domainTimeout
	}
	timeout, ok := r.duration(raw.Timeout, "timeout", usual)
	if ok && (timeout <= 0 || timeout > maxTimeout) {
		r.problem(raw.Timeout.Line, fmt.Sprintf("timeout is %s; it must be above zero and at most a minute.", quoted(raw.Timeout.Value)), "")
	}
	if raw.Channel.Value != "" {
		r.channel(raw.Channel, "channel")
	}
	failAfter, passAfter := defaultFailAfter, defaultPassAfter
	if raw.Heartbeat != nil || schemeOf(address) == probe.Domain {
		failAfter, passAfter = 1, 1 // the grace is the patience; what a registry says is no accident
	}
	r.belongs(raw, schemeOf(address))
	from, agree := r.from(raw, schemeOf(address))
	return Check{
		Name:      raw.Name.Value,
		URL:       address,
		Schedule:  strings.TrimSpace(raw.Schedule.Value),
		Timeout:   timeout,
		Request:   r.request(raw),
		Heartbeat: r.heartbeat(raw, schemeOf(address)),
		Expect:    r.expect(raw.Expect, timeout),
		From:      from,
		Agree:     agree,
		FailAfter: r.atLeastOne(raw.FailAfter, "fail_after", failAfter),
		PassAfter: r.atLeastOne(raw.PassAfter, "pass_after", passAfter),
		Channel:   raw.Channel.Value,
		Parent:    raw.Parent.Value,
		Response:  r.response(raw),
	}
}

// schemeOf is the kind that an address is of: http for https too, and for what is none.
func schemeOf(address string) string {
	scheme, _, _ := strings.Cut(address, "://")
	if slices.Contains(kinds, scheme) {
		return scheme
	}
	return "http"
}

// checkURL reads what is looked at. A kind that is written apart is the scheme of an address without one.
func (r *reader) checkURL(raw rawCheck) string {
	value, kind := raw.URL, raw.Kind.Value
	if kind != "" {
		r.choice(raw.Kind, "kind", kinds)
	}
	if value.Line == 0 && (raw.Heartbeat != nil || kind == probe.Heartbeat) {
		return probe.Heartbeat + "://" + raw.Name.Value
	}
	if !r.required(value, raw.Line, "A check's url", "Write the address to open, such as http://myapp.example.com/.") {
		return value.Value
	}
	value.Value = probe.Spelled(value.Value)
	if kind != "" && !strings.Contains(value.Value, "://") {
		value.Value = kind + "://" + value.Value
	}
	scheme := schemeOf(value.Value)
	if kind != "" && slices.Contains(kinds, kind) && kind != scheme {
		r.problem(raw.Kind.Line, fmt.Sprintf("kind is %s, and url is of another kind.", quoted(kind)), "Leave kind out: the address says it.")
	}
	if scheme == "http" {
		if r.address(value, "url") {
			r.probeable(value)
		}
		return value.Value
	}
	if _, err := probe.Parse(value.Value); err != nil {
		r.fault(value.Line, "url is "+quoted(value.Value), err)
	}
	return value.Value
}

// fault reports what the language of checks does not take.
func (r *reader) fault(line int, where string, err error) {
	var fault *probe.Fault
	if errors.As(err, &fault) {
		r.problem(line, where+": "+fault.Message, fault.Hint)
	}
}

// belongs reports parts of a check that its kind has no use for.
func (r *reader) belongs(raw rawCheck, scheme string) {
	type part struct {
		name    string
		line    int
		schemes []string
	}
	web := []string{"http"}
	var parts []part
	if raw.Request != nil {
		parts = append(parts, part{"request", raw.Request.Line, web})
	}
	if raw.Heartbeat != nil {
		parts = append(parts, part{"heartbeat", raw.Heartbeat.Line, []string{probe.Heartbeat}})
	}
	if e := raw.Expect; e != nil {
		parts = append(parts,
			part{"expect.status", e.Status.Line, web}, part{"expect.body", e.Body.Line, web}, part{"expect.headers", e.Headers.Line, web}, part{"expect.json", e.JSON.Line, web},
			part{"expect.latency", e.Latency.Line, []string{"http", probe.TCP, probe.TLS, probe.DNS, probe.ICMP}},
			part{"expect.records", e.Records.Line, []string{probe.DNS}},
			part{"expect.certificate_days", e.CertificateDays.Line, []string{"http", probe.TLS, probe.Domain}},
			part{"expect.errors", e.Errors.Line, []string{probe.Lambda}},
		)
	}
	for _, p := range parts {
		if p.line > 0 && !slices.Contains(p.schemes, scheme) {
			r.problem(p.line, fmt.Sprintf("%s has no meaning for a check of kind %s.", p.name, scheme), "It belongs to "+oneOf(p.schemes)+".")
		}
	}
}

// probeable reports an address that must never be asked. A name may still lead there: who opens the connection
// asks again with the address that the name stands for.
func (r *reader) probeable(value text) {
	parsed, err := url.Parse(value.Value)
	if err != nil {
		return // reported already
	}
	host := parsed.Hostname()
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && probe.Forbidden(addr), err != nil && probe.MetadataName(host):
		r.problem(value.Line, fmt.Sprintf("url is %s: metadata and link-local addresses are never asked.", quoted(value.Value)), "Write the address of the application.")
	case err != nil && probe.Numeric(host):
		r.problem(value.Line, fmt.Sprintf("url is %s, whose host is neither a name nor an IP address.", quoted(value.Value)), "Write an IPv4 address as four numbers without zeros in front.")
	}
}
