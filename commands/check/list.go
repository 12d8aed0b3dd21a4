package check

import (
	"context"
	"fmt"
	"path"

	"deckhand/commands"
)

// mostRows is how many checks a list shows; more are found by name or state.
const mostRows = 100

// list is check list.
type list struct {
	Name  string `arg:"name" alias:"name" help:"Only checks of this name; * and ? are wildcards."`
	State string `flag:"state" enum:"up,down,unknown" help:"Only checks in this state."`

	book  Shelf
	clock Clock
}

// Validate answers an Error of kind Usage for a pattern that cannot be read.
func (l *list) Validate() error {
	if _, err := path.Match(l.Name, ""); err != nil {
		return usage(commands.Mono(l.Name)+" is not a pattern.", "Use * for anything and ? for one letter: "+commands.Mono("check list web-*")+".")
	}
	return nil
}

// Run lists the checks by name.
func (l *list) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	checks, err := l.book.Checks(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	states, err := l.book.States(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	if len(checks) == 0 {
		return none(), nil
	}
	blind, err := l.book.Blindness(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Name", "State", "Last look", "Looks", "URL"}}
	matching := 0
	for _, c := range checks {
		s := states[c.Name]
		if !l.wants(c, s) {
			continue
		}
		if matching++; matching <= mostRows {
			table.Rows = append(table.Rows, []string{c.Name, words(c, s, stand(c, s, blind, l.clock, run.Now), l.clock, run.Now), lastLook(s), commands.Mono(c.Schedule), c.URL})
		}
	}
	if matching == 0 {
		return commands.Report{Title: fmt.Sprintf("None of the %s matches", count(len(checks), "check", "checks")), Next: []commands.Next{{Label: "All checks", Line: "check list"}}}, nil
	}
	report := commands.Report{Title: count(matching, "check", "checks")}
	if matching > mostRows {
		table.Note = fmt.Sprintf("1-%d of %d; narrow it with a name such as web-* or with --state down", mostRows, matching)
	}
	report.Body = commands.Blocks{table}
	return report, nil
}

func (l *list) wants(c Check, s State) bool {
	if l.State != "" && l.State != string(s.Status) && (l.State != string(Unknown) || s.Status != "") {
		return false
	}
	match, err := path.Match(l.Name, c.Name)
	return l.Name == "" || err == nil && match
}

// none is the answer where there are no checks.
func none() commands.Report {
	return commands.Report{
		Title: "No checks yet",
		Body:  commands.Blocks{commands.Text{Text: "Add one with " + commands.Mono("check add --name myapp --url http://myapp.example.com/") + "."}},
	}
}
