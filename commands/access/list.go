package access

import (
	"context"

	"deckhand/commands"
)

// list is access list.
type list struct{ desk Desk }

// Run reads the trust policies: AWS is the record.
func (c *list) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	if len(c.desk.Roles) == 0 {
		return commands.Report{Title: "No roles", Body: commands.Blocks{commands.Text{Text: "No role may be asked for: the configuration has no " + commands.Mono("access") + " section."}}}, nil
	}
	table := commands.Table{Columns: []string{"Role", "At most", "Who", "Until", "Request"}}
	report := commands.Report{Title: "Roles to ask for"}
	var unseen commands.Blocks
	for _, r := range c.desk.Roles {
		_, t, err := c.desk.look(ctx, r)
		if err != nil {
			unseen = append(unseen, commands.Text{Text: commands.Mono(r.Name) + " could not be looked at. " + commands.Words(err).Message})
			report.Tone = commands.Warning
		}
		all := t.given(r)
		for _, g := range all {
			until := commands.At(g.Until)
			if !run.Now.Before(g.Until) {
				until = "over since " + until
			}
			table.Rows = append(table.Rows, []string{r.Name, short(r.AtMost), c.desk.who(g.Principal), until, g.ID()})
			if len(report.Next) < 3 {
				report.Next = append(report.Next, commands.Next{Label: "End " + g.ID(), Line: "access end " + g.ID(), Style: "danger", Confirm: "End the access of " + g.session() + " to " + r.Name + " now?"})
			}
		}
		if len(all) == 0 {
			table.Rows = append(table.Rows, []string{r.Name, short(r.AtMost), commands.None, commands.None, commands.None})
		}
	}
	report.Body = append(commands.Blocks{table}, unseen...)
	return report, nil
}
