package lease

import (
	"context"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// settles is how long AWS may not find what it has just made.
const settles = 15 * time.Minute

// gone answers an error of kind NotFound where nothing of what is on lease is there any more, whoever removed it; its lease is over then. Where
// that cannot be told it is there.
func (d Desk) gone(ctx context.Context, l Lease, now time.Time) error {
	if d.Cloud == nil || now.Sub(l.MadeAt) < settles {
		return nil
	}
	if there, err := l.there(ctx, d.Cloud); err != nil || there {
		return nil //nolint:nilerr // what cannot be asked now is found at its end
	}
	if err := d.Gone(ctx, l.Request); err != nil {
		return err
	}
	what := "is gone already"
	if l.stop() == "" {
		what = "is gone already (nothing of it that carries " + commands.Mono(commands.RequestTag+"="+l.ID()) + " is there)"
	}
	return &commands.Error{
		Kind: commands.NotFound, Message: "What " + l.ID() + " made with " + commands.Mono(l.Line) + " " + what + ", so its lease is over: nothing is left to stop or remove.",
	}
}

// Still is asked before something that came due is done, which may be long after: it may have waited for approval, or for a freeze to end. It answers
// an error of kind NotFound where its end was put off since, and where what was on lease is gone, so that nothing else of the same name is touched.
func (d Desk) Still(ctx context.Context, act schedule.Act, now time.Time) error {
	comes, err := d.Book.Acts(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, later := range comes {
		if act.Key != "" && later.Key == act.Key && later.Due.After(act.Due) {
			return &commands.Error{Kind: commands.NotFound, Stands: true, Message: "It was put off since, until " + commands.At(later.Due) + ", so nothing was done."}
		}
	}
	leases, err := d.Book.Leases(ctx)
	if err != nil {
		return err
	}
	for _, l := range leases {
		if l.Request == act.Of && (act.Line == l.stop() || act.Line == l.remove()) {
			return d.gone(ctx, l, now)
		}
	}
	return nil
}

// there looks for what is on lease by the line that would remove it.
func (l Lease) there(ctx context.Context, cloud Tagger) (bool, error) {
	target, ids := l.instances()
	switch {
	case strings.HasPrefix(l.Undo, machines) && len(ids) > 0:
		some, err := cloud.Instances(ctx, target, aws.InstanceQuery{IDs: ids})
		return slices.ContainsFunc(some, func(i aws.Instance) bool { return i.State != aws.Terminated && i.State != aws.ShuttingDown }), err
	case strings.HasPrefix(l.Undo, networks):
		n, err := cloud.Network(ctx, target, "")
		return slices.ContainsFunc(n.VPCs, func(v aws.VPC) bool { return v.Name == l.named() && l.own(v.Tags) }), err
	case l.Application() != "":
		s, err := cloud.Stack(ctx, target, l.Application())
		return s.ID != "" && l.own(s.Tags), err
	case strings.HasPrefix(l.Undo, balancers):
		some, err := cloud.LoadBalancers(ctx, target, aws.LoadBalancerQuery{Names: []string{l.named()}})
		return slices.ContainsFunc(some, func(b aws.LoadBalancer) bool { return l.own(b.Tags) }), err
	case strings.HasPrefix(l.Undo, functions):
		f, err := cloud.Function(ctx, target, l.named(), "")
		if err != nil && commands.Words(err).Kind == commands.NotFound {
			return false, nil
		}
		return l.own(f.Tags), err
	case strings.HasPrefix(l.Undo, apis):
		all, err := cloud.APIs(ctx, target)
		return slices.ContainsFunc(all, func(a aws.API) bool { return (a.Name == l.named() || a.ID == l.named()) && l.own(a.Tags) }), err
	default:
		return true, nil
	}
}
