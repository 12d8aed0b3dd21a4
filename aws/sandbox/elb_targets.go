package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

type (
	ec2Group   = ec2types.SecurityGroup
	ec2Gateway = ec2types.InternetGateway
)

// subnet answers the subnet with this id.
func (r *region) subnet(id string) (ec2types.Subnet, bool) {
	at := slices.IndexFunc(r.subnets, func(s ec2types.Subnet) bool { return *s.SubnetId == id })
	if at < 0 {
		return ec2types.Subnet{}, false
	}
	return r.subnets[at], true
}

type targetGroup struct {
	types.TargetGroup
	members []member
}

// member is one target of a group.
type member struct {
	id       string
	port     int32
	since    time.Time // registered
	draining time.Time // deregistered; zero: not
}

func createTargetGroup(r *region, in *elb.CreateTargetGroupInput) (*elb.CreateTargetGroupOutput, error) {
	kind := in.TargetType
	if kind == "" {
		kind = types.TargetTypeEnumInstance
	}
	if err := checkName("target group", *in.Name); err != nil {
		return nil, err
	}
	switch {
	case kind != types.TargetTypeEnumInstance:
		return nil, refuse("ValidationError", "The sandbox keeps target groups of instances alone.")
	case in.Protocol == "":
		return nil, refuse("ValidationError", "A protocol must be specified")
	case in.Port == nil || *in.Port < 1 || *in.Port > 65535:
		return nil, refuse("ValidationError", "A port must be specified")
	case !slices.ContainsFunc(r.vpcs, func(v ec2types.Vpc) bool { return *v.VpcId == awssdk.ToString(in.VpcId) }):
		return nil, refuse("ValidationError", "The VPC ID '"+awssdk.ToString(in.VpcId)+"' is not found")
	}
	g := &targetGroup{}
	g.TargetGroup = types.TargetGroup{
		TargetGroupName: in.Name, Protocol: in.Protocol, Port: in.Port, VpcId: in.VpcId, TargetType: kind,
		HealthCheckProtocol: in.HealthCheckProtocol, HealthCheckPath: in.HealthCheckPath, HealthCheckEnabled: awssdk.Bool(true),
		HealthCheckPort: cmp.Or(in.HealthCheckPort, awssdk.String("traffic-port")), Matcher: in.Matcher,
		HealthCheckIntervalSeconds: cmp.Or(in.HealthCheckIntervalSeconds, awssdk.Int32(30)), HealthCheckTimeoutSeconds: in.HealthCheckTimeoutSeconds,
		HealthyThresholdCount: cmp.Or(in.HealthyThresholdCount, awssdk.Int32(5)), UnhealthyThresholdCount: cmp.Or(in.UnhealthyThresholdCount, awssdk.Int32(2)),
		IpAddressType: types.TargetGroupIpAddressTypeEnumIpv4,
	}
	layer7 := in.Protocol == types.ProtocolEnumHttp || in.Protocol == types.ProtocolEnumHttps
	if g.HealthCheckProtocol == "" {
		g.HealthCheckProtocol = types.ProtocolEnumTcp
		if layer7 {
			g.HealthCheckProtocol = types.ProtocolEnumHttp
		}
	}
	g.HealthCheckTimeoutSeconds = cmp.Or(g.HealthCheckTimeoutSeconds, awssdk.Int32(map[bool]int32{true: 6, false: 10}[layer7]))
	if layer7 && g.Matcher == nil {
		g.Matcher = &types.Matcher{HttpCode: awssdk.String("200")}
	}
	if g.HealthCheckPath == nil && strings.HasPrefix(string(g.HealthCheckProtocol), "HTTP") {
		g.HealthCheckPath = awssdk.String("/")
	}
	for _, there := range r.targets {
		if *there.TargetGroupName != *in.Name {
			continue
		}
		if there.Protocol != g.Protocol || *there.Port != *g.Port || *there.VpcId != *g.VpcId || there.HealthCheckProtocol != g.HealthCheckProtocol ||
			awssdk.ToString(there.HealthCheckPath) != awssdk.ToString(g.HealthCheckPath) {
			return nil, refuse("DuplicateTargetGroupName", "A target group with the same name '"+*in.Name+"' exists, but with different settings")
		}
		return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{r.groupNow(there)}}, nil
	}
	r.world.issued++
	g.TargetGroupArn = awssdk.String(r.elbARN("targetgroup/" + *in.Name + "/" + digits(r.world.id("tg"), 16)))
	r.targets = append(r.targets, g)
	r.tag(*g.TargetGroupArn, in.Tags)
	return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{r.groupNow(g)}}, nil
}

// groupNow is a target group as AWS shows it: with the load balancers whose listeners lead to it.
func (r *region) groupNow(g *targetGroup) types.TargetGroup {
	out := g.TargetGroup
	out.LoadBalancerArns = nil
	for _, l := range r.listeners {
		if forwardsTo(l) == *g.TargetGroupArn && !slices.Contains(out.LoadBalancerArns, *l.LoadBalancerArn) {
			out.LoadBalancerArns = append(out.LoadBalancerArns, *l.LoadBalancerArn)
		}
	}
	return out
}

func forwardsTo(l types.Listener) string {
	for _, a := range l.DefaultActions {
		if a.Type == types.ActionTypeEnumForward {
			return awssdk.ToString(a.TargetGroupArn)
		}
	}
	return ""
}

func (r *region) targetGroup(arn *string) (*targetGroup, error) {
	for _, g := range r.targets {
		if *g.TargetGroupArn == awssdk.ToString(arn) {
			return g, nil
		}
	}
	return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
}

func describeTargetGroups(r *region, in *elb.DescribeTargetGroupsInput) (*elb.DescribeTargetGroupsOutput, error) {
	if in.LoadBalancerArn != nil {
		if _, err := r.balancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
	}
	var kept []types.TargetGroup
	for _, g := range r.targets {
		now := r.groupNow(g)
		if among(in.Names, g.TargetGroupName) && among(in.TargetGroupArns, g.TargetGroupArn) &&
			(in.LoadBalancerArn == nil || slices.Contains(now.LoadBalancerArns, *in.LoadBalancerArn)) {
			kept = append(kept, now)
		}
	}
	if len(kept) < len(in.Names)+len(in.TargetGroupArns) {
		return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
	}
	out := &elb.DescribeTargetGroupsOutput{}
	var err error
	out.TargetGroups, out.NextMarker, err = page(kept, in.Marker, in.PageSize)
	return out, err
}

func describeTargetGroupAttributes(r *region, in *elb.DescribeTargetGroupAttributesInput) (*elb.DescribeTargetGroupAttributesOutput, error) {
	if _, err := r.targetGroup(in.TargetGroupArn); err != nil {
		return nil, err
	}
	return &elb.DescribeTargetGroupAttributesOutput{Attributes: []types.TargetGroupAttribute{
		{Key: awssdk.String("deregistration_delay.timeout_seconds"), Value: awssdk.String("300")},
		{Key: awssdk.String("stickiness.enabled"), Value: awssdk.String("false")},
	}}, nil
}

func deleteTargetGroup(r *region, in *elb.DeleteTargetGroupInput) (*elb.DeleteTargetGroupOutput, error) {
	for _, l := range r.listeners {
		if forwardsTo(l) == *in.TargetGroupArn {
			return nil, refuse("ResourceInUse", "Target group '"+*in.TargetGroupArn+"' is currently in use by a listener or a rule")
		}
	}
	r.targets = slices.DeleteFunc(r.targets, func(g *targetGroup) bool { return *g.TargetGroupArn == *in.TargetGroupArn })
	delete(r.tags, *in.TargetGroupArn)
	return &elb.DeleteTargetGroupOutput{}, nil
}

func registerTargets(r *region, in *elb.RegisterTargetsInput) (*elb.RegisterTargetsOutput, error) {
	g, err := r.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	var add []member
	for _, t := range in.Targets {
		m := member{id: *t.Id, port: *g.Port, since: r.now()}
		if t.Port != nil {
			m.port = *t.Port
		}
		list, err := r.named([]string{m.id})
		switch {
		case err != nil:
			return nil, refuse("InvalidTarget", "The following targets do not exist: '"+m.id+"'")
		case !list[0].is(running):
			return nil, refuse("InvalidTarget", "The following targets are not in a running state and cannot be registered: '"+m.id+"'")
		case awssdk.ToString(list[0].VpcId) != *g.VpcId:
			return nil, refuse("InvalidTarget", "The following targets are not in the target group VPC '"+*g.VpcId+"': '"+m.id+"'")
		}
		add = append(add, m)
	}
	members := slices.Clone(g.members)
	for _, m := range add {
		at := slices.IndexFunc(members, func(there member) bool { return there.id == m.id && there.port == m.port })
		switch {
		case at < 0:
			members = append(members, m)
		case !members[at].draining.IsZero():
			members[at] = m
		}
	}
	g.members = members
	return &elb.RegisterTargetsOutput{}, nil
}

func deregisterTargets(r *region, in *elb.DeregisterTargetsInput) (*elb.DeregisterTargetsOutput, error) {
	g, err := r.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	members := slices.Clone(g.members)
	for i, m := range members {
		for _, t := range in.Targets {
			if m.id == *t.Id && *orElse(t.Port, *g.Port) == m.port && m.draining.IsZero() {
				members[i].draining = r.now()
			}
		}
	}
	g.members = members
	return &elb.DeregisterTargetsOutput{}, nil
}

// present answers the members that are still there: drained ones and those whose instance is terminated are not.
func (g *targetGroup) present(r *region) []member {
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(m member) bool {
		drained := !m.draining.IsZero() && r.now().Sub(m.draining) >= r.world.options.Settle
		list, err := r.named([]string{m.id})
		return drained || err != nil || list[0].is(terminated)
	})
	return g.members
}

func describeTargetHealth(r *region, in *elb.DescribeTargetHealthInput) (*elb.DescribeTargetHealthOutput, error) {
	g, err := r.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeTargetHealthOutput{}
	describe := func(m member, h *types.TargetHealth) {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
			Target: &types.TargetDescription{Id: awssdk.String(m.id), Port: awssdk.Int32(m.port)}, TargetHealth: h,
			HealthCheckPort: awssdk.String("80"),
		})
	}
	present := g.present(r)
	for _, m := range present {
		if len(in.Targets) == 0 || slices.ContainsFunc(in.Targets, func(t types.TargetDescription) bool { return *t.Id == m.id }) {
			describe(m, r.healthOf(g, m))
		}
	}
	for _, t := range in.Targets {
		if !slices.ContainsFunc(present, func(m member) bool { return m.id == *t.Id }) {
			describe(member{id: *t.Id, port: *g.Port}, health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotRegistered, "Target is not registered to the target group"))
		}
	}
	return out, nil
}

func health(state types.TargetHealthStateEnum, reason types.TargetHealthReasonEnum, description string) *types.TargetHealth {
	return &types.TargetHealth{State: state, Reason: reason, Description: &description}
}

// healthOf is the health of a registered target.
func (r *region) healthOf(g *targetGroup, m member) *types.TargetHealth {
	list, err := r.named([]string{m.id})
	if err != nil {
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotRegistered, "Target is not registered to the target group")
	}
	one := list[0]
	if !m.draining.IsZero() {
		return health(types.TargetHealthStateEnumDraining, types.TargetHealthReasonEnumDeregistrationInProgress, "Target deregistration is in progress")
	}
	now := r.groupNow(g)
	if len(now.LoadBalancerArns) == 0 {
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse, "Target group is not configured to receive traffic from the load balancer")
	}
	b, err := r.balancer(&now.LoadBalancerArns[0])
	if err != nil {
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse, "Target group is not configured to receive traffic from the load balancer")
	}
	if !slices.ContainsFunc(b.AvailabilityZones, func(z types.AvailabilityZone) bool { return *z.ZoneName == *one.Placement.AvailabilityZone }) {
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse, "Target is in an Availability Zone that is not enabled for the load balancer")
	}
	if !one.is(running) {
		return health(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumInvalidState, "Target is in the "+string(one.State.Name)+" state")
	}
	since, active := b.active(r)
	if !active {
		return health(types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumRegistrationInProgress, "Target registration is in progress")
	}
	for _, t := range []time.Time{m.since, one.since} {
		if t.After(since) {
			since = t
		}
	}
	if r.now().Sub(since) < r.world.options.Settle {
		return health(types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumInitialHealthChecking, "Initial health checks in progress")
	}
	if !r.reaches(b, one, m.port) {
		return health(types.TargetHealthStateEnumUnhealthy, types.TargetHealthReasonEnumTimeout, "Request timed out")
	}
	if awssdk.ToString(one.ImageId) == silentImage {
		return health(types.TargetHealthStateEnumUnhealthy, types.TargetHealthReasonEnumFailedHealthChecks, "Health checks failed")
	}
	return &types.TargetHealth{State: types.TargetHealthStateEnumHealthy}
}
