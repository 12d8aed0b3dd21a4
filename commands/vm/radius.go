package vm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"deckhand/aws"
	"deckhand/commands"
)

// Surroundings knows the target groups that instances are in.
type Surroundings interface {
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
}

// mostGroups is how many target groups of a region are looked at before something is done to instances.
const mostGroups = 50

// radiusRights are the rights to see which load balancers lead to an instance. Without them a plan says that it did not look.
func radiusRights() []string {
	return []string{"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTags"}
}

// radius says what stops answering when instances do: how many healthy targets the load balancers in front of them have left. It is
// empty where no load balancer leads to them.
func radius(ctx context.Context, cloud Surroundings, t aws.Target, some []aws.Instance) commands.Blocks {
	if text := inFront(ctx, cloud, t, some); text != "" {
		return commands.Blocks{commands.Text{Text: text}}
	}
	return nil
}

func inFront(ctx context.Context, cloud Surroundings, t aws.Target, some []aws.Instance) string {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	groups, err := cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{})
	if err != nil {
		return "Whether a load balancer leads here was " + notChecked(err) + "."
	}
	groups = slices.DeleteFunc(groups, func(g aws.TargetGroup) bool { return len(g.LoadBalancers) == 0 || g.TargetType != "instance" })
	shown := groups[:min(len(groups), mostGroups)]
	lines := make([]string, len(shown))
	free := make(chan struct{}, askingFor)
	var looks sync.WaitGroup
	for n, g := range shown {
		free <- struct{}{}
		looks.Go(func() {
			defer func() { <-free }()
			lines[n] = remaining(ctx, cloud, t, g, some)
		})
	}
	looks.Wait()
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	slices.Sort(lines)
	if len(groups) > len(shown) {
		lines = append(lines, fmt.Sprintf("Only %d of the %d target groups were looked at.", len(shown), len(groups)))
	}
	return strings.Join(slices.Compact(lines), "\n")
}

// remaining says what is left of one target group.
func remaining(ctx context.Context, cloud Surroundings, t aws.Target, g aws.TargetGroup, some []aws.Instance) string {
	targets, err := cloud.TargetHealth(ctx, t, g.ARN)
	if err != nil {
		return "Whether the target group " + commands.Mono(g.Name) + " leads here was " + notChecked(err) + "."
	}
	going := ids(some)
	healthy, left, in := map[string]bool{}, map[string]bool{}, false
	for _, one := range targets {
		in = in || slices.Contains(going, one.ID)
		if one.State == aws.TargetHealthy {
			healthy[one.ID] = true
			if !slices.Contains(going, one.ID) {
				left[one.ID] = true
			}
		}
	}
	if !in {
		return ""
	}
	text := "The load balancer " + commands.Mono(balancerName(g.LoadBalancers[0])) + " leads here"
	switch {
	case len(healthy) == 0:
		return text + ", and has no healthy target as it is."
	case len(left) == 0:
		return text + ": no healthy target would be left, and it would answer nothing."
	default:
		return text + fmt.Sprintf(": of %d healthy, %d would be left.", len(healthy), len(left))
	}
}

// balancerName reads the name out of an ARN: "...:loadbalancer/app/NAME/ID".
func balancerName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 3 {
		return arn
	}
	return parts[len(parts)-2]
}
