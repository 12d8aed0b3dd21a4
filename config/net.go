package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"deckhand/commands/spelling"
)

// net reads the named sets of blocks that rules of security groups may name.
func (r *reader) net(raw *rawNet) Net {
	if raw == nil {
		return Net{}
	}
	valid := Net{CIDRSets: map[string][]string{}}
	for _, one := range raw.CIDRSets.Items {
		name := one.Key.Value
		taken := slices.Contains([]string{"anywhere", "vpc"}, name) || strings.HasPrefix(name, "sg-") || strings.HasPrefix(name, "pl-")
		switch {
		case one.Key.bad:
			continue
		case !spelling.Fits(name, 63, "a-z", "a-z0-9_-") || taken:
			r.problem(one.Key.Line, fmt.Sprintf("%s cannot be the name of a set of blocks.", quoted(name)), "Use lower-case letters, digits, dashes and underscores; anywhere, vpc, sg-... and pl-... mean something else.")
		case len(one.Values.Items) == 0:
			r.problem(one.Key.Line, fmt.Sprintf("The set %s has no blocks.", quoted(name)), "Write them as [203.0.113.0/24], or remove the set.")
		}
		for _, item := range one.Values.Items {
			if block, ok := r.block(item); ok {
				valid.CIDRSets[name] = append(valid.CIDRSets[name], block)
			}
		}
	}
	return valid
}

// block reads a block of addresses; a single address is a block of its own.
func (r *reader) block(item text) (string, bool) {
	if item.bad {
		return "", false
	}
	if address, err := netip.ParseAddr(item.Value); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()).String(), true
	}
	block, err := netip.ParsePrefix(item.Value)
	switch {
	case err != nil:
		r.problem(item.Line, fmt.Sprintf("%s is not a block of addresses.", quoted(item.Value)), "Blocks look like 203.0.113.0/24 or 2001:db8::/32.")
	case block != block.Masked():
		r.problem(item.Line, fmt.Sprintf("%s names a single address in %s.", quoted(item.Value), block.Masked()), "Write "+block.Masked().String()+", or the address without its size.")
	default:
		return block.String(), true
	}
	return "", false
}
