package export

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/lb"
)

// balanced are the load balancers and what belongs to them.
type balanced struct {
	balancers []aws.LoadBalancer
	groups    []aws.TargetGroup
	listeners []aws.Listener
	targets   map[string][]aws.TargetHealth // by target group; those that leave are not among them
	records   []record
	notes     []string // what is there and cannot be written
}

// record is an alias that leads to a load balancer.
type record struct {
	aws.Record
	zone, balancer string
}

func (c *Export) balanced(ctx context.Context, t aws.Target, by maker) (balanced, error) {
	out := balanced{targets: map[string][]aws.TargetHealth{}}
	var err error
	if out.balancers, err = c.cloud.LoadBalancers(ctx, t, aws.LoadBalancerQuery{}); err != nil {
		return out, err
	}
	if out.groups, err = c.cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{}); err != nil {
		return out, err
	}
	by.sift(&out.balancers, &out.groups)
	for _, g := range out.groups {
		seen, err := c.cloud.TargetHealth(ctx, t, g.ARN)
		if err != nil {
			return out, err
		}
		out.targets[g.ARN] = slices.DeleteFunc(seen, func(h aws.TargetHealth) bool {
			return h.State == aws.TargetDraining || h.Reason == "Target.NotRegistered"
		})
	}
	for _, b := range out.balancers {
		if err := c.listening(ctx, t, b, &out); err != nil {
			return out, err
		}
		if err := c.named(ctx, t, b, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// listening adds the listeners of a load balancer that can be written.
func (c *Export) listening(ctx context.Context, t aws.Target, b aws.LoadBalancer, out *balanced) error {
	all, err := c.cloud.Listeners(ctx, t, b.ARN)
	for _, l := range all {
		if l.TargetGroup == "" && l.RedirectPort == 0 {
			out.notes = append(out.notes, fmt.Sprintf("The listener of %s at port %d is not written: it neither forwards to one target group nor redirects to HTTPS.", b.Name, l.Port))
			continue
		}
		out.listeners = append(out.listeners, l)
	}
	return err
}

// named adds the record that was made to lead to a load balancer. Where it cannot be looked up, that is a note.
func (c *Export) named(ctx context.Context, t aws.Target, b aws.LoadBalancer, out *balanced) error {
	name := lb.AliasOf(b)
	if name == "" {
		return nil
	}
	zone, err := c.cloud.HostedZone(ctx, t, name)
	var there []aws.Record
	if err == nil {
		there, err = c.cloud.Records(ctx, t, zone.ID, name)
	}
	at := slices.IndexFunc(there, func(r aws.Record) bool {
		return r.Type == "A" && r.Plain && strings.EqualFold(strings.TrimPrefix(r.AliasName, "dualstack."), b.DNSName)
	})
	switch {
	case err != nil:
		out.notes = append(out.notes, "The record "+name+" is not written: "+commands.Words(err).Message)
	case at < 0:
		out.notes = append(out.notes, "The record "+name+" is not written: it does not lead to "+b.Name+" now.")
	default:
		out.records = append(out.records, record{there[at], zone.ID, b.ARN})
	}
	return ctx.Err()
}

// things adds them after what they name.
func (b balanced) things(add adding) {
	for _, v := range b.balancers {
		add(balancer, v.ARN, v.Name, v.Tags, attr{"name", "Name", v.Name}, attr{"load_balancer_type", "Type", v.Type}, attr{"internal", "", v.Scheme == "internal"},
			attr{"", "Scheme", v.Scheme}, attr{"subnets", "Subnets", refs(v.Subnets)}, attr{"security_groups", "SecurityGroups", refs(v.SecurityGroups)})
	}
	for _, v := range b.groups {
		// Terraform leaves the health check as it is where it is not written; a block would set its times to the provider's defaults.
		add(targets, v.ARN, v.Name, v.Tags, attr{"name", "Name", v.Name}, attr{"protocol", "Protocol", v.Protocol}, attr{"port", "Port", v.Port},
			attr{"vpc_id", "VpcId", ref(v.VPCID)}, attr{"target_type", "TargetType", v.TargetType},
			attr{"", "HealthCheckProtocol", v.Health.Protocol}, attr{"", "HealthCheckPath", v.Health.Path}, attr{"", "HealthCheckPort", v.Health.Port},
			attr{"", "HealthCheckIntervalSeconds", v.Health.Interval}, attr{"", "HealthCheckTimeoutSeconds", v.Health.Timeout},
			attr{"", "HealthyThresholdCount", v.Health.Healthy}, attr{"", "UnhealthyThresholdCount", v.Health.Unhealthy}, attr{"", "Matcher", matcher(v.Health)})
	}
	for _, v := range b.listeners {
		add(listener, v.ARN, fmt.Sprintf("%s-%d", b.nameOf(v.LoadBalancer), v.Port), v.Tags, attr{"load_balancer_arn", "LoadBalancerArn", ref(v.LoadBalancer)},
			attr{"protocol", "Protocol", v.Protocol}, attr{"port", "Port", v.Port}, attr{"certificate_arn", "", v.Certificate}, attr{"ssl_policy", "SslPolicy", v.Policy})
	}
}

// matcher is the statuses of healthy targets as a template has them; nothing where there are none.
func matcher(h aws.HealthChecks) any {
	if h.Matcher == "" {
		return nil
	}
	return map[string]any{"HttpCode": h.Matcher}
}

func (b balanced) nameOf(arn string) string {
	return b.balancers[slices.IndexFunc(b.balancers, func(v aws.LoadBalancer) bool { return v.ARN == arn })].Name
}

func (b balanced) listenerOf(arn string) aws.Listener {
	return b.listeners[slices.IndexFunc(b.listeners, func(l aws.Listener) bool { return l.ARN == arn })]
}

// writeAction writes what a listener does.
func (b balanced) writeAction(out *strings.Builder, arn string, names map[ref]string) {
	l := b.listenerOf(arn)
	if l.RedirectPort > 0 {
		fmt.Fprintf(out, "\n  default_action {\n    type = \"redirect\"\n\n    redirect {\n      protocol = \"HTTPS\"\n      port = \"%d\"\n      status_code = \"HTTP_301\"\n    }\n  }\n", l.RedirectPort)
		return
	}
	fmt.Fprintf(out, "\n  default_action {\n    type = \"forward\"\n    target_group_arn = %s\n  }\n", hcl(ref(l.TargetGroup), names))
}

// attachments writes the targets of a group, which Terraform can make and cannot import, as comments: an export makes nothing.
// Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb_target_group_attachment
func (b balanced) attachments(out *strings.Builder, t thing, names map[ref]string) bool {
	for n, h := range b.targets[t.id] {
		label := fmt.Sprintf("%s_%d", t.label, n+1)
		out.WriteString("\n# An attachment cannot be imported. Without the signs of comments Terraform adds it, and registers the target that is registered already.\n")
		fmt.Fprintf(out, "# resource \"aws_lb_target_group_attachment\" %s {\n#   target_group_arn = %s\n#   target_id = %s\n", quote(label), hcl(ref(t.id), names), hcl(ref(h.ID), names))
		if h.Port > 0 {
			fmt.Fprintf(out, "#   port = %d\n", h.Port)
		}
		out.WriteString("# }\n")
	}
	return len(b.targets[t.id]) > 0
}

// aliases writes the names that lead to a load balancer.
// Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record
func (b balanced) aliases(out *strings.Builder, t thing) {
	for _, r := range b.records {
		if r.balancer != t.id {
			continue
		}
		fmt.Fprintf(out, "\nimport {\n  to = aws_route53_record.%s\n  id = %s\n}\n\n", t.label, quote(r.zone+"_"+r.Name+"_A"))
		fmt.Fprintf(out, "resource \"aws_route53_record\" %s {\n  zone_id = %s\n  name = %s\n  type = \"A\"\n\n", quote(t.label), quote(r.zone), quote(r.Name))
		fmt.Fprintf(out, "  alias {\n    name = aws_lb.%s.dns_name\n    zone_id = aws_lb.%s.zone_id\n    evaluate_target_health = %t\n  }\n}\n", t.label, t.label, r.Follows)
	}
}

// listens is what a template says of a listener beside its attributes.
func (b balanced) listens(properties map[string]any, arn string, names map[ref]string) {
	l := b.listenerOf(arn)
	action := map[string]any{"Type": "forward", "TargetGroupArn": formed(ref(l.TargetGroup), names)}
	if l.RedirectPort > 0 {
		action = map[string]any{"Type": "redirect", "RedirectConfig": map[string]string{"Protocol": "HTTPS", "Port": fmt.Sprint(l.RedirectPort), "StatusCode": "HTTP_301"}}
	}
	properties["DefaultActions"] = []any{action}
	if l.Certificate != "" {
		properties["Certificates"] = []map[string]string{{"CertificateArn": l.Certificate}}
	}
}

// described are the targets of a group as a template names them.
func (b balanced) described(group string, names map[ref]string) []map[string]any {
	out := []map[string]any{}
	for _, h := range b.targets[group] {
		one := map[string]any{"Id": formed(ref(h.ID), names)}
		if h.Port > 0 {
			one["Port"] = h.Port
		}
		out = append(out, one)
	}
	return out
}
