package check

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// mostSlots bounds how many looks of one check are counted.
const mostSlots = 100_000

// gap is check gap: what was not done while the program did not run. On its return the program asks it in each channel that it
// concerns.
type gap struct {
	From  string `flag:"from" required:"" value:"TIME" help:"Since when it was away, such as 2026-11-26T02:10:00Z."`
	To    string `flag:"to" required:"" value:"TIME" help:"Until when."`
	Posts string `flag:"posts" value:"NAMES" help:"Schedules whose post comes late."`

	book  Book
	clock Clock
}

// Validate answers an Error of kind Usage for times that cannot be read.
func (g *gap) Validate() error {
	_, _, err := g.span()
	return err
}

func (g *gap) span() (from, to time.Time, err error) {
	from, err = time.Parse(time.RFC3339, g.From)
	if err == nil {
		to, err = time.Parse(time.RFC3339, g.To)
	}
	if err != nil || !from.Before(to) {
		return from, to, usage("These are not two times, the earlier one first.", "Write them as "+commands.Mono("--from 2026-11-26T02:10:00Z --to 2026-11-26T02:41:00Z")+".")
	}
	return from, to, nil
}

// Run counts the looks that were due in this channel's checks, or in all where there is no channel.
func (g *gap) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	from, to, err := g.span()
	if err != nil {
		return commands.Report{}, err
	}
	checks, err := g.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	missed, concerned := 0, 0
	for _, c := range checks {
		if run.Asker.Channel != "" && c.Channel != run.Asker.Channel || c.CreatedAt.After(from) {
			continue
		}
		if n := g.slots(c, from, to); n > 0 {
			missed, concerned = missed+n, concerned+1
		}
	}
	lines := []string{"From " + commands.At(from) + " to " + commands.At(to) + " nothing was looked at and nobody was answered."}
	if concerned > 0 {
		lines = append(lines, fmt.Sprintf("%s of %s %s not made: that time counts neither as up nor as down.", count(missed, "look", "looks"), count(concerned, "check", "checks"), wasWere(missed)))
	}
	if posts := strings.FieldsFunc(g.Posts, func(r rune) bool { return r == ',' || r == ' ' }); len(posts) > 0 {
		comes := "come"
		if len(posts) == 1 {
			comes = "comes"
		}
		lines = append(lines, fmt.Sprintf("%s %s late: %s.", count(len(posts), "post", "posts"), comes, strings.Join(posts, ", ")))
	}
	return commands.Report{
		Tone:  commands.Warning,
		Title: "deckhand was down for " + Span(to.Sub(from)),
		Body:  commands.Blocks{commands.Text{Text: strings.Join(lines, "\n")}},
		Next:  []commands.Next{{Label: "Status", Line: "status"}},
	}, nil
}

// slots is how many looks of a check were due between two times.
func (g *gap) slots(c Check, from, to time.Time) int {
	n := 0
	for at := from; n < mostSlots; n++ {
		next, err := g.clock.Next(c.Schedule, "UTC", at)
		if err != nil || next.After(to) {
			break
		}
		at = next
	}
	return n
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
