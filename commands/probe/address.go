package probe

import "net/netip"

// dress is a prefix of IPv6 addresses in which an IPv4 address is written.
type dress struct {
	prefix netip.Prefix
	at     int // the byte with which it begins
}

var dresses = []dress{ //nolint:gochecknoglobals // a constant table
	{netip.MustParsePrefix("64:ff9b::/96"), 12},   // NAT64 (RFC 6052)
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // NAT64 of a network's own (RFC 8215)
	{netip.MustParsePrefix("2002::/16"), 2},       // 6to4 (RFC 3056)
	{netip.MustParsePrefix("::/96"), 12},          // IPv4-compatible (RFC 4291, 2.5.5.1)
}

// forbidden are the addresses at which clouds hand out credentials, and what leads to them.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
var forbidden = []netip.Prefix{ //nolint:gochecknoglobals // a constant table
	netip.MustParsePrefix("169.254.0.0/16"), // link-local: EC2, ECS and most clouds' metadata
	netip.MustParsePrefix("fe80::/10"),      // link-local
	netip.MustParsePrefix("fd00:ec2::/32"),  // EC2's own services, metadata (::254) and Pod Identity (::23) among them
	netip.MustParsePrefix("0.0.0.0/8"),      // "this host"
	netip.MustParsePrefix("::/128"),
	netip.MustParsePrefix("100.100.100.200/32"), // metadata of a cloud that took a shared address
	netip.MustParsePrefix("255.255.255.255/32"), // broadcast
}

// private are addresses that only mean something inside of a network, beside those that netip knows.
var private = []netip.Prefix{ //nolint:gochecknoglobals // a constant table
	netip.MustParsePrefix("100.64.0.0/10"), // shared by carriers, and by clouds inside of a VPC (RFC 6598)
	netip.MustParsePrefix("192.0.0.0/24"),  // IETF protocol assignments (RFC 6890)
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks (RFC 2544)
	netip.MustParsePrefix("fec0::/10"),     // site-local, once (RFC 3879)
}

// plain answers the address that is really meant, without its IPv6 dress.
func plain(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if address == netip.IPv6Unspecified() || address == netip.IPv6Loopback() {
		return address
	}
	for _, d := range dresses {
		if d.prefix.Contains(address) {
			bytes := address.As16()
			return netip.AddrFrom4([4]byte(bytes[d.at:]))
		}
	}
	return address
}

// Forbidden tells whether an address must never be looked at: metadata, link-local, multicast and unspecified
// addresses, also where they are written as IPv6. Loopback and private addresses are not among them; see Private.
func Forbidden(address netip.Addr) bool {
	address = plain(address)
	for _, prefix := range forbidden {
		if prefix.Contains(address) {
			return true
		}
	}
	return address.IsMulticast()
}

// Private tells whether an address belongs to this machine or to a network that is not the internet.
func Private(address netip.Addr) bool {
	address = plain(address)
	if address.IsPrivate() || address.IsLoopback() {
		return true
	}
	for _, prefix := range private {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}
