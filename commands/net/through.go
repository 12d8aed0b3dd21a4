package net

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Through is the arguments that say which rule of which group.
type Through struct {
	where.Target
	Name     string   `arg:"name" alias:"group-id,group-name" required:"" value:"GROUP" help:"Security group by name or id."`
	Words    []string `arg:"words" value:"PORT from SOURCE" help:"The same in words: 443 from office."`
	Port     string   `flag:"port" alias:"ports" value:"PORT" help:"Port or range, 443 or 8000-8100; for icmp its type and code, 8-0."`
	Protocol string   `flag:"protocol" enum:"tcp,udp,icmp,icmpv6,all,-1" default:"tcp" help:"Protocol."`
	From     []string `flag:"from" alias:"cidr,source-group,cidr-ip" value:"SOURCE" help:"A block, a named set of blocks, anywhere, vpc, or another security group by name or id."`
	VPC      string   `flag:"vpc" alias:"vpc-id" value:"VPC" help:"VPC of the group, where the name alone is not enough."`

	Permissions []string `flag:"ip-permissions" raw:"" value:"RULE" help:"The rule as AWS writes it, IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/8}], in place of the three."`

	sets Sets
}

// Sets are named blocks of addresses, from the configuration.
type Sets map[string][]string

// expand puts the blocks of named sets in the place of their names.
func (s Sets) expand(words []string) []string {
	var out []string
	for _, word := range words {
		if blocks, ok := s[word]; ok {
			out = append(out, blocks...)
		} else {
			out = append(out, word)
		}
	}
	return out
}

func (s Sets) words() string {
	if len(s) == 0 {
		return ""
	}
	return " The named sets are " + commands.And(slices.Sorted(maps.Keys(s))) + "."
}

const (
	allProtocols = "-1"
	icmpv6       = "icmpv6"
)

// rule is the rule without its source.
func (c *Through) rule() (aws.Rule, error) {
	r := aws.Rule{Protocol: c.Protocol}
	switch c.Protocol {
	case "all", allProtocols:
		r.Protocol = allProtocols
		if c.Port != "" && !allPorts(c.Port) {
			return r, commands.Misuse("All protocols means all ports.", "Leave "+commands.Mono("--port")+" out, or say "+commands.Mono("--protocol tcp")+".")
		}
		return r, nil
	case "icmp", icmpv6:
		return c.icmp(r)
	}
	from, to, several := strings.Cut(c.Port, "-")
	if !several {
		to = from
	}
	var err error
	if r.From, err = strconv.Atoi(from); err == nil {
		r.To, err = strconv.Atoi(to)
	}
	if err != nil || r.From < 0 || r.To > 65535 || r.From > r.To {
		return r, commands.Misuse(commands.Mono(c.Port)+" is not a port.", "Write "+commands.Mono("--port 443")+" or "+commands.Mono("--port 8000-8100")+".")
	}
	return r, nil
}

// family refuses the ICMP of one kind of addresses for a source of the other kind: AWS would keep a rule that lets nobody in.
func family(r aws.Rule, peer string) error {
	p, err := netip.ParsePrefix(peer)
	if address, alone := netip.ParseAddr(peer); alone == nil {
		p, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	switch v6 := err == nil && p.Addr().Is6(); {
	case r.Protocol == "icmp" && v6:
		return commands.Misuse("IPv6 has an ICMP of its own, and "+commands.Mono(peer)+" is of IPv6.", "Write "+commands.Mono("--protocol icmpv6")+".")
	case r.Protocol == icmpv6 && !v6 && (err == nil || peer == "vpc"):
		return commands.Misuse(commands.Mono(icmpv6)+" is for addresses of IPv6, and "+commands.Mono(peer)+" has none.", "Write "+commands.Mono("--protocol icmp")+", or a source such as "+commands.Mono("::/0")+".")
	}
	return nil
}

// allPorts tells whether a word means all of them, as the AWS CLI writes it.
func allPorts(word string) bool { return word == "all" || word == "-1" }

// icmp reads a type and a code, "8-0", as the AWS CLI writes them in --port; -1 is all.
func (c *Through) icmp(r aws.Rule) (aws.Rule, error) {
	r.From, r.To = -1, -1
	if c.Port == "" || allPorts(c.Port) {
		return r, nil
	}
	const most = 255
	kind, code, both := strings.Cut(c.Port, "-")
	var err, also error
	r.From, err = strconv.Atoi(kind)
	r.To, also = strconv.Atoi(code)
	if !both || err != nil || also != nil || r.From < 0 || r.From > most || r.To < -1 || r.To > most {
		return r, commands.Misuse(commands.Mono(c.Port)+" is no type and code of ICMP.",
			"Write both, "+commands.Mono("--port 8-0")+", or "+commands.Mono("--port 8--1")+" for all codes of a type; without "+commands.Mono("--port")+" it is all of ICMP.")
	}
	return r, nil
}

// source answers what the word for a source means in a network: a block or the id of a group.
func source(n aws.Network, in part, word string) (string, error) {
	switch {
	case word == "anywhere":
		return "0.0.0.0/0", nil
	case word == "vpc":
		for _, v := range n.VPCs {
			if v.ID == in.VPC {
				return v.CIDR, nil
			}
		}
	case strings.HasPrefix(word, "pl-"):
		return word, nil
	}
	if address, err := netip.ParseAddr(word); err == nil {
		return netip.PrefixFrom(address, address.BitLen()).String(), nil
	}
	if p, err := netip.ParsePrefix(word); err == nil {
		if p != p.Masked() {
			return "", commands.Misuse(fmt.Sprintf("%s names a single address in %s.", commands.Mono(word), p.Masked()), "Write the block, or the address without its size.")
		}
		return p.String(), nil
	}
	g, err := find(n, group, word, in.VPC)
	if err != nil && commands.Words(err).Kind == commands.NotFound {
		return "", &commands.Error{
			Kind: commands.NotFound, Message: commands.Mono(word) + " is no block of addresses, and no security group in that VPC.",
			Hint: "Write a block such as 10.0.0.0/8, anywhere, vpc, the name of a security group, or the id of a prefix list.",
		}
	}
	return g.ID, err
}

// admin are ports through which machines and databases are run: SSH, RDP, PostgreSQL, MySQL, SQL Server, Redis and MongoDB.
func admin() []int { return []int{22, 3389, 5432, 3306, 1433, 6379, 27017} }

// exposed answers the admin ports that a rule opens to the world, or to nearly all of it.
func exposed(r aws.Rule) []string {
	p, err := netip.ParsePrefix(r.Peer)
	if err != nil || p.Addr().Is4() && p.Bits() >= 8 || p.Addr().Is6() && p.Bits() >= 16 {
		return nil
	}
	var open []string
	for _, port := range admin() {
		if r.Protocol == allProtocols || (r.Protocol == "tcp" || r.Protocol == "udp") && r.From <= port && port <= r.To {
			open = append(open, strconv.Itoa(port))
		}
	}
	return open
}

// What AWS takes in the name or description of a security group, and in the description of a rule, besides letters and digits.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
const (
	signs       = "._-:/()#,@[]+=&;{}!$*"
	longestText = 255
)

// safe keeps what AWS takes in a description.
func safe(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ' ', strings.ContainsRune(signs, r):
			return r
		}
		return '-'
	}, text)
	return text[:min(len(text), longestText)]
}

// through looks up the group and the source.
func (c *Through) through(ctx context.Context, cloud Cloud) (deed, error) {
	place, n, in, err := inside(ctx, cloud, c.At(), c.VPC)
	d := deed{Place: place}
	if err != nil {
		return d, err
	}
	if d.Part, err = find(n, group, c.Name, in); err != nil {
		return d, err
	}
	rule, err := c.rule()
	if err != nil {
		return d, err
	}
	for _, word := range c.From {
		if _, err := find(n, group, word, d.Part.VPC); err == nil && len(c.sets[word]) > 0 {
			return d, &commands.Error{
				Kind: commands.Ambiguous, Message: commands.Mono(word) + " is the name of a security group and of a set of blocks.", Hint: "Give the group's id, or the blocks.",
			}
		}
	}
	for _, word := range c.sets.expand(c.From) {
		if rule.Peer, err = source(n, d.Part, word); err != nil {
			if words := commands.Words(err); words.Kind == commands.NotFound {
				words.Hint += c.sets.words()
			}
			return d, err
		}
		if !slices.ContainsFunc(d.Rules, rule.Same) {
			d.Rules = append(d.Rules, rule)
		}
	}
	return d, nil
}

// there answers those of the rules that the group has, with the group's descriptions.
func (d deed) there(n aws.Network) []aws.Rule {
	var out []aws.Rule
	for _, g := range n.Groups {
		for _, r := range d.Rules {
			if at := slices.IndexFunc(g.Ingress, r.Same); g.ID == d.Part.ID && at >= 0 {
				out = append(out, g.Ingress[at])
			}
		}
	}
	return out
}

func (d deed) peers() string {
	words := make([]string, len(d.Rules))
	for i, r := range d.Rules {
		words[i] = r.Peer
	}
	return commands.And(words)
}

// line writes a line about the same rule.
func (c *Through) line(command string, d deed) string {
	words := []string{command, d.Part.ID, "--protocol", c.Protocol}
	if c.Port != "" {
		words = append(words, "--port", c.Port)
	}
	words = append(words, "--from")
	for _, r := range d.Rules {
		words = append(words, r.Peer)
	}
	return where.Line(c.At(), words...)
}
