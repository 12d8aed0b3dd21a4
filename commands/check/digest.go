package check

import (
	"context"
	"strings"
	"time"

	"deckhand/commands"
)

// Digest is what a status post tells beside the checks. What is nil is not told.
type Digest struct {
	// Ending tells what was made for a time and ends soon; "" where nothing does.
	Ending func(ctx context.Context, now time.Time) (string, error)
	// Costs tells what the account costs, and what most.
	Costs func(ctx context.Context, now time.Time) (string, error)
}

const (
	costTime = 15 * time.Second // for Cost Explorer's answer
	hurried  = 3 * time.Second  // a line that has less time than this does not ask
)

// add puts it into a report, a paragraph each.
func (d Digest) add(ctx context.Context, report *commands.Report, costs bool, now time.Time) error {
	if d.Ending != nil {
		ending, err := d.Ending(ctx, now)
		if err != nil {
			return err
		}
		if ending != "" {
			report.Body = append(report.Body, commands.Text{Text: ending})
			report.Next = append(report.Next, commands.Next{Label: "Leases", Line: "lease list"})
		}
	}
	if costs && d.Costs != nil {
		report.Body = append(report.Body, commands.Text{Text: d.costs(ctx, now)})
		report.Next = append(report.Next, commands.Next{Label: "Costs", Line: "cost month"})
	}
	return nil
}

// costs are a sentence in any case: that AWS does not tell them is no failure of the status.
func (d Digest) costs(ctx context.Context, now time.Time) string {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < hurried {
		return "Costs are told on the timetable and with " + commands.Mono("--public") + ": AWS takes too long to tell them for an answer at once."
	}
	ctx, cancel := context.WithTimeout(ctx, costTime)
	defer cancel()
	text, err := d.Costs(ctx, now)
	if err != nil {
		return "Costs are not known: " + strings.TrimSuffix(commands.Words(err).Message, ".") + "."
	}
	return text
}
