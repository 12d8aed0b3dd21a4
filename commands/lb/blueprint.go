package lb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// blueprint is what a line to create means: ids for its names, and AWS's part filled in. It is kept in the journal.
type blueprint struct {
	Target      aws.Target
	Place       aws.Place
	VPC         string
	Instances   []aws.Instance
	Subnets     []aws.Subnet // one in each zone
	Groups      []string     // ids
	Zone        aws.HostedZone
	Certificate string
	Notes       []string
	There       bool // some of it is there already
}

// resolve looks everything up before anything is made; what is missing is told here.
func (c *Create) resolve(ctx context.Context, now time.Time) (blueprint, error) {
	p := blueprint{Place: c.cloud.Place(ctx, c.At()), Target: c.At()}
	for _, step := range []func(context.Context, *blueprint) error{c.findTargets, c.findSubnets, c.findGroups, c.findAlias, c.findNamesakes} {
		if err := step(ctx, &p); err != nil {
			return p, err
		}
	}
	return p, c.findCertificate(ctx, &p, now)
}

func (c *Create) findTargets(ctx context.Context, p *blueprint) error {
	var err error
	if p.Instances, err = instances(ctx, c.cloud, p.Target, c.Targets); err != nil {
		return err
	}
	for _, i := range p.Instances {
		switch {
		case i.State != aws.Running:
			return &commands.Error{
				Kind: commands.Conflict, Message: fmt.Sprintf("%s is %s, and AWS takes only running instances as targets, so nothing was done.", label(i), i.State),
				Hint: "Start it first: " + commands.Mono(where.Line(p.Target, "vm start", i.ID)) + ".",
			}
		case p.VPC != "" && i.VPCID != p.VPC:
			return commands.Conflicting("The targets are in different VPCs: "+labels(p.Instances)+".", "A target group has targets of one VPC.")
		}
		p.VPC = i.VPCID
	}
	return nil
}

// findSubnets takes the named subnets, or the best one of each zone.
func (c *Create) findSubnets(ctx context.Context, p *blueprint) error {
	all, err := c.cloud.Subnets(ctx, p.Target, p.VPC)
	if err != nil {
		return err
	}
	// Where the tables cannot be told, what the subnets say themselves has to do.
	tables, _ := c.cloud.RouteTables(ctx, p.Target, p.VPC)
	if len(c.Subnets) > 0 {
		if err := c.namedSubnets(p, all); err != nil {
			return err
		}
	} else {
		p.Subnets = c.bestSubnets(p.Instances, all, tables)
	}
	c.warnOfDeadEnds(p, tables)
	zones := map[string]bool{}
	for _, s := range p.Subnets {
		if zones[s.Zone] {
			return commands.Conflicting("Two of the subnets are in the zone "+s.Zone+", and a load balancer has one in each zone.", "Leave one of them out.")
		}
		zones[s.Zone] = true
	}
	if len(zones) < 2 && c.Type == "application" {
		return commands.Conflicting(fmt.Sprintf("An application load balancer needs subnets in at least two zones, and here is %s.", commands.Count(len(zones), "zone")),
			"Make another subnet in "+p.VPC+" first, or say "+commands.Mono("--type network")+".")
	}
	for _, i := range p.Instances {
		if !zones[i.Zone] {
			p.Notes = append(p.Notes, label(i)+" is in "+i.Zone+", where the load balancer has no subnet, so it gets no requests.")
		}
	}
	return nil
}

func (c *Create) namedSubnets(p *blueprint, all []aws.Subnet) error {
	for _, word := range c.Subnets {
		at := slices.IndexFunc(all, func(s aws.Subnet) bool { return s.ID == word || s.Name == word })
		if at < 0 {
			var known []string
			for _, s := range all {
				known = append(known, named(s.Name, s.ID))
			}
			return &commands.Error{Kind: commands.NotFound, Message: "There is no subnet " + commands.Mono(word) + orWord(inVPC(p.VPC), " here") + ".", Hint: "There are " + commands.And(known) + "."}
		}
		if p.VPC != "" && all[at].VPCID != p.VPC {
			return commands.Conflicting("The subnets are in different VPCs.", "A load balancer stands in one VPC.")
		}
		p.VPC = all[at].VPCID
		p.Subnets = append(p.Subnets, all[at])
	}
	return nil
}

func inVPC(vpc string) string {
	if vpc == "" {
		return ""
	}
	return " in " + commands.Mono(vpc)
}

// warnOfDeadEnds says which zones the internet would not reach.
func (c *Create) warnOfDeadEnds(p *blueprint, tables []aws.RouteTable) {
	for _, s := range p.Subnets {
		if known, open := routed(s, tables); known && !open && c.Scheme == "internet-facing" {
			p.Notes = append(p.Notes, "No route leads from "+named(s.Name, s.ID)+" to an internet gateway: who is sent to "+s.Zone+" gets no answer.")
		}
	}
}

// bestSubnets answers one subnet of each zone: for the internet one that it reaches, otherwise that of a target.
func (c *Create) bestSubnets(targets []aws.Instance, all []aws.Subnet, tables []aws.RouteTable) []aws.Subnet {
	if c.Scheme == "internet-facing" {
		all = Reached(all, tables, map[string]int{"application": 2, "network": 1}[c.Type])
	}
	worth := func(s aws.Subnet) int {
		own := slices.ContainsFunc(targets, func(i aws.Instance) bool { return i.SubnetID == s.ID })
		switch {
		case Open(s, tables) == (c.Scheme == "internet-facing"):
			return 2
		case own:
			return 1
		}
		return 0
	}
	return OneInEachZone(all, worth)
}

const mostGroups = 5 // that AWS takes for an application load balancer

// findGroups takes the named groups. Where none is named, an application load balancer gets the targets' own: AWS would take the VPC's
// default group, which as a rule lets nobody in.
func (c *Create) findGroups(ctx context.Context, p *blueprint) error {
	if own := ownGroups(p.Instances); len(c.SecurityGroupIDs) == 0 && c.Type == "application" && len(own) > 0 {
		p.Groups = own[:min(len(own), mostGroups)]
		p.Notes = append(p.Notes, "No security group is named, so it gets those of its targets: "+strings.Join(p.Groups, ", ")+".")
	}
	all, err := c.cloud.SecurityGroups(ctx, p.Target, p.VPC)
	if err != nil {
		return err
	}
	for _, word := range c.SecurityGroupIDs {
		at := slices.IndexFunc(all, func(g aws.SecurityGroup) bool { return g.ID == word || g.Name == word })
		if at < 0 {
			var known []string
			for _, g := range all {
				known = append(known, named(g.Name, g.ID))
			}
			return &commands.Error{Kind: commands.NotFound, Message: "There is no security group " + commands.Mono(word) + inVPC(p.VPC) + ".", Hint: "There are " + commands.And(known) + "."}
		}
		p.Groups = append(p.Groups, all[at].ID)
	}
	c.warnOfClosedDoors(p, all)
	return nil
}

// findAlias refuses a name that belongs to no zone, and one that leads elsewhere already.
func (c *Create) findAlias(ctx context.Context, p *blueprint) error {
	if c.Alias == "" {
		return nil
	}
	var err error
	if p.Zone, err = c.cloud.HostedZone(ctx, p.Target, c.alias()); err != nil {
		return err
	}
	there, err := c.cloud.Records(ctx, p.Target, p.Zone.ID, c.alias())
	if err != nil {
		return err
	}
	own, err := c.cloud.LoadBalancers(ctx, p.Target, aws.LoadBalancerQuery{Names: []string{c.Name}})
	if err != nil {
		return err
	}
	dns := ""
	if len(own) == 1 {
		dns = own[0].DNSName
	}
	replaced, err := c.mayLead(there, dns)
	if replaced != "" {
		p.Notes = append(p.Notes, "The record "+commands.Mono(c.alias())+", which leads to "+replaced+", is replaced; no line of deckhand brings it back.")
	}
	for _, r := range there {
		if r.Type == "AAAA" {
			p.Notes = append(p.Notes, "Who comes by IPv6 still goes where the AAAA record of "+commands.Mono(c.alias())+" leads, to "+LeadsTo(r)+": it is left as it is.")
		}
	}
	return err
}

// mayLead refuses where a record of the alias stands that is not to be replaced, and answers what the one leads to that is. A record
// that leads to the load balancer is in nobody's way.
func (c *Create) mayLead(there []aws.Record, balancer string) (replaced string, err error) {
	for _, r := range there {
		switch {
		case r.Type != "A" && r.Type != "CNAME":
		case balancer != "" && leadsTo(r, balancer):
		case c.OverwriteAlias && r.Type == "A" && r.Plain:
			replaced = LeadsTo(r)
		case r.Type == "A" && r.Plain:
			return "", commands.Conflicting(fmt.Sprintf("%s already leads to %s, so that was left as it is.", commands.Mono(c.alias()), LeadsTo(r)),
				"Take another name, or say "+commands.Mono("--overwrite-alias")+" if it really shall lead here from now on.")
		default:
			return "", commands.Conflicting(fmt.Sprintf("%s has a record of type %s that leads to %s, which an alias cannot stand beside.", commands.Mono(c.alias()), r.Type, LeadsTo(r)),
				"Take another name, or remove that record first.")
		}
	}
	return replaced, nil
}

// leadsTo tells whether a record leads to a load balancer, by its DNS name; the console of AWS writes another before it.
func leadsTo(r aws.Record, balancer string) bool {
	return strings.EqualFold(strings.TrimPrefix(r.AliasName, "dualstack."), balancer)
}

// LeadsTo says where a record leads.
func LeadsTo(r aws.Record) string {
	if r.AliasName != "" {
		return commands.Mono(r.AliasName)
	}
	return commands.Mono(strings.Join(r.Values, ", "))
}

// findCertificate chooses the certificate where the line leaves that to us.
func (c *Create) findCertificate(ctx context.Context, p *blueprint, now time.Time) error {
	p.Certificate = c.Certificate
	if c.Certificate != "auto" {
		return nil
	}
	all, err := c.cloud.Certificates(ctx, p.Target)
	if err != nil {
		return err
	}
	best, err := CertificateFor(all, c.alias(), now)
	if err != nil {
		return err
	}
	p.Certificate = best.ARN
	p.Notes = append(p.Notes, "The certificate for "+strings.Join(best.Domains, ", ")+" ends at "+commands.At(best.ExpiresAt)+".")
	return nil
}

// findNamesakes refuses a name that somebody else's load balancer or target group has. What an earlier request of deckhand left
// unfinished is gone on with.
func (c *Create) findNamesakes(ctx context.Context, p *blueprint) error {
	b, stands, err := c.findBalancer(ctx, *p)
	if err != nil {
		return err
	}
	if stands && !sameSet(b.Subnets, subnetIDs(p.Subnets)) { // it keeps those that it has
		p.Subnets = nil
		for n, id := range b.Subnets {
			p.Subnets = append(p.Subnets, aws.Subnet{ID: id, Zone: b.Zones[n]})
		}
	}
	g, there, err := c.findGroup(ctx, *p)
	if p.There = stands || there; err != nil {
		return err
	}
	if p.There {
		tags := g.Tags
		if stands {
			tags = b.Tags
		}
		p.Notes = append(p.Notes, "Parts of it are there already, made by "+madeBy(tags)+"; what is missing is added, which cannot be undone alone.")
	}
	if !there {
		return nil
	}
	if stands {
		all, err := c.cloud.Listeners(ctx, p.Target, b.ARN)
		if err != nil {
			return err
		}
		for _, wanted := range c.listeners(g.ARN, c.Certificate) {
			if _, _, err := c.listening(all, wanted); err != nil {
				return err
			}
		}
	}
	seen, err := c.cloud.TargetHealth(ctx, p.Target, g.ARN)
	if err != nil {
		return err
	}
	for _, h := range seen {
		if !slices.Contains(ids(p.Instances), h.ID) {
			return commands.Conflicting(fmt.Sprintf("There is a load balancer %s already, with other targets behind it, so nothing was done.", commands.Mono(c.Name)),
				"Take another name, or put more behind it with "+commands.Mono(where.Line(p.Target, "lb register", c.Name)+" ...")+".")
		}
	}
	return nil
}
