package check

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
}

// Forbidden tells whether an address must never be looked at: metadata, link-local, multicast and unspecified
// addresses, also where they are written as IPv6. Loopback and private addresses may be.
func Forbidden(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if nat64.Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	for _, prefix := range forbidden {
		if prefix.Contains(address) {
			return true
		}
	}
	return address.IsMulticast()
}
