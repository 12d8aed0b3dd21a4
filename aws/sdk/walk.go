package sdk

import (
	"context"
	"strconv"
	"time"

	"deckhand/aws"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// ListenerRules answers the rules of a listener in AWS's order, the default one among them.
func (c *Cloud) ListenerRules(ctx context.Context, t aws.Target, listener string) ([]aws.ListenerRule, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.ListenerRule
	err = each(func(marker *string) (*elb.DescribeRulesOutput, error) {
		return ask(ctx, ready.elb.DescribeRules, &elb.DescribeRulesInput{ListenerArn: &listener, Marker: marker})
	}, func(out *elb.DescribeRulesOutput) *string {
		for _, r := range out.Rules {
			all = append(all, ruleOf(r))
		}
		return out.NextMarker
	})
	return all, err
}

func ruleOf(r elbtypes.Rule) aws.ListenerRule {
	out := aws.ListenerRule{ARN: awssdk.ToString(r.RuleArn), Priority: awssdk.ToString(r.Priority)}
	for _, condition := range r.Conditions {
		switch {
		case condition.HostHeaderConfig != nil && len(condition.HostHeaderConfig.Values) > 0:
			out.Hosts = append(out.Hosts, condition.HostHeaderConfig.Values...)
		case condition.PathPatternConfig != nil && len(condition.PathPatternConfig.Values) > 0:
			out.Paths = append(out.Paths, condition.PathPatternConfig.Values...)
		case awssdk.ToString(condition.Field) == "host-header" && len(condition.Values) > 0:
			out.Hosts = append(out.Hosts, condition.Values...)
		case awssdk.ToString(condition.Field) == "path-pattern" && len(condition.Values) > 0:
			out.Paths = append(out.Paths, condition.Values...)
		default:
			out.Other = true
		}
	}
	for _, action := range r.Actions {
		out.Action = string(action.Type)
		if action.FixedResponseConfig != nil {
			out.Status = awssdk.ToString(action.FixedResponseConfig.StatusCode)
		}
		if action.ForwardConfig == nil || len(action.ForwardConfig.TargetGroups) == 0 {
			if arn := awssdk.ToString(action.TargetGroupArn); arn != "" {
				out.TargetGroups = append(out.TargetGroups, arn)
			}
			continue
		}
		for _, group := range action.ForwardConfig.TargetGroups {
			if group.Weight == nil || *group.Weight > 0 {
				out.TargetGroups = append(out.TargetGroups, awssdk.ToString(group.TargetGroupArn))
			}
		}
	}
	return out
}

// NetworkACLs answers the network ACLs of a VPC.
func (c *Cloud) NetworkACLs(ctx context.Context, t aws.Target, vpc string) ([]aws.NetworkACL, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	var all []aws.NetworkACL
	err = each(func(token *string) (*ec2.DescribeNetworkAclsOutput, error) {
		return ask(ctx, ready.ec2.DescribeNetworkAcls, &ec2.DescribeNetworkAclsInput{Filters: inVPC(vpc), NextToken: token})
	}, func(out *ec2.DescribeNetworkAclsOutput) *string {
		for _, a := range out.NetworkAcls {
			if vpc == "" || awssdk.ToString(a.VpcId) == vpc {
				all = append(all, aclOf(a))
			}
		}
		return out.NextToken
	})
	return all, err
}

func aclOf(a types.NetworkAcl) aws.NetworkACL {
	out := aws.NetworkACL{ID: awssdk.ToString(a.NetworkAclId)}
	for _, s := range a.Associations {
		out.Subnets = append(out.Subnets, awssdk.ToString(s.SubnetId))
	}
	for _, e := range a.Entries {
		one := aws.ACLEntry{
			Number: int(awssdk.ToInt32(e.RuleNumber)), Egress: awssdk.ToBool(e.Egress), Allow: e.RuleAction == types.RuleActionAllow,
			Protocol: awssdk.ToString(e.Protocol), Peer: awssdk.ToString(e.CidrBlock) + awssdk.ToString(e.Ipv6CidrBlock),
		}
		if e.PortRange != nil {
			one.From, one.To = int(awssdk.ToInt32(e.PortRange.From)), int(awssdk.ToInt32(e.PortRange.To))
		}
		out.Entries = append(out.Entries, one)
	}
	return out
}

// RouteTables answers the route tables of a VPC.
func (c *Cloud) RouteTables(ctx context.Context, t aws.Target, vpc string) ([]aws.RouteTable, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return nil, err
	}
	return tables(ctx, ready.ec2, vpc)
}

// FunctionErrors answers how often a function was invoked since a time, and how often that failed, as CloudWatch has counted until now.
func (c *Cloud) FunctionErrors(ctx context.Context, t aws.Target, function string, from, to time.Time) (aws.FunctionErrors, error) {
	return c.functionErrors(ctx, t, from, to, cwtypes.Dimension{Name: awssdk.String("FunctionName"), Value: &function})
}

// VersionErrors is FunctionErrors of one version, as far as it was invoked through an alias.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
func (c *Cloud) VersionErrors(ctx context.Context, t aws.Target, function, alias, version string, from, to time.Time) (aws.FunctionErrors, error) {
	return c.functionErrors(ctx, t, from, to,
		cwtypes.Dimension{Name: awssdk.String("FunctionName"), Value: &function},
		cwtypes.Dimension{Name: awssdk.String("Resource"), Value: awssdk.String(function + ":" + alias)},
		cwtypes.Dimension{Name: awssdk.String("ExecutedVersion"), Value: &version})
}

func (c *Cloud) functionErrors(ctx context.Context, t aws.Target, from, to time.Time, dimensions ...cwtypes.Dimension) (aws.FunctionErrors, error) {
	ready, _, err := c.at(t)
	if err != nil {
		return aws.FunctionErrors{}, err
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to}
	names := []string{"Invocations", "Errors"}
	for i, name := range names {
		in.MetricDataQueries = append(in.MetricDataQueries, cwtypes.MetricDataQuery{Id: awssdk.String("m" + strconv.Itoa(i)), MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{
				Namespace: awssdk.String("AWS/Lambda"), MetricName: awssdk.String(name), Dimensions: dimensions,
			},
			Period: awssdk.Int32(60), Stat: awssdk.String("Sum"),
		}})
	}
	sums := map[string]float64{}
	err = each(func(token *string) (*cloudwatch.GetMetricDataOutput, error) {
		page := *in
		page.NextToken = token
		return ask(ctx, ready.metrics.GetMetricData, &page)
	}, func(out *cloudwatch.GetMetricDataOutput) *string {
		for _, r := range out.MetricDataResults {
			for _, value := range r.Values {
				sums[awssdk.ToString(r.Id)] += value
			}
		}
		return out.NextToken
	})
	return aws.FunctionErrors{Invocations: int(sums["m0"]), Errors: int(sums["m1"])}, err
}
