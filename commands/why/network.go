package why

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
)

// everywhere is any address.
const everywhere = "0.0.0.0/0"

// namedInstance walks to the instance that the check names.
func (w *walk) namedInstance(ctx context.Context) {
	q := aws.InstanceQuery{Names: []string{w.probe.Host}}
	if strings.HasPrefix(w.probe.Host, "i-") {
		q = aws.InstanceQuery{IDs: []string{w.probe.Host}}
	}
	found, err := w.doctor.Cloud.Instances(ctx, w.target, q)
	switch {
	case err != nil:
		w.blind(hopInstance, err)
	case len(found) == 0:
		w.say(hopInstance, broken, "there is no instance %s", w.probe.Host)
	}
	for _, i := range found[:min(len(found), mostMachines)] {
		w.touch(i.ID, i.Name)
		w.instance(ctx, i)
	}
}

// around judges what lets the internet reach an instance, and the instance.
func (w *walk) around(ctx context.Context, i aws.Instance) {
	var groups []string
	for _, g := range i.SecurityGroups {
		groups = append(groups, g.ID)
	}
	w.letIn(ctx, i.VPCID, groups, w.port, []string{everywhere}, nil, label(i))
	w.pass(ctx, i.VPCID, []string{i.SubnetID}, w.port, everywhere)
	if i.PublicIP != "" {
		w.route(ctx, i.VPCID, []string{i.SubnetID})
	}
	w.instance(ctx, i)
}

// inside judges what lets a load balancer reach an instance, and the instance.
func (w *walk) inside(ctx context.Context, b aws.LoadBalancer, i aws.Instance, port int) {
	if len(b.SecurityGroups) > 0 {
		var groups []string
		for _, g := range i.SecurityGroups {
			groups = append(groups, g.ID)
		}
		blocks := w.blocks(ctx, b)
		w.letIn(ctx, i.VPCID, groups, port, blocks, b.SecurityGroups, label(i))
		if len(blocks) > 0 {
			w.pass(ctx, i.VPCID, []string{i.SubnetID}, port, blocks[0])
		}
	}
	w.instance(ctx, i)
}

// frontDoor judges what lets the internet reach a load balancer.
func (w *walk) frontDoor(ctx context.Context, b aws.LoadBalancer, l aws.Listener) {
	if b.Scheme != "internet-facing" {
		w.say(hopRoute, unchecked, "%s is internal: who reaches it depends on where the asker is", b.Name)
		return
	}
	if len(b.SecurityGroups) > 0 {
		w.letIn(ctx, b.VPCID, b.SecurityGroups, l.Port, []string{everywhere}, nil, b.Name)
	}
	w.pass(ctx, b.VPCID, b.Subnets, l.Port, everywhere)
	w.route(ctx, b.VPCID, b.Subnets)
}

// blocks are the blocks that a load balancer's own addresses come from.
func (w *walk) blocks(ctx context.Context, b aws.LoadBalancer) []string {
	subnets, err := w.doctor.Cloud.Subnets(ctx, w.target, b.VPCID)
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range subnets {
		if slices.Contains(b.Subnets, s.ID) {
			out = append(out, s.CIDR)
		}
	}
	return out
}

func label(i aws.Instance) string {
	if i.Name == "" {
		return i.ID
	}
	return i.Name + " (" + i.ID + ")"
}

// letIn judges whether security groups let a port in from blocks, or from other groups.
func (w *walk) letIn(ctx context.Context, vpc string, ids []string, port int, blocks, from []string, whose string) {
	all, err := w.doctor.Cloud.SecurityGroups(ctx, w.target, vpc)
	if err != nil {
		w.blind(hopGroup, err)
		return
	}
	w.touch(ids...)
	var peers []string // that may come in at the port, and are not those who are asked about
	for _, g := range all {
		if !slices.Contains(ids, g.ID) {
			continue
		}
		w.touch(g.Name)
		for _, r := range g.Ingress {
			if !opens(r, port) {
				continue
			}
			if slices.Contains(from, r.Peer) || len(blocks) > 0 && !slices.ContainsFunc(blocks, func(b string) bool { return !covers(r.Peer, b) }) {
				w.say(hopGroup, fine, "%s of %s lets port %d in", g.Name, whose, port)
				return
			}
			peers = append(peers, r.Peer)
		}
	}
	switch {
	case len(peers) > 0 && len(from) == 0:
		w.say(hopGroup, unchecked, "port %d of %s is open to %s alone, and whether the asker is among them is not known", port, whose, some(peers))
	case len(peers) > 0:
		w.say(hopGroup, unchecked, "port %d of %s is open to %s, and whether the load balancer is among them is not known", port, whose, some(peers))
	default:
		w.say(hopGroup, broken, "no rule of %s lets port %d into %s", some(ids), port, whose)
	}
}

// opens tells whether a rule lets TCP in at a port.
func opens(r aws.Rule, port int) bool {
	return r.Protocol == "-1" || (r.Protocol == "tcp" || r.Protocol == "6") && r.From <= port && port <= r.To
}

// covers tells whether one block lies within another.
func covers(outer, inner string) bool {
	a, errA := netip.ParsePrefix(outer)
	b, errB := netip.ParsePrefix(inner)
	return errA == nil && errB == nil && a.Bits() <= b.Bits() && a.Contains(b.Addr())
}

// replies is a port that answers go back to: an ephemeral one that every system may use.
const replies = 49152

// pass judges whether the network ACLs of subnets let a port in, and its answers out.
func (w *walk) pass(ctx context.Context, vpc string, subnets []string, port int, peer string) {
	acls, err := w.doctor.Cloud.NetworkACLs(ctx, w.target, vpc)
	if err != nil {
		w.blind(hopACL, err)
		return
	}
	seen := 0
	for _, a := range acls {
		if !slices.ContainsFunc(a.Subnets, func(s string) bool { return slices.Contains(subnets, s) }) {
			continue
		}
		seen++
		w.touch(a.ID)
		for _, way := range []struct {
			egress bool
			port   int
			says   string
		}{{false, port, fmt.Sprintf("port %d in", port)}, {true, replies, "answers out"}} {
			switch verdict(a.Entries, way.egress, way.port, peer) {
			case broken:
				w.say(hopACL, broken, "%s does not let %s", a.ID, way.says)
				return
			case unchecked:
				w.say(hopACL, unchecked, "whether %s lets %s depends on the asker's address", a.ID, way.says)
				return
			case fine:
			}
		}
	}
	if seen == 0 {
		w.say(hopACL, unchecked, "no network ACL of %s was found", some(subnets))
		return
	}
	w.say(hopACL, fine, "port %d passes in, and answers pass out", port)
}

// verdict judges TCP to or from a block by the entries: the lowest number that is about it decides.
func verdict(entries []aws.ACLEntry, egress bool, port int, peer string) state {
	sorted := slices.Clone(entries)
	commands.Order(sorted, func(a, b aws.ACLEntry) int { return a.Number - b.Number })
	partly := map[bool]bool{} // what earlier entries say of a part of the block
	for _, e := range sorted {
		if e.Egress != egress || e.Protocol != "-1" && e.Protocol != "6" || e.Protocol == "6" && (e.From != 0 || e.To != 0) && (port < e.From || port > e.To) {
			continue
		}
		if !covers(e.Peer, peer) {
			if covers(peer, e.Peer) {
				partly[e.Allow] = true
			}
			continue
		}
		return decided(e.Allow, partly)
	}
	return decided(false, partly)
}

func decided(allow bool, partly map[bool]bool) state {
	switch {
	case partly[!allow]:
		return unchecked
	case allow:
		return fine
	default:
		return broken
	}
}

// route judges whether subnets have a way to the internet.
func (w *walk) route(ctx context.Context, vpc string, subnets []string) {
	tables, err := w.doctor.Cloud.RouteTables(ctx, w.target, vpc)
	if err != nil {
		w.blind(hopRoute, err)
		return
	}
	for _, subnet := range subnets {
		table, ok := tableOf(tables, subnet)
		if !ok {
			w.say(hopRoute, unchecked, "no route table of %s was found", subnet)
			return
		}
		w.touch(table.ID)
		i := slices.IndexFunc(table.Routes, func(r aws.Route) bool { return r.Destination == everywhere })
		switch {
		case i < 0:
			w.say(hopRoute, broken, "%s of %s has no route to the internet", table.ID, subnet)
			return
		case table.Routes[i].State == "blackhole":
			w.say(hopRoute, broken, "the route of %s to the internet leads nowhere: %s is gone", subnet, table.Routes[i].Target)
			return
		case !strings.HasPrefix(table.Routes[i].Target, "igw-"):
			w.say(hopRoute, broken, "%s sends what is for the internet to %s, which lets nobody in", subnet, table.Routes[i].Target)
			return
		}
	}
	w.say(hopRoute, fine, "an internet gateway is in the route of %s", some(subnets))
}

func tableOf(tables []aws.RouteTable, subnet string) (aws.RouteTable, bool) {
	for _, t := range tables {
		if _, own := t.Subnets[subnet]; own {
			return t, true
		}
	}
	i := slices.IndexFunc(tables, func(t aws.RouteTable) bool { return t.Main })
	if i < 0 {
		return aws.RouteTable{}, false
	}
	return tables[i], true
}

// instance judges whether an instance runs, and what EC2's status checks say.
func (w *walk) instance(ctx context.Context, i aws.Instance) {
	if i.State != aws.Running {
		w.say(hopInstance, broken, "%s is %s%s", label(i), i.State, because(i.StateReason))
		if i.State == aws.Stopped {
			w.stopped = append(w.stopped, i.ID)
		}
		return
	}
	statuses, err := w.doctor.Cloud.Statuses(ctx, w.target, []string{i.ID})
	switch {
	case err != nil:
		w.blind(hopInstance, err)
	case len(statuses) == 0:
		w.say(hopInstance, unchecked, "%s is running; EC2 has no status of it yet", label(i))
	case statuses[0].OK():
		w.say(hopInstance, fine, "%s is running, both status checks passed", label(i))
	case statuses[0].System == "impaired" || statuses[0].Instance == "impaired":
		w.say(hopInstance, broken, "%s is running, and its status checks say: system %s, instance %s", label(i), statuses[0].System, statuses[0].Instance)
	default:
		w.say(hopInstance, unchecked, "%s is running, and its status checks say: system %s, instance %s", label(i), statuses[0].System, statuses[0].Instance)
	}
}
