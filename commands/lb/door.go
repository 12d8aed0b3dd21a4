package lb

import (
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// warnOfClosedDoor says where none of the load balancer's groups lets anybody in at its port.
func (c *Create) warnOfClosedDoor(p *blueprint, all []aws.SecurityGroup) {
	port := c.settle().port
	var closed []string
	for _, g := range all {
		if !slices.Contains(p.Groups, g.ID) {
			continue
		}
		if slices.ContainsFunc(g.Ingress, func(r aws.Rule) bool { return opens(r, g.ID, port) }) {
			return
		}
		closed = append(closed, g.ID)
	}
	if len(closed) == 0 {
		return
	}
	from := "anywhere"
	if c.Scheme == "internal" {
		from = "10.0.0.0/8"
	}
	line := where.Line(p.Target, "net sg allow", closed[0], "--port", strconv.Itoa(port), "--from", from)
	p.Notes = append(p.Notes, "No rule of "+strings.Join(closed, ", ")+" lets anybody in at port "+strconv.Itoa(port)+", so it answers nobody yet. To let them in: "+commands.Mono(line)+".")
}

// opens tells whether a rule of a group lets somebody besides its own members in at a port.
func opens(r aws.Rule, group string, port int) bool {
	return r.Peer != group && (r.Protocol == "-1" || r.Protocol == "tcp" && r.From <= port && port <= r.To)
}
