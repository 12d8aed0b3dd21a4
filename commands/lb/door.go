package lb

import (
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// warnOfClosedDoor says where no group lets anybody in: the load balancer's groups at its port, and where it has none the targets' own,
// which see a network load balancer's clients as they are.
func (c *Create) warnOfClosedDoor(p *blueprint, all []aws.SecurityGroup) {
	s := c.settle()
	groups, port, means := p.Groups, s.port, "so it answers nobody yet"
	if len(groups) == 0 {
		groups, port, means = ownGroups(p.Instances), s.targetPort, "and a load balancer without groups leaves it to theirs, so nobody gets through yet, nor do health checks"
	}
	for _, protocol := range s.carried() {
		closed := ""
		for _, g := range all {
			if !slices.Contains(groups, g.ID) {
				continue
			}
			if slices.ContainsFunc(g.Ingress, func(r aws.Rule) bool { return opens(r, g.ID, protocol, port) }) {
				closed = ""
				break
			}
			closed = strings.TrimPrefix(closed+", "+g.ID, ", ")
		}
		if closed == "" {
			continue
		}
		first, _, _ := strings.Cut(closed, ",")
		line := []string{"net sg allow", first, "--port", strconv.Itoa(port), "--from", map[bool]string{true: "10.0.0.0/8", false: "anywhere"}[c.Scheme == "internal"]}
		if protocol != "tcp" {
			line = append(line, "--protocol", protocol)
		}
		p.Notes = append(p.Notes, "No rule of "+closed+" lets anybody in at "+strings.TrimPrefix(protocol+" ", "tcp ")+"port "+strconv.Itoa(port)+", "+means+". To let them in: "+commands.Mono(where.Line(p.Target, line...))+".")
	}
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

// opens tells whether a rule of a group lets somebody besides its own members in at a port.
func opens(r aws.Rule, group, protocol string, port int) bool {
	return r.Peer != group && (r.Protocol == "-1" || r.Protocol == protocol && r.From <= port && port <= r.To)
}
