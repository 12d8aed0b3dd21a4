package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Services answers the services of a cluster, by name or ARN; of all clusters where it is empty. A cluster that does not exist is an error.
func (c *Cloud) Services(ctx context.Context, t aws.Target, cluster string) ([]aws.Service, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	clusters := []string{cluster}
	if cluster == "" {
		if clusters, err = clustersOf(ctx, ready.ecs); err != nil {
			return nil, err
		}
	}
	var all []aws.Service
	for _, one := range clusters {
		arns, err := servicesOf(ctx, ready.ecs, one)
		if err != nil {
			return nil, noCluster(err, one)
		}
		for part := range slices.Chunk(arns, 10) { // the most AWS takes at once
			found, err := describeServices(ctx, ready.ecs, one, part)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

func noCluster(err error, cluster string) error {
	if codeOf(err) != "ClusterNotFoundException" {
		return err
	}
	return &Error{
		Code: codeOf(err), Operation: "ListServices", kind: kindNotFound, err: err,
		message: fmt.Sprintf("There is no cluster %q.", nameOfARN(cluster)), hint: "ecs list shows the services of every cluster.",
	}
}

func clustersOf(ctx context.Context, client ecsCalls) ([]string, error) {
	var arns []string
	in := &ecs.ListClustersInput{}
	for {
		out, err := ask(ctx, client.ListClusters, in)
		if err != nil {
			return nil, err
		}
		arns = append(arns, out.ClusterArns...)
		if awssdk.ToString(out.NextToken) == "" {
			return arns, nil
		}
		in = &ecs.ListClustersInput{NextToken: out.NextToken}
	}
}

func servicesOf(ctx context.Context, client ecsCalls, cluster string) ([]string, error) {
	var arns []string
	in := &ecs.ListServicesInput{Cluster: &cluster, MaxResults: awssdk.Int32(100)}
	for {
		out, err := ask(ctx, client.ListServices, in)
		if err != nil {
			return nil, err
		}
		arns = append(arns, out.ServiceArns...)
		if awssdk.ToString(out.NextToken) == "" {
			return arns, nil
		}
		in = &ecs.ListServicesInput{Cluster: &cluster, MaxResults: in.MaxResults, NextToken: out.NextToken}
	}
}

func describeServices(ctx context.Context, client ecsCalls, cluster string, names []string) ([]aws.Service, error) {
	out, err := ask(ctx, client.DescribeServices, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: names, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return nil, err
	}
	var all []aws.Service
	for _, s := range out.Services {
		all = append(all, serviceOf(s))
	}
	return all, nil
}

func serviceOf(s ecstypes.Service) aws.Service {
	out := aws.Service{
		ARN: awssdk.ToString(s.ServiceArn), Name: awssdk.ToString(s.ServiceName), Cluster: nameOfARN(awssdk.ToString(s.ClusterArn)),
		Status: awssdk.ToString(s.Status), Launch: string(s.LaunchType), TaskDefinition: nameOfARN(awssdk.ToString(s.TaskDefinition)),
		Scheduling: string(s.SchedulingStrategy), Desired: int(s.DesiredCount), Running: int(s.RunningCount), Pending: int(s.PendingCount),
		CreatedAt: awssdk.ToTime(s.CreatedAt), Tags: map[string]string{},
	}
	if s.DeploymentController != nil {
		out.Controller = string(s.DeploymentController.Type)
	}
	if out.Launch == "" {
		var providers []string
		for _, p := range s.CapacityProviderStrategy {
			providers = append(providers, awssdk.ToString(p.CapacityProvider))
		}
		out.Launch = strings.Join(providers, ", ")
	}
	for _, d := range s.Deployments {
		out.Deployments = append(out.Deployments, aws.Deployment{
			ID: awssdk.ToString(d.Id), Primary: awssdk.ToString(d.Status) == "PRIMARY", TaskDefinition: nameOfARN(awssdk.ToString(d.TaskDefinition)),
			Rollout: string(d.RolloutState), Reason: awssdk.ToString(d.RolloutStateReason), Failed: int(d.FailedTasks), CreatedAt: awssdk.ToTime(d.CreatedAt),
		})
	}
	for _, l := range s.LoadBalancers {
		if arn := awssdk.ToString(l.TargetGroupArn); arn != "" {
			out.TargetGroups = append(out.TargetGroups, arn)
		}
	}
	for _, e := range s.Events {
		out.Events = append(out.Events, aws.ServiceEvent{At: awssdk.ToTime(e.CreatedAt), Text: awssdk.ToString(e.Message)})
	}
	for _, tag := range s.Tags {
		out.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return out
}

// nameOfARN is what stands behind the last slash: "shop" of "arn:aws:ecs:us-east-1:123456789012:cluster/shop".
func nameOfARN(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// ServiceNow answers a service as it stands.
func (c *Cloud) ServiceNow(ctx context.Context, t aws.Target, s aws.Service) (aws.Service, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return s, err
	}
	found, err := describeServices(ctx, ready.ecs, s.Cluster, []string{s.ARN})
	if err != nil {
		return s, err
	}
	for _, one := range found {
		if one.ARN == s.ARN {
			return one, nil
		}
	}
	return s, &Error{
		Operation: "DescribeServices", kind: kindNotFound, message: fmt.Sprintf("AWS does not show the service %s of the cluster %s any more.", s.Name, s.Cluster),
		hint: "`ecs list` shows what is there.",
	}
}

// ChangeService asks for another count of tasks, or for new tasks, and answers the service as AWS took it. Setting a count again changes
// nothing; a redeployment is sent once, for each is a new one.
func (c *Cloud) ChangeService(ctx context.Context, t aws.Target, s aws.Service, want aws.ServiceChange) (aws.Service, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return s, err
	}
	in := &ecs.UpdateServiceInput{Service: &s.ARN, Cluster: &s.Cluster}
	var out *ecs.UpdateServiceOutput
	if want.Redeploy {
		in.ForceNewDeployment = true
		out, err = change(ctx, ready.ecs.UpdateService, in)
	} else {
		in.DesiredCount = awssdk.Int32(int32(want.Count)) //nolint:gosec // bounded by the command
		out, err = repeat(ctx, ready.ecs.UpdateService, in)
	}
	if err != nil || out.Service == nil {
		return s, err
	}
	return serviceOf(*out.Service), nil
}

// proving is how long all tasks of a service run before that is enough, though ECS calls their roll-out in progress still.
const proving = time.Minute

// WaitForService looks until a service is steady after a change, or until all its tasks have run for a minute, and tells progress how it stands after each look. Taken is the service
// as AWS took the change: a deployment of it that fails ends the wait with an error, and looks that show the service as it was before
// do not count, for as long as AWS may be late. The answer is what was seen last.
func (c *Cloud) WaitForService(ctx context.Context, t aws.Target, s, taken aws.Service, progress func(aws.Service)) (aws.Service, error) {
	seen, begun, shows, deployment := s, time.Now(), false, taken.Primary().ID
	var placed time.Time // since when; zero while it is not
	err := c.poll(ctx, func() (bool, error) {
		now, err := c.ServiceNow(ctx, t, s)
		if err != nil {
			return false, err
		}
		if shows = shows || now.Shows(taken); !shows && time.Since(begun) < grace {
			return false, nil
		}
		seen = now
		progress(now)
		for _, d := range now.Deployments {
			if d.ID == deployment && d.Rollout == string(ecstypes.DeploymentRolloutStateFailed) {
				return true, &Error{
					kind: kindFailed, message: fmt.Sprintf("The deployment of %s failed: %s", s.Name, sentence(d.Reason)),
					hint: "`ecs show " + s.Name + "` shows its last events.",
				}
			}
		}
		switch {
		case !now.Placed():
			placed = time.Time{}
		case placed.IsZero():
			placed = time.Now()
		}
		return now.Steady() || !placed.IsZero() && time.Since(placed) >= proving, nil
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return seen, &Error{
			kind: kindFailed, err: err,
			message: fmt.Sprintf("%s is not steady yet: %d of %d tasks run, and %d are starting.", s.Name, seen.Running, seen.Desired, seen.Pending),
			hint:    "It may still get there: `ecs show " + s.Name + "` shows its present state.",
		}
	}
	return seen, err
}
