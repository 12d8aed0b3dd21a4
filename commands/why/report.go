package why

import (
	"context"
	"slices"
	"strings"

	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/where"
)

// report says what was found: the broken hop first, then every hop, then the last change.
func (w *walk) report(ctx context.Context) commands.Report {
	name := w.check.Name
	out := commands.Report{Where: where.Words(w.doctor.Cloud.Place(ctx, w.target))}
	cause, found := w.cause()
	switch {
	case w.result.OK && !found:
		out.Tone, out.Title = commands.Good, name+" answers now, and no hop is broken"
	case w.result.OK:
		out.Tone, out.Title = commands.Warning, name+" answers now, although it is broken at "+at(cause)
	case found:
		out.Tone, out.Title = commands.Bad, name+" fails at "+at(cause)
	case w.result.Unseen:
		out.Tone, out.Title = commands.Warning, name+" could not be looked at: "+w.result.Detail
	case !slices.ContainsFunc(w.hops, func(h hop) bool { return h.state == fine }):
		out.Tone, out.Title = commands.Bad, name+" fails, and no hop on the way could be checked"
	default:
		out.Tone, out.Title = commands.Bad, name+" fails, and none of the hops that were checked is broken"
	}
	table := commands.Table{Columns: []string{"Hop", "State", "What is so"}}
	for _, h := range w.sorted() {
		table.Rows = append(table.Rows, []string{h.name, string(h.state), h.says})
	}
	lines := []string{"Just now: " + w.result.Detail + "." + w.since(ctx)}
	if line := w.lastChange(ctx); line != "" {
		lines = append(lines, line)
	}
	out.Body = commands.Blocks{commands.Text{Text: strings.Join(lines, "\n")}, table}
	out.Next = append([]commands.Next{{Label: "Check now", Line: "check run " + name}}, w.next...)
	return out
}

func at(h hop) string {
	name := h.name
	switch {
	case name == hopTargets:
		name = "target health"
	case strings.ToUpper(name) != name: // abbreviations stay as they are
		name = "the " + strings.ToLower(name[:1]) + name[1:]
	}
	return name + ": " + h.says
}

// cause is the broken hop that explains the others.
func (w *walk) cause() (hop, bool) {
	for _, name := range causes {
		if i := slices.IndexFunc(w.hops, func(h hop) bool { return h.name == name && h.state == broken }); i >= 0 {
			return w.hops[i], true
		}
	}
	return hop{}, false
}

// sorted are the hops in the order of the way.
func (w *walk) sorted() []hop {
	way := []string{hopDNS, hopTLS, hopAPI, hopBalancer, hopListener, hopRule, hopTargets, hopGroup, hopACL, hopRoute, hopInstance, hopFunction, hopJob, hopRegistry}
	out := slices.Clone(w.hops)
	commands.Order(out, func(a, b hop) int { return slices.Index(way, a.name) - slices.Index(way, b.name) })
	return slices.Compact(out)
}

// since says how long the check has been down.
func (w *walk) since(ctx context.Context) string {
	states, err := w.doctor.Book.States(ctx)
	if err != nil {
		return ""
	}
	if s, ok := states[w.check.Name]; ok && s.Status == check.Down {
		return " Down since " + commands.At(s.Since) + "."
	}
	return ""
}

// lastChange says what was last changed through the bot on the way.
func (w *walk) lastChange(ctx context.Context) string {
	if w.doctor.Changes == nil {
		return ""
	}
	change, found, err := w.doctor.Changes.LastChange(ctx, w.touched)
	switch {
	case err != nil:
		return "Whether something was changed through deckhand could not be looked up."
	case !found:
		return "The record of the last 30 days has no change to any of this."
	}
	return "Last change through deckhand: " + commands.Mono(change.Line) + " by " + commands.Person(change.By) + ", " + commands.At(change.At) + ", " + change.State + " (" + commands.Mono("audit "+change.Request) + ")."
}
