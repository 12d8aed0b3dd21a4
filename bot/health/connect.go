package health

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"deckhand/commands/check"
	"deckhand/commands/probe"
)

// lookTCP opens a connection and closes it again.
func (p *Prober) lookTCP(ctx context.Context, c check.Check, target probe.Target, t *trace) (sight, error) {
	conn, err := p.connect(ctx, c, target, t)
	if err != nil {
		return sight{}, err
	}
	_ = conn.Close()
	return sight{says: "connected"}, nil
}

// connect opens a TCP connection.
func (p *Prober) connect(ctx context.Context, c check.Check, target probe.Target, t *trace) (net.Conn, error) {
	if t != nil {
		ctx = t.watch(ctx)
	}
	return p.gate(c).dial(ctx, "tcp", target.Address())
}

// lookDNS asks for the records of a name.
func (p *Prober) lookDNS(ctx context.Context, c check.Check, target probe.Target) (sight, error) {
	resolver := net.DefaultResolver
	if target.Server != "" {
		server, err := netip.ParseAddrPort(target.Server)
		if err == nil {
			err = p.gate(c).admit(server.Addr()) // what the resolver says of a dial that was refused hides why
		}
		if err != nil {
			return sight{}, err
		}
		dialer := p.gate(c).dialer
		resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, target.Server)
		}}
	}
	found, err := records(ctx, resolver, target)
	if err != nil {
		return sight{}, err
	}
	slices.Sort(found)
	text := target.Record + " " + trimmed(strings.Join(found, ", "))
	for _, wanted := range c.Records {
		if !slices.ContainsFunc(found, func(record string) bool { return matches(record, wanted) }) {
			return sight{wrong: fmt.Sprintf("the answer is %s, without %s", text, wanted)}, nil
		}
	}
	return sight{says: text}, nil
}

func records(ctx context.Context, resolver *net.Resolver, target probe.Target) (found []string, err error) {
	name := strings.TrimSuffix(target.Host, ".") + "." // as it stands: no search list is tried
	switch target.Record {
	case "A", "AAAA":
		network := map[string]string{"A": "ip4", "AAAA": "ip6"}[target.Record]
		var addresses []netip.Addr
		addresses, err = resolver.LookupNetIP(ctx, network, name)
		for _, address := range addresses {
			found = append(found, address.Unmap().String())
		}
	case "CNAME":
		var alias string
		alias, err = resolver.LookupCNAME(ctx, name)
		if alias == name {
			return nil, &net.DNSError{Err: "no such record", Name: target.Host, IsNotFound: true}
		}
		found = []string{alias}
	case "MX":
		var mails []*net.MX
		mails, err = resolver.LookupMX(ctx, name)
		for _, mail := range mails {
			found = append(found, fmt.Sprintf("%d %s", mail.Pref, mail.Host))
		}
	case "NS":
		var servers []*net.NS
		servers, err = resolver.LookupNS(ctx, name)
		for _, server := range servers {
			found = append(found, server.Host)
		}
	default:
		found, err = resolver.LookupTXT(ctx, name)
	}
	return found, err
}

// matches compares a record with what is wanted: names without their last dot and in any case, mail servers with or without preference.
func matches(record, wanted string) bool {
	plain := func(text string) string { return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), ".")) }
	_, host, _ := strings.Cut(record, " ")
	if plain(record) == plain(wanted) || plain(host) == plain(wanted) {
		return true
	}
	a, errA := netip.ParseAddr(record)
	b, errB := netip.ParseAddr(wanted)
	return errA == nil && errB == nil && a == b
}

// lookICMP sends one echo request.
func (p *Prober) lookICMP(ctx context.Context, c check.Check, target probe.Target, t *trace) (sight, error) {
	t.start(partDNS)
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", target.Host)
	t.stop(partDNS)
	if err != nil {
		return sight{}, err
	}
	for _, address := range addresses {
		if err := p.gate(c).admit(address); err != nil {
			return sight{}, err
		}
	}
	at := addresses[0].Unmap()
	t.start(partFirst)
	err = echo(ctx, at)
	t.stop(partFirst)
	return sight{says: "echo from " + at.String()}, err
}
