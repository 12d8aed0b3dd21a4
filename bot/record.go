package bot

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Audit answers everything that happened to a request, oldest first.
func (e *Engine) Audit(ctx context.Context, number int64) (commands.Report, error) {
	r, err := e.load(ctx, number)
	if err != nil {
		return commands.Report{}, err
	}
	events, err := e.Store.Events(ctx, number)
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"When (UTC)", "What", "Who", "Note"}}
	receipt := ""
	for _, event := range events {
		table.Rows = append(table.Rows, []string{at(event), event.What, event.Actor, remark(event)})
		receipt = event.Hash
	}
	report := commands.Report{
		Title: r.ID() + " is " + string(r.State),
		Body: commands.Blocks{
			commands.Text{Text: commands.Mono(r.Invocation.Line) + "  " + byline(r) + " · came by " + string(r.Message.Source)},
			table,
		},
	}
	if link := e.links(ctx)(r.Posted, threadOf(r)); link != "" {
		report.Body = append(report.Body, commands.Text{Text: commands.Link(link, "Its message in Slack")})
	}
	if receipt != "" {
		line := "audit verify --receipt " + receipt[:receiptLength]
		report.Body = append(report.Body, commands.Text{Text: "Keep " + commands.Mono(receipt[:receiptLength]) + " as a receipt: it stands for all of this and for everything before it."})
		report.Next = []commands.Next{{Label: "Verify the record", Line: line}}
	}
	return report, nil
}

// links tells the addresses of messages; empty ones where nobody knows them.
func (e *Engine) links(ctx context.Context) func(message Ref, thread string) string {
	if e.Links == nil {
		return func(Ref, string) string { return "" }
	}
	return e.Links(ctx)
}

// threadOf is the thread that a request's message stands in, "" where it stands by itself.
func threadOf(r Request) string {
	if r.Posted.Channel != r.Message.Asker.Channel {
		return ""
	}
	return r.Message.Asker.Thread
}

// receiptLength is how much of a hash people get to keep: 64 bits.
const receiptLength = 16

func at(event Event) string { return event.At.UTC().Format("2006-01-02 15:04:05") }

// remark is what else there is to say of an event.
func remark(event Event) string {
	parts := []string{event.Note}
	if event.Digest != "" {
		parts = append(parts, "[digest "+event.Digest+"]")
	}
	if event.Place != "" {
		parts = append(parts, "[in "+event.Place+"]")
	}
	if len(event.AWS) > 0 {
		parts = append(parts, "[AWS "+strings.Join(event.AWS, ", ")+"]")
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// Verify follows the chain of the whole record. A break is an error that names the first one, so that a terminal ends with 1.
func (e *Engine) Verify(ctx context.Context, receipt string) (commands.Report, error) {
	chain, err := e.Store.Verify(ctx, receipt)
	if err != nil {
		return commands.Report{}, err
	}
	whole := fmt.Sprintf("%d events follow from each other.", chain.Events)
	bad := func(title, why string) (commands.Report, error) {
		return commands.Report{}, errTitled{title, &commands.Error{
			Kind: commands.Failed, Message: why, Hint: "Somebody with access to the database has changed it, or it was damaged; compare it with a backup.",
		}}
	}
	switch {
	case chain.Broken != nil:
		broken := chain.Broken
		return bad("The record is broken at "+Request{Number: broken.Request}.ID(), fmt.Sprintf(
			"The event %s of %s, %s UTC (number %d), does not follow from the one before it: it was changed, or one before it was removed.",
			commands.Mono(broken.What), Request{Number: broken.Request}.ID(), at(*broken), broken.Seq)+" Up to there "+whole)
	case chain.Missing > 0:
		return bad("The end of the record is missing", fmt.Sprintf("%d events that were written down are not there any more.", chain.Missing)+" Up to there "+whole)
	case chain.Changed:
		return bad("The end of the record was changed", "The last event is not the one that was written down last. Up to there "+whole)
	case receipt != "" && chain.Found == nil:
		return bad("The receipt is not in the record", "No event stands behind "+commands.Mono(receipt)+", although "+whole)
	}
	report := commands.Report{Tone: commands.Good, Title: "The record is whole", Body: commands.Blocks{commands.Text{Text: whole}}}
	if chain.Found != nil {
		report.Body = append(report.Body, commands.Text{Text: "The receipt is that of " + commands.Mono(chain.Found.What) + " of " + Request{Number: chain.Found.Request}.ID() + ", " + at(*chain.Found) + " UTC."})
	}
	if len(chain.Hash) > receiptLength {
		report.Body = append(report.Body, commands.Text{Text: "Keep " + commands.Mono(chain.Hash[:receiptLength]) + " outside of deckhand as a receipt for all of it: whoever can write to the database could otherwise write the whole record anew."})
	}
	return report, nil
}

const (
	historyShown = 30
	historyInCSV = 10_000
)

// History answers what happened, newest first: a table, or all that there is as a file.
func (e *Engine) History(ctx context.Context, user, verb string, since time.Time, asCSV bool) (commands.Report, error) {
	limit := historyShown
	if asCSV {
		limit = historyInCSV
	}
	entries, err := e.Store.History(ctx, HistoryFilter{User: user, Command: verb, Since: since, Limit: limit + 1})
	if err != nil {
		return commands.Report{}, err
	}
	if len(entries) == 0 {
		return commands.Report{Title: "Nothing in the record", Body: commands.Blocks{commands.Text{Text: "Nothing happened that matches."}}}, nil
	}
	note := ""
	if len(entries) > limit {
		entries = entries[:limit]
		note = fmt.Sprintf("The latest %d of more; narrow down with --user, --verb or --since", limit)
		if !asCSV {
			note += ", or take all of it with --csv"
		}
		note += "."
	}
	if asCSV {
		return historyFile(entries, note, e.links(ctx))
	}
	table := commands.Table{Columns: []string{"When (UTC)", "Request", "What", "Who", "Line"}, Note: note}
	for _, entry := range entries {
		table.Rows = append(table.Rows, []string{at(entry.Event), Request{Number: entry.Request}.ID(), entry.What, entry.Actor, entry.Line})
	}
	return commands.Report{Title: "What happened, newest first", Body: commands.Blocks{table}}, nil
}

func historyFile(entries []Entry, note string, link func(message Ref, thread string) string) (commands.Report, error) {
	var file strings.Builder
	w := csv.NewWriter(&file)
	rows := [][]string{{"event", "time", "request", "what", "from", "to", "actor", "command", "line", "note", "digest", "place", "aws_request_ids", "hash", "link"}}
	for _, e := range slices.Backward(entries) { // oldest first, as a record is read
		channel, ts, _ := strings.Cut(e.Place, "/")
		rows = append(rows, []string{
			strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), Request{Number: e.Request}.ID(), e.What, string(e.From), string(e.To), e.Actor,
			e.Command, e.Line, e.Note, e.Digest, e.Place, strings.Join(e.AWS, " "), e.Hash, link(Ref{channel, ts}, ""),
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: fmt.Sprintf("%d events", len(entries)), Body: commands.Blocks{commands.File{Name: "audit.csv", Content: file.String()}}}
	if note != "" {
		report.Body = append(report.Body, commands.Text{Text: note})
	}
	return report, nil
}

// harmless keeps a spreadsheet from running what somebody typed.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// Show answers a request as its message shows it.
func (e *Engine) Show(ctx context.Context, number int64) (commands.Report, error) {
	r, err := e.load(ctx, number)
	if err != nil {
		return commands.Report{}, err
	}
	return View(r), nil
}

// Requests answers the latest requests, newest first. Empty arguments select everything.
func (e *Engine) Requests(ctx context.Context, user, verb, state string, limit int) (commands.Report, error) {
	filter := Filter{User: user, Command: verb, Limit: limit + 1}
	if state != "" {
		filter.States = []State{State(state)}
	}
	requests, err := e.Store.List(ctx, filter)
	if err != nil {
		return commands.Report{}, err
	}
	if len(requests) == 0 {
		return commands.Report{Title: "No requests", Body: commands.Blocks{commands.Text{Text: "Nothing that changes anything was asked for yet, or nothing that matches."}}}, nil
	}
	table := commands.Table{Columns: []string{"Request", "State", "Who", "When (UTC)", "Line"}}
	for _, r := range requests[:min(limit, len(requests))] {
		table.Rows = append(table.Rows, []string{r.ID(), string(r.State), r.Message.Asker.User, r.CreatedAt.UTC().Format("01-02 15:04:05"), r.Invocation.Line})
	}
	if len(requests) > limit {
		table.Note = "The latest of more; narrow down with --user, --verb or --state, or raise --limit."
	}
	return commands.Report{Title: "Latest requests", Body: commands.Blocks{table}, Next: []commands.Next{{Label: "Audit " + requests[0].ID(), Line: "audit " + requests[0].ID()}}}, nil
}
