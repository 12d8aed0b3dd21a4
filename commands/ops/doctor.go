package ops

import (
	"context"
	"fmt"
	"strings"

	"deckhand/commands"
)

// Examination is ops doctor.
type Examination struct{ doctor Doctor }

// Run examines everything and tells what is wrong first.
func (c *Examination) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	return Tell(c.doctor.Examine(ctx)), nil
}

// Tell writes findings as a report: what to do in sentences, then everything in a table.
func Tell(found []Finding) commands.Report {
	table := commands.Table{Columns: []string{"Part", "State", "Found"}}
	var todo []string
	bad, notable := 0, 0
	for _, f := range found {
		switch f.Tone {
		case commands.Good:
		case commands.Bad:
			bad++
		default:
			notable++
		}
		table.Rows = append(table.Rows, []string{f.Part, stateWord(f.Tone), f.Says})
		if f.Next != "" {
			todo = append(todo, commands.Strong(f.Part)+": "+f.Next)
		}
	}
	report := commands.Report{Tone: commands.Good, Title: "Healthy: " + commands.Count(len(found), "part") + " examined"}
	switch {
	case bad > 0:
		report.Tone, report.Title = commands.Bad, fmt.Sprintf("Not healthy: %d of %s", bad, commands.Count(len(found), "part"))
	case notable > 0:
		report.Tone, report.Title = commands.Warning, "Healthy, with "+commands.Count(notable, "thing")+" to know"
	}
	if len(todo) > 0 {
		report.Body = append(report.Body, commands.Text{Text: strings.Join(todo, "\n")})
	}
	report.Body = append(report.Body, table)
	return report
}

func stateWord(tone commands.Tone) string {
	switch tone {
	case commands.Good:
		return "ok"
	case commands.Bad:
		return "not ok"
	default:
		return "look"
	}
}
