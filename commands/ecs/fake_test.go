package ecs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// fakeCloud is an ECS that keeps services in memory. A wait lets everything under way arrive.
type fakeCloud struct {
	services []aws.Service
	asked    []string
	refuse   map[string]error // by operation: AWS says no, nothing happens
	lose     error            // the next change happens, and the answer is lost
	broken   bool             // the next deployment fails
	stuck    bool             // nothing ever arrives
	unplaced bool             // ECS says that it cannot place a task
	late     int              // how many looks after a change show the service as it was before
	before   aws.Service      // as it was before the last change
	scaled   int              // a wait finds that auto scaling wants so many tasks; 0 where there is none
	rolled   bool             // the next deployment is rolled back, and is gone from the list
}

func newFake() *fakeCloud {
	f := &fakeCloud{refuse: map[string]error{}}
	f.add("demo", "shop", 2)
	f.add("demo", "mail", 1)
	f.add("prod", "shop", 4)
	f.services[1].Running = 0
	return f
}

func (f *fakeCloud) add(cluster, name string, n int) {
	f.services = append(f.services, aws.Service{
		ARN: "arn:aws:ecs:us-east-1:123456789012:service/" + cluster + "/" + name, Name: name, Cluster: cluster, Status: "ACTIVE", Launch: "FARGATE",
		TaskDefinition: name + ":7", Scheduling: "REPLICA", Desired: n, Running: n, CreatedAt: now.Add(-time.Hour), Tags: map[string]string{"env": cluster},
		Deployments: []aws.Deployment{{ID: "ecs-svc/1", Primary: true, TaskDefinition: name + ":7", Rollout: "COMPLETED"}},
		Events:      []aws.ServiceEvent{{At: now.Add(-time.Minute), Text: "(service " + name + ") has reached a steady state."}},
	})
}

func (f *fakeCloud) Place(_ context.Context, t aws.Target) aws.Place {
	return aws.Place{AccountID: "123456789012", AccountName: t.Account, Region: "us-east-1"}
}

func (f *fakeCloud) Services(_ context.Context, _ aws.Target, cluster string) ([]aws.Service, error) {
	var out []aws.Service
	for _, s := range f.services {
		if cluster == "" || cluster == s.Cluster {
			out = append(out, s)
		}
	}
	return out, f.refuse["ListServices"]
}

func (f *fakeCloud) at(arn string) *aws.Service {
	for n := range f.services {
		if f.services[n].ARN == arn {
			return &f.services[n]
		}
	}
	return nil
}

func (f *fakeCloud) ServiceNow(_ context.Context, _ aws.Target, s aws.Service) (aws.Service, error) {
	if f.late > 0 {
		f.late--
		return f.before, nil
	}
	return *f.at(s.ARN), f.refuse["DescribeServices"]
}

func (f *fakeCloud) ChangeService(_ context.Context, _ aws.Target, s aws.Service, c aws.ServiceChange) (aws.Service, error) {
	if err := f.refuse["UpdateService"]; err != nil {
		return s, err
	}
	one := f.at(s.ARN)
	f.before = *one
	if c.Redeploy {
		f.asked = append(f.asked, "redeploy "+s.Name)
		old := one.Deployments[0]
		old.Primary = false
		one.Deployments = []aws.Deployment{{ID: "ecs-svc/2", Primary: true, TaskDefinition: old.TaskDefinition, Rollout: "IN_PROGRESS"}, old}
	} else {
		f.asked = append(f.asked, fmt.Sprintf("%s to %d", s.Name, c.Count))
		one.Desired = c.Count
	}
	err := f.lose
	f.lose = nil
	return *one, err
}

func (f *fakeCloud) WaitForService(ctx context.Context, _ aws.Target, s, taken aws.Service, progress func(aws.Service)) (aws.Service, error) {
	one := f.at(s.ARN)
	progress(*one)
	switch {
	case f.scaled > 0:
		one.Desired = f.scaled
	case f.unplaced:
		one.Events = append([]aws.ServiceEvent{{At: now.Add(time.Minute), Text: "(service shop) was unable to place a task because no container instance met all of its requirements."}}, one.Events...)
		return *one, &commands.Error{Kind: commands.Failed, Message: "shop is not steady yet."}
	case f.rolled:
		one.Deployments = []aws.Deployment{{ID: "ecs-svc/1", Primary: true, Rollout: "COMPLETED", Reason: "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."}}
		return *one, nil
	case f.stuck:
		return *one, &commands.Error{Kind: commands.Failed, Message: "shop is not steady yet."}
	case f.broken:
		one.Deployments[0].Rollout, one.Deployments[0].Reason = "FAILED", "tasks failed to start"
		return *one, &commands.Error{Kind: commands.Failed, Message: "The deployment " + taken.Primary().ID + " failed."}
	}
	one.Running, one.Deployments = one.Desired, one.Deployments[:1]
	one.Deployments[0].Rollout = "COMPLETED"
	return *one, ctx.Err()
}

// session is one request: a line that may be run several times with one journal.
type session struct {
	t       *testing.T
	cloud   *fakeCloud
	journal commandstest.Journal
}

func request(t *testing.T, cloud *fakeCloud) *session {
	t.Helper()
	return &session{t, cloud, commandstest.Journal{}}
}

func (s *session) given() *commands.Run {
	return &commands.Run{ID: "R-1", Token: "deckhand-R-1", Now: now, Journal: s.journal}
}

func (s *session) run(line string) (commands.Report, error) {
	s.t.Helper()
	return commandstest.Run(s.t.Context(), s.t, Commands(s.cloud), s.given(), line)
}

func (s *session) check(line string) (commands.Report, error) {
	s.t.Helper()
	return commandstest.Check(s.t.Context(), s.t, Commands(s.cloud), s.given(), line)
}

var (
	denied = &commands.Error{Kind: commands.Denied, Message: "AWS refused."}
	lost   = &commands.Error{Kind: commands.Uncertain, Message: "AWS did not answer in time.", Err: errors.New("reset")}
)
