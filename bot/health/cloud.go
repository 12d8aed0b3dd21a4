package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/probe"
)

// Cloud is the door to AWS, for its own kinds of checks. It only reads.
type Cloud interface {
	TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error)
	TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error)
	Instances(ctx context.Context, t aws.Target, q aws.InstanceQuery) ([]aws.Instance, error)
	Statuses(ctx context.Context, t aws.Target, ids []string) ([]aws.InstanceStatus, error)
	Function(ctx context.Context, t aws.Target, name, qualifier string) (aws.Function, error)
	FunctionErrors(ctx context.Context, t aws.Target, function string, from, to time.Time) (aws.FunctionErrors, error)
}

// lookCloud asks AWS. That AWS could not be asked says nothing of what is checked.
func (p *Prober) lookCloud(ctx context.Context, c check.Check, target probe.Target) (sight, error) {
	if p.eyes.Cloud == nil {
		return sight{}, unseenError{"AWS cannot be asked here"}
	}
	at := aws.Target{Region: target.Region, Account: target.Account}
	var seen sight
	var err error
	switch c.Kind() {
	case check.TargetGroup:
		seen, err = lookGroup(ctx, p.eyes.Cloud, at, target.Host)
	case check.EC2:
		seen, err = lookInstance(ctx, p.eyes.Cloud, at, target.Host)
	case check.Lambda:
		seen, err = lookFunction(ctx, p.eyes.Cloud, at, target.Host, c.MaxErrors)
	default:
		return sight{}, unseenError{"there is no such kind of check"}
	}
	var blind unseenError
	if errors.As(err, &blind) {
		return sight{}, blind
	}
	if err != nil {
		return sight{}, unseenError{"AWS could not be asked: " + strings.TrimSuffix(commands.Words(err).Message, ".")}
	}
	return seen, nil
}

func lookGroup(ctx context.Context, cloud Cloud, at aws.Target, name string) (sight, error) {
	groups, err := cloud.TargetGroups(ctx, at, aws.TargetGroupQuery{Names: []string{name}})
	if err != nil {
		return sight{}, err
	}
	if len(groups) == 0 {
		return sight{wrong: "there is no target group " + name}, nil
	}
	health, err := cloud.TargetHealth(ctx, at, groups[0].ARN)
	if err != nil {
		return sight{}, err
	}
	return judgeGroup(health), nil
}

// judgeGroup tells whether every target is healthy. One that is being taken away, and is drained, does not count.
func judgeGroup(health []aws.TargetHealth) sight {
	counted, well, first := 0, 0, ""
	for _, one := range health {
		if one.State == aws.TargetDraining {
			continue
		}
		counted++
		if one.State == aws.TargetHealthy {
			well++
		} else if first == "" {
			first = one.ID + " is " + string(one.State)
			if one.Description != "" {
				first += " (" + trimmed(strings.TrimSuffix(one.Description, ".")) + ")"
			}
		}
	}
	text := fmt.Sprintf("%d of %d targets healthy", well, counted)
	switch {
	case counted == 0:
		return sight{wrong: "no targets"}
	case well < counted:
		return sight{wrong: text + "; " + first}
	default:
		return sight{says: text}
	}
}

func lookInstance(ctx context.Context, cloud Cloud, at aws.Target, name string) (sight, error) {
	q := aws.InstanceQuery{Names: []string{name}, States: []aws.InstanceState{aws.Pending, aws.Running, aws.Stopping, aws.Stopped, aws.ShuttingDown}}
	if strings.HasPrefix(name, "i-") {
		q = aws.InstanceQuery{IDs: []string{name}}
	}
	found, err := cloud.Instances(ctx, at, q)
	switch {
	case err != nil:
		return sight{}, err
	case len(found) == 0:
		return sight{wrong: "there is no instance " + name}, nil
	case len(found) > 1:
		return sight{wrong: fmt.Sprintf("%d instances have the name %s", len(found), name)}, nil
	case found[0].State != aws.Running:
		return sight{wrong: name + " is " + string(found[0].State)}, nil
	}
	statuses, err := cloud.Statuses(ctx, at, []string{found[0].ID})
	if err != nil {
		return sight{}, err
	}
	if len(statuses) == 0 {
		return sight{}, unseenError{"EC2 has no status of " + name + " yet"}
	}
	return judgeStatus(name, statuses[0])
}

// judgeStatus tells whether the status checks pass; while they are being made nothing is known.
func judgeStatus(name string, s aws.InstanceStatus) (sight, error) {
	switch {
	case s.OK():
		return sight{says: "running, both status checks passed"}, nil
	case s.System == "initializing" || s.Instance == "initializing" || s.System == "insufficient-data" || s.Instance == "insufficient-data":
		return sight{}, unseenError{fmt.Sprintf("the status checks of %s are not made yet: system %s, instance %s", name, s.System, s.Instance)}
	default:
		return sight{wrong: fmt.Sprintf("the status checks say: system %s, instance %s", s.System, s.Instance)}, nil
	}
}

func lookFunction(ctx context.Context, cloud Cloud, at aws.Target, name string, most int) (sight, error) {
	to := time.Now().UTC().Truncate(time.Minute)
	count, err := cloud.FunctionErrors(ctx, at, name, to.Add(-check.LambdaWindow), to)
	if err != nil {
		return sight{}, err
	}
	if count.Invocations == 0 { // or is there no such function?
		_, err := cloud.Function(ctx, at, name, "")
		if err != nil && commands.Words(err).Kind == commands.NotFound {
			return sight{wrong: "there is no function " + name}, nil
		}
		if err != nil {
			return sight{}, err
		}
	}
	return judgeFunction(count, most), nil
}

func judgeFunction(n aws.FunctionErrors, most int) sight {
	window := check.Span(check.LambdaWindow)
	text := fmt.Sprintf("%d of %d invocations failed in %s", n.Errors, n.Invocations, window)
	switch {
	case n.Invocations == 0:
		return sight{says: "no invocation in " + window}
	case n.Errors*100 > most*n.Invocations:
		return sight{wrong: text}
	default:
		return sight{says: text}
	}
}
