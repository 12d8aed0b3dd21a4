package vm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// nameOf is what people call an instance: its Name tag, or its id.
func nameOf(i aws.Instance) string {
	if i.Name == "" {
		return i.ID
	}
	return commands.Unmarked(i.Name)
}

// label is the name with the id to copy.
func label(i aws.Instance) string {
	if i.Name == "" {
		return commands.Mono(i.ID)
	}
	return nameOf(i) + " (" + commands.Mono(i.ID) + ")"
}

// standsAs is the label with the state and AWS's reason for it: "web (i-1) is terminated: Server.InternalError: ...".
func standsAs(i aws.Instance) string {
	text := fmt.Sprintf("%s is %s", label(i), i.State)
	if i.StateReason != "" && i.State != aws.Running && i.State != aws.Pending {
		text += ", and AWS says: " + commands.Unmarked(aws.Sentence(i.StateReason))
	}
	return text
}

// join writes "a", "a and b" or "a, b and c".
func join(some []aws.Instance, word func(aws.Instance) string) string {
	words := make([]string, len(some))
	for n, i := range some {
		words[n] = word(i)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// count writes "1 instance" or "3 instances".
func count(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

// is agrees with a number of instances.
func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// titled writes a title with the names as long as they are few: "Stopped 2 instances: db, web".
func titled(before string, some []aws.Instance, after string) string {
	title := strings.TrimSpace(before + " " + count(len(some)) + " " + after)
	names := make([]string, len(some))
	for n, i := range some {
		names[n] = nameOf(i)
	}
	names = slices.Compact(names)
	const few = 3
	if len(names) > few {
		return title
	}
	return title + ": " + strings.Join(names, ", ")
}

func ids(some []aws.Instance) []string {
	out := make([]string, len(some))
	for n, i := range some {
		out[n] = i.ID
	}
	return out
}

// lineFor writes a line about instances, with the target where it is not the default.
func lineFor(command string, some []aws.Instance, t aws.Target) string {
	line := command
	for _, id := range ids(some) {
		line += " " + commands.Quote(id)
	}
	return line + commands.Flag("region", t.Region) + commands.Flag("account", t.Account)
}

// age writes how long ago something was, in its largest unit: "5s", "12m", "7h", "41d".
func age(since, now time.Time) string {
	d := now.Sub(since)
	switch {
	case since.IsZero():
		return commands.None
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

func trimStop(text string) string { return strings.TrimSuffix(text, ".") }
