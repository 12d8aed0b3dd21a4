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
// that cannot be told it is there. Where its end was tried already, something besides may be left of what is gone: the next try looks for it.
func (d Desk) gone(ctx context.Context, l Lease, tried bool, now time.Time) error {
	if d.Cloud == nil || now.Sub(l.MadeAt) < settles {
		return nil
	}
	if found, err := l.look(ctx, d.Cloud); err != nil || found == there || found == unfound && tried {
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
			return d.gone(ctx, l, act.Tries > 0, now)
		}
	}
	return nil
}

// tried tells whether an end comes again that was tried before and did not succeed.
func (d Desk) tried(ctx context.Context, l Lease) bool {
	comes, err := d.Book.Acts(ctx, time.Time{})
	return err == nil && slices.ContainsFunc(comes, func(a schedule.Act) bool { return a.Key == l.key("end") && a.Tries > 0 })
}

// standing is what is found of what is on lease.
type standing int

const (
	unfound  standing = iota // nothing of its name or id
	there                    // what the request made, or something of it
	anothers                 // something of its name that was made since
)

// look looks for what is on lease by the line that would remove it.
func (l Lease) look(ctx context.Context, cloud Tagger) (standing, error) {
	target, ids := l.instances()
	switch {
	case strings.HasPrefix(l.Undo, machines) && len(ids) > 0:
		some, err := cloud.Instances(ctx, target, aws.InstanceQuery{IDs: ids})
		if slices.ContainsFunc(some, func(i aws.Instance) bool { return i.State != aws.Terminated && i.State != aws.ShuttingDown }) {
			return there, err
		}
		return unfound, err
	case strings.HasPrefix(l.Undo, networks):
		n, err := cloud.Network(ctx, target, "")
		var tags []map[string]string
		for _, v := range n.VPCs {
			if v.Name == l.named() {
				tags = append(tags, v.Tags)
			}
		}
		return l.whose(tags...), err
	case l.Application() != "":
		s, err := cloud.Stack(ctx, target, l.Application())
		if s.ID == "" {
			return unfound, err
		}
		return l.whose(s.Tags), err
	case strings.HasPrefix(l.Undo, balancers):
		some, err := cloud.LoadBalancers(ctx, target, aws.LoadBalancerQuery{Names: []string{l.named()}})
		var tags []map[string]string
		for _, b := range some {
			tags = append(tags, b.Tags)
		}
		return l.whose(tags...), err
	case strings.HasPrefix(l.Undo, functions):
		f, err := cloud.Function(ctx, target, l.named(), "")
		if err != nil && commands.Words(err).Kind == commands.NotFound || err == nil && f.Name == "" {
			return unfound, nil
		}
		return l.whose(f.Tags), err
	case strings.HasPrefix(l.Undo, apis):
		all, err := cloud.APIs(ctx, target)
		var tags []map[string]string
		for _, a := range all {
			if a.Name == l.named() || a.ID == l.named() {
				tags = append(tags, a.Tags)
			}
		}
		return l.whose(tags...), err
	default:
		return there, nil
	}
}

// whose tells of the tags of everything that was found by a name whether some are those of the lease.
func (l Lease) whose(found ...map[string]string) standing {
	switch {
	case len(found) == 0:
		return unfound
	case slices.ContainsFunc(found, l.own):
		return there
	default:
		return anothers
	}
}
