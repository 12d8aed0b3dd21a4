// Package probe is the language of health checks: what their addresses, statuses, headers and conditions look like and mean. The
// configuration and the chat read it in the same way. It is pure.
package probe

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deckhand/commands/spelling"
)

// Fault is what is wrong with something that a person wrote.
type Fault struct {
	Message string // ends with a full stop
	Hint    string // what to write instead, ends with a full stop; may be empty
}

// Error joins message and hint.
func (f *Fault) Error() string { return strings.TrimSpace(f.Message + " " + f.Hint) }

func fault(message, hint string) error { return &Fault{message, hint} }

// The schemes that an address of a check can have, beside http and https.
const (
	TCP         = "tcp"
	TLS         = "tls"
	DNS         = "dns"
	ICMP        = "icmp"
	Heartbeat   = "heartbeat"
	TargetGroup = "target-group"
	EC2         = "ec2"
	Lambda      = "lambda"
	Domain      = "domain"
)

// shapes are how an address of each scheme is written.
var shapes = map[string]string{ //nolint:gochecknoglobals // a constant table
	"http": "http://myapp.example.com/", "https": "https://myapp.example.com/", TCP: "tcp://db.example.com:5432", TLS: "tls://myapp.example.com:443",
	DNS: "dns://myapp.example.com?type=A", ICMP: "icmp://myapp.example.com", Heartbeat: "heartbeat://nightly-backup",
	TargetGroup: "target-group://myapp", EC2: "ec2://i-0123456789abcdef0", Lambda: "lambda://counter", Domain: "domain://example.com",
}

// parameters are what may stand behind the question mark; of http and https it is the endpoint's own affair.
var parameters = map[string][]string{ //nolint:gochecknoglobals // a constant table
	DNS: {"type", "server"}, TargetGroup: {"region", "account"}, EC2: {"region", "account"}, Lambda: {"region", "account"},
}

// RecordTypes are the types of DNS records that can be looked for.
var RecordTypes = []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT"} //nolint:gochecknoglobals // a constant list

// Target is what the address of a check says.
type Target struct {
	Scheme  string
	Host    string // a name or an address without brackets; of AWS's kinds the resource; of a heartbeat its name
	Port    int    // of tcp, tls; 0 elsewhere
	Record  string // of dns: its type, "A"
	Server  string // of dns: HOST:PORT of the name server to ask; "": the system's
	Region  string // of AWS's kinds; "": the usual one
	Account string // of AWS's kinds; "": the usual one
}

// Address is HOST:PORT.
func (t Target) Address() string {
	if strings.Contains(t.Host, ":") {
		return fmt.Sprintf("[%s]:%d", t.Host, t.Port)
	}
	return fmt.Sprintf("%s:%d", t.Host, t.Port)
}

// Spelled reads domain:example.com, as people write it, as domain://example.com. Every other address is answered as it is.
func Spelled(address string) string {
	if name, ok := strings.CutPrefix(address, Domain+":"); ok && !strings.HasPrefix(name, "//") {
		return Domain + "://" + name
	}
	return address
}

// longest is how long an address may be, in bytes.
const longest = 2000

// Parse reads an address. The error is a Fault.
func Parse(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \t\n") || len(text) > longest {
		return Target{}, fault("The address cannot be read.", "Write it like "+shapes["http"]+".")
	}
	shape, known := shapes[u.Scheme]
	switch {
	case u.User != nil:
		return Target{}, fault("The address carries a user name or password, which everybody would see.", "Leave it out; in the configuration, a header can come from a secret.")
	case !known:
		return Target{}, fault(fmt.Sprintf("%q is not an address that can be checked.", text), "It begins with http://, https://, tcp://, tls://, dns://, icmp://, heartbeat://, target-group://, ec2://, lambda:// or domain://.")
	case u.Hostname() == "" && strings.HasPrefix(u.Scheme, "http"):
		return Target{}, fault(fmt.Sprintf("%q is not an http or https address.", text), "Write it like "+shape+".")
	case u.Hostname() == "":
		return Target{}, fault(fmt.Sprintf("%q names nothing to look at.", text), "Write it like "+shape+".")
	}
	t := Target{Scheme: u.Scheme, Host: u.Hostname()}
	if port := u.Port(); port != "" {
		if t.Port, err = strconv.Atoi(port); err != nil || t.Port < 1 || t.Port > 65535 {
			return Target{}, fault(fmt.Sprintf("%s is not a port.", port), "Ports run from 1 to 65535.")
		}
	}
	if t.Scheme == "http" || t.Scheme == "https" {
		return t, t.validHost()
	}
	return t, t.read(u, shape)
}

// read reads what is special to a scheme.
func (t *Target) read(u *url.URL, shape string) error {
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return fault(fmt.Sprintf("An address of %s has no path.", t.Scheme), "Write it like "+shape+".")
	}
	query := u.Query()
	for key := range query {
		if !slices.Contains(parameters[t.Scheme], key) {
			return fault(fmt.Sprintf("An address of %s knows no %q.", t.Scheme, key), "Write it like "+shape+".")
		}
	}
	t.Region, t.Account = query.Get("region"), query.Get("account")
	switch t.Scheme {
	case TCP:
		if t.Port == 0 {
			return fault("A TCP check needs a port.", "Write it like "+shape+".")
		}
	case TLS:
		if t.Port == 0 {
			t.Port = 443
		}
	default:
		if t.Port != 0 {
			return fault(fmt.Sprintf("An address of %s has no port.", t.Scheme), "Write it like "+shape+".")
		}
	}
	switch t.Scheme {
	case DNS:
		return t.readDNS(query)
	case Domain:
		return t.readDomain()
	case Heartbeat, EC2, Lambda, TargetGroup:
		if !resource(t.Host) {
			return fault(fmt.Sprintf("%q is not a name.", t.Host), "Write it like "+shape+".")
		}
		return nil
	default:
		return t.validHost()
	}
}

// resource tells whether a text can be a name or id of AWS's, or of a heartbeat.
func resource(text string) bool {
	return spelling.Fits(text, 140, spelling.Alphanumeric, spelling.Alphanumeric+"._-")
}

// readDomain reads a name that can be registered: two labels at least, none of another alphabet.
func (t *Target) readDomain() error {
	if _, literal := t.Literal(); literal {
		return fault("A domain check looks for a name, and this is an address.", "Write it like "+shapes[Domain]+".")
	}
	name := strings.TrimSuffix(t.Host, ".")
	if !strings.Contains(name, ".") || !spelling.Fits(name, 253, spelling.Alphanumeric, spelling.Alphanumeric+".-") || strings.Contains(name, "..") {
		return fault(fmt.Sprintf("%q is no domain name.", t.Host), "Write the registered name as DNS has it, such as "+shapes[Domain]+"; one of another alphabet begins with xn--.")
	}
	return t.validHost()
}

func (t *Target) readDNS(query url.Values) error {
	t.Record = strings.ToUpper(query.Get("type"))
	if t.Record == "" {
		t.Record = "A"
	}
	if !slices.Contains(RecordTypes, t.Record) {
		return fault(fmt.Sprintf("%q is not a type of record that can be looked for.", t.Record), "Types are "+strings.Join(RecordTypes, ", ")+".")
	}
	if server := query.Get("server"); server != "" {
		host, port := server, 53
		if at, err := netip.ParseAddrPort(server); err == nil {
			host, port = at.Addr().String(), int(at.Port())
		}
		address, err := netip.ParseAddr(host)
		if err != nil || Forbidden(address) {
			return fault(fmt.Sprintf("%q is not the address of a name server.", server), "Write an IP address, with a port where it is not 53: server=10.0.0.2.")
		}
		t.Server = netip.AddrPortFrom(address, uint16(port)).String() //nolint:gosec // a port that was read as one
	}
	if _, err := netip.ParseAddr(t.Host); err == nil {
		return fault("A DNS check looks for a name, and this is an address.", "Write it like "+shapes[DNS]+".")
	}
	return t.validHost()
}

// numeric finds hosts that a resolver may read as an IPv4 address in a spelling of its own: decimal, octal, hexadecimal.
var numeric = regexp.MustCompile(`(?i)(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$`)

// Numeric tells whether a host that is no IP address may be read as one.
func Numeric(host string) bool { return numeric.MatchString(host) }

// validHost refuses what must never be asked. A name may still lead there: who opens a connection asks again.
func (t *Target) validHost() error {
	address, err := netip.ParseAddr(t.Host)
	switch {
	case err == nil && Forbidden(address), err != nil && MetadataName(t.Host):
		return fault(fmt.Sprintf("Metadata and link-local addresses are never looked at, and %s is one.", t.Host), "Write the address of the application, such as "+shapes["http"]+".")
	case err != nil && Numeric(t.Host):
		return fault(fmt.Sprintf("%s is neither a name nor an IP address.", t.Host), "Write an IPv4 address as four numbers without zeros in front.")
	}
	return nil
}

// Literal answers the IP address that the host is, where it is one.
func (t Target) Literal() (netip.Addr, bool) {
	address, err := netip.ParseAddr(t.Host)
	return address, err == nil
}

// MetadataName tells whether a host is a name that clouds give their metadata service.
func MetadataName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "metadata" || host == "instance-data" || host == "metadata.google.internal" || strings.HasPrefix(host, "instance-data.") && strings.HasSuffix(host, ".internal")
}
