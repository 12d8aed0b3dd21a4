package bot

import (
	"context"
	"strings"

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
	for _, event := range events {
		note := event.Note
		if len(event.AWS) > 0 {
			note = strings.TrimSpace(note + " [AWS " + strings.Join(event.AWS, ", ") + "]")
		}
		table.Rows = append(table.Rows, []string{event.At.UTC().Format("2006-01-02 15:04:05"), event.What, event.Actor, note})
	}
	return commands.Report{
		Title: r.ID() + " is " + string(r.State),
		Body: commands.Blocks{
			commands.Text{Text: commands.Mono(r.Invocation.Line) + "  " + byline(r) + " · came by " + string(r.Message.Source)},
			table,
		},
	}, nil
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
