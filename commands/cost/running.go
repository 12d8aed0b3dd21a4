package cost

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// estimating is the longest that the price list and what runs are asked for.
const estimating = 20 * time.Second

// part is one thing that costs by the hour.
type part struct {
	what   string // "machine"
	tags   map[string]string
	hourly float64 // US dollars
	err    error   // why there is no price
}

// survey is what came of looking for one kind of thing.
type survey struct {
	what  string // "machines"
	parts []part
	err   error
}

// running tells what runs now by its tag, at list prices: an estimate for where AWS does not tell the cost. It answers nothing where
// nothing could be looked at.
func (c *Spend) running(ctx context.Context, t aws.Target) commands.Blocks {
	ctx, cancel := context.WithTimeout(ctx, estimating)
	defer cancel()
	surveys := []survey{{what: "machines and their addresses"}, {what: "disks"}, {what: "load balancers"}, {what: "NAT gateways"}}
	var all sync.WaitGroup
	for n, look := range []func(context.Context, aws.Target) ([]part, error){c.machines, c.disks, c.balancers, c.gateways} {
		all.Go(func() { surveys[n].parts, surveys[n].err = look(ctx, t) })
	}
	all.Wait()
	region := c.cloud.Place(ctx, t).Region
	var parts []part
	var notes []string
	failed := 0
	for _, s := range surveys {
		if s.err == nil {
			parts = append(parts, s.parts...)
		} else {
			failed++
			notes = append(notes, "Not looked at: "+s.what+". "+commands.Words(s.err).Message)
		}
	}
	if failed == len(surveys) {
		return nil
	}
	tallies, total, unknown := c.tallied(parts)
	about := "about"
	if len(unknown) > 0 {
		about = "at least"
	}
	text := fmt.Sprintf("%s what runs in %s now costs %s $%.2f a month at AWS's list prices. Traffic, requests, snapshots and discounts are not in it, nor what is made or removed later.", commands.Strong("An estimate:"), region, about, total)
	if len(parts) > 0 && total == 0 && len(unknown) > 0 {
		text = "What runs in " + region + " now costs something, and AWS's price list does not say how much."
	}
	if len(parts) == 0 {
		text = "No machine, disk, load balancer, NAT gateway or address that costs was found in " + region + " now."
	}
	if len(unknown) > 0 {
		notes = append(notes, "Of unknown price, and not counted: "+strings.Join(unknown, "; ")+".")
	}
	body := commands.Blocks{commands.Text{Text: strings.Join(append([]string{text}, notes...), "\n")}}
	if len(tallies) > 0 {
		body = append(body, c.tallyTable(tallies))
	}
	return body
}

// tally is what carries one value of the tag.
type tally struct {
	value  string
	month  float64 // US dollars
	more   bool    // some of it is of unknown price
	counts map[string]int
}

// tallied adds up by the tag, the dearest first, and answers what has no price.
func (c *Spend) tallied(parts []part) (all []tally, total float64, unknown []string) {
	by := map[string]*tally{}
	missing := map[string]int{}
	for _, p := range parts {
		value := p.tags[c.tag()]
		if by[value] == nil {
			by[value] = &tally{value: value, counts: map[string]int{}}
		}
		by[value].counts[p.what]++
		if p.err != nil {
			by[value].more = true
			missing[p.what+" ("+strings.TrimSuffix(commands.Words(p.err).Message, ".")+")"]++
			continue
		}
		by[value].month += p.hourly * commands.HoursOfMonth
		total += p.hourly * commands.HoursOfMonth
	}
	for _, t := range by {
		all = append(all, *t)
	}
	commands.Order(all, func(a, b tally) int { return cmp.Or(cmp.Compare(b.month, a.month), strings.Compare(a.value, b.value)) })
	for _, what := range slices.Sorted(maps.Keys(missing)) {
		unknown = append(unknown, fmt.Sprintf("%d x %s", missing[what], what))
	}
	return all, total, unknown
}

// price is what is known of it: "unknown" where nothing is.
func (t tally) price() string {
	switch {
	case t.more && t.month == 0:
		return "unknown"
	case t.more:
		return fmt.Sprintf("%.2f and more", t.month)
	default:
		return fmt.Sprintf("%.2f", t.month)
	}
}

func (c *Spend) tallyTable(all []tally) commands.Table {
	table := commands.Table{Columns: []string{map[string]string{"owner": "Owner", "app": "Application"}[c.By], "About $ a month", "What runs"}}
	for _, t := range all {
		var what []string
		for _, kind := range slices.Sorted(maps.Keys(t.counts)) {
			what = append(what, commands.Count(t.counts[kind], kind))
		}
		table.Rows = append(table.Rows, []string{c.name(service{name: t.value}), t.price(), strings.Join(what, ", ")})
	}
	if len(table.Rows) > rows {
		table.Note = fmt.Sprintf("The first %d of %d.", rows, len(table.Rows))
		table.Rows = table.Rows[:rows]
	}
	return table
}

// machines are those that AWS charges for now, and the public addresses: those that belong to a machine for as long as it runs, and elastic ones.
func (c *Spend) machines(ctx context.Context, t aws.Target) ([]part, error) {
	up, err := c.cloud.Instances(ctx, t, aws.InstanceQuery{States: []aws.InstanceState{aws.Running, aws.Pending}})
	if err != nil {
		return nil, err
	}
	elastic, err := c.cloud.Addresses(ctx, t)
	if err != nil {
		return nil, err
	}
	each, priceless := c.cloud.AddressPrice(ctx, t)
	var parts []part
	kept := map[string]bool{}
	for _, a := range elastic {
		kept[a.IP] = true
		parts = append(parts, part{"address", a.Tags, each.USDPerHour, priceless})
	}
	for _, i := range up {
		price, err := c.cloud.Price(ctx, t, i.Type, i.Platform)
		if i.Lifecycle != "" {
			err = &commands.Error{Kind: commands.NotFound, Message: "a " + i.Lifecycle + " instance."}
		}
		parts = append(parts, part{"machine", i.Tags, price.USDPerHour, err})
		if i.PublicIP != "" && !kept[i.PublicIP] {
			parts = append(parts, part{"address", i.Tags, each.USDPerHour, priceless})
		}
	}
	return parts, nil
}

func (c *Spend) disks(ctx context.Context, t aws.Target) ([]part, error) {
	all, err := c.cloud.Volumes(ctx, t)
	var parts []part
	for _, v := range all {
		price, err := c.cloud.DiskPrice(ctx, t, v.Type)
		parts = append(parts, part{"disk", v.Tags, price.USDPerHour * float64(v.GiB), err})
	}
	return parts, err
}

func (c *Spend) balancers(ctx context.Context, t aws.Target) ([]part, error) {
	all, err := c.cloud.LoadBalancers(ctx, t, aws.LoadBalancerQuery{})
	var parts []part
	for _, b := range all {
		price, err := c.cloud.BalancerPrice(ctx, t, b.Type)
		if b.Type != "application" && b.Type != "network" {
			err = &commands.Error{Kind: commands.NotFound, Message: "a " + b.Type + " load balancer."}
		}
		parts = append(parts, part{"load balancer", b.Tags, price.USDPerHour, err})
	}
	return parts, err
}

func (c *Spend) gateways(ctx context.Context, t aws.Target) ([]part, error) {
	all, err := c.cloud.NATGateways(ctx, t, "")
	var parts []part
	for _, n := range all {
		if n.State != "available" && n.State != "pending" {
			continue
		}
		price, err := c.cloud.NATPrice(ctx, t)
		parts = append(parts, part{"NAT gateway", n.Tags, price.USDPerHour, err})
	}
	return parts, err
}
