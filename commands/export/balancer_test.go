package export

import (
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

func front() region {
	ours := map[string]string{commands.RequestTag: "R-42", "deckhand:alias": "shop.example.com"}
	return region{
		machines: []aws.Instance{{ID: "i-1", Name: "web", ImageID: "ami-1", Tags: ours}},
		balanced: balanced{
			balancers: []aws.LoadBalancer{
				{ARN: "arn:lb", Name: "shop", Type: "application", Scheme: "internet-facing", DNSName: "shop-1.elb.amazonaws.com", HostedZoneID: "ZE", Subnets: []string{"subnet-1", "subnet-2"}, SecurityGroups: []string{"sg-1"}, Tags: ours},
				{ARN: "arn:other", Name: "other", Tags: map[string]string{commands.RequestTag: "R-4"}},
			},
			groups: []aws.TargetGroup{{ARN: "arn:tg", Name: "shop", Protocol: "HTTP", Port: 8080, VPCID: "vpc-1", TargetType: "instance", Health: aws.HealthChecks{Protocol: "HTTP", Path: "/up", Interval: 10, Matcher: "200,301"}, Tags: ours}},
			listeners: []aws.Listener{
				{ARN: "arn:l443", LoadBalancer: "arn:lb", Protocol: "HTTPS", Port: 443, TargetGroup: "arn:tg", Certificate: "arn:cert", Policy: "ELBSecurityPolicy-2016-08", Tags: ours},
				{ARN: "arn:l80", LoadBalancer: "arn:lb", Protocol: "HTTP", Port: 80, RedirectPort: 443, Tags: ours},
				{ARN: "arn:l81", LoadBalancer: "arn:lb", Protocol: "HTTP", Port: 81},
				{ARN: "arn:l9", LoadBalancer: "arn:other", Protocol: "HTTP", Port: 80, TargetGroup: "arn:tg9"},
			},
			targets: map[string][]aws.TargetHealth{"arn:tg": {
				{ID: "i-1", Port: 8080, State: aws.TargetHealthy}, {ID: "i-7", Port: 8080, State: aws.TargetUnhealthy}, {ID: "i-8", Port: 8080, State: aws.TargetDraining},
			}},
			records: []record{{Record: aws.Record{Name: "shop.example.com", Type: "A", AliasName: "shop-1.elb.amazonaws.com", AliasZone: "ZE", Plain: true}}},
		},
	}
}

func TestLoadBalancerAsTerraform(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, front(), "export R-42 --as terraform")
	if err != nil {
		t.Fatal(err)
	}
	text := file(t, report, "r-42.tf")
	whole(t, text, 6, 0)
	for _, want := range []string{
		"to = aws_lb.shop\n  id = \"arn:lb\"", "to = aws_lb_target_group.shop\n  id = \"arn:tg\"", "to = aws_lb_listener.shop_443\n  id = \"arn:l443\"",
		"to = aws_lb_listener.shop_80\n  id = \"arn:l80\"", "to = aws_route53_record.shop\n  id = \"Z1_shop.example.com_A\"",
		"internal = false", `subnets = ["subnet-1", "subnet-2"]`, `security_groups = ["sg-1"]`, "port = 8080", `certificate_arn = "arn:cert"`, `ssl_policy = "ELBSecurityPolicy-2016-08"`,
		"load_balancer_arn = aws_lb.shop.id", "target_group_arn = aws_lb_target_group.shop.id", "target_id = aws_instance.web.id", `target_id = "i-7"`, "cannot be imported",
		"port = \"443\"\n      status_code = \"HTTP_301\"", "name = aws_lb.shop.dns_name\n    zone_id = aws_lb.shop.zone_id\n    evaluate_target_health = false",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for _, never := range []string{"i-8", "arn:other", "arn:l9", "arn:l81", "health_check"} {
		if strings.Contains(text, never) {
			t.Errorf("%q is in\n%s", never, text)
		}
	}
	if words := loosened(report); !strings.Contains(words, "The listener of shop at port 81 is not written") {
		t.Error(words)
	}
}

func TestLoadBalancerAsCloudFormation(t *testing.T) {
	t.Parallel()
	report, err := exportedFrom(t, front(), "export R-42 --as cloudformation")
	if err != nil {
		t.Fatal(err)
	}
	imports, text := formation(t, report, 5)
	got := map[string]string{}
	for _, i := range imports {
		for name, value := range i.ResourceIdentifier {
			got[name+"="+value] = i.LogicalResourceID
		}
	}
	for identifier, name := range map[string]string{
		"LoadBalancerArn=arn:lb": "LoadBalancerShop", "TargetGroupArn=arn:tg": "TargetGroupShop", "ListenerArn=arn:l443": "ListenerShop443", "ListenerArn=arn:l80": "ListenerShop80", "InstanceId=i-1": "InstanceWeb",
	} {
		if got[identifier] != name {
			t.Errorf("%s is %q in %v", identifier, got[identifier], got)
		}
	}
	for _, want := range []string{`"Ref": "LoadBalancerShop"`, `"Ref": "TargetGroupShop"`, `"Ref": "InstanceWeb"`, `"CertificateArn": "arn:cert"`, `"StatusCode": "HTTP_301"`, `"HealthCheckPath": "/up"`, `"Id": "i-7"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if words := loosened(report); !strings.Contains(words, "The record shop.example.com in the zone Z1 is not in the template") {
		t.Error(words)
	}
}

func TestRecordThatIsNotOurs(t *testing.T) {
	t.Parallel()
	moved, zoneless := front(), front()
	moved.balanced.records[0].AliasName, zoneless.zoneless = "elsewhere.example.com", true
	for why, there := range map[string]region{"it does not lead to shop now": moved, "No zone.": zoneless} {
		report, err := exportedFrom(t, there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		if words := loosened(report); !strings.Contains(words, "The record shop.example.com is not written: "+why) || strings.Contains(words, "aws_route53_record") {
			t.Error(words)
		}
	}
}
