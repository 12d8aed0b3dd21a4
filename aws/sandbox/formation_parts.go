package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dnstypes "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// partKinds are the types of resource that the sandbox plays in a stack.
func partKinds() map[string]partKind {
	return map[string]partKind{
		"AWS::EC2::SecurityGroup":                   {create: makeGroup, remove: removeGroup},
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {create: makeBalancer, ready: balancerReady, remove: removeBalancer},
		"AWS::ElasticLoadBalancingV2::TargetGroup":  {create: makeTargets, remove: removeTargetGroup},
		"AWS::ElasticLoadBalancingV2::Listener":     {create: makeListener, remove: removeListener},
		"AWS::EC2::LaunchTemplate":                  {create: makeLaunchTemplate, update: changeLaunchTemplate},
		"AWS::AutoScaling::AutoScalingGroup":        {create: makeScaling, update: changeScaling, ready: scalingReady, remove: removeScaling, gone: scalingGone},
		"AWS::Route53::RecordSet":                   {create: makeRecord, remove: removeRecord},
	}
}

// Properties are read as what YAML makes of them: a number may be a text that holds one.

func textOf(properties map[string]any, key string) string {
	if properties[key] == nil {
		return ""
	}
	return fmt.Sprint(properties[key])
}

func numberOf(properties map[string]any, key string) int32 {
	n, _ := strconv.ParseInt(textOf(properties, key), 10, 32)
	return int32(n)
}

func mapsOf(node any) []map[string]any {
	list, _ := node.([]any)
	var out []map[string]any
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func maybe(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// tags are what CloudFormation puts on a part: its own three, and those of the stack.
func (p *part) tags() map[string]string {
	s := p.stack
	out := map[string]string{"aws:cloudformation:stack-name": s.name, "aws:cloudformation:stack-id": s.id, "aws:cloudformation:logical-id": p.name}
	for _, t := range s.tags {
		out[*t.Key] = awssdk.ToString(t.Value)
	}
	return out
}

func (p *part) ec2Tags() []ec2types.Tag {
	var out []ec2types.Tag
	all := p.tags()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, ec2types.Tag{Key: awssdk.String(key), Value: awssdk.String(all[key])})
	}
	return out
}

func (p *part) elbTags() []elbtypes.Tag {
	var out []elbtypes.Tag
	all := p.tags()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, elbtypes.Tag{Key: awssdk.String(key), Value: awssdk.String(all[key])})
	}
	return out
}

// generated is a physical id as CloudFormation makes one up.
func (p *part) generated() string {
	return p.stack.name + "-" + p.name + "-" + digits(p.stack.id+p.name+p.stack.region.world.id("part"), 12)
}

func makeGroup(p *part, properties map[string]any) error {
	r := p.stack.region
	name := textOf(properties, "GroupName")
	if name == "" {
		name = p.generated()
	}
	out, err := createSecurityGroup(r, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: awssdk.String(textOf(properties, "GroupDescription")), VpcId: maybe(textOf(properties, "VpcId")),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: p.ec2Tags()}},
	})
	if err != nil {
		return err
	}
	p.real, p.attributes = *out.GroupId, map[string]any{"GroupId": *out.GroupId, "VpcId": textOf(properties, "VpcId")}
	var rules []ec2types.IpPermission
	for _, rule := range mapsOf(properties["SecurityGroupIngress"]) {
		one := ec2types.IpPermission{
			IpProtocol: awssdk.String(textOf(rule, "IpProtocol")), FromPort: awssdk.Int32(numberOf(rule, "FromPort")), ToPort: awssdk.Int32(numberOf(rule, "ToPort")),
		}
		description := maybe(textOf(rule, "Description"))
		if group := textOf(rule, "SourceSecurityGroupId"); group != "" {
			one.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: &group, Description: description}}
		} else {
			one.IpRanges = []ec2types.IpRange{{CidrIp: awssdk.String(textOf(rule, "CidrIp")), Description: description}}
		}
		rules = append(rules, one)
	}
	_, err = authorizeIngress(r, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &p.real, IpPermissions: rules})
	return err
}

func removeGroup(p *part) error {
	if _, err := p.stack.region.group(&p.real); err != nil {
		return nil //nolint:nilerr // gone already
	}
	_, err := deleteSecurityGroup(p.stack.region, &ec2.DeleteSecurityGroupInput{GroupId: &p.real})
	return err
}

func makeBalancer(p *part, properties map[string]any) error {
	r := p.stack.region
	name := textOf(properties, "Name")
	if slices.ContainsFunc(r.balancers, func(b *balancer) bool { return *b.LoadBalancerName == name }) {
		return refuse("AlreadyExists", "A load balancer with the same name '"+name+"' exists, but with different settings")
	}
	out, err := createLoadBalancer(r, &elb.CreateLoadBalancerInput{
		Name: &name, Type: elbtypes.LoadBalancerTypeEnum(textOf(properties, "Type")), Scheme: elbtypes.LoadBalancerSchemeEnum(textOf(properties, "Scheme")),
		Subnets: texts(properties["Subnets"]), SecurityGroups: texts(properties["SecurityGroups"]), Tags: p.elbTags(),
	})
	if err != nil {
		return err
	}
	b := out.LoadBalancers[0]
	p.real = *b.LoadBalancerArn
	p.attributes = map[string]any{"DNSName": *b.DNSName, "CanonicalHostedZoneID": *b.CanonicalHostedZoneId, "LoadBalancerName": name}
	return nil
}

func balancerReady(p *part) (bool, error) {
	b, err := p.stack.region.balancer(&p.real)
	if err != nil {
		return false, err
	}
	_, active := b.active(p.stack.region)
	return active, nil
}

func removeBalancer(p *part) error {
	_, err := deleteLoadBalancer(p.stack.region, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &p.real})
	return err
}

func makeTargets(p *part, properties map[string]any) error {
	name := textOf(properties, "Name")
	if slices.ContainsFunc(p.stack.region.targets, func(g *targetGroup) bool { return *g.TargetGroupName == name }) {
		return refuse("AlreadyExists", "A target group with the same name '"+name+"' exists, but with different settings")
	}
	out, err := createTargetGroup(p.stack.region, &elb.CreateTargetGroupInput{
		Name: &name, Protocol: elbtypes.ProtocolEnum(textOf(properties, "Protocol")), Port: awssdk.Int32(numberOf(properties, "Port")),
		VpcId: maybe(textOf(properties, "VpcId")), HealthCheckPath: maybe(textOf(properties, "HealthCheckPath")), Tags: p.elbTags(),
		TargetType: elbtypes.TargetTypeEnum(textOf(properties, "TargetType")),
	})
	if err != nil {
		return err
	}
	p.real = *out.TargetGroups[0].TargetGroupArn
	p.attributes = map[string]any{"TargetGroupArn": p.real, "TargetGroupName": name}
	return nil
}

func removeTargetGroup(p *part) error {
	_, err := deleteTargetGroup(p.stack.region, &elb.DeleteTargetGroupInput{TargetGroupArn: &p.real})
	return err
}

func makeListener(p *part, properties map[string]any) error {
	in := &elb.CreateListenerInput{
		LoadBalancerArn: awssdk.String(textOf(properties, "LoadBalancerArn")), Protocol: elbtypes.ProtocolEnum(textOf(properties, "Protocol")),
		Port: awssdk.Int32(numberOf(properties, "Port")), Tags: p.elbTags(),
	}
	for _, c := range mapsOf(properties["Certificates"]) {
		in.Certificates = append(in.Certificates, elbtypes.Certificate{CertificateArn: awssdk.String(textOf(c, "CertificateArn"))})
	}
	for _, a := range mapsOf(properties["DefaultActions"]) {
		action := elbtypes.Action{Type: elbtypes.ActionTypeEnum(textOf(a, "Type")), TargetGroupArn: maybe(textOf(a, "TargetGroupArn"))}
		if to, ok := a["RedirectConfig"].(map[string]any); ok {
			action.RedirectConfig = &elbtypes.RedirectActionConfig{
				Protocol: maybe(textOf(to, "Protocol")), Port: maybe(textOf(to, "Port")), StatusCode: elbtypes.RedirectActionStatusCodeEnum(textOf(to, "StatusCode")),
			}
		}
		in.DefaultActions = append(in.DefaultActions, action)
	}
	out, err := createListener(p.stack.region, in)
	if err != nil {
		return err
	}
	p.real = *out.Listeners[0].ListenerArn
	p.attributes = map[string]any{"ListenerArn": p.real}
	return nil
}

func removeListener(p *part) error {
	if !slices.ContainsFunc(p.stack.region.listeners, func(l elbtypes.Listener) bool { return *l.ListenerArn == p.real }) {
		return nil
	}
	_, err := deleteListener(p.stack.region, &elb.DeleteListenerInput{ListenerArn: &p.real})
	return err
}

// makeLaunchTemplate keeps the template in the part: its versions are what machines are launched from.
func makeLaunchTemplate(p *part, _ map[string]any) error {
	p.real = p.stack.region.world.id("lt")
	p.attributes = map[string]any{"LaunchTemplateId": p.real, "LatestVersionNumber": "1", "DefaultVersionNumber": "1"}
	return nil
}

func changeLaunchTemplate(p *part, _ map[string]any) error {
	n, _ := strconv.Atoi(fmt.Sprint(p.attributes["LatestVersionNumber"]))
	p.attributes["LatestVersionNumber"] = strconv.Itoa(n + 1)
	return nil
}

func recordOf(properties map[string]any) *dnstypes.ResourceRecordSet {
	set := &dnstypes.ResourceRecordSet{Name: awssdk.String(textOf(properties, "Name")), Type: dnstypes.RRType(textOf(properties, "Type"))}
	if to, ok := properties["AliasTarget"].(map[string]any); ok {
		set.AliasTarget = &dnstypes.AliasTarget{
			DNSName: awssdk.String(textOf(to, "DNSName")), HostedZoneId: awssdk.String(textOf(to, "HostedZoneId")),
			EvaluateTargetHealth: to["EvaluateTargetHealth"] == true,
		}
	}
	return set
}

func makeRecord(p *part, properties map[string]any) error {
	err := p.changeRecord(properties, dnstypes.ChangeActionCreate)
	if err == nil {
		p.real = textOf(properties, "Name")
	}
	return err
}

func removeRecord(p *part) error {
	properties, _, err := p.stack.properties(p)
	if err != nil {
		return err
	}
	return p.changeRecord(properties, dnstypes.ChangeActionDelete)
}

func (p *part) changeRecord(properties map[string]any, action dnstypes.ChangeAction) error {
	_, err := changeRecords(p.stack.region, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: awssdk.String(textOf(properties, "HostedZoneId")),
		ChangeBatch:  &dnstypes.ChangeBatch{Changes: []dnstypes.Change{{Action: action, ResourceRecordSet: recordOf(properties)}}},
	})
	return err
}
