package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
)

// releases is how long AWS may take to let go of what a deleted thing used.
const releases = 90 * time.Second

// letGo repeats what AWS refuses with a code as long as something that was deleted a moment ago still shows as in use.
func (c *Cloud) letGo(ctx context.Context, code string, do func() error) error {
	limited, cancel := context.WithTimeout(ctx, releases)
	defer cancel()
	var refused error
	err := c.poll(limited, func() (bool, error) {
		err := do()
		if codeOf(err) == code {
			refused = err
			return false, nil
		}
		return true, err
	})
	if refused != nil && limited.Err() != nil {
		return refused
	}
	return err
}

// WaitForLoadBalancer waits until a load balancer is active. Progress, which may be nil, is told after each look. It ends early
// when provisioning failed, and when ctx is done; the answer is what was seen last.
func (c *Cloud) WaitForLoadBalancer(ctx context.Context, t aws.Target, arn string, progress func(aws.LoadBalancer)) (aws.LoadBalancer, error) {
	var seen aws.LoadBalancer
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) {
		found, err := c.LoadBalancers(ctx, t, aws.LoadBalancerQuery{ARNs: []string{arn}})
		if err != nil {
			return false, err
		}
		if len(found) == 0 {
			return time.Since(begun) > grace, &Error{
				kind: kindNotFound, message: "AWS does not show the load balancer any more.", hint: "`lb list` shows what is there.",
			}
		}
		seen = found[0]
		if progress != nil {
			progress(seen)
		}
		if seen.State == "failed" {
			return true, &Error{
				kind: kindFailed, message: "AWS could not set up the load balancer " + seen.Name + ": " + sentence(oneLine(redact(seen.StateReason))),
				hint: "`lb delete " + seen.Name + "` removes it.",
			}
		}
		return seen.State == "active" || seen.State == "active_impaired", nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return seen, &Error{
			kind: kindFailed, message: fmt.Sprintf("The load balancer %s is still %s after %s.", seen.Name, seen.State, time.Since(begun).Round(time.Second)),
			hint: "It may still get there: `lb show " + seen.Name + "` shows its present state.", err: err,
		}
	}
	return seen, err
}

// WaitForTargets waits until every one of these targets is healthy, unless one cannot become so while nobody acts; and until ctx
// is done. The answer is what was seen last, of these targets alone. That not all are healthy is no error: the answer tells.
func (c *Cloud) WaitForTargets(
	ctx context.Context, t aws.Target, targetGroup string, ids []string, progress func([]aws.TargetHealth),
) ([]aws.TargetHealth, error) {
	var seen []aws.TargetHealth
	err := c.poll(ctx, func() (bool, error) {
		all, err := c.TargetHealth(ctx, t, targetGroup)
		if err != nil {
			return false, err
		}
		seen = slices.DeleteFunc(all, func(h aws.TargetHealth) bool { return !slices.Contains(ids, h.ID) })
		if progress != nil {
			progress(seen)
		}
		settled := len(seen) >= len(ids)
		for _, h := range seen {
			settled = settled && (h.State == aws.TargetHealthy || h.Reason == "Target.InvalidState" || h.State == aws.TargetUnavailable)
		}
		return settled, nil
	})
	if err != nil && errors.Is(err, ctx.Err()) && seen != nil {
		return seen, nil
	}
	return seen, err
}

// WaitForDrained waits until none of these targets is in the group any more.
func (c *Cloud) WaitForDrained(ctx context.Context, t aws.Target, targetGroup string, ids []string, progress func([]aws.TargetHealth)) error {
	var left []aws.TargetHealth
	begun := time.Now()
	err := c.poll(ctx, func() (bool, error) {
		all, err := c.TargetHealth(ctx, t, targetGroup)
		if codeOf(err) == "TargetGroupNotFound" {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		left = slices.DeleteFunc(all, func(h aws.TargetHealth) bool {
			return !slices.Contains(ids, h.ID) || h.State == aws.TargetUnused && h.Reason == "Target.NotRegistered"
		})
		if progress != nil {
			progress(left)
		}
		return len(left) == 0, nil
	})
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	var parts []string
	for _, h := range left {
		parts = append(parts, h.ID+" is still "+string(h.State))
	}
	return &Error{
		kind: kindFailed, message: strings.Join(parts, "; ") + " after " + time.Since(begun).Round(time.Second).String() + ".",
		hint: "AWS goes on draining by itself.", err: err,
	}
}
