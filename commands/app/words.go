package app

import (
	"context"
	"fmt"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/where"
)

// named writes a thing as "lab (vpc-id)", or its id alone.
func named(name, id string) string {
	if name == "" {
		return commands.Mono(id)
	}
	return commands.Unmarked(name) + " (" + commands.Mono(id) + ")"
}

// find answers an application's stack. A stack that is not an application's is an error.
func find(ctx context.Context, cloud Stacks, t aws.Target, name string) (aws.Stack, error) {
	s, err := cloud.Stack(ctx, t, name)
	switch {
	case err != nil:
		return s, err
	case s.ID == "" || s.Status == "DELETE_COMPLETE":
		return s, unknown(ctx, cloud, t, name)
	case s.Tags[commands.AppTag] == "":
		return s, &commands.Error{
			Kind: commands.Conflict, Message: "The stack " + commands.Mono(s.Name) + " is not an application that deckhand made, so nothing was done.",
			Hint: commands.Mono(where.Line(t, "app list")) + " shows the applications.",
		}
	}
	return s, nil
}

func unknown(ctx context.Context, cloud Stacks, t aws.Target, name string) error {
	e := &commands.Error{
		Kind: commands.NotFound, Message: "There is no application " + commands.Mono(name) + " here.",
		Hint: commands.Mono(where.Line(t, "app list")) + " shows what there is.",
	}
	all, err := applications(ctx, cloud, t)
	if err != nil {
		return e
	}
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	if near := commands.Nearest(name, names); len(near) > 0 {
		e.Hint = "Did you mean " + commands.Mono(near[0]) + "?"
	}
	return e
}

// status puts a stack's status into words.
func status(s aws.Stack) string {
	words := map[string]string{
		"CREATE_COMPLETE": "up", "UPDATE_COMPLETE": "up", "UPDATE_ROLLBACK_COMPLETE": "up, the last change was rolled back",
		"CREATE_IN_PROGRESS": "coming up", "UPDATE_IN_PROGRESS": "changing", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "up, tidying",
		"DELETE_IN_PROGRESS": "going down", "DELETE_FAILED": "half gone: something could not be deleted", "DELETE_COMPLETE": "gone",
		"ROLLBACK_IN_PROGRESS": "did not come up, going away", "ROLLBACK_COMPLETE": "did not come up, nothing of it is left but its record",
		"ROLLBACK_FAILED": "did not come up, and something of it is left", "CREATE_FAILED": "did not come up, and something of it is left",
		"UPDATE_ROLLBACK_IN_PROGRESS": "a change failed, going back", "UPDATE_ROLLBACK_FAILED": "a change failed, and going back failed too",
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "went back, tidying", "UPDATE_FAILED": "a change failed",
	}
	if known := words[s.Status]; known != "" {
		return known
	}
	return s.Status
}

// says is a sentence on how a stack stands: "shop is up", "shop did not come up, going away".
func says(s aws.Stack) string {
	words := status(s)
	for _, begin := range []string{"did ", "went "} {
		if strings.HasPrefix(words, begin) {
			return s.Name + " " + words
		}
	}
	if strings.HasPrefix(words, "a change ") {
		return s.Name + ": " + words
	}
	return s.Name + " is " + words
}

// partName is what people call a part of the template.
func partName(part string) string {
	words := map[string]string{
		"BalancerGroup": "the load balancer's security group", "MachineGroup": "the machines' security group", "LoadBalancer": "the load balancer",
		"TargetGroup": "the target group", "Listener": "the listener", "Redirect": "the redirect to HTTPS", "Template": "the launch template",
		"Machine": "the machines", "Record": "the DNS record",
	}
	if known := words[part]; known != "" {
		return known
	}
	return part
}

// partsTable lists what is in a stack.
func partsTable(parts []aws.StackPart) commands.Table {
	t := commands.Table{Columns: []string{"Part", "Type", "ID", "State"}}
	for _, p := range parts {
		t.Rows = append(t.Rows, []string{p.Name, p.Type, commands.OrNone(p.Real), p.Status})
	}
	return t
}

// cause is the first failure of an operation that is one by itself: CloudFormation cancels the other parts because of it.
func cause(events []aws.StackEvent) (aws.StackEvent, bool) {
	for _, e := range events {
		cancelled := strings.Contains(e.Reason, "cancelled") || e.Type == stackType
		if e.Failed() && !cancelled {
			return e, true
		}
	}
	return aws.StackEvent{}, false
}

// causeWords says why an operation failed.
func causeWords(s aws.Stack, events []aws.StackEvent) string {
	e, found := cause(events)
	if !found {
		if s.Reason != "" {
			return "CloudFormation says: " + stopped(commands.Unmarked(s.Reason))
		}
		return "CloudFormation does not say why."
	}
	reason := commands.Unmarked(e.Reason)
	if strings.Contains(reason, "SUCCESS signal") || strings.Contains(reason, "resource signal") {
		reason = "not enough of them answered their health check in time (" + reason + ")"
	}
	return fmt.Sprintf("The first thing that failed is %s (%s): %s", partName(e.Part), e.Type, stopped(reason))
}

func stopped(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
