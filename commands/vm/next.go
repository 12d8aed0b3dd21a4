package vm

import (
	"deckhand/aws"
	"deckhand/commands"
)

// showNext leads to the one instance, or to the list of several.
func showNext(some []aws.Instance, t aws.Target) commands.Next {
	if len(some) == 1 {
		return commands.Next{Label: "Show", Line: lineFor("vm show", some, t)}
	}
	return commands.Next{Label: "List", Line: lineFor("vm list", some, t)}
}

func stopNext(some []aws.Instance, t aws.Target) commands.Next {
	return commands.Next{Label: "Stop", Line: lineFor("vm stop", some, t), Confirm: "Stop " + asked(some) + "?"}
}

func rebootNext(some []aws.Instance, t aws.Target) commands.Next {
	return commands.Next{Label: "Reboot", Line: lineFor("vm reboot", some, t), Confirm: "Reboot " + asked(some) + "?"}
}

func startNext(some []aws.Instance, t aws.Target) commands.Next {
	return commands.Next{Label: "Start", Line: lineFor("vm start", some, t), Style: "primary"}
}

func terminateNext(some []aws.Instance, t aws.Target) commands.Next {
	return commands.Next{
		Label: "Terminate", Line: lineFor("vm terminate", some, t), Style: "danger",
		Confirm: "Terminate " + asked(some) + "? It cannot be brought back once it is gone.",
	}
}

// asked names what a question is about: the one instance, or how many.
func asked(some []aws.Instance) string {
	if len(some) == 1 {
		return nameOf(some[0])
	}
	return count(len(some))
}
