package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/spelling"
	"deckhand/commands/where"
)

// Delete is api delete.
type Delete struct {
	Named
	Logs bool `flag:"logs" help:"Also its access log."`

	cloud Cloud
	book  check.Book
}

// lost is an API with what goes together with it.
type lost struct {
	picked
	Routes    []string
	Functions map[string]string // statement in a function's policy, and the function's ARN
	Names     []address
	Note      string // why its names are not known, "" where they are
	Gone      bool   // the API is gone, and what was made for it is all that is left
}

// find answers the API, or what a deletion left of it that was cut short: its id stands for that while its access log does, which goes last.
func (c *Delete) find(ctx context.Context) (l lost, err error) {
	const id = "abcdefghijklmnopqrstuvwxyz0123456789"
	l.Functions = map[string]string{}
	l.picked, err = c.Named.find(ctx, c.cloud)
	if err == nil || commands.Words(err).Kind != commands.NotFound || !spelling.Fits(c.Name, 32, id, id) {
		return l, err
	}
	alone := picked{Target: l.Target, Place: l.Place, API: aws.API{ID: c.Name, Name: c.Name}}
	log, lookErr := c.cloud.LogGroup(ctx, l.Target, logGroup(alone))
	if lookErr != nil || log.Tags[commands.RequestTag] == "" {
		return l, err
	}
	l.picked, l.Gone, l.API.Tags = alone, true, log.Tags
	return l, nil
}

// remains are the permissions that routes of an API which is gone left in the functions of its region.
func (c *Delete) remains(ctx context.Context, l lost) (lost, error) {
	all, err := c.cloud.Functions(ctx, l.Target)
	if err != nil {
		return l, err
	}
	for _, f := range all {
		grants, err := c.cloud.FunctionGrants(ctx, l.Target, f.Name)
		if err != nil {
			return l, err
		}
		for _, g := range grants {
			if strings.HasPrefix(g.ID, grantMark+l.API.ID+"-") {
				l.Functions[g.ID] = f.ARN
			}
		}
	}
	if !c.Logs && len(l.Functions) == 0 {
		return l, &commands.Error{
			Kind: commands.NotFound, Message: "There is no API " + commands.Mono(l.API.ID) + " any more; only its access log " + commands.Mono(logGroup(l.picked)) + " stands.",
			Hint: commands.Mono(where.Line(l.Target, "api delete", l.API.ID, "--logs")) + " deletes it.",
		}
	}
	return l, nil
}

func (c *Delete) look(ctx context.Context) (lost, error) {
	l, err := c.find(ctx)
	if err != nil {
		return l, err
	}
	if l.Gone {
		return c.remains(ctx, l)
	}
	p := l.picked
	in, err := lookInside(ctx, c.cloud, p)
	if err != nil {
		return l, err
	}
	for _, r := range in.routes {
		l.Routes = append(l.Routes, r.Key)
		if i := in.integrations[r.IntegrationID]; i.Kind == "AWS_PROXY" {
			l.Functions[grantFor(p, r.Key, i.Target).ID] = i.Target
		}
	}
	domains, err := c.cloud.APIDomains(ctx, p.Target)
	if err != nil { // AWS deletes no API that a name leads to
		l.Note = "Its domain names could not be looked at: " + commands.Words(err).Message
		return l, nil
	}
	l.Names, err = addresses(ctx, c.cloud, c.book, p, domains)
	return l, err
}

func (c *Delete) pinnedAll(ctx context.Context, run *commands.Run) (lost, error) {
	return commands.Repeat(ctx, run, "look at API", func(ctx context.Context) (lost, error) { return c.look(ctx) })
}

// Scope is the API.
func (c *Delete) Scope(ctx context.Context) (commands.Scope, error) {
	l, err := c.find(ctx)
	return l.scope(), err
}

// Plan tells what would be lost, and what would be left.
func (c *Delete) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if l.Gone {
		return commands.Report{Title: "Would delete " + c.leftovers(l), Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{Text: "Its API is gone. This cannot be undone."}}}, nil
	}
	text := fmt.Sprintf("It answers %s now, at %s. This cannot be undone: a new API gets another address.", or(strings.Join(l.Routes, ", "), "nothing"), commands.Mono(l.API.Endpoint))
	if len(l.Functions) > 0 {
		text += fmt.Sprintf("\nWith it: %s to invoke functions; the functions stay.", commands.Count(len(l.Functions), "permission"))
	}
	if len(l.Names) > 0 {
		text += "\nBefore it go " + parts(l.Names) + "."
	}
	if l.Note != "" {
		text += "\n" + l.Note
	}
	if c.Logs {
		text += "\nIts access log goes too."
	} else {
		text += "\nIt leaves behind its access log " + commands.Mono(logGroup(l.picked)) + ", where it has one; " + commands.Mono("--logs") + " takes it too."
	}
	return commands.Report{Title: "Would delete the API " + l.API.Name, Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{Text: text}}}, nil
}

// Run deletes the API, and then what was only for it. Each removal may be repeated: what is gone is no error.
func (c *Delete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	gone, left, err := remove(ctx, run, removals(c.cloud, c.book, l.Target, l.Names))
	if err != nil {
		return l.partly(gone, left), err
	}
	if l.Gone {
		return c.rest(ctx, run, l)
	}
	run.Say("Deleting the API " + l.API.Name + ".")
	_, err = commands.Repeat(ctx, run, "DeleteApi", func(ctx context.Context) (bool, error) { return true, c.cloud.DeleteAPI(ctx, l.Target, l.API.ID) })
	if err != nil {
		return l.partly(gone, nil), err
	}
	return c.rest(ctx, run, l)
}

// rest removes what was only for an API that is gone.
func (c *Delete) rest(ctx context.Context, run *commands.Run, l lost) (commands.Report, error) {
	report := c.report(l)
	for _, id := range slices.Sorted(maps.Keys(l.Functions)) {
		function := l.Functions[id]
		_, err := commands.Repeat(ctx, run, "RemovePermission "+id, func(ctx context.Context) (bool, error) {
			return true, c.cloud.RevokeInvoke(ctx, l.Target, function, id)
		})
		if err != nil {
			return l.leftGrant(report, function, id), err
		}
	}
	if c.Logs {
		_, err := commands.Repeat(ctx, run, "DeleteLogGroup", func(ctx context.Context) (bool, error) {
			return true, c.cloud.DeleteLogGroup(ctx, l.Target, logGroup(l.picked))
		})
		if err != nil {
			return l.leftLog(report), err
		}
	}
	return report, nil
}

// partly says what stands where only names of the API were removed, or some of them.
func (l lost) partly(gone, left []string) commands.Report {
	if len(gone) == 0 {
		return commands.Report{}
	}
	return commands.Report{Title: "Not deleted: the API " + l.API.Name, Where: where.Words(l.Place), Body: commands.Blocks{commands.Text{
		Text: "Gone: " + commands.And(gone) + ". Still there: " + commands.And(append(left, "the API "+commands.Mono(l.API.ID))) + ". The same line again goes on.",
	}}}
}

func (l lost) leftGrant(report commands.Report, function, id string) commands.Report {
	report.Tone = commands.Bad
	report.Body = append(report.Body, commands.Text{Text: "The API is gone, and the permission " + commands.Mono(id) + " of " + commands.Mono(function) +
		" stands: it lets in an API that is no more. " + commands.Mono(revokeLine(l.picked, function, id)) + " removes it."})
	report.Next = []commands.Next{{Label: "Go on", Line: revokeLine(l.picked, function, id), Style: "danger", Confirm: "Remove the permission?"}}
	return report
}

func (l lost) leftLog(report commands.Report) commands.Report {
	on := where.Line(l.Target, "api delete", l.API.ID, "--logs")
	report.Tone = commands.Bad
	report.Body = append(report.Body, commands.Text{Text: "The API is gone, and its access log " + commands.Mono(logGroup(l.picked)) + " stands. " + commands.Mono(on) + " deletes it."})
	report.Next = []commands.Next{{Label: "Go on", Line: on, Style: "danger", Confirm: "Delete the access log?"}}
	return report
}

// leftovers is what goes of an API that is gone.
func (c *Delete) leftovers(l lost) string {
	var parts []string
	if n := len(l.Functions); n > 0 {
		parts = append(parts, commands.Count(n, "permission")+" that let "+l.API.ID+" invoke functions")
	}
	if c.Logs {
		parts = append(parts, "the access log "+logGroup(l.picked))
	}
	return commands.And(parts)
}

func (c *Delete) report(l lost) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: "Deleted the API " + l.API.Name, Where: where.Words(l.Place), Next: []commands.Next{{Label: "List what is left", Line: where.Line(l.Target, "api list")}},
	}
	if l.Gone {
		report.Title = "Deleted " + c.leftovers(l)
	}
	if len(l.Names) > 0 {
		report.Body = commands.Blocks{commands.Text{Text: "Gone with it: " + parts(l.Names) + "."}}
	}
	if !c.Logs {
		report.Body = append(report.Body, commands.Text{Text: "Its access log " + commands.Mono(logGroup(l.picked)) + " is left, where it had one."})
	}
	return report
}

// Check looks whether the API is gone, and what was only for it.
func (c *Delete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	l, err := c.pinnedAll(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	all, err := c.cloud.APIs(ctx, l.Target)
	if err != nil {
		return commands.Report{}, err
	}
	for _, a := range all {
		if a.ID == l.API.ID {
			return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The API is still there.", Hint: "The same line again deletes it."}
		}
	}
	if left, err := leftOf(ctx, c.cloud, l.Target, l.Names); err != nil || left != "" {
		if err == nil {
			err = &commands.Error{Kind: commands.Failed, Message: "The API is gone, and " + left + " is still there.", Hint: "Remove it with " + commands.Mono(removeName(l.Target, l.Names[0].Domain.Name)) + "."}
		}
		return commands.Report{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(l.Functions)) {
		switch stands, err := granted(ctx, c.cloud, l.picked, l.Functions[id], id); {
		case err != nil:
			return commands.Report{}, err
		case stands:
			return c.rest(ctx, run, l)
		}
	}
	if c.Logs {
		switch _, err := c.cloud.LogGroup(ctx, l.Target, logGroup(l.picked)); {
		case err == nil:
			return c.rest(ctx, run, l)
		case commands.Words(err).Kind != commands.NotFound:
			return commands.Report{}, err
		}
	}
	return c.report(l), nil
}
