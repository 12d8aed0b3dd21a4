package net

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// kind is a kind of part of a network.
type kind string

// The kinds.
const (
	vpc     kind = "VPC"
	subnet  kind = "subnet"
	group   kind = "security group"
	gateway kind = "internet gateway"
	table   kind = "route table"
	nat     kind = "NAT gateway"
	address kind = "elastic IP address"
)

// part is one part of a network, whatever its kind.
type part struct {
	Kind  kind
	ID    string
	Name  string
	VPC   string
	Tags  map[string]string
	Words [][2]string // what else there is to say of it
	// Associations are those of a route table with subnets.
	Associations []string
}

func (p part) label() string { return label(p.Name, p.ID) }

// ours tells whether deckhand made it.
func (p part) ours() bool { return p.Tags[commands.RequestTag] != "" }

// partsOf answers the parts of one kind, sorted by name and id.
func partsOf(n aws.Network, k kind) []part {
	var all []part
	switch k {
	case vpc:
		for _, v := range n.VPCs {
			all = append(all, part{Kind: vpc, ID: v.ID, Name: v.Name, VPC: v.ID, Tags: v.Tags, Words: [][2]string{{"Block", strings.Join(v.CIDRs, ", ")}, {"State", v.State}, {"Default", yes(v.Default)}}})
		}
	case subnet:
		for _, s := range n.Subnets {
			all = append(all, part{Kind: subnet, ID: s.ID, Name: s.Name, VPC: s.VPCID, Tags: s.Tags, Words: [][2]string{
				{"Block", s.CIDR}, {"Zone", s.Zone}, {"Free", fmt.Sprint(s.Free)}, {"Public addresses", yes(s.Public)},
			}})
		}
	case group:
		for _, g := range n.Groups {
			all = append(all, part{Kind: group, ID: g.ID, Name: g.Name, VPC: g.VPCID, Tags: g.Tags, Words: [][2]string{{"Description", g.Description}, {"Lets in", rules(g.Ingress)}}})
		}
	case gateway:
		for _, g := range n.Gateways {
			all = append(all, part{Kind: gateway, ID: g.ID, Name: g.Name, VPC: g.VPCID, Tags: g.Tags, Words: [][2]string{{"Attached to", commands.OrNone(g.VPCID)}}})
		}
	case table:
		for _, t := range n.Tables {
			all = append(all, part{Kind: table, ID: t.ID, Name: t.Name, VPC: t.VPCID, Tags: t.Tags, Associations: slices.Sorted(maps.Values(t.Subnets)), Words: [][2]string{
				{"Main", yes(t.Main)}, {"Routes", routes(t.Routes)}, {"Subnets", fmt.Sprint(len(t.Subnets))},
			}})
		}
	case nat:
		for _, g := range n.NATs {
			all = append(all, part{Kind: nat, ID: g.ID, Name: g.Name, VPC: g.VPCID, Tags: g.Tags, Words: [][2]string{{"Subnet", g.SubnetID}, {"Address", g.IP}, {"State", g.State}}})
		}
	case address:
		for _, a := range n.Addresses {
			all = append(all, part{Kind: address, ID: a.ID, Name: a.Name, VPC: "", Tags: a.Tags, Words: [][2]string{{"Address", a.IP}}})
		}
	}
	commands.Order(all, func(a, b part) int { return strings.Compare(a.Name+" "+a.ID, b.Name+" "+b.ID) })
	return all
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func routes(some []aws.Route) string {
	var words []string
	for _, r := range some {
		words = append(words, routeWords(r))
	}
	return strings.Join(words, "; ")
}

// routeWords writes a route: "0.0.0.0/0 to igw-1".
func routeWords(r aws.Route) string {
	word := r.Destination + " to " + commands.OrNone(r.Target)
	if r.State == "blackhole" {
		word += " (leads nowhere)"
	}
	return word
}

func rules(some []aws.Rule) string {
	var words []string
	for _, r := range some {
		words = append(words, ruleWords(r))
	}
	return commands.OrNone(strings.Join(words, "; "))
}

// ruleWords writes a rule: "tcp 443 from 10.0.0.0/8 (office)".
func ruleWords(r aws.Rule) string {
	word := ports(r) + " from " + r.Peer
	if r.Description != "" {
		word += " (" + r.Description + ")"
	}
	return word
}

func ports(r aws.Rule) string {
	switch {
	case r.Protocol == "-1":
		return "everything"
	case strings.HasPrefix(r.Protocol, "icmp") && r.From >= 0 && r.To < 0:
		return fmt.Sprintf("%s type %d", r.Protocol, r.From)
	case strings.HasPrefix(r.Protocol, "icmp") && r.From >= 0:
		return fmt.Sprintf("%s type %d code %d", r.Protocol, r.From, r.To)
	case r.Protocol != "tcp" && r.Protocol != "udp":
		return r.Protocol
	case r.From == r.To:
		return fmt.Sprintf("%s %d", r.Protocol, r.From)
	default:
		return fmt.Sprintf("%s %d-%d", r.Protocol, r.From, r.To)
	}
}

// find answers the one part of a kind that a word names: by id, or by name. in narrows it to a VPC.
func find(n aws.Network, k kind, word, in string) (part, error) {
	var found []part
	var names, there []string
	for _, p := range partsOf(n, k) {
		if in != "" && p.VPC != in {
			continue
		}
		if p.ID == word || p.Name == word {
			found = append(found, p)
		}
		if p.Name != "" {
			names = append(names, p.Name)
		}
		there = append(there, label(p.Name, p.ID))
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		hint := "There is none."
		const few = 5
		switch n := len(there); {
		case n == 1:
			hint = "There is " + there[0] + "."
		case n > few:
			hint = "There are " + commands.And(append(there[:few:few], strconv.Itoa(n-few)+" more")) + "."
		case n > 1:
			hint = "There are " + commands.And(there) + "."
		}
		if near := commands.Nearest(word, names); len(near) > 0 {
			hint = "Did you mean " + commands.Mono(near[0]) + "?"
		}
		return part{}, &commands.Error{Kind: commands.NotFound, Message: fmt.Sprintf("There is no %s %s here.", k, commands.Mono(word)), Hint: hint}
	}
	var ids []string
	choices := &commands.Choices{Of: word}
	for _, p := range found {
		ids = append(ids, commands.Mono(p.ID)+" in "+commands.OrNone(p.VPC))
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(p.ID, p.VPC), Words: []string{p.ID}})
	}
	return part{}, &commands.Error{
		Choices: choices,
		Kind:    commands.Ambiguous, Message: fmt.Sprintf("%s is the name of %d %ss: %s.", commands.Mono(word), len(found), k, commands.And(ids)), Hint: "Give the id of the one that you mean.",
	}
}

// users answers what uses a part and keeps it from being deleted, in words.
func users(n aws.Network, p part) []string {
	var out []string
	add := func(uses bool, format string, words ...any) {
		if uses {
			out = append(out, fmt.Sprintf(format, words...))
		}
	}
	for _, i := range n.Interfaces {
		uses := map[kind]bool{vpc: i.VPCID == p.ID, subnet: i.SubnetID == p.ID, group: slices.Contains(i.Groups, p.ID)}[p.Kind]
		add(uses, "%s", holder(i))
	}
	for _, s := range n.Subnets {
		add(p.Kind == vpc && s.VPCID == p.ID, "the subnet %s", label(s.Name, s.ID))
	}
	for _, g := range n.Groups {
		add(p.Kind == vpc && g.VPCID == p.ID && g.Name != "default", "the security group %s", label(g.Name, g.ID))
		refers := slices.ContainsFunc(g.Ingress, func(r aws.Rule) bool { return r.Peer == p.ID }) || slices.Contains(g.Sends, p.ID)
		add(p.Kind == group && g.ID != p.ID && refers, "a rule of the security group %s", label(g.Name, g.ID))
	}
	for _, h := range n.Holders {
		add(p.Kind == vpc, "the %s %s", h.Kind, commands.Mono(h.ID))
	}
	for _, g := range n.Gateways {
		add(p.Kind == vpc && g.VPCID == p.ID, "the internet gateway %s", label(g.Name, g.ID))
	}
	for _, t := range n.Tables {
		add(p.Kind == vpc && t.VPCID == p.ID && !t.Main, "the route table %s", label(t.Name, t.ID))
		leads := slices.ContainsFunc(t.Routes, func(r aws.Route) bool { return r.Target == p.ID })
		for _, r := range t.Routes {
			told := slices.ContainsFunc(n.Holders, func(h aws.Holder) bool { return h.ID == r.Target })
			add(p.Kind == vpc && t.VPCID == p.ID && outward(r) != "" && !told, "%s %s, to which %s leads", outward(r), commands.Mono(r.Target), r.Destination)
		}
		add(p.Kind == gateway && leads, "a route of the route table %s", label(t.Name, t.ID))
		if p.Kind == table && t.ID == p.ID {
			add(t.Main, "its VPC, whose main route table it is")
			for id := range t.Subnets {
				stands := slices.ContainsFunc(n.Subnets, func(s aws.Subnet) bool { return s.ID == id }) // the association may outlive it for a moment
				add(stands, "the subnet %s", commands.Mono(id))
			}
		}
	}
	return out
}

// outward is what a route leads to that net commands do not make, and that AWS shows in no other list that they read; "" for everything else.
func outward(r aws.Route) string {
	if r.State == "blackhole" {
		return ""
	}
	prefix, _, _ := strings.Cut(r.Target, "-")
	return map[string]string{
		"pcx": "the peering connection", "vgw": "the VPN gateway", "vpce": "the VPC endpoint", "eigw": "the egress-only gateway", "tgw": "the transit gateway",
	}[prefix]
}

// withHolders adds what else keeps a VPC. Where AWS does not let that be looked at, it is not known of, and AWS refuses the deletion itself: the
// answer says why it was not.
func withHolders(ctx context.Context, cloud Reader, t aws.Target, n aws.Network, id string) (_ aws.Network, unseen string) {
	found, err := cloud.Holders(ctx, t, id)
	if err != nil {
		return n, "Network ACLs, endpoints, peerings, VPN and egress-only gateways of others were not looked for: " + commands.Words(err).Message
	}
	n.Holders = found
	return n, ""
}

// holder says whose a network interface is.
func holder(i aws.Interface) string {
	switch {
	case i.InstanceID != "":
		return "the instance " + label(i.InstanceName, i.InstanceID)
	case i.Description != "":
		return "the network interface " + commands.Mono(i.ID) + " (" + commands.Unmarked(i.Description) + ")"
	default:
		return "the network interface " + commands.Mono(i.ID)
	}
}
