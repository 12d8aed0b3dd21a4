package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	defaultTimeout   = 5 * time.Second
	maxTimeout       = time.Minute
	defaultFailAfter = 3
	defaultPassAfter = 2
)

func (r *reader) checks(raw []rawCheck) []Check {
	checks := make([]Check, 0, len(raw))
	names := unique{r: r, what: "check"}
	for _, check := range raw {
		checks = append(checks, r.check(check, &names))
	}
	return checks
}

func (r *reader) check(raw rawCheck, names *unique) Check {
	names.check(raw.Name, raw.Line, "A check's name")
	if r.required(raw.URL, raw.Line, "A check's url", "Write the address to open, such as http://myapp.example.com/.") && r.address(raw.URL, "url") {
		r.probeable(raw.URL)
	}
	if r.required(raw.Schedule, raw.Line, "A check's schedule", `Write when to look, such as "@every 1m".`) {
		r.timetable(raw.Schedule, "schedule")
	}
	timeout, ok := r.duration(raw.Timeout, "timeout", defaultTimeout)
	if ok && (timeout <= 0 || timeout > maxTimeout) {
		r.problem(raw.Timeout.Line, fmt.Sprintf("timeout is %s; it must be above zero and at most a minute.", quoted(raw.Timeout.Value)), "")
	}
	if raw.Channel.Value != "" {
		r.channel(raw.Channel, "channel")
	}
	return Check{
		Name:      raw.Name.Value,
		URL:       raw.URL.Value,
		Schedule:  strings.TrimSpace(raw.Schedule.Value),
		Timeout:   timeout,
		Expect:    r.expect(raw.Expect),
		FailAfter: r.atLeastOne(raw.FailAfter, "fail_after", defaultFailAfter),
		PassAfter: r.atLeastOne(raw.PassAfter, "pass_after", defaultPassAfter),
		Channel:   raw.Channel.Value,
	}
}

func (r *reader) expect(raw *rawExpect) Expect {
	if raw == nil {
		return Expect{}
	}
	valid := Expect{Body: raw.Body.Value}
	for _, status := range raw.Status.Items {
		if !status.bad && (status.Value < 100 || status.Value > 599) {
			r.problem(status.Line, fmt.Sprintf("expect.status has %d, which is not an HTTP status.", status.Value), "Statuses run from 100 to 599.")
		}
		valid.Status = append(valid.Status, status.Value)
	}
	return valid
}

// numeric finds hosts that the system's resolver may read as an IPv4 address in a spelling of its own:
// decimal, octal, hexadecimal, short.
var numeric = regexp.MustCompile(`(?i)(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$`)

// probeable reports an address that must never be asked. A name may still lead there: who opens the connection
// asks Forbidden again with the address that the name stands for.
func (r *reader) probeable(value text) {
	parsed, err := url.Parse(value.Value)
	if err != nil {
		return // reported already
	}
	host := parsed.Hostname()
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && Forbidden(addr), err != nil && metadataName(host):
		r.problem(value.Line, fmt.Sprintf("url is %s: metadata and link-local addresses are never asked.", quoted(value.Value)), "Write the address of the application.")
	case err != nil && numeric.MatchString(host):
		r.problem(value.Line, fmt.Sprintf("url is %s, whose host is neither a name nor an IP address.", quoted(value.Value)), "Write an IPv4 address as four numbers without zeros in front.")
	}
}

// Forbidden tells whether an address must never be probed: unspecified, multicast and link-local ones, which
// the metadata services of the clouds are among, and EC2's metadata address in IPv6.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
func Forbidden(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified() || addr == netip.AddrFrom16([16]byte{0xfd, 0x00, 0x0e, 0xc2, 14: 0x02, 15: 0x54})
}

// metadataName tells whether a host is a name that clouds give their metadata service.
func metadataName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "metadata" || host == "instance-data" || host == "metadata.google.internal" || strings.HasPrefix(host, "instance-data.") && strings.HasSuffix(host, ".internal")
}
