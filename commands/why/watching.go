package why

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/probe"
)

// WatchRights are the rights to find out which checks look at something.
func WatchRights() []string {
	return []string{
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups",
		"elasticloadbalancing:DescribeTargetHealth", "ec2:DescribeInstances", "ecs:DescribeServices",
	}
}

const (
	watchTime  = 5 * time.Second // how long finding the checks may take
	mostGroups = 100             // target groups whose targets are looked at
	mostHosts  = 500             // names that are looked up
	atOnce     = 8
)

// Watching answers the checks that look at what a scope touches: by its name or id, at its address, and at the load balancers and target
// groups that an instance or a service is behind. Errors of AWS come beside what was found without it.
func (d *Doctor) Watching(ctx context.Context, scope commands.Scope) ([]check.Check, error) {
	ctx, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	all, err := d.Book.Checks(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	w := newWatching(d, scope)
	for _, c := range all {
		if target, err := probe.Parse(c.URL); err == nil {
			w.open = append(w.open, candidate{check: c, target: target})
		}
	}
	w.named(ctx)
	w.behind(ctx)
	w.grouped(ctx)
	w.addressed(ctx)
	return w.found, errors.Join(w.errs...)
}

// candidate is a check of which is not known yet whether it looks at what is touched.
type candidate struct {
	check  check.Check
	target probe.Target
}

// watching gathers what is touched, and which checks look at it.
type watching struct {
	doctor *Doctor
	at     aws.Target
	open   []candidate
	found  []check.Check
	errs   []error

	words     map[string]bool // names and ids of what is touched
	instances []string
	services  []aws.Service
	balancers []string        // ARNs of those that are touched
	apps      []string        // names of applications, and so of their load balancers
	fronts    []string        // ARNs of load balancers that lead to what is touched
	groups    map[string]bool // names of target groups
	hosts     map[string]bool // names and addresses at which it answers
}

func newWatching(d *Doctor, scope commands.Scope) *watching {
	w := &watching{
		doctor: d, at: aws.Target{Account: scope.Account, Region: scope.Region},
		words: map[string]bool{}, groups: map[string]bool{}, hosts: map[string]bool{},
	}
	for _, r := range scope.Resources {
		w.words[strings.ToLower(r.ID)] = true
		if r.Name != "" {
			w.words[strings.ToLower(r.Name)] = true
		}
		switch {
		case strings.HasPrefix(r.ID, "i-"):
			w.instances = append(w.instances, r.ID)
		case strings.Contains(r.ID, ":loadbalancer/"):
			w.balancers = append(w.balancers, r.ID)
		case strings.Contains(r.ID, ":stack/"):
			w.apps = append(w.apps, r.Name)
		case strings.Contains(r.ID, ":service/"):
			w.services = append(w.services, serviceOf(r.ID))
		}
	}
	return w
}

// serviceOf reads "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME".
func serviceOf(arn string) aws.Service {
	s := aws.Service{ARN: arn, Cluster: "default"}
	parts := strings.Split(arn, "/")
	s.Name = parts[len(parts)-1]
	if len(parts) > 2 {
		s.Cluster = parts[1]
	}
	return s
}

// take moves the checks that look at it to those that were found.
func (w *watching) take(looks func(candidate) bool) {
	w.open = slices.DeleteFunc(w.open, func(c candidate) bool {
		if !looks(c) {
			return false
		}
		w.found = append(w.found, c.check)
		return true
	})
}

// here tells whether a check of AWS's own looks into the account and the region of what is touched.
func (w *watching) here(ctx context.Context, t probe.Target) bool {
	return t.Account == w.at.Account &&
		(t.Region == w.at.Region || w.doctor.Cloud.Place(ctx, aws.Target{Account: t.Account, Region: t.Region}).Region == w.at.Region)
}

// named finds the checks that name what is touched.
func (w *watching) named(ctx context.Context) {
	w.take(func(c candidate) bool {
		switch kind := c.check.Kind(); {
		case kind == check.Beat, kind == check.Domain:
			return false
		case kind.AsksAWS():
			return kind != check.TargetGroup && w.words[strings.ToLower(c.target.Host)] && w.here(ctx, c.target)
		default:
			return w.words[strings.ToLower(c.target.Host)] || c.check.MadeBy != "" && w.words[strings.ToLower(c.check.Name)]
		}
	})
}

// behind finds the target groups and load balancers that what is touched is behind, and where they answer.
func (w *watching) behind(ctx context.Context) {
	if !slices.ContainsFunc(w.open, func(c candidate) bool {
		k := c.check.Kind()
		return k.Connects() || k == check.TargetGroup
	}) {
		return // no check is left that could look at them
	}
	cloud := w.doctor.Cloud
	for _, s := range w.services {
		now, err := cloud.ServiceNow(ctx, w.at, s)
		w.fails(err)
		w.ofGroups(ctx, func(g aws.TargetGroup) bool { return slices.Contains(now.TargetGroups, g.ARN) })
	}
	if len(w.instances) > 0 {
		found, err := cloud.Instances(ctx, w.at, aws.InstanceQuery{IDs: w.instances})
		w.fails(err)
		for _, i := range found {
			w.answers(i.PublicIP, i.PrivateIP, i.PublicDNS)
		}
		w.ofGroups(ctx, w.holds(ctx))
	}
	w.ofBalancers(ctx)
}

func (w *watching) fails(err error) {
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

func (w *watching) answers(hosts ...string) {
	for _, host := range hosts {
		if host != "" {
			w.hosts[strings.ToLower(strings.TrimSuffix(host, "."))] = true
		}
	}
}

// ofGroups takes in the target groups that are meant, and the load balancers that lead to them.
func (w *watching) ofGroups(ctx context.Context, meant func(aws.TargetGroup) bool) {
	groups, err := w.doctor.Cloud.TargetGroups(ctx, w.at, aws.TargetGroupQuery{})
	w.fails(err)
	is := make([]bool, min(len(groups), mostGroups))
	each(len(is), func(i int) { is[i] = meant(groups[i]) })
	for i, g := range groups[:len(is)] {
		if is[i] {
			w.groups[g.Name] = true
			w.fronts = append(w.fronts, g.LoadBalancers...)
		}
	}
}

// holds tells whether a target group has one of the instances. A group that cannot be looked at has none.
func (w *watching) holds(ctx context.Context) func(aws.TargetGroup) bool {
	return func(g aws.TargetGroup) bool {
		if g.TargetType != "instance" {
			return false
		}
		health, err := w.doctor.Cloud.TargetHealth(ctx, w.at, g.ARN)
		return err == nil && slices.ContainsFunc(health, func(h aws.TargetHealth) bool { return slices.Contains(w.instances, h.ID) })
	}
}

// ofBalancers takes in where load balancers answer, and the target groups behind those that are touched themselves.
func (w *watching) ofBalancers(ctx context.Context) {
	w.lead(ctx, aws.LoadBalancerQuery{ARNs: w.fronts}, false)
	w.lead(ctx, aws.LoadBalancerQuery{ARNs: w.balancers}, true)
	w.lead(ctx, aws.LoadBalancerQuery{Names: w.apps}, true)
}

// lead takes in load balancers, and where they are touched themselves all that is behind them.
func (w *watching) lead(ctx context.Context, q aws.LoadBalancerQuery, touched bool) {
	if len(q.ARNs)+len(q.Names) == 0 {
		return
	}
	balancers, err := w.doctor.Cloud.LoadBalancers(ctx, w.at, q)
	w.fails(err)
	for _, b := range balancers {
		w.answers(b.DNSName)
		w.words[strings.ToLower(b.Name)] = true
		if !touched {
			continue
		}
		groups, err := w.doctor.Cloud.TargetGroups(ctx, w.at, aws.TargetGroupQuery{LoadBalancer: b.ARN})
		w.fails(err)
		for _, g := range groups {
			w.groups[g.Name] = true
		}
	}
}

// grouped finds the checks of the target groups.
func (w *watching) grouped(ctx context.Context) {
	w.take(func(c candidate) bool {
		return c.check.Kind() == check.TargetGroup && w.groups[c.target.Host] && w.here(ctx, c.target)
	})
}

// addressed finds the checks of the places where it answers: by name, and by the addresses that names lead to.
func (w *watching) addressed(ctx context.Context) {
	if len(w.hosts) == 0 {
		return
	}
	w.take(func(c candidate) bool {
		if !c.check.Kind().Connects() {
			return false
		}
		return w.hosts[strings.ToLower(strings.TrimSuffix(c.target.Host, "."))] || c.check.MadeBy != "" && w.words[strings.ToLower(c.check.Name)]
	})
	leads := w.resolve(ctx)
	var ours []string
	for host := range w.hosts {
		ours = append(ours, host)
		ours = append(ours, leads[host]...)
	}
	w.take(func(c candidate) bool {
		return slices.ContainsFunc(leads[strings.ToLower(c.target.Host)], func(address string) bool { return slices.Contains(ours, address) })
	})
}

// resolve looks up the names at which it answers, and those of the checks that are left.
func (w *watching) resolve(ctx context.Context) map[string][]string {
	var names []string
	for host := range w.hosts {
		names = append(names, host)
	}
	for _, c := range w.open {
		host := strings.ToLower(c.target.Host)
		if c.check.Kind().Connects() && !slices.Contains(names, host) && len(names) < mostHosts {
			names = append(names, host)
		}
	}
	leads := make([][]string, len(names))
	each(len(names), func(i int) {
		if addresses, err := w.doctor.Resolver.LookupHost(ctx, names[i]); err == nil {
			leads[i] = addresses
		}
	})
	out := make(map[string][]string, len(names))
	for i, name := range names {
		out[name] = leads[i]
	}
	return out
}

// each does something for each index, a few at a time.
func each(n int, do func(int)) {
	room := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			do(i)
		})
	}
	all.Wait()
}
