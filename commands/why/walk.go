package why

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/probe"
	"deckhand/commands/where"
)

// state is what is known of a hop.
type state string

const (
	fine      state = "fine"
	broken    state = "broken"
	unchecked state = "not checked"
)

// The hops, in the order of the way.
const (
	hopDNS      = "DNS"
	hopTLS      = "TLS"
	hopAPI      = "API"
	hopBalancer = "Load balancer"
	hopListener = "Listener"
	hopRule     = "Rule"
	hopTargets  = "Target health"
	hopGroup    = "Security group"
	hopACL      = "Network ACL"
	hopRoute    = "Route"
	hopInstance = "Instance"
	hopFunction = "Function"
	hopJob      = "Job"
	hopRegistry = "Registry"
)

// causes is in which order a broken hop explains the others that are broken, too.
var causes = []string{ //nolint:gochecknoglobals // a constant list
	hopDNS, hopTLS, hopBalancer, hopListener, hopRule, hopInstance, hopGroup, hopACL, hopRoute, hopTargets, hopAPI, hopFunction, hopJob, hopRegistry,
}

type hop struct {
	name  string
	state state
	says  string
}

// walk is one way, and what was found on it.
type walk struct {
	doctor  *Doctor
	check   check.Check
	result  check.Result
	probe   probe.Target
	port    int
	target  aws.Target
	hops    []hop
	touched []string // ids and names of what stands on the way
	next    []commands.Next
	judged  bool     // instances stand behind it
	stopped []string // ids of instances that are
}

func (w *walk) say(name string, s state, format string, args ...any) {
	w.hops = append(w.hops, hop{name, s, fmt.Sprintf(format, args...)})
}

// blind says that a hop could not be looked at because AWS did not answer.
func (w *walk) blind(name string, err error) {
	w.say(name, unchecked, "%s", strings.TrimSuffix(commands.Words(err).Message, "."))
}

func (w *walk) touch(words ...string) {
	for _, word := range words {
		if word != "" && !slices.Contains(w.touched, word) {
			w.touched = append(w.touched, word)
		}
	}
}

// start walks the way that the kind of the check has.
func (w *walk) start(ctx context.Context) {
	w.touch(w.check.Name)
	var err error
	if w.probe, err = probe.Parse(w.check.URL); err != nil {
		w.say(hopDNS, unchecked, "the address cannot be read")
		return
	}
	w.target = aws.Target{Region: w.probe.Region, Account: w.probe.Account}
	switch w.check.Kind() {
	case check.Beat:
		w.verdict(hopJob)
	case check.Domain:
		w.verdict(hopRegistry)
	case check.Lambda:
		w.touch(w.probe.Host)
		w.verdict(hopFunction)
		w.next = append(w.next, commands.Next{Label: "Its log", Line: "lambda logs " + commands.Quote(w.probe.Host)})
	case check.EC2:
		w.namedInstance(ctx)
	case check.TargetGroup:
		w.namedGroup(ctx)
	default:
		w.port = portOf(w.probe)
		addresses := w.dns(ctx)
		w.tls(ctx)
		w.behind(ctx, addresses)
	}
	if len(w.stopped) > 0 && !w.result.OK {
		w.next = append(w.next, commands.Next{Label: "Start", Line: where.Line(w.target, append([]string{"vm start"}, w.stopped...)...), Style: "primary"})
	}
}

// verdict is the look's own, where there is nothing further to walk.
func (w *walk) verdict(name string) {
	switch {
	case w.result.Unseen:
		w.say(name, unchecked, "%s", w.result.Detail)
	case w.result.OK:
		w.say(name, fine, "%s", w.result.Detail)
	default:
		w.say(name, broken, "%s", w.result.Detail)
	}
}

func portOf(t probe.Target) int {
	switch {
	case t.Port > 0:
		return t.Port
	case t.Scheme == "http":
		return 80
	case t.Scheme == "https":
		return 443
	default:
		return 0
	}
}

// dns asks what the name leads to.
func (w *walk) dns(ctx context.Context) []string {
	if _, literal := w.probe.Literal(); literal {
		w.say(hopDNS, unchecked, "%s is an address, not a name", w.probe.Host)
		return []string{w.probe.Host}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	addresses, err := w.doctor.Resolver.LookupHost(ctx, w.probe.Host)
	switch {
	case err != nil && notFound(err):
		w.say(hopDNS, broken, "there is no such name as %s", w.probe.Host)
	case err != nil:
		w.say(hopDNS, unchecked, "the name server gave no answer for %s", w.probe.Host)
	default:
		w.say(hopDNS, fine, "%s leads to %s", w.probe.Host, some(addresses))
	}
	return addresses
}

// notFound tells a name that does not exist from a name server that does not answer.
func notFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// tls judges the handshake by the look, and looks once more where the look did not come so far.
func (w *walk) tls(ctx context.Context) {
	if w.probe.Scheme != "https" && w.probe.Scheme != probe.TLS {
		return
	}
	r := w.result
	if w.probe.Scheme == "https" && r.Code == 0 {
		shake := w.check
		shake.URL = probe.TLS + "://" + probe.Target{Host: w.probe.Host, Port: w.port}.Address()
		shake.ValidDays, shake.Request, shake.MaxLatency = 0, nil, 0
		r, _ = w.doctor.Eye.Trace(ctx, shake)
	}
	switch {
	case r.OK || r.Code > 0:
		w.say(hopTLS, fine, "the handshake succeeds%s", until(r.Expires))
	case strings.Contains(r.Detail, "ertificate") || strings.Contains(r.Detail, "TLS"):
		w.say(hopTLS, broken, "%s", r.Detail)
	default:
		w.say(hopTLS, unchecked, "there was no connection: %s", r.Detail)
	}
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", certificate valid until " + t.UTC().Format(time.DateOnly)
}

// behind finds out what stands behind the name, and walks through it.
func (w *walk) behind(ctx context.Context, addresses []string) {
	name := strings.ToLower(strings.TrimSuffix(w.probe.Host, "."))
	if id, ok := apiOf(name); ok {
		w.api(ctx, id)
		return
	}
	led, err := w.recorded(ctx, name)
	if err != nil {
		w.blind(hopBalancer, err)
		return
	}
	if id, ok := apiOf(led); ok {
		w.api(ctx, id)
		return
	}
	balancers, err := w.doctor.Cloud.LoadBalancers(ctx, w.target, aws.LoadBalancerQuery{})
	if err != nil {
		w.blind(hopBalancer, err)
		return
	}
	for _, b := range balancers {
		if dns := strings.ToLower(b.DNSName); dns == name || dns == strings.TrimPrefix(led, "dualstack.") {
			w.balancer(ctx, b)
			return
		}
	}
	if i, found, err := w.byAddress(ctx, addresses); err != nil {
		w.blind(hopInstance, err)
	} else if found {
		w.touch(i.ID, i.Name)
		w.around(ctx, i)
	} else {
		w.say(hopBalancer, unchecked, "no load balancer, instance or API of %s is known to stand behind %s", w.region(ctx), w.probe.Host)
	}
}

func (w *walk) region(ctx context.Context) string { return w.doctor.Cloud.Place(ctx, w.target).Region }

// recorded answers what Route 53's records say that a name leads to; "" where they say nothing.
func (w *walk) recorded(ctx context.Context, name string) (string, error) {
	zone, err := w.doctor.Cloud.HostedZone(ctx, w.target, name)
	if err != nil {
		if kind := commands.Words(err).Kind; kind == commands.NotFound || kind == commands.Ambiguous {
			return "", nil
		}
		return "", err
	}
	records, err := w.doctor.Cloud.Records(ctx, w.target, zone.ID, name)
	if err != nil {
		return "", err
	}
	for _, r := range records {
		switch {
		case r.AliasName != "":
			return strings.ToLower(r.AliasName), nil
		case r.Type == "CNAME" && len(r.Values) > 0:
			return strings.ToLower(strings.TrimSuffix(r.Values[0], ".")), nil
		}
	}
	return "", nil
}

// apiOf answers the id of the API whose own name this is: "a1b2c3.execute-api.us-east-1.amazonaws.com".
func apiOf(name string) (string, bool) {
	id, rest, ok := strings.Cut(name, ".")
	return id, ok && strings.HasPrefix(rest, "execute-api.") && strings.Contains(rest, ".amazonaws.com")
}

func (w *walk) api(ctx context.Context, id string) {
	apis, err := w.doctor.Cloud.APIs(ctx, w.target)
	if err != nil {
		w.blind(hopAPI, err)
		return
	}
	for _, a := range apis {
		if a.ID == id {
			w.touch(a.ID, a.Name)
			w.say(hopAPI, fine, "the API %s (%s) is there", a.Name, a.ID)
			w.next = append(w.next, commands.Next{Label: "Show the API", Line: "api show " + commands.Quote(a.Name)})
			return
		}
	}
	w.say(hopAPI, broken, "there is no API %s in %s", id, w.region(ctx))
}

// byAddress answers the instance that has one of the addresses.
func (w *walk) byAddress(ctx context.Context, addresses []string) (aws.Instance, bool, error) {
	addresses = slices.DeleteFunc(slices.Clone(addresses), func(text string) bool { _, err := netip.ParseAddr(text); return err != nil })
	if len(addresses) == 0 {
		return aws.Instance{}, false, nil
	}
	for _, q := range []aws.InstanceQuery{{Filters: map[string][]string{"ip-address": addresses}}, {PrivateIPs: addresses}} {
		found, err := w.doctor.Cloud.Instances(ctx, w.target, q)
		if err != nil {
			return aws.Instance{}, false, err
		}
		for _, i := range found {
			if slices.Contains(addresses, i.PublicIP) || slices.Contains(addresses, i.PrivateIP) {
				return i, true, nil
			}
		}
	}
	return aws.Instance{}, false, nil
}

// pathOf is the path that the check asks for, and the host it names.
func (w *walk) pathOf() (host, path string) {
	u, err := url.Parse(w.check.URL)
	if err != nil || u.Path == "" {
		return w.probe.Host, "/"
	}
	return w.probe.Host, u.Path
}

// some joins a few words, and counts those that would be too many.
func some(words []string) string {
	if len(words) > 4 {
		return strings.Join(words[:4], ", ") + fmt.Sprintf(" and %d more", len(words)-4)
	}
	return strings.Join(words, ", ")
}
