package net

import (
	"fmt"
	"net/netip"

	"deckhand/aws"
	"deckhand/commands"
)

// The sizes of block that AWS takes for VPCs and subnets.
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
const largest, smallest = 16, 28

// block reads a block of a size that AWS takes. Errors are of kind Usage.
func block(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !p.Addr().Is4():
		return p, commands.Misuse(commands.Mono(text)+" is not a block of IPv4 addresses.", "It looks like 10.20.0.0/16.")
	case p.Bits() < largest || p.Bits() > smallest:
		return p, commands.Misuse(fmt.Sprintf("%s has a size that AWS does not take.", commands.Mono(text)), fmt.Sprintf("It may be /%d to /%d.", largest, smallest))
	case p != p.Masked():
		return p, commands.Misuse(fmt.Sprintf("%s names a single address in %s.", commands.Mono(text), p.Masked()), "Write "+commands.Mono(p.Masked().String())+" for the block.")
	}
	return p, nil
}

// blocksOf reads the blocks of things that are there; what cannot be read is left out.
func blocksOf(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// overlapping answers the first of the blocks that overlaps.
func overlapping(p netip.Prefix, taken []netip.Prefix) (netip.Prefix, bool) {
	for _, t := range taken {
		if t.Overlaps(p) {
			return t, true
		}
	}
	return netip.Prefix{}, false
}

// free answers the first block of a size within a range that overlaps none that is taken; ok is false where there is none.
func free(within netip.Prefix, bits int, taken []netip.Prefix) (p netip.Prefix, ok bool) {
	for at := within.Masked().Addr(); within.Contains(at); {
		p := netip.PrefixFrom(at, bits)
		blocking, taken := overlapping(p, taken)
		if !taken {
			return p, within.Bits() <= bits
		}
		if blocking.Bits() < bits {
			p = blocking.Masked() // the whole of the larger one is taken
		}
		next, more := after(p)
		if !more {
			break
		}
		at = next
	}
	return netip.Prefix{}, false
}

// after is the first address behind a block of IPv4 addresses; ok is false at the end of all.
func after(p netip.Prefix) (netip.Addr, bool) {
	raw := p.Masked().Addr().As4()
	n := uint64(raw[0])<<24 | uint64(raw[1])<<16 | uint64(raw[2])<<8 | uint64(raw[3])
	n += 1 << (32 - p.Bits())
	if n >= 1<<32 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), true
}

// freeVPC proposes a block for a new VPC, out of 10.0.0.0/8.
func freeVPC(n aws.Network, bits int) (netip.Prefix, bool) {
	return free(netip.MustParsePrefix("10.0.0.0/8"), bits, vpcBlocks(n))
}

func vpcBlocks(n aws.Network) []netip.Prefix {
	var all []netip.Prefix
	for _, v := range n.VPCs {
		all = append(all, blocksOf(v.CIDRs)...)
	}
	return all
}

// checkVPC refuses a block that overlaps that of another VPC: the two could never be connected.
func checkVPC(n aws.Network, p netip.Prefix) error {
	for _, v := range n.VPCs {
		other, ok := overlapping(p, blocksOf(v.CIDRs))
		if !ok {
			continue
		}
		hint := "Choose a block that is free."
		if proposal, ok := freeVPC(n, p.Bits()); ok {
			hint = "The next free block of that size is " + commands.Mono(proposal.String()) + "; " + commands.Mono("--overlap") + " takes this one all the same."
		}
		return commands.Conflicting(fmt.Sprintf("%s overlaps %s of %s, and two VPCs with overlapping blocks can never be connected.", commands.Mono(p.String()), other, label(v.Name, v.ID)), hint)
	}
	return nil
}

func label(name, id string) string {
	if name == "" {
		return commands.Mono(id)
	}
	return commands.Unmarked(name) + " (" + commands.Mono(id) + ")"
}

// sized is how many bits the subnets of a network's block have: a sixteenth of it, or as much as AWS takes.
func sized(p netip.Prefix) int {
	const sixteenth = 4
	return min(p.Bits()+sixteenth, smallest)
}

func noRoom(p netip.Prefix, subnets int) error {
	return commands.Misuse(fmt.Sprintf("%s has no room for %d subnets.", p, subnets), "Take a larger block, or fewer zones.")
}
