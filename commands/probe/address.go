package probe

import "net/netip"

// nat64 is the well-known prefix whose last four bytes are an IPv4 address (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96") //nolint:gochecknoglobals // a constant

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
	if nat64.Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
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
