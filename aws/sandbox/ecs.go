package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func addECS(table map[string]operation) {
	table["ECS.ListClusters"] = on(listClusters)
	table["ECS.ListServices"] = on(listServices)
	table["ECS.DescribeServices"] = on(describeServices)
	table["ECS.UpdateService"] = on(updateService)
}

// containers is a service of ECS, and what AWS does not show of it.
type containers struct {
	cluster, name string
	desired       int32
	running       int32     // before the last change
	changed       time.Time // the last change
	made          time.Time
	deployment    string
	replaced      string // the deployment before; "" where none is being replaced
	broken        bool   // the deployment will not work
	events        []types.ServiceEvent
}

// AddService makes a service that runs, in the region where the world begins. Names are unique in a cluster.
func (w *World) AddService(cluster, name string, tasks int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at(w.options.AccountID, w.options.Region).addService(cluster, name, tasks)
}

// BreakService makes the next deployment of a service fail.
func (w *World) BreakService(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.at(w.options.AccountID, w.options.Region).services {
		if s.name == name {
			s.broken = true
		}
	}
}

func (r *region) addService(cluster, name string, tasks int32) {
	made := r.now().Add(-30 * 24 * time.Hour)
	s := &containers{cluster: cluster, name: name, desired: tasks, running: tasks, made: made, changed: made}
	s.deployment = "ecs-svc/" + strings.TrimPrefix(derivedID("dep", cluster+name), "dep-0")
	r.services = append(r.services, s)
}

func (r *region) clusterARN(name string) string {
	return "arn:aws:ecs:" + r.name + ":" + r.account + ":cluster/" + name
}

func afterSlash(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func (r *region) clusters() []string {
	var names []string
	for _, s := range r.services {
		if !slices.Contains(names, s.cluster) {
			names = append(names, s.cluster)
		}
	}
	return names
}

func listClusters(r *region, _ *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
	out := &ecs.ListClustersOutput{}
	for _, name := range r.clusters() {
		out.ClusterArns = append(out.ClusterArns, r.clusterARN(name))
	}
	return out, nil
}

// inCluster answers the services of a cluster that exists.
func (r *region) inCluster(cluster *string) ([]*containers, error) {
	name := "default"
	if cluster != nil {
		name = afterSlash(*cluster)
	}
	if !slices.Contains(r.clusters(), name) {
		return nil, &types.ClusterNotFoundException{Message: awssdk.String("Cluster not found.")}
	}
	return slices.DeleteFunc(slices.Clone(r.services), func(s *containers) bool { return s.cluster != name }), nil
}

func listServices(r *region, in *ecs.ListServicesInput) (*ecs.ListServicesOutput, error) {
	found, err := r.inCluster(in.Cluster)
	out := &ecs.ListServicesOutput{}
	for _, s := range found {
		out.ServiceArns = append(out.ServiceArns, r.serviceARN(s))
	}
	return out, err
}

func (r *region) serviceARN(s *containers) string {
	return "arn:aws:ecs:" + r.name + ":" + r.account + ":service/" + s.cluster + "/" + s.name
}

func describeServices(r *region, in *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
	found, err := r.inCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Services) > 10 {
		return nil, &types.InvalidParameterException{Message: awssdk.String("Services cannot have more than 10 elements.")}
	}
	out := &ecs.DescribeServicesOutput{}
	for _, name := range in.Services {
		at := slices.IndexFunc(found, func(s *containers) bool { return s.name == afterSlash(name) })
		if at < 0 {
			out.Failures = append(out.Failures, types.Failure{Arn: awssdk.String(name), Reason: awssdk.String("MISSING")})
			continue
		}
		out.Services = append(out.Services, r.shown(found[at]))
	}
	return out, nil
}

// shown is a service as it stands now: a change has taken effect after Settle.
func (r *region) shown(s *containers) types.Service {
	over := r.now().Sub(s.changed) >= r.world.options.Settle
	if over && !s.broken {
		s.running, s.replaced = s.desired, ""
	}
	definition := awssdk.String("arn:aws:ecs:" + r.name + ":" + r.account + ":task-definition/" + s.name + ":7")
	rollout, reason := types.DeploymentRolloutStateCompleted, "ECS deployment "+s.deployment+" completed."
	switch {
	case s.broken && s.replaced != "" && over:
		rollout, reason = types.DeploymentRolloutStateFailed, "ECS deployment circuit breaker: tasks failed to start."
	case !over:
		rollout, reason = types.DeploymentRolloutStateInProgress, "ECS deployment "+s.deployment+" in progress."
	}
	pending := max(0, s.desired-s.running)
	out := types.Service{
		ServiceArn: awssdk.String(r.serviceARN(s)), ServiceName: &s.name, ClusterArn: awssdk.String(r.clusterARN(s.cluster)),
		Status: awssdk.String("ACTIVE"), LaunchType: types.LaunchTypeFargate, SchedulingStrategy: types.SchedulingStrategyReplica,
		TaskDefinition: definition, DesiredCount: s.desired, RunningCount: s.running, PendingCount: pending, CreatedAt: &s.made,
		Events: slices.Clone(s.events),
		Deployments: []types.Deployment{{
			Id: awssdk.String(s.deployment), Status: awssdk.String("PRIMARY"), TaskDefinition: definition, CreatedAt: &s.changed, UpdatedAt: &s.changed,
			DesiredCount: s.desired, RunningCount: s.running, PendingCount: pending, RolloutState: rollout, RolloutStateReason: &reason,
		}},
	}
	if s.replaced != "" {
		out.Deployments = append(out.Deployments, types.Deployment{
			Id: awssdk.String(s.replaced), Status: awssdk.String("ACTIVE"), TaskDefinition: definition, CreatedAt: &s.made, RunningCount: s.running,
			RolloutState: types.DeploymentRolloutStateCompleted,
		})
	}
	return out
}

func updateService(r *region, in *ecs.UpdateServiceInput) (*ecs.UpdateServiceOutput, error) {
	found, err := r.inCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(found, func(s *containers) bool { return s.name == afterSlash(*in.Service) })
	if at < 0 {
		return nil, &types.ServiceNotFoundException{Message: awssdk.String("Service not found.")}
	}
	s, now := found[at], r.now()
	r.shown(s) // what was under way and is over
	if in.DesiredCount != nil && *in.DesiredCount != s.desired {
		s.desired, s.changed = *in.DesiredCount, now
		s.events = append([]types.ServiceEvent{{
			Id: awssdk.String(r.world.id("event")), CreatedAt: &now, Message: awssdk.String(fmt.Sprintf("(service %s) desired count is now %d.", s.name, s.desired)),
		}}, s.events...)
	}
	if in.ForceNewDeployment {
		s.replaced, s.changed = s.deployment, now
		s.deployment = "ecs-svc/" + strings.TrimPrefix(r.world.id("dep"), "dep-0")
		s.events = append([]types.ServiceEvent{{
			Id: awssdk.String(r.world.id("event")), CreatedAt: &now, Message: awssdk.String(fmt.Sprintf("(service %s) has begun a new deployment.", s.name)),
		}}, s.events...)
	}
	shown := r.shown(s)
	return &ecs.UpdateServiceOutput{Service: &shown}, nil
}
