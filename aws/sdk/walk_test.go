package sdk_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

func TestTheWayToATargetCanBeRead(t *testing.T) {
	play(t, func(t *testing.T, _ *sandbox.World, c *sdk.Cloud) {
		ctx := t.Context()
		b, g, _ := balanced(t, c)
		listeners, err := c.Listeners(ctx, here, b.ARN)
		must(t, err)
		rules, err := c.ListenerRules(ctx, here, listeners[0].ARN)
		must(t, err)
		if len(rules) != 1 || rules[0].Priority != "default" || rules[0].Action != "forward" || !slices.Equal(rules[0].TargetGroups, []string{g.ARN}) {
			t.Errorf("rules %+v", rules)
		}
		_, err = c.ListenerRules(ctx, here, "arn:nothing")
		wantError(t, err, "not_found", "")
		acls, err := c.NetworkACLs(ctx, here, b.VPCID)
		must(t, err)
		if len(acls) != 1 || !slices.Contains(acls[0].Subnets, firstSubnet) || len(acls[0].Entries) != 4 {
			t.Errorf("network ACLs %+v", acls)
		}
		tables, err := c.RouteTables(ctx, here, b.VPCID)
		must(t, err)
		if len(tables) != 1 || !tables[0].Main {
			t.Errorf("route tables %+v", tables)
		}
		now := time.Now()
		count, err := c.FunctionErrors(ctx, here, "counter", now.Add(-15*time.Minute), now)
		must(t, err)
		if count != (aws.FunctionErrors{}) {
			t.Errorf("invocations %+v", count)
		}
	})
}

func TestRulesAndNetworkACLsAsAWSWritesThem(t *testing.T) {
	t.Parallel()
	_, c := wired(t, map[string]http.HandlerFunc{
		"DescribeRules": xml(`<DescribeRulesResponse><DescribeRulesResult><Rules>
			<member><RuleArn>arn:r1</RuleArn><Priority>10</Priority><IsDefault>false</IsDefault>
				<Conditions><member><Field>path-pattern</Field><Values><member>/api/*</member></Values><PathPatternConfig><Values><member>/api/*</member></Values></PathPatternConfig></member>
				<member><Field>host-header</Field><HostHeaderConfig><Values><member>*.example.com</member></Values></HostHeaderConfig></member></Conditions>
				<Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>
					<member><TargetGroupArn>arn:a</TargetGroupArn><Weight>0</Weight></member><member><TargetGroupArn>arn:b</TargetGroupArn><Weight>5</Weight></member>
				</TargetGroups></ForwardConfig></member></Actions></member>
			<member><RuleArn>arn:r2</RuleArn><Priority>20</Priority><IsDefault>false</IsDefault>
				<Conditions><member><Field>source-ip</Field><SourceIpConfig><Values><member>192.0.2.0/24</member></Values></SourceIpConfig></member></Conditions>
				<Actions><member><Type>fixed-response</Type><FixedResponseConfig><StatusCode>503</StatusCode></FixedResponseConfig></member></Actions></member>
			<member><RuleArn>arn:r3</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault>
				<Actions><member><Type>forward</Type><TargetGroupArn>arn:c</TargetGroupArn></member></Actions></member>
			</Rules></DescribeRulesResult></DescribeRulesResponse>`),
		"DescribeNetworkAcls": xml(`<DescribeNetworkAclsResponse><networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId>
			<associationSet><item><subnetId>subnet-a</subnetId></item></associationSet>
			<entrySet><item><ruleNumber>90</ruleNumber><protocol>6</protocol><ruleAction>deny</ruleAction><egress>false</egress><cidrBlock>0.0.0.0/0</cidrBlock><portRange><from>80</from><to>443</to></portRange></item>
			<item><ruleNumber>100</ruleNumber><protocol>-1</protocol><ruleAction>allow</ruleAction><egress>true</egress><ipv6CidrBlock>::/0</ipv6CidrBlock></item></entrySet>
			</item></networkAclSet></DescribeNetworkAclsResponse>`),
	})
	rules, err := c.ListenerRules(t.Context(), here, "arn:listener")
	must(t, err)
	want := []aws.ListenerRule{
		{ARN: "arn:r1", Priority: "10", Hosts: []string{"*.example.com"}, Paths: []string{"/api/*"}, Action: "forward", TargetGroups: []string{"arn:b"}},
		{ARN: "arn:r2", Priority: "20", Other: true, Action: "fixed-response", Status: "503"},
		{ARN: "arn:r3", Priority: "default", Action: "forward", TargetGroups: []string{"arn:c"}},
	}
	if !reflect.DeepEqual(rules, want) {
		t.Errorf("got  %+v\nwant %+v", rules, want)
	}
	acls, err := c.NetworkACLs(t.Context(), here, "vpc-1")
	must(t, err)
	list := []aws.NetworkACL{{ID: "acl-1", Subnets: []string{"subnet-a"}, Entries: []aws.ACLEntry{
		{Number: 90, Protocol: "6", From: 80, To: 443, Peer: "0.0.0.0/0"}, {Number: 100, Egress: true, Allow: true, Protocol: "-1", Peer: "::/0"},
	}}}
	if !reflect.DeepEqual(acls, list) {
		t.Errorf("got  %+v\nwant %+v", acls, list)
	}
}
