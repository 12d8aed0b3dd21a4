package health

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// sky is an AWS with one target group, one instance and one function.
type sky struct {
	health []aws.TargetHealth
	state  aws.InstanceState
	status []aws.InstanceStatus
	errors aws.FunctionErrors
	fail   error
	asked  aws.Target
}

func (s *sky) TargetGroups(_ context.Context, at aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	s.asked = at
	if slices.Contains(q.Names, "web") {
		return []aws.TargetGroup{{ARN: "arn:web"}}, s.fail
	}
	return nil, s.fail
}

func (s *sky) TargetHealth(context.Context, aws.Target, string) ([]aws.TargetHealth, error) {
	return s.health, nil
}

func (s *sky) Instances(_ context.Context, _ aws.Target, q aws.InstanceQuery) ([]aws.Instance, error) {
	if slices.Contains(q.Names, "web") || slices.Contains(q.IDs, "i-web") {
		return []aws.Instance{{ID: "i-web", State: s.state}}, s.fail
	}
	return nil, s.fail
}

func (s *sky) Statuses(context.Context, aws.Target, []string) ([]aws.InstanceStatus, error) {
	return s.status, nil
}

func (s *sky) Function(_ context.Context, _ aws.Target, name, _ string) (aws.Function, error) {
	if name != "counter" {
		return aws.Function{}, &commands.Error{Kind: commands.NotFound, Message: "There is no function."}
	}
	return aws.Function{Name: name}, nil
}

func (s *sky) FunctionErrors(_ context.Context, _ aws.Target, _ string, from, to time.Time) (aws.FunctionErrors, error) {
	if to.Sub(from) != check.LambdaWindow {
		return aws.FunctionErrors{}, errors.New("another window")
	}
	return s.errors, s.fail
}

func TestAWSsOwnKinds(t *testing.T) {
	t.Parallel()
	target := func(state aws.TargetState, why string) aws.TargetHealth {
		return aws.TargetHealth{ID: "i-1", State: state, Description: why}
	}
	status := func(system, instance string) []aws.InstanceStatus {
		return []aws.InstanceStatus{{System: system, Instance: instance}}
	}
	for name, c := range map[string]struct {
		check      check.Check
		sky        sky
		ok, unseen bool
		says       string
	}{
		"all targets are healthy": {check.Check{URL: "target-group://web"}, sky{health: []aws.TargetHealth{target(aws.TargetHealthy, ""), target(aws.TargetDraining, "")}}, true, false, "1 of 1 targets healthy"},
		"one target is not": {
			check.Check{URL: "target-group://web"}, sky{health: []aws.TargetHealth{target(aws.TargetHealthy, ""), target(aws.TargetUnhealthy, "Request timed out.")}},
			false, false, "1 of 2 targets healthy; i-1 is unhealthy (Request timed out)",
		},
		"there are no targets":      {check.Check{URL: "target-group://web"}, sky{}, false, false, "no targets"},
		"there is no such group":    {check.Check{URL: "target-group://shop"}, sky{}, false, false, "there is no target group shop"},
		"AWS does not answer":       {check.Check{URL: "target-group://web"}, sky{fail: context.DeadlineExceeded}, false, true, "AWS could not be asked: The time for this was up before an answer came"},
		"an instance runs":          {check.Check{URL: "ec2://i-web"}, sky{state: aws.Running, status: status("ok", "ok")}, true, false, "running, both status checks passed"},
		"an instance is stopped":    {check.Check{URL: "ec2://web"}, sky{state: aws.Stopped}, false, false, "web is stopped"},
		"an instance is impaired":   {check.Check{URL: "ec2://web"}, sky{state: aws.Running, status: status("ok", "impaired")}, false, false, "the status checks say: system ok, instance impaired"},
		"an instance has begun":     {check.Check{URL: "ec2://web"}, sky{state: aws.Running, status: status("ok", "initializing")}, false, true, "the status checks of web are not made yet: system ok, instance initializing"},
		"there is no such instance": {check.Check{URL: "ec2://shop"}, sky{}, false, false, "there is no instance shop"},
		"a function works":          {check.Check{URL: "lambda://counter", MaxErrors: 5}, sky{errors: aws.FunctionErrors{Invocations: 100, Errors: 5}}, true, false, "5 of 100 invocations failed in 15 min"},
		"a function fails":          {check.Check{URL: "lambda://counter", MaxErrors: 5}, sky{errors: aws.FunctionErrors{Invocations: 100, Errors: 6}}, false, false, "6 of 100 invocations failed in 15 min"},
		"a function may not fail":   {check.Check{URL: "lambda://counter"}, sky{errors: aws.FunctionErrors{Invocations: 1000, Errors: 1}}, false, false, "1 of 1000 invocations failed in 15 min"},
		"there is no such function": {check.Check{URL: "lambda://countre"}, sky{}, false, false, "there is no function countre"},
		"a function is not used":    {check.Check{URL: "lambda://counter"}, sky{}, true, false, "no invocation in 15 min"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check.Timeout = 5 * time.Second
			r := NewProber(Eyes{Cloud: &c.sky}).Probe(t.Context(), c.check)
			if r.OK != c.ok || r.Unseen != c.unseen || r.Detail != c.says {
				t.Errorf("%+v, want ok %v, unseen %v, %q", r, c.ok, c.unseen, c.says)
			}
		})
	}
	elsewhere := &sky{}
	NewProber(Eyes{Cloud: elsewhere}).Probe(t.Context(), check.Check{URL: "target-group://web?region=eu-central-1&account=prod", Timeout: time.Second})
	if want := (aws.Target{Region: "eu-central-1", Account: "prod"}); elsewhere.asked != want {
		t.Errorf("asked %+v", elsewhere.asked)
	}
}
