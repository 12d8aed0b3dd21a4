package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// mostNames is how many checks a sentence names before it only counts.
const (
	mostNames = 10
	chartDays = 14
)

// status says whether everything that is checked is up: one line where it is, otherwise what is wrong first.
type status struct {
	Full  bool `flag:"full" help:"Show uptime, latency, error budget and gaps of every check, and the last two weeks as a chart."`
	Costs bool `flag:"costs" help:"Tell what the account costs too; AWS charges $0.01 for the question."`

	book   Shelf
	clock  Clock
	digest Digest
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
		report := none()
		return report, s.digest.add(ctx, &report, s.Costs, run.Now)
	}
	blind, err := s.book.Blindness(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	by := map[standing][]Check{}
	for _, c := range checks {
		at := stand(c, states[c.Name], blind, s.clock, run.Now)
		by[at] = append(by[at], c)
	}
	past, err := readFigures(ctx, s.book, "", run.Now)
	if err != nil {
		return commands.Report{}, err
	}
	report := s.notAllUp(by, states, blind, len(checks), run.Now)
	if len(by[isUp]) == len(checks) {
		report = commands.Report{Tone: commands.Good, Title: allUp(len(checks)), Body: wavering(checks, states)}
		if line := weekOverWeek(total(past)); line != "" {
			report.Title += ", " + line
		}
	}
	s.figures(&report, checks, past, run.Now)
	if s.Full {
		chart, drawn, err := s.fortnight(ctx, run.Now)
		if err != nil {
			return commands.Report{}, err
		}
		if drawn {
			report.Body = append(report.Body, chart)
		}
	}
	return report, s.digest.add(ctx, &report, s.Costs, run.Now)
}

// fortnight is the latency and the downtime of all checks together, day by day; false where nothing was measured before today. The days
// are asked for one after the other: of ten thousand checks each is some megabytes.
func (s *status) fortnight(ctx context.Context, now time.Time) (commands.Chart, bool, error) {
	bounds := []time.Time{}
	var spans []Summary
	for at := now.UTC().Truncate(day).AddDate(0, 0, 1-chartDays); at.Before(now); at = at.AddDate(0, 0, 1) {
		to := at.AddDate(0, 0, 1)
		if to.After(now) {
			to = now
		}
		past, err := s.book.Summaries(ctx, "", []time.Time{at, to})
		if err != nil {
			return commands.Chart{}, false, err
		}
		var all Summary
		for _, of := range past {
			all.Merge(of[0])
		}
		if len(spans) > 0 || all.Looks > 0 { // it begins where the measuring began
			bounds, spans = append(bounds, at), append(spans, all)
		}
	}
	if len(spans) < 2 {
		return commands.Chart{}, false, nil
	}
	chart := drawn(append(bounds, now), spans, func(at time.Time) string { return at.Format("2 Jan") })
	fine := chart // the same days, as a picture that shows what was down too
	chart.Title = fmt.Sprintf("Latency of all checks, %d days", len(spans))
	fine.Title = fmt.Sprintf("Latency and downtime of all checks, %d days", len(spans))
	chart.Finer = &fine
	return chart, true, nil
}

// figures adds what is to be known of the past: all of it where it was asked for, otherwise what is not as it should be.
func (s *status) figures(report *commands.Report, checks []Check, past map[string]figures, now time.Time) {
	if len(past) == 0 {
		return
	}
	spent := overspent(checks, past)
	if len(spent) > 0 && report.Tone == commands.Good {
		report.Tone = commands.Warning
	}
	if s.Full {
		report.Body = append(report.Body, figureTable(checks, past, now))
		return
	}
	if len(spent) > 0 {
		report.Body = append(report.Body, commands.Text{Text: "Error budget of 30 days: " + some(spent, "; ") + "."})
	}
	if line := gaps(checks, past, now); line != "" {
		report.Body = append(report.Body, commands.Text{Text: line})
	}
	if line := quiet(checks, past); line != "" {
		report.Body = append(report.Body, commands.Text{Text: line})
	}
	if report.Tone == commands.Bad {
		if line := weekOverWeek(total(past)); line != "" {
			report.Body = append(report.Body, commands.Text{Text: "All checks together: " + line + "."})
		}
	}
	report.Next = append(report.Next, commands.Next{Label: "Figures", Line: "status --full"})
}

// weekOverWeek says the uptime of the last week and how it was the week before, "" where nothing was measured.
func weekOverWeek(all figures) string {
	if _, measured := all.week.Uptime(); !measured {
		return ""
	}
	text := uptime(all.week) + " in 7 days"
	if all.week.Measured < day { // one outage weighs heavily in little time
		text = uptime(all.week) + " of the " + Span(all.week.Measured) + " measured"
	}
	if _, measured := all.before.Uptime(); measured {
		text += " (" + uptime(all.before) + " the week before)"
	}
	return text
}

// overspent names the checks that were down for longer than their objective allows.
func overspent(checks []Check, past map[string]figures) []string {
	var out []string
	for _, c := range checks {
		if _, left := budget(c, past[c.Name].month, 30*day); c.Objective > 0 && left < 0 {
			out = append(out, c.Name+" "+budgetWords(c, past[c.Name].month, 30*day))
		}
	}
	return out
}

// gaps says what was not measured in the last 24 hours.
func gaps(checks []Check, past map[string]figures, now time.Time) string {
	var out []string
	for _, c := range checks {
		if missing := unmeasured(c, past[c.Name].day, now.Add(-day), now); missing > 0 {
			out = append(out, c.Name+" "+Span(missing))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Not measured in the last 24 hours, neither up nor down: " + some(out, ", ") + "."
}

// quiet says of whom nobody was told in the last 24 hours.
func quiet(checks []Check, past map[string]figures) string {
	var out []string
	for _, c := range checks {
		if text := muted(past[c.Name].day); text != "" {
			out = append(out, c.Name+" "+text)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Muted in the last 24 hours, and measured all the same: " + some(out, "; ") + "."
}

// figureTable has a row for each check, those with the lowest uptime first.
func figureTable(checks []Check, past map[string]figures, now time.Time) commands.Table {
	checks = slices.Clone(checks)
	commands.Order(checks, func(a, b Check) int { return cmp.Compare(rank(past[a.Name].month), rank(past[b.Name].month)) })
	table := commands.Table{Columns: []string{"Name", "24 hours", "7 days", "30 days", "p50 / p95, 7 days", "Error budget, 30 days", "Not measured, 30 days", "Muted, 30 days"}}
	for _, c := range checks[:min(len(checks), mostRows)] {
		f := past[c.Name]
		row := []string{c.Name, uptime(f.day), uptime(f.week), uptime(f.month), latencies(f.week), budgetWords(c, f.month, 30*day), "", muted(f.month)}
		if missing := unmeasured(c, f.month, now.Add(-30*day), now); missing > 0 {
			row[6] = Span(missing)
		}
		table.Rows = append(table.Rows, row)
	}
	if len(checks) > mostRows {
		table.Note = fmt.Sprintf("The %d with the lowest uptime of %d; all are in report --csv", mostRows, len(checks))
	}
	return table
}

// rank puts what was never measured last.
func rank(s Summary) float64 {
	if share, ok := s.Uptime(); ok {
		return share
	}
	return 2
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

func (s *status) notAllUp(by map[standing][]Check, states map[string]State, blind map[string]Blindness, all int, now time.Time) commands.Report {
	down := by[isDown]
	report := commands.Report{Tone: commands.Warning}
	if len(down) > 0 {
		report.Tone = commands.Bad
		report.Title = fmt.Sprintf("%d of %s %s down: %s", len(down), count(all, "check", "checks"), is(len(down)), some(names(down), ", "))
		table := commands.Table{Columns: []string{"Name", "State", "Last look", "URL"}}
		for _, c := range down[:min(len(down), mostRows)] {
			state := states[c.Name]
			table.Rows = append(table.Rows, []string{c.Name, words(c, state, isDown, s.clock, now), lastLook(state), c.URL})
		}
		if len(down) > mostRows {
			table.Note = fmt.Sprintf("1-%d of %d; see check list --state down", mostRows, len(down))
		}
		report.Body = commands.Blocks{table}
		report.Next = []commands.Next{{Label: "Check now", Line: "check run " + down[0].Name}, {Label: "Show", Line: "check show " + down[0].Name}}
	} else {
		up := len(by[isUp])
		verb := is(up)
		if all == 1 {
			verb = "is" // none of one
		}
		report.Title = fmt.Sprintf("%d of %s %s up, none is known to be down", up, count(all, "check", "checks"), verb)
	}
	var lines []string
	if unmeasured := by[isBlind]; len(unmeasured) > 0 {
		why := names(unmeasured)
		for i, name := range why {
			why[i] += " (" + commands.Unmarked(blind[name].Why) + ")"
		}
		lines = append(lines, "Not measured: "+some(why, ", ")+".")
	}
	if soon := by[coming]; len(soon) > 0 {
		lines = append(lines, "First look "+within(s.firstLooks(soon), now)+": "+some(names(soon), ", ")+".")
	}
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

// firstLooks is when all of these are looked at at the latest.
func (s *status) firstLooks(checks []Check) time.Time {
	var last time.Time
	for _, c := range checks {
		if at := firstLook(c, s.clock); at.After(last) {
			last = at
		}
	}
	return last
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
