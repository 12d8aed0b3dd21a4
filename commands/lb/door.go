package lb

import (
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// warnOfClosedDoors says where no group lets anybody in: the load balancer's groups at its ports and then the targets' own, which let the load
// balancer in. Where it has no groups the targets' own see a network load balancer's clients as they are.
func (c *Create) warnOfClosedDoors(p *blueprint, all []aws.SecurityGroup) {
	s := c.settle()
	world := map[bool]string{true: "10.0.0.0/8", false: "anywhere"}[c.Scheme == "internal"]
	anybody := func(r aws.Rule, group string) bool { return r.Peer != group }
	for _, protocol := range s.carried() {
		if len(p.Groups) == 0 {
			d := door{s.targetPort, protocol, world, "anybody", "and a load balancer without groups leaves it to theirs, so nobody gets through yet, nor do health checks"}
			d.warn(p, all, ownGroups(p.Instances), anybody)
			continue
		}
		door{s.port, protocol, world, "anybody", "so it answers nobody yet"}.warn(p, all, p.Groups, anybody)
		if s.redirect {
			door{80, protocol, world, "anybody", "so nobody is redirected yet"}.warn(p, all, p.Groups, anybody)
		}
		for _, i := range p.Instances {
			d := door{s.targetPort, protocol, p.Groups[0], "the load balancer", "so " + label(i) + " gets no requests and passes no health check"}
			d.warn(p, all, ownGroups([]aws.Instance{i}), func(r aws.Rule, _ string) bool {
				return !strings.HasPrefix(r.Peer, "sg-") || slices.Contains(p.Groups, r.Peer)
			})
		}
	}
}

// door is a port that somebody has to be let in at.
type door struct {
	port     int
	protocol string
	from     string // whom to let in
	who      string // in words
	means    string // what follows while it is closed
}

// warn notes where none of the groups has a rule that opens the door to the right ones.
func (d door) warn(p *blueprint, all []aws.SecurityGroup, groups []string, right func(r aws.Rule, group string) bool) {
	var closed []string
	for _, g := range all {
		if !slices.Contains(groups, g.ID) {
			continue
		}
		if slices.ContainsFunc(g.Ingress, func(r aws.Rule) bool { return right(r, g.ID) && d.isIn(r) }) {
			return
		}
		closed = append(closed, g.ID)
	}
	if len(closed) == 0 {
		return
	}
	line := []string{"net sg allow", closed[0], "--port", strconv.Itoa(d.port), "--from", d.from}
	if d.protocol != "tcp" {
		line = append(line, "--protocol", d.protocol)
	}
	p.Notes = append(p.Notes, "No rule of "+strings.Join(closed, ", ")+" lets "+d.who+" in at "+strings.TrimPrefix(d.protocol+" ", "tcp ")+"port "+strconv.Itoa(d.port)+", "+d.means+
		". To open it: "+commands.Mono(where.Line(p.Target, line...))+".")
}

// carried are the protocols of the listener as security groups know them.
func (s settled) carried() []string {
	switch s.protocol {
	case "UDP":
		return []string{"udp"}
	case "TCP_UDP":
		return []string{"tcp", "udp"}
	}
	return []string{"tcp"}
}

func ownGroups(some []aws.Instance) []string {
	var out []string
	for _, i := range some {
		for _, g := range i.SecurityGroups {
			if !slices.Contains(out, g.ID) {
				out = append(out, g.ID)
			}
		}
	}
	return out
}

// isIn tells whether a rule is about the door's port.
func (d door) isIn(r aws.Rule) bool {
	return r.Protocol == "-1" || r.Protocol == d.protocol && r.From <= d.port && d.port <= r.To
}
