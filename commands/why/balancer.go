package why

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// balancer walks through a load balancer to its targets.
func (w *walk) balancer(ctx context.Context, b aws.LoadBalancer) {
	w.touch(b.ARN, b.Name)
	w.next = append(w.next, commands.Next{Label: "Show the load balancer", Line: where.Line(w.target, "lb show", b.Name)})
	switch {
	case b.State == "active":
		w.say(hopBalancer, fine, "%s is active", b.Name)
	default:
		w.say(hopBalancer, broken, "%s is %s%s", b.Name, b.State, because(b.StateReason))
	}
	l, ok := w.listener(ctx, b)
	if !ok {
		return
	}
	groups := w.rule(ctx, b, l)
	for _, arn := range groups {
		w.group(ctx, b, arn)
	}
	if w.judged && !w.result.OK && len(w.stopped) == 0 { // what is stopped has to be started
		w.next = append(w.next, check.RestartBehind(where.Line(w.target, "lb restart", b.Name), b.Name))
	}
	w.frontDoor(ctx, b, l)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + commands.Unmarked(aws.Sentence(reason))
}

// listener finds who listens at the port.
func (w *walk) listener(ctx context.Context, b aws.LoadBalancer) (aws.Listener, bool) {
	listeners, err := w.doctor.Cloud.Listeners(ctx, w.target, b.ARN)
	if err != nil {
		w.blind(hopListener, err)
		return aws.Listener{}, false
	}
	var others []string
	for _, l := range listeners {
		if l.Port != w.port {
			others = append(others, l.Protocol+" at "+strconv.Itoa(l.Port))
			continue
		}
		if w.probe.Scheme == "https" && l.Protocol == "HTTP" || w.probe.Scheme == "http" && (l.Protocol == "HTTPS" || l.Protocol == "TLS") {
			w.say(hopListener, broken, "at port %d %s is spoken, and the check asks for %s", l.Port, l.Protocol, w.probe.Scheme)
			return l, false
		}
		w.touch(l.ARN)
		w.say(hopListener, fine, "%s at port %d", l.Protocol, l.Port)
		return l, true
	}
	if len(others) == 0 {
		others = []string{"none at all"}
	}
	w.say(hopListener, broken, "nothing listens at port %d; there is %s", w.port, some(others))
	return aws.Listener{}, false
}

// rule finds the rule that a look falls under, and answers the target groups that it leads to.
func (w *walk) rule(ctx context.Context, b aws.LoadBalancer, l aws.Listener) []string {
	if b.Type != "application" {
		if l.TargetGroup == "" {
			w.say(hopRule, unchecked, "where the listener sends what it gets is not known")
			return nil
		}
		return []string{l.TargetGroup}
	}
	rules, err := w.doctor.Cloud.ListenerRules(ctx, w.target, l.ARN)
	if err != nil {
		w.blind(hopRule, err)
		return nil
	}
	host, asked := w.pathOf()
	for _, r := range rules {
		if !matches(r.Hosts, strings.ToLower(host)) || !matches(r.Paths, asked) {
			continue
		}
		if r.Other {
			w.say(hopRule, unchecked, "rule %s has conditions that cannot be judged from here", r.Priority)
			return nil
		}
		return w.led(r)
	}
	w.say(hopRule, unchecked, "no rule of the listener was found for %s%s", host, asked)
	return nil
}

// led says where a rule leads.
func (w *walk) led(r aws.ListenerRule) []string {
	name := "rule " + r.Priority
	if r.Priority == "default" {
		name = "the default rule"
	}
	switch {
	case r.Action == "forward" && len(r.TargetGroups) > 0:
		w.say(hopRule, fine, "%s forwards", name)
		return r.TargetGroups
	case r.Action == "forward":
		w.say(hopRule, broken, "%s forwards to no target group", name)
	case r.Action == "fixed-response" && r.Status >= "400":
		w.say(hopRule, broken, "%s answers %s by itself", name, r.Status)
	default:
		w.say(hopRule, fine, "%s answers by itself (%s)", name, r.Action)
	}
	return nil
}

// matches tells whether one of the patterns is that of a text; no pattern is every text's.
func matches(patterns []string, text string) bool {
	for _, p := range patterns {
		// A pattern's * also stands for slashes, which path.Match would not cross.
		if ok, err := path.Match(strings.ReplaceAll(strings.ToLower(p), "/", "\x00"), strings.ReplaceAll(strings.ToLower(text), "/", "\x00")); err == nil && ok {
			return true
		}
	}
	return len(patterns) == 0
}

// namedGroup walks from a target group on.
func (w *walk) namedGroup(ctx context.Context) {
	groups, err := w.doctor.Cloud.TargetGroups(ctx, w.target, aws.TargetGroupQuery{Names: []string{w.probe.Host}})
	switch {
	case err != nil:
		w.blind(hopTargets, err)
	case len(groups) == 0:
		w.say(hopTargets, broken, "there is no target group %s", w.probe.Host)
	default:
		w.group(ctx, aws.LoadBalancer{VPCID: groups[0].VPCID}, groups[0].ARN)
	}
}

// group judges the targets of a group, and walks on to those that are not healthy.
func (w *walk) group(ctx context.Context, b aws.LoadBalancer, arn string) {
	health, err := w.doctor.Cloud.TargetHealth(ctx, w.target, arn)
	if err != nil {
		w.blind(hopTargets, err)
		return
	}
	w.touch(arn)
	name := groupName(arn)
	w.touch(name)
	var sick []aws.TargetHealth
	for _, one := range health {
		if one.State != aws.TargetHealthy {
			sick = append(sick, one)
		}
	}
	well := len(health) - len(sick)
	switch {
	case len(health) == 0:
		w.say(hopTargets, broken, "%s has no targets", name)
	case len(sick) == 0:
		w.say(hopTargets, fine, "%d of %d healthy in %s", well, len(health), name)
	case well == 0:
		w.say(hopTargets, broken, "0 of %d healthy in %s: %s", len(health), name, reasons(sick))
	default:
		w.say(hopTargets, fine, "%d of %d healthy in %s, which is enough to answer; %s", well, len(health), name, reasons(sick))
	}
	judged := sick
	if len(judged) == 0 {
		judged = health
	}
	w.targets(ctx, b, judged)
}

// groupName is a target group's name out of its ARN, "arn:...:targetgroup/NAME/ID".
func groupName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

// reasons says AWS's words for the first few targets.
func reasons(sick []aws.TargetHealth) string {
	var words []string
	for _, one := range sick[:min(3, len(sick))] {
		text := one.ID + " is " + string(one.State)
		switch {
		case one.Description != "":
			text += " (" + strings.TrimSuffix(one.Description, ".") + ")"
		case one.Reason != "":
			text += " (" + one.Reason + ")"
		}
		words = append(words, text)
	}
	if more := len(sick) - len(words); more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, "; ")
}

// mostMachines is how many targets are walked to.
const mostMachines = 3

// targets walks to the instances among the targets.
func (w *walk) targets(ctx context.Context, b aws.LoadBalancer, targets []aws.TargetHealth) {
	ports := map[string]int{}
	var ids []string
	for _, one := range targets {
		if strings.HasPrefix(one.ID, "i-") && len(ids) < mostMachines {
			ids = append(ids, one.ID)
			ports[one.ID] = one.Port
		}
	}
	if len(ids) == 0 {
		if len(targets) > 0 {
			w.say(hopInstance, unchecked, "the targets are no instances")
		}
		return
	}
	w.touch(ids...)
	w.judged = true
	if targets[0].State != aws.TargetHealthy {
		w.next = append(w.next, commands.Next{Label: check.Logs, Line: where.Line(w.target, "vm console", ids[0])})
	}
	found, err := w.doctor.Cloud.Instances(ctx, w.target, aws.InstanceQuery{IDs: ids})
	if err != nil {
		w.blind(hopInstance, err)
		return
	}
	for _, i := range found {
		w.touch(i.Name)
		w.inside(ctx, b, i, ports[i.ID])
	}
}
