package lb

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// mostNamed is how many instances of one name a question still gives as a list to paste.
const mostNamed = 10

// instances answers the instances that words name: by Name tag, id, private IP or ARN. Each word means exactly one. A word may be
// in the form of the AWS CLI, "Id=i-1".
func instances(ctx context.Context, cloud Network, t aws.Target, words []string) ([]aws.Instance, error) {
	var found []aws.Instance
	for _, word := range words {
		text := word
		if rest, ok := strings.CutPrefix(text, "Id="); ok {
			text = rest
		}
		if at := strings.LastIndex(text, ":instance/"); strings.HasPrefix(text, "arn:") && at > 0 {
			text = text[at+len(":instance/"):]
		}
		one, err := instance(ctx, cloud, t, text)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(found, func(i aws.Instance) bool { return i.ID == one.ID }) {
			found = append(found, one)
		}
	}
	return found, nil
}

func instance(ctx context.Context, cloud Network, t aws.Target, text string) (aws.Instance, error) {
	q := aws.InstanceQuery{States: []aws.InstanceState{aws.Pending, aws.Running, aws.Stopping, aws.Stopped}}
	ip, err := netip.ParseAddr(text)
	switch {
	case strings.HasPrefix(text, "i-"):
		q.IDs = []string{text}
	case err == nil && ip.Is4():
		q.PrivateIPs = []string{text}
	case strings.ContainsAny(text, "*?="):
		return aws.Instance{}, commands.Misuse(commands.Mono(text)+" is not the name of an instance.", "Name each instance, by its Name tag, id or private IP.")
	default:
		q.Names = []string{text}
	}
	some, err := cloud.Instances(ctx, t, q)
	if err != nil {
		return aws.Instance{}, err
	}
	switch len(some) {
	case 1:
		return some[0], nil
	case 0:
		return aws.Instance{}, &commands.Error{
			Kind: commands.NotFound, Message: "There is no instance " + commands.Mono(text) + " here.",
			Hint: commands.Mono(where.Line(t, "vm list")) + " shows what there is.",
		}
	}
	hint := "Give the ids of those that you mean."
	choices := &commands.Choices{Of: text, In: "Targets"}
	for _, i := range some {
		choices.Some = append(choices.Some, commands.Choice{Label: commands.Label(i.ID, string(i.State), i.Zone, i.PrivateIP), Words: []string{i.ID}})
	}
	if len(some) <= mostNamed {
		choices.Some = append(choices.Some, commands.All(choices.Some))
		ids := make([]string, len(some))
		for n, i := range some {
			ids[n] = i.ID
		}
		hint = "Give the ids of those that you mean; for all of them write " + commands.Mono(strings.Join(ids, " ")) + " in place of " + commands.Mono(text) + "."
	}
	return aws.Instance{}, &commands.Error{
		Choices: choices,
		Kind:    commands.Ambiguous, Message: fmt.Sprintf("%s is the name of %d instances: %s.", commands.Mono(text), len(some), labels(some)), Hint: hint,
	}
}

// balancer answers the load balancer that a word names: by name, ARN or DNS name.
func balancer(ctx context.Context, cloud Reader, t aws.Target, word string) (aws.LoadBalancer, error) {
	q := aws.LoadBalancerQuery{}
	switch {
	case strings.Contains(word, targetGroupARN):
		return ofGroup(ctx, cloud, t, word)
	case strings.HasPrefix(word, "arn:"):
		q.ARNs = []string{word}
	case !strings.Contains(word, "."):
		q.Names = []string{word}
	}
	some, err := cloud.LoadBalancers(ctx, t, q)
	if err != nil {
		return aws.LoadBalancer{}, err
	}
	for _, b := range some {
		if isCalled(b, word) {
			return b, nil
		}
	}
	all, err := cloud.LoadBalancers(ctx, t, aws.LoadBalancerQuery{})
	if err != nil {
		return aws.LoadBalancer{}, err
	}
	return aws.LoadBalancer{}, noBalancer(t, word, all)
}

// isCalled tells whether a word names a load balancer: by name, ARN, DNS name or alias.
func isCalled(b aws.LoadBalancer, word string) bool {
	return b.Name == word || b.ARN == word || strings.EqualFold(b.DNSName, word) || AliasOf(b) == strings.ToLower(word)
}

// noBalancer says that a word names none of all load balancers, and the nearest.
func noBalancer(t aws.Target, word string, all []aws.LoadBalancer) error {
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = b.Name
	}
	hint := commands.Mono(where.Line(t, "lb list")) + " shows what there is."
	if near := commands.Nearest(word, names); len(near) > 0 {
		hint = "Did you mean " + commands.Mono(near[0]) + "?"
	}
	return &commands.Error{Kind: commands.NotFound, Message: "There is no load balancer " + commands.Mono(word) + " here.", Hint: hint}
}

const targetGroupARN = ":targetgroup/"

// ofGroup answers the load balancer that leads to a target group, which the AWS CLI names instead.
func ofGroup(ctx context.Context, cloud Reader, t aws.Target, arn string) (aws.LoadBalancer, error) {
	_, rest, _ := strings.Cut(arn, targetGroupARN)
	name, _, _ := strings.Cut(rest, "/")
	some, err := cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{Names: []string{name}})
	if err != nil {
		return aws.LoadBalancer{}, err
	}
	for _, g := range some {
		if g.ARN == arn && len(g.LoadBalancers) == 1 {
			return balancer(ctx, cloud, t, g.LoadBalancers[0])
		}
	}
	return aws.LoadBalancer{}, &commands.Error{
		Kind: commands.NotFound, Message: "There is no target group " + commands.Mono(arn) + " here that just one load balancer leads to.",
		Hint: commands.Mono(where.Line(t, "lb list")) + " shows the load balancers.",
	}
}

// group answers the one target group behind a load balancer, or the one that is named.
func group(ctx context.Context, cloud Reader, t aws.Target, b aws.LoadBalancer, name string) (aws.TargetGroup, error) {
	some, err := cloud.TargetGroups(ctx, t, aws.TargetGroupQuery{LoadBalancer: b.ARN})
	if err != nil {
		return aws.TargetGroup{}, err
	}
	var names []string
	choices := &commands.Choices{}
	for _, g := range some {
		choices.Some = append(choices.Some, commands.Choice{Label: g.Name, Words: []string{"--target-group", g.Name}})
		if g.Name == name || g.ARN == name || name == "" && len(some) == 1 {
			return g, nil
		}
		names = append(names, commands.Mono(g.Name))
	}
	switch {
	case len(some) == 0:
		return aws.TargetGroup{}, &commands.Error{
			Kind: commands.NotFound, Message: "No listener of " + b.Name + " leads to a target group.", Hint: commands.Mono(where.Line(t, "lb show", b.Name)) + " shows its listeners.",
		}
	case name == "":
		return aws.TargetGroup{}, &commands.Error{
			Choices: choices,
			Kind:    commands.Ambiguous, Message: fmt.Sprintf("%s has %d target groups: %s.", b.Name, len(some), commands.And(names)), Hint: "Say which one with " + commands.Mono("--target-group") + ".",
		}
	}
	return aws.TargetGroup{}, &commands.Error{
		Kind: commands.NotFound, Message: b.Name + " has no target group " + commands.Mono(name) + ".", Hint: "It has " + commands.And(names) + ".",
	}
}

// namesOf answers the Name tags of instances, by id. What AWS does not tell stays away.
func namesOf(ctx context.Context, cloud Network, t aws.Target, some []aws.TargetHealth) map[string]string {
	var wanted []string
	for _, h := range some {
		if strings.HasPrefix(h.ID, "i-") {
			wanted = append(wanted, h.ID)
		}
	}
	names := map[string]string{}
	if len(wanted) == 0 {
		return names
	}
	found, err := cloud.Instances(ctx, t, aws.InstanceQuery{IDs: wanted})
	if err != nil {
		return names // the ids are shown all the same
	}
	for _, i := range found {
		names[i.ID] = i.Name
	}
	return names
}
