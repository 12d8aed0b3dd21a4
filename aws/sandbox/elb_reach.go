package sandbox

import (
	"net/netip"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// reaches tells whether a load balancer gets through to a port of an instance: whether a group of the instance lets in one of the load balancer's
// own groups, or the addresses of its subnets.
func (r *region) reaches(b *balancer, to *instance, port int32) bool {
	var blocks []netip.Prefix
	for _, zone := range b.AvailabilityZones {
		if subnet, ok := r.subnet(awssdk.ToString(zone.SubnetId)); ok {
			blocks = append(blocks, netip.MustParsePrefix(*subnet.CidrBlock))
		}
	}
	return slices.ContainsFunc(to.SecurityGroups, func(g types.GroupIdentifier) bool {
		return r.letsIn(g.GroupId, port, func(peer string) bool {
			block, err := netip.ParsePrefix(peer)
			return slices.Contains(b.SecurityGroups, peer) || err == nil && slices.ContainsFunc(blocks, block.Overlaps)
		})
	})
}

// letsIn tells whether a group lets a peer in at a port of TCP: a block of addresses, or a group by its id.
func (r *region) letsIn(group *string, port int32, peer func(string) bool) bool {
	at, err := r.group(group)
	return err == nil && slices.ContainsFunc(rulesOf(r.groups[at].IpPermissions), func(x rule) bool {
		open := x.protocol == "-1" || (x.protocol == "tcp" || x.protocol == "6") && x.from <= port && port <= x.to
		return open && peer(x.peer)
	})
}

// lockedOut tells whether a load balancer's own groups let nobody on the internet in at a port. One without groups lets everybody in.
func (r *region) lockedOut(b *balancer, port int32) bool {
	return len(b.SecurityGroups) > 0 && !slices.ContainsFunc(b.SecurityGroups, func(id string) bool {
		return r.letsIn(&id, port, func(peer string) bool { return peer == "0.0.0.0/0" })
	})
}

// unasked tells whether a load balancer has a group that it may have got without anybody choosing it: a VPC's own, or the one of a network that
// net up made.
func (r *region) unasked(b *balancer) bool {
	return slices.ContainsFunc(b.SecurityGroups, func(id string) bool {
		at, err := r.group(&id)
		return err == nil && (*r.groups[at].GroupName == "default" ||
			slices.ContainsFunc(r.groups[at].Tags, func(t types.Tag) bool { return *t.Key == "deckhand:network" }))
	})
}
