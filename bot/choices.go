package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// mostOffered is how many choices a list in Slack holds.
const mostOffered = 100

// offering adds where a line that failed was to act, and the lines that an ambiguous one may have meant, each whole, for its asker alone: a press is as if they had typed it. Nobody
// chooses for a line that came by itself.
func (e *Engine) offering(ctx context.Context, report commands.Report, m Message, invocation commands.Invocation, err error) commands.Report {
	if report.Where == "" && commands.Words(err).Kind != commands.Usage { // what is wrong may be the place itself
		report.Where = e.wouldAct(ctx, invocation)
	}
	choices := commands.Words(err).Choices
	if choices == nil || m.Source.timed() || invocation.Command == "" {
		return report
	}
	some := choices.Some
	if more := len(some) - mostOffered; more > 0 {
		some = some[:mostOffered]
		report.Body = append(slices.Clone(report.Body), commands.Text{
			Text: fmt.Sprintf("The first %d are offered here; narrow the line down, or give an id, for the other %d.", mostOffered, more),
		})
	}
	offered := slices.Clone(report.Next)
	for _, choice := range some {
		if line := e.Catalog.Choose(invocation, choices, choice); line != "" {
			offered = append(offered, commands.Next{Label: choice.Label, Line: line, For: m.Asker.User})
		}
	}
	report.Next = offered
	return report
}

// notYours answers whoever chooses in somebody else's place.
func notYours(m Message) commands.Report {
	return failure(m.Line, &commands.Error{
		Kind: commands.Denied, Message: "Only " + commands.Person(m.Only) + ", who asked, chooses here.",
		Hint: "The line can be typed: it runs with your own rights then.",
	})
}

// wouldAct is where a line that failed was to act: "prod 123456789012 · eu-west-1". It is "" for lines that act in no account.
func (e *Engine) wouldAct(ctx context.Context, invocation commands.Invocation) string {
	var said struct{ Account, Region *string }
	if json.Unmarshal(invocation.Args, &said) != nil || said.Account == nil || said.Region == nil {
		return ""
	}
	if e.Place == nil {
		return strings.Trim(*said.Account+" · "+*said.Region, " ·")
	}
	ctx, cancel := context.WithTimeout(ctx, placeTime)
	defer cancel()
	return e.Place(ctx, *said.Account, *said.Region)
}

// placeTime is how long a failure waits to be told with its account. It is known nearly always.
const placeTime = 500 * time.Millisecond
