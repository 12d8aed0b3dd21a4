package health

import (
	"fmt"
	"strings"

	"deckhand/commands"
	"deckhand/commands/check"
)

// mostBlind is how many checks a message names; the others are counted.
const mostBlind = 20

func notMeasured(names []string, book map[string]check.Blindness) commands.Report {
	report := commands.Report{Tone: commands.Warning, Title: names[0] + " is not measured", Body: blindTable(names, book)}
	if len(names) > 1 {
		report.Title = fmt.Sprintf("%d checks are not measured", len(names))
	}
	one := book[names[0]]
	if len(names) == 1 {
		report.Body = commands.Blocks{commands.Text{Text: "Its looks cannot be made since " + commands.At(one.Since) + ": " + commands.Unmarked(strings.TrimSuffix(one.Why, ".")) + "."}}
	}
	report.Body = append(report.Body, commands.Text{Text: "Nothing is known of the endpoint meanwhile: it may be up or down. It is told here when it is measured again."})
	report.Next = []commands.Next{{Label: "Check now", Line: "check run " + names[0]}, {Label: "Show", Line: "check show " + names[0]}}
	return report
}

func measuredAgain(names []string, book map[string]check.Blindness) commands.Report {
	report := commands.Report{Tone: commands.Plain, Title: names[0] + " is measured again", Body: blindTable(names, book)}
	if len(names) > 1 {
		report.Title = fmt.Sprintf("%d checks are measured again", len(names))
	}
	one := book[names[0]]
	if len(names) == 1 {
		report.Body = commands.Blocks{commands.Text{Text: "It was not measured for " + check.Span(one.EndTriedAt.Sub(one.Since)) + ", since " + commands.At(one.Since) + "."}}
	}
	report.Next = []commands.Next{{Label: "Show", Line: "check show " + names[0]}}
	return report
}

func blindTable(names []string, book map[string]check.Blindness) commands.Blocks {
	table := commands.Table{Columns: []string{"Name", "Since", "Why"}}
	for _, name := range names[:min(len(names), mostBlind)] {
		table.Rows = append(table.Rows, []string{name, commands.At(book[name].Since), book[name].Why})
	}
	if more := len(names) - mostBlind; more > 0 {
		table.Note = fmt.Sprintf("%d more; check list has all", more)
	}
	return commands.Blocks{table}
}
