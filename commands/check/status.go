package check

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

// mostNames is how many checks a sentence names before it only counts.
const mostNames = 10

// status says whether everything that is checked is up: one line where it is, otherwise what is wrong first.
type status struct {
	book  Book
	clock Clock
}

// Run tells where all checks stand.
func (s *status) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	checks, err := s.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	states, err := s.book.States(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	if len(checks) == 0 {
		return none(), nil
	}
	by := map[standing][]Check{}
	for _, c := range checks {
		at := stand(c, states[c.Name], s.clock, run.Now)
		by[at] = append(by[at], c)
	}
	if len(by[isUp]) == len(checks) {
		return commands.Report{Tone: commands.Good, Title: allUp(len(checks)), Body: wavering(checks, states)}, nil
	}
	return notAllUp(by, states, len(checks), run.Now), nil
}

func allUp(n int) string {
	if n == 1 {
		return "The one check is up"
	}
	return fmt.Sprintf("All %d checks are up", n)
}

// wavering names checks that are up and whose latest looks failed.
func wavering(checks []Check, states map[string]State) commands.Blocks {
	var lines []string
	for _, c := range checks {
		if s := states[c.Name]; s.Streak > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s, %s", c.Name, Thresholds(c, s), s.Last.Detail))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return commands.Blocks{commands.Text{Text: some(lines, "; ")}}
}

func notAllUp(by map[standing][]Check, states map[string]State, all int, now time.Time) commands.Report {
	down := by[isDown]
	report := commands.Report{Tone: commands.Warning}
	if len(down) > 0 {
		report.Tone = commands.Bad
		report.Title = fmt.Sprintf("%d of %s %s down: %s", len(down), count(all, "check", "checks"), is(len(down)), some(names(down), ", "))
		table := commands.Table{Columns: []string{"Name", "State", "Last look", "URL"}}
		for _, c := range down[:min(len(down), mostRows)] {
			s := states[c.Name]
			table.Rows = append(table.Rows, []string{c.Name, words(c, s, isDown, now), lastLook(s), c.URL})
		}
		if len(down) > mostRows {
			table.Note = fmt.Sprintf("1-%d of %d; see check list --state down", mostRows, len(down))
		}
		report.Body = commands.Blocks{table}
		report.Next = []commands.Next{{Label: "Check now", Line: "check run " + down[0].Name}, {Label: "Show", Line: "check show " + down[0].Name}}
	} else {
		report.Title = fmt.Sprintf("%d of %s %s up, none is known to be down", len(by[isUp]), count(all, "check", "checks"), is(len(by[isUp])))
	}
	var lines []string
	for _, group := range []struct {
		at   standing
		says string
	}{{unseen, "Never looked at"}, {unheard, "Not looked at lately"}, {unsure, "Not known yet"}} {
		if found := by[group.at]; len(found) > 0 {
			lines = append(lines, group.says+": "+some(names(found), ", ")+".")
		}
	}
	lines = append(lines, fmt.Sprintf("%d up, %d down, %d not known.", len(by[isUp]), len(down), all-len(by[isUp])-len(down)))
	report.Body = append(report.Body, commands.Text{Text: strings.Join(lines, "\n")})
	if len(by[isUp]) > 0 {
		report.Body = append(report.Body, wavering(by[isUp], states)...)
	}
	return report
}

func names(checks []Check) []string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = c.Name
	}
	return out
}

// some joins words, and counts those that would be too many.
func some(words []string, separator string) string {
	if len(words) <= mostNames {
		return strings.Join(words, separator)
	}
	return strings.Join(words[:mostNames], separator) + fmt.Sprintf(" and %d more", len(words)-mostNames)
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
