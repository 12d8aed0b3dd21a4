package cost

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// Idle is cost idle.
type Idle struct {
	where.Target
	Days int `flag:"days" default:"14" value:"N" help:"Machines that have been stopped for at least so long."`

	cloud Cloud
}

const (
	mostDays = 3650
	rows     = 60 // of the table; the file has all
)

// Validate bounds the days.
func (c *Idle) Validate() error {
	if c.Days < 0 || c.Days > mostDays {
		return &commands.Error{Kind: commands.Usage, Message: fmt.Sprintf("--days %d is out of range.", c.Days), Hint: fmt.Sprintf("It may be 0 to %d.", mostDays)}
	}
	return nil
}

// finding is one thing that seems to do nothing.
type finding struct {
	what, name, id, why string
	month               string // what it costs a month; "" where that is not looked up
	next                *commands.Next
}

// look is what came of looking for one kind of thing.
type look struct {
	what  string // "stopped machines"
	found []finding
	note  string
	err   error
}

// Run looks for each kind at the same time. One that AWS does not show is said to be not checked.
func (c *Idle) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	target := aws.Target{Account: c.Account, Region: c.Region}
	looks := []look{{what: "stopped machines"}, {what: "disks"}, {what: "addresses"}, {what: "load balancers"}}
	var all sync.WaitGroup
	all.Go(func() { c.machines(ctx, target, run.Now, &looks[0]) })
	all.Go(func() { c.disks(ctx, target, run.Now, &looks[1]) })
	all.Go(func() { c.addresses(ctx, target, &looks[2]) })
	all.Go(func() { c.balancers(ctx, target, &looks[3]) })
	all.Wait()
	var found []finding
	var notes []string
	failed := 0
	for _, l := range looks {
		found = append(found, l.found...)
		if l.err != nil {
			failed++
			notes = append(notes, fmt.Sprintf("Not checked: %s. %s", l.what, commands.Words(l.err).Message))
		}
		if l.note != "" {
			notes = append(notes, l.note)
		}
	}
	if failed == len(looks) {
		return commands.Report{}, looks[0].err
	}
	return c.report(c.cloud.Place(ctx, target), found, notes), nil
}

func (c *Idle) report(p aws.Place, found []finding, notes []string) commands.Report {
	report := commands.Report{Title: fmt.Sprintf("%d things in %s cost money and do nothing", len(found), p.Region), Where: where.Words(p)}
	switch len(found) {
	case 0:
		report.Title = "Nothing idle found in " + p.Region
	case 1:
		report.Title = "1 thing in " + p.Region + " costs money and does nothing"
	}
	table := commands.Table{Columns: []string{"What", "Name", "ID", "Why", "A month"}}
	for _, f := range found {
		table.Rows = append(table.Rows, []string{f.what, f.name, f.id, f.why, cmp.Or(f.month, unpriced)})
	}
	report.Next = buttons(found)
	if len(found) > rows {
		report.Body = append(report.Body, file(table))
		table.Rows, table.Note = table.Rows[:rows], fmt.Sprintf("1-%d of %d; the file has all.", rows, len(found))
	}
	if len(found) > 0 {
		report.Body = append(commands.Blocks{table}, report.Body...)
		report.Body = append(report.Body, commands.Text{Text: "Nothing was changed. Prices are of AWS's list, without traffic; what a stopped machine's disks cost is not looked up."})
	}
	if more := len(found) - len(report.Next); more > 0 {
		notes = append(notes, commands.Count(more, "more thing")+" without a button: "+commands.Mono("vm terminate ID")+", "+commands.Mono("vm volume delete ID")+", "+commands.Mono("net address release ID")+" and "+
			commands.Mono("lb delete NAME")+" remove them.")
	}
	if len(notes) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(notes, "\n")})
	}
	return report
}

// mostButtons is how many findings have a button.
const mostButtons = 8

// buttons take of each kind of finding in turn, so that many of one leave room for the others.
func buttons(found []finding) []commands.Next {
	kinds, by := []string{}, map[string][]commands.Next{}
	for _, f := range found {
		verb := strings.Join(strings.Fields(f.next.Line)[:2], " ")
		if by[verb] == nil {
			kinds = append(kinds, verb)
		}
		by[verb] = append(by[verb], *f.next)
	}
	var out []commands.Next
	for round := 0; len(out) < min(mostButtons, len(found)); round++ {
		for _, k := range kinds {
			if round < len(by[k]) && len(out) < mostButtons {
				out = append(out, by[k][round])
			}
		}
	}
	return out
}

// destroy is the button that removes a finding: an ordinary line, which policy decides on.
func destroy(verb, name, line string) *commands.Next {
	return &commands.Next{Label: label(verb, name), Line: line, Style: "danger", Confirm: verb + commands.Unmarked(name) + "? It cannot be brought back once it is gone."}
}

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

func file(t commands.Table) commands.File {
	return commands.File{Name: "idle.txt", Content: commands.TextTable(t) + "\n"}
}

// stoppedAt is the moment in AWS's sentence on a stop: "User initiated (2026-01-02 15:04:05 GMT)". Endpoints like AWS's write UTC.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
var stoppedAt = regexp.MustCompile(`\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)`)

func (c *Idle) machines(ctx context.Context, t aws.Target, now time.Time, l *look) {
	stopped, err := c.cloud.Instances(ctx, t, aws.InstanceQuery{States: []aws.InstanceState{aws.Stopped}})
	l.err = err
	unknown := 0
	commands.Order(stopped, func(a, b aws.Instance) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	for _, i := range stopped {
		match := stoppedAt.FindStringSubmatch(i.StateChanged)
		if match == nil {
			unknown++
			continue
		}
		at, err := time.Parse(time.DateTime, match[1])
		if err != nil {
			unknown++
			continue
		}
		if days := int(now.Sub(at).Hours() / 24); days >= c.Days {
			name := orID(i.Name, i.ID)
			l.found = append(l.found, finding{
				what: "VM " + i.Type, name: commands.OrNone(i.Name), id: i.ID, why: fmt.Sprintf("stopped for %s; its disks are paid for", dayWords(days)),
				next: destroy("Terminate ", name, where.Line(t, "vm terminate", i.ID)+" --if-stopped"),
			})
		}
	}
	switch {
	case unknown == 1:
		l.note = "Of 1 stopped machine AWS does not say since when: it is not in the list."
	case unknown > 1:
		l.note = fmt.Sprintf("Of %d stopped machines AWS does not say since when: they are not in the list.", unknown)
	}
}

func (c *Idle) disks(ctx context.Context, t aws.Target, now time.Time, l *look) {
	volumes, err := c.cloud.LooseVolumes(ctx, t)
	l.err = err
	prices, cancel := context.WithTimeout(ctx, priceTime)
	defer cancel()
	for _, v := range volumes {
		why := "attached to nothing"
		if !v.CreatedAt.IsZero() {
			why += ", made " + dayWords(int(now.Sub(v.CreatedAt).Hours()/24)) + " ago"
		}
		l.found = append(l.found, finding{what: fmt.Sprintf("Disk, %d GiB %s", v.GiB, v.Type), name: commands.OrNone(v.Name), id: v.ID, why: why, month: monthly(float64(v.GiB))(c.cloud.DiskPrice(prices, t, v.Type)),
			next: destroy("Delete ", orID(v.Name, v.ID), where.Line(t, "vm volume delete", v.ID))})
	}
}

func (c *Idle) addresses(ctx context.Context, t aws.Target, l *look) {
	addresses, err := c.cloud.LooseAddresses(ctx, t)
	l.err = err
	prices, cancel := context.WithTimeout(ctx, priceTime)
	defer cancel()
	for _, a := range addresses {
		l.found = append(l.found, finding{what: "Address " + a.IP, name: commands.OrNone(a.Name), id: a.ID, why: "leads to nothing", month: monthly(1)(c.cloud.AddressPrice(prices, t)),
			next: destroy("Release ", a.IP, where.Line(t, "net address release", a.ID))})
	}
}

// balancers finds load balancers behind which nothing stands. One that has listeners without a target group may redirect, and is
// left out.
func (c *Idle) balancers(ctx context.Context, t aws.Target, l *look) {
	var balancers []aws.LoadBalancer
	if balancers, l.err = c.cloud.LoadBalancers(ctx, t, aws.LoadBalancerQuery{}); l.err != nil {
		return
	}
	prices, cancel := context.WithTimeout(ctx, priceTime)
	defer cancel()
	for _, b := range balancers {
		groups, err := c.cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{LoadBalancer: b.ARN})
		if err != nil {
			l.err = err
			return
		}
		targets := 0
		for _, g := range groups {
			health, err := c.cloud.TargetHealth(ctx, t, g.ARN)
			if err != nil {
				l.err = err
				return
			}
			targets += len(health)
		}
		if len(groups) > 0 && targets == 0 {
			l.found = append(l.found, finding{
				what: "Load balancer", name: b.Name, id: b.DNSName, why: "has no targets", month: c.balancerMonth(prices, t, b.Type),
				next: destroy("Delete ", b.Name, where.Line(t, "lb delete", b.Name)+" --if-empty"),
			})
		}
	}
}

const (
	unpriced  = "unknown"
	priceTime = 10 * time.Second // the longest that looking at the prices of one kind of thing may take
)

// monthly writes what so many units cost a month, and that it is unknown where the price was not told.
func monthly(units float64) func(aws.Price, error) string {
	return func(p aws.Price, err error) string {
		if err != nil {
			return unpriced
		}
		return fmt.Sprintf("$%.2f", p.USDPerHour*units*commands.HoursOfMonth)
	}
}

// balancerMonth is what a load balancer of a kind costs a month; the list is read for those of applications and networks.
func (c *Idle) balancerMonth(ctx context.Context, t aws.Target, kind string) string {
	if kind == "gateway" {
		return unpriced
	}
	return monthly(1)(c.cloud.BalancerPrice(ctx, t, kind))
}

// label writes a button's text; names that would not fit are cut.
func label(verb, name string) string {
	const most = 30
	text := []rune(verb + commands.Unmarked(name))
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return string(text)
}

func dayWords(days int) string {
	if days == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", days)
}
