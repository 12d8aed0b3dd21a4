package sdk

import (
	"context"
	"slices"
	"strconv"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS documents the calls that make load balancers, target groups and listeners, and those that register, deregister and
// delete, as idempotent: the same settings again answer what is there, and what is gone stays gone. So they may be repeated; what
// was made is looked for first all the same.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html

// CreateLoadBalancer makes a load balancer and returns while it is provisioning. The same settings again answer the same one; the
// same name with others is refused.
func (c *Cloud) CreateLoadBalancer(ctx context.Context, t aws.Target, n aws.NewLoadBalancer) (aws.LoadBalancer, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.LoadBalancer{}, err
	}
	out, err := sought(ctx, ready.elb.CreateLoadBalancer, &elb.CreateLoadBalancerInput{
		Name: &n.Name, Type: types.LoadBalancerTypeEnum(n.Type), Scheme: types.LoadBalancerSchemeEnum(n.Scheme),
		Subnets: n.Subnets, SecurityGroups: n.SecurityGroups, Tags: balancerTagList(n.Tags),
	})
	if err != nil {
		return aws.LoadBalancer{}, err
	}
	if len(out.LoadBalancers) != 1 {
		return aws.LoadBalancer{}, unread("CreateLoadBalancer", "`lb list` shows whether it is there.")
	}
	made := loadBalancerOf(out.LoadBalancers[0])
	made.Tags = n.Tags
	shown(ctx, c, ready.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{made.ARN}})
	return made, nil
}

// optionalNumber is a number of a request; nothing for 0.
func optionalNumber(n int) *int32 {
	if n == 0 {
		return nil
	}
	return awssdk.Int32(int32(n)) //nolint:gosec // bounded by the command
}

// unread is the error for an answer that does not hold what it should, after a change that happened.
func unread(operation, hint string) error {
	return &Error{
		Operation: operation, kind: kindUncertain,
		message: "AWS took " + naming(operation) + ", and its answer does not say what was made.", hint: hint,
	}
}

// CreateTargetGroup makes a target group of instances; see CreateLoadBalancer.
func (c *Cloud) CreateTargetGroup(ctx context.Context, t aws.Target, g aws.TargetGroup) (aws.TargetGroup, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.TargetGroup{}, err
	}
	h := g.Health
	in := &elb.CreateTargetGroupInput{
		Name: &g.Name, Protocol: types.ProtocolEnum(g.Protocol), Port: awssdk.Int32(int32(g.Port)), VpcId: optional(g.VPCID),
		TargetType: types.TargetTypeEnum(g.TargetType), Tags: balancerTagList(g.Tags),
		HealthCheckProtocol: types.ProtocolEnum(h.Protocol), HealthCheckPath: optional(h.Path), HealthCheckPort: optional(h.Port),
		HealthCheckIntervalSeconds: optionalNumber(h.Interval), HealthCheckTimeoutSeconds: optionalNumber(h.Timeout),
		HealthyThresholdCount: optionalNumber(h.Healthy), UnhealthyThresholdCount: optionalNumber(h.Unhealthy),
	}
	if h.Matcher != "" {
		in.Matcher = &types.Matcher{HttpCode: &h.Matcher}
	}
	out, err := sought(ctx, ready.elb.CreateTargetGroup, in)
	if err != nil {
		return aws.TargetGroup{}, err
	}
	if len(out.TargetGroups) != 1 {
		return aws.TargetGroup{}, unread("CreateTargetGroup", "Look at the target groups in AWS before trying again.")
	}
	made := targetGroupOf(out.TargetGroups[0])
	made.Tags = g.Tags
	shown(ctx, c, ready.elb.DescribeTargetGroups, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{made.ARN}})
	return made, nil
}

// CreateListener makes a listener that forwards to its target group, or redirects, path and query kept; see CreateLoadBalancer.
func (c *Cloud) CreateListener(ctx context.Context, t aws.Target, l aws.Listener) (aws.Listener, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.Listener{}, err
	}
	action := types.Action{Type: types.ActionTypeEnumForward, TargetGroupArn: &l.TargetGroup}
	if l.RedirectPort > 0 {
		action = types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
			Protocol: awssdk.String("HTTPS"), Port: awssdk.String(strconv.Itoa(l.RedirectPort)), StatusCode: types.RedirectActionStatusCodeEnumHttp301,
		}}
	}
	in := &elb.CreateListenerInput{
		LoadBalancerArn: &l.LoadBalancer, Protocol: types.ProtocolEnum(l.Protocol), Port: awssdk.Int32(int32(l.Port)),
		DefaultActions: []types.Action{action}, Tags: balancerTagList(l.Tags),
	}
	if l.Certificate != "" {
		in.Certificates = []types.Certificate{{CertificateArn: &l.Certificate}}
	}
	out, err := soon(ctx, c, sought, ready.elb.CreateListener, in)
	if err != nil {
		return aws.Listener{}, err
	}
	if len(out.Listeners) != 1 {
		return aws.Listener{}, unread("CreateListener", "`lb show` shows whether it is there.")
	}
	made := listenerOf(out.Listeners[0])
	made.Tags = l.Tags
	return made, nil
}

func targetsOf(ids []string, port int) []types.TargetDescription {
	targets := make([]types.TargetDescription, len(ids))
	for i, id := range ids {
		targets[i] = types.TargetDescription{Id: awssdk.String(id)}
		if port > 0 {
			targets[i].Port = awssdk.Int32(int32(port))
		}
	}
	return targets
}

// RegisterTargets puts instances into a target group, at a port of their own or at the group's (0).
func (c *Cloud) RegisterTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, port int) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = soon(ctx, c, repeat, ready.elb.RegisterTargets, &elb.RegisterTargetsInput{TargetGroupArn: &targetGroup, Targets: targetsOf(ids, port)})
	return err
}

// DeregisterTargets takes targets out of a group; they drain first. A port of 0 means every port of the instance: AWS takes out only what is
// named with the port that it was registered at.
func (c *Cloud) DeregisterTargets(ctx context.Context, t aws.Target, targetGroup string, ids []string, port int) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	targets := targetsOf(ids, port)
	if port == 0 {
		seen, err := c.TargetHealth(ctx, t, targetGroup)
		if err != nil {
			return err
		}
		targets = nil
		for _, h := range seen {
			if slices.Contains(ids, h.ID) && h.State != aws.TargetDraining {
				targets = append(targets, targetsOf([]string{h.ID}, h.Port)...)
			}
		}
		if len(targets) == 0 {
			return nil // they are leaving, or gone
		}
	}
	_, err = repeat(ctx, ready.elb.DeregisterTargets, &elb.DeregisterTargetsInput{TargetGroupArn: &targetGroup, Targets: targets})
	if codeOf(err) == "InvalidTarget" {
		// Where an answer was lost, the second call may find nobody there.
		if seen, lookErr := c.TargetHealth(ctx, t, targetGroup); lookErr == nil && !slices.ContainsFunc(seen, func(h aws.TargetHealth) bool {
			return slices.Contains(ids, h.ID) && (port == 0 || port == h.Port) && h.State != aws.TargetDraining && h.Reason != "Target.NotRegistered"
		}) {
			return nil
		}
	}
	return err
}

// DrainTime is how long AWS keeps a deregistered target draining, in seconds.
func (c *Cloud) DrainTime(ctx context.Context, t aws.Target, targetGroup string) (int, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return 0, err
	}
	out, err := ask(ctx, ready.elb.DescribeTargetGroupAttributes, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &targetGroup})
	if err != nil {
		return 0, err
	}
	for _, a := range out.Attributes {
		if awssdk.ToString(a.Key) == "deregistration_delay.timeout_seconds" {
			return strconv.Atoi(awssdk.ToString(a.Value))
		}
	}
	return 300, nil // AWS's default
}

// BalancerProtected tells whether AWS would refuse to delete a load balancer, because its protection is switched on.
func (c *Cloud) BalancerProtected(ctx context.Context, t aws.Target, arn string) (bool, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return false, err
	}
	out, err := ask(ctx, ready.elb.DescribeLoadBalancerAttributes, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	if err != nil {
		return false, err
	}
	for _, a := range out.Attributes {
		if awssdk.ToString(a.Key) == "deletion_protection.enabled" {
			return awssdk.ToString(a.Value) == "true", nil
		}
	}
	return false, nil
}

// DeleteListener deletes a listener; one that is gone is no error.
func (c *Cloud) DeleteListener(ctx context.Context, t aws.Target, arn string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.elb.DeleteListener, &elb.DeleteListenerInput{ListenerArn: &arn})
	return unless(err, "ListenerNotFound")
}

// DeleteLoadBalancer deletes a load balancer with its listeners; one that is gone is no error.
func (c *Cloud) DeleteLoadBalancer(ctx context.Context, t aws.Target, arn string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	_, err = repeat(ctx, ready.elb.DeleteLoadBalancer, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
	return unless(err, "LoadBalancerNotFound")
}

// DeleteTargetGroup deletes a target group that no listener uses any more; one that is gone is no error. AWS may go on for some
// seconds to say that a deleted load balancer uses it, so such a refusal is tried again until the context ends.
func (c *Cloud) DeleteTargetGroup(ctx context.Context, t aws.Target, arn string) error {
	ready, _, err := c.at(t)
	if err != nil {
		return err
	}
	return c.letGo(ctx, "ResourceInUse", func() error {
		_, err := repeat(ctx, ready.elb.DeleteTargetGroup, &elb.DeleteTargetGroupInput{TargetGroupArn: &arn})
		return unless(err, "TargetGroupNotFound")
	})
}

// unless forgets an error of AWS that has one of these codes.
func unless(err error, codes ...string) error {
	have := codeOf(err)
	for _, code := range codes {
		if have == code {
			return nil
		}
	}
	return err
}
