package sdk

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// LoadBalancers answers the load balancers that match, with their tags.
func (c *Cloud) LoadBalancers(ctx context.Context, t aws.Target, q aws.LoadBalancerQuery) ([]aws.LoadBalancer, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.LoadBalancer
	in := &elb.DescribeLoadBalancersInput{Names: q.Names, LoadBalancerArns: q.ARNs}
	for {
		out, err := ask(ctx, ready.elb.DescribeLoadBalancers, in)
		if codeOf(err) == "LoadBalancerNotFound" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, one := range out.LoadBalancers {
			if asked(q.Names, one.LoadBalancerName) && asked(q.ARNs, one.LoadBalancerArn) {
				all = append(all, loadBalancerOf(one))
			}
		}
		if awssdk.ToString(out.NextMarker) == "" {
			break
		}
		in = &elb.DescribeLoadBalancersInput{Names: q.Names, LoadBalancerArns: q.ARNs, Marker: out.NextMarker}
	}
	tags, err := balancerTags(ctx, ready.elb, all, func(b aws.LoadBalancer) string { return b.ARN })
	for i := range all {
		all[i].Tags = tags[all[i].ARN]
	}
	return all, err
}

// asked tells whether a value is among those asked for; everything is where nothing was.
func asked(wanted []string, value *string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, awssdk.ToString(value))
}

func loadBalancerOf(b types.LoadBalancer) aws.LoadBalancer {
	out := aws.LoadBalancer{
		ARN: awssdk.ToString(b.LoadBalancerArn), Name: awssdk.ToString(b.LoadBalancerName), Type: string(b.Type), Scheme: string(b.Scheme),
		DNSName: awssdk.ToString(b.DNSName), HostedZoneID: awssdk.ToString(b.CanonicalHostedZoneId), VPCID: awssdk.ToString(b.VpcId),
		SecurityGroups: b.SecurityGroups, CreatedAt: awssdk.ToTime(b.CreatedTime),
	}
	if b.State != nil {
		out.State, out.StateReason = string(b.State.Code), awssdk.ToString(b.State.Reason)
	}
	for _, zone := range b.AvailabilityZones {
		out.Zones = append(out.Zones, awssdk.ToString(zone.ZoneName))
		out.Subnets = append(out.Subnets, awssdk.ToString(zone.SubnetId))
	}
	return out
}

// taggedAtOnce is the most resources that DescribeTags takes.
const taggedAtOnce = 20

// balancerTags answers the tags of load balancers, target groups or listeners, by ARN.
func balancerTags[T any](ctx context.Context, client elbCalls, some []T, arn func(T) string) (map[string]map[string]string, error) {
	tags := map[string]map[string]string{}
	var arns []string
	for _, one := range some {
		arns = append(arns, arn(one))
		tags[arn(one)] = map[string]string{}
	}
	for part := range slices.Chunk(arns, taggedAtOnce) {
		out, err := ask(ctx, client.DescribeTags, &elb.DescribeTagsInput{ResourceArns: part})
		if err != nil {
			return tags, err
		}
		for _, one := range out.TagDescriptions {
			for _, t := range one.Tags {
				if own := tags[awssdk.ToString(one.ResourceArn)]; own != nil {
					own[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
				}
			}
		}
	}
	return tags, nil
}

// TargetGroups answers the target groups that match, with their tags.
func (c *Cloud) TargetGroups(ctx context.Context, t aws.Target, q aws.TargetGroupQuery) ([]aws.TargetGroup, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.TargetGroup
	in := &elb.DescribeTargetGroupsInput{Names: q.Names, LoadBalancerArn: optional(q.LoadBalancer)}
	for {
		out, err := ask(ctx, ready.elb.DescribeTargetGroups, in)
		if codeOf(err) == "TargetGroupNotFound" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, one := range out.TargetGroups {
			if asked(q.Names, one.TargetGroupName) && (q.LoadBalancer == "" || slices.Contains(one.LoadBalancerArns, q.LoadBalancer)) {
				all = append(all, targetGroupOf(one))
			}
		}
		if awssdk.ToString(out.NextMarker) == "" {
			break
		}
		in = &elb.DescribeTargetGroupsInput{Names: q.Names, LoadBalancerArn: in.LoadBalancerArn, Marker: out.NextMarker}
	}
	tags, err := balancerTags(ctx, ready.elb, all, func(g aws.TargetGroup) string { return g.ARN })
	for i := range all {
		all[i].Tags = tags[all[i].ARN]
	}
	return all, err
}

func targetGroupOf(g types.TargetGroup) aws.TargetGroup {
	health := aws.HealthChecks{
		Protocol: string(g.HealthCheckProtocol), Path: awssdk.ToString(g.HealthCheckPath), Port: awssdk.ToString(g.HealthCheckPort),
		Interval: int(awssdk.ToInt32(g.HealthCheckIntervalSeconds)), Timeout: int(awssdk.ToInt32(g.HealthCheckTimeoutSeconds)),
		Healthy: int(awssdk.ToInt32(g.HealthyThresholdCount)), Unhealthy: int(awssdk.ToInt32(g.UnhealthyThresholdCount)),
	}
	if g.Matcher != nil {
		health.Matcher = awssdk.ToString(g.Matcher.HttpCode)
	}
	return aws.TargetGroup{
		ARN: awssdk.ToString(g.TargetGroupArn), Name: awssdk.ToString(g.TargetGroupName), Protocol: string(g.Protocol),
		Port: int(awssdk.ToInt32(g.Port)), VPCID: awssdk.ToString(g.VpcId), TargetType: string(g.TargetType),
		Health: health, LoadBalancers: g.LoadBalancerArns,
	}
}

// Listeners answers the listeners of a load balancer, with their tags. A load balancer that does not exist has none.
func (c *Cloud) Listeners(ctx context.Context, t aws.Target, loadBalancer string) ([]aws.Listener, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.Listener
	in := &elb.DescribeListenersInput{LoadBalancerArn: &loadBalancer}
	for {
		out, err := ask(ctx, ready.elb.DescribeListeners, in)
		if code := codeOf(err); code == "LoadBalancerNotFound" || code == "ListenerNotFound" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, one := range out.Listeners {
			all = append(all, listenerOf(one))
		}
		if awssdk.ToString(out.NextMarker) == "" {
			break
		}
		in = &elb.DescribeListenersInput{LoadBalancerArn: &loadBalancer, Marker: out.NextMarker}
	}
	tags, err := balancerTags(ctx, ready.elb, all, func(l aws.Listener) string { return l.ARN })
	for i := range all {
		all[i].Tags = tags[all[i].ARN]
	}
	return all, err
}

func listenerOf(l types.Listener) aws.Listener {
	out := aws.Listener{
		ARN: awssdk.ToString(l.ListenerArn), LoadBalancer: awssdk.ToString(l.LoadBalancerArn), Protocol: string(l.Protocol),
		Port: int(awssdk.ToInt32(l.Port)), Policy: awssdk.ToString(l.SslPolicy),
	}
	if len(l.Certificates) > 0 {
		out.Certificate = awssdk.ToString(l.Certificates[0].CertificateArn)
	}
	for _, a := range l.DefaultActions {
		if a.Type == types.ActionTypeEnumRedirect && a.RedirectConfig != nil && awssdk.ToString(a.RedirectConfig.Protocol) == "HTTPS" {
			out.RedirectPort, _ = strconv.Atoi(awssdk.ToString(a.RedirectConfig.Port)) // "#{port}" is none
		}
		if a.Type != types.ActionTypeEnumForward {
			continue
		}
		out.TargetGroup = awssdk.ToString(a.TargetGroupArn)
		if out.TargetGroup == "" && a.ForwardConfig != nil && len(a.ForwardConfig.TargetGroups) == 1 {
			out.TargetGroup = awssdk.ToString(a.ForwardConfig.TargetGroups[0].TargetGroupArn)
		}
	}
	return out
}

// TargetHealth answers how the targets of a group stand, in AWS's order.
func (c *Cloud) TargetHealth(ctx context.Context, t aws.Target, targetGroup string) ([]aws.TargetHealth, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, ready.elb.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: &targetGroup})
	if err != nil {
		return nil, err
	}
	var all []aws.TargetHealth
	for _, one := range out.TargetHealthDescriptions {
		h := aws.TargetHealth{}
		if one.Target != nil {
			h.ID, h.Port = awssdk.ToString(one.Target.Id), int(awssdk.ToInt32(one.Target.Port))
		}
		if one.TargetHealth != nil {
			h.State, h.Reason = aws.TargetState(one.TargetHealth.State), string(one.TargetHealth.Reason)
			h.Description = awssdk.ToString(one.TargetHealth.Description)
		}
		all = append(all, h)
	}
	return all, nil
}

func balancerTagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: awssdk.String(key), Value: awssdk.String(tags[key])})
	}
	return list
}

// bare is a domain name without its last dot, in small letters, its escaped asterisk read.
func bare(name *string) string {
	return strings.ToLower(strings.TrimSuffix(strings.ReplaceAll(awssdk.ToString(name), `\052`, "*"), "."))
}
