package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"deckhand/commands"
)

// May tells whether an asker could run a command here, as far as that can be said without the resource.
func (e *Engine) May(ctx context.Context, who commands.Asker, command *commands.Command) bool {
	if !command.Engine {
		decision, err := e.decide(ctx, Message{Asker: who}, command, nil)
		return err == nil && decision.Effect != Deny
	}
	for _, other := range e.Catalog.All() {
		if !other.Engine && other.Risk > commands.Read && e.May(ctx, who, other) {
			return true
		}
	}
	return false
}

// WhoAmI answers whom the policy takes an asker for, and what follows from that where they ask.
func (e *Engine) WhoAmI(ctx context.Context, who commands.Asker) (commands.Report, error) {
	var named, unknown []string
	for _, subject := range e.Policy.Subjects() {
		if subject == "*" || subject == "config" {
			continue
		}
		member, err := e.Policy.Matches(ctx, who.User, []string{subject})
		if err != nil {
			unknown = append(unknown, subject)
		} else if member {
			named = append(named, subject)
		}
	}
	fields := []commands.Field{{Name: "You are", Value: commands.Person(who.User) + " (" + commands.Mono(who.User) + ")"}}
	if who.Channel != "" {
		fields = append(fields, commands.Field{Name: "Here is", Value: commands.Mono(who.Channel)})
	}
	fields = append(fields, commands.Field{Name: "The policy knows you as", Value: orNobody(Subjects(named))})
	fields = append(fields, commands.Field{Name: "Second factor", Value: e.factorOf(who)})
	report := commands.Report{Title: "You, as the policy sees you", Body: commands.Blocks{commands.Fields{Fields: fields}}}
	if len(unknown) > 0 {
		report.Body = append(report.Body, commands.Text{Text: "Slack could not say whether you are in " + Subjects(unknown) + ", so nothing is opened to you by it now."})
	}
	type right struct {
		effect Effect
		factor bool
	}
	may := map[right][]string{}
	for _, command := range e.Catalog.All() {
		if command.Engine {
			continue
		}
		if decision, err := e.decide(ctx, Message{Asker: who}, command, nil); err == nil {
			key := right{decision.Effect, decision.SecondFactor && command.Risk > commands.Read}
			may[key] = append(may[key], command.Name)
		}
	}
	table := commands.Table{Columns: []string{"Here you", "Commands"}}
	for _, row := range []struct {
		effect Effect
		words  string
	}{
		{Allow, "may run"},
		{Confirm, "may run and confirm"},
		{Ask, "may run, and others approve"},
		{Unsettled, "may run or not, by what it touches"},
	} {
		for _, factor := range []bool{false, true} {
			names := may[right{row.effect, factor}]
			if len(names) == 0 {
				continue
			}
			words := row.words
			if factor {
				words += ", with a code of a second factor"
			}
			table.Rows = append(table.Rows, []string{words, strings.Join(names, ", ")})
		}
	}
	if len(table.Rows) == 0 {
		report.Body = append(report.Body, commands.Text{Text: "Policy lets you run nothing here. Ask whoever keeps deckhand's configuration file."})
		return report, nil
	}
	report.Body = append(report.Body, table)
	return report, nil
}

// factorOf says whether somebody has a second factor.
func (e *Engine) factorOf(who commands.Asker) string {
	if _, known := e.Keys[e.Self(who.User)]; known && e.Codes != nil {
		return "set up"
	}
	return "not set up"
}

func orNobody(text string) string {
	if text == "" {
		return "nobody in particular"
	}
	return text
}

// Can answers whether somebody may run a line, and by which rule. Where pretend is nil and the line names what it touches, that is
// looked up.
func (e *Engine) Can(ctx context.Context, who commands.Asker, line string, pretend *commands.Scope) (commands.Report, error) {
	command, invocation, err := e.commandOf(who, line)
	if err != nil {
		return commands.Report{}, err
	}
	if command.Engine {
		return commands.Report{Title: "Each request decides", Body: commands.Blocks{commands.Text{
			Text: commands.Mono(command.Name) + " is open to those whom the request itself names: its asker, or its approvers.",
		}}}, nil
	}
	scope := pretend
	if scope == nil && invocation != nil {
		if scope, err = e.touched(ctx, who, *invocation); err != nil {
			return commands.Report{}, err
		}
	}
	decision, err := e.decide(ctx, Message{Asker: who, Source: Slash}, command, scope)
	if err != nil {
		return commands.Report{}, &commands.Error{Kind: commands.Unavailable, Message: "Policy could not be asked, and nothing is allowed until it can.", Hint: "Try again in a moment.", Err: err}
	}
	report := commands.Report{Tone: commands.Plain, Title: verdict(who.User, command, decision)}
	if decision.Effect == Deny {
		report.Tone = commands.Bad
	}
	report.Body = commands.Blocks{
		commands.Text{Text: "Decided by " + decision.Rule + consequence(decision) + spaced(decision.Why)},
		commands.Text{Text: considered(who, scope)},
	}
	if words := factorWords(decision); words != "" && command.Risk > commands.Read {
		report.Body = append(report.Body, commands.Text{Text: words})
	}
	if e.Guards != nil && scope != nil && command.Risk > commands.Read && decision.Effect != Deny {
		held := e.Guards.Stops(ctx, who, e.Now(), func() (*commands.Scope, error) { return scope, nil })
		if held != nil {
			report.Tone = commands.Warning
			report.Body = append(report.Body, commands.Text{Text: "Held back now all the same: " + commands.Words(held).Message})
		}
	}
	return report, nil
}

// commandOf reads a line, or the name of a command alone: then there is no invocation.
func (e *Engine) commandOf(who commands.Asker, line string) (*commands.Command, *commands.Invocation, error) {
	if command := e.Catalog.Find(strings.ToLower(line)); command != nil {
		return command, nil, nil
	}
	invocation, command, err := e.parse(Message{Asker: who, Line: line})
	if err != nil {
		return nil, nil, err
	}
	return command, &invocation, nil
}

func (e *Engine) touched(ctx context.Context, who commands.Asker, invocation commands.Invocation) (*commands.Scope, error) {
	runner, command, err := e.Catalog.Runner(invocation)
	if err != nil {
		return nil, err
	}
	return e.weigh(e.madeFor(ctx, commands.Asker{}, command, false), Request{Message: Message{Asker: who}}, runner)
}

func verdict(user string, command *commands.Command, decision Decision) string {
	name := commands.Person(user) + " "
	switch decision.Effect {
	case Allow:
		return name + "may run " + command.Name
	case Confirm:
		return name + "may run " + command.Name + " and has to confirm it" + withCode(decision)
	case Ask:
		return name + "may run " + command.Name + " with approval"
	case Unsettled:
		return name + "may or may not run " + command.Name + ": it depends on what it touches"
	case Deny:
	}
	return name + "may not run " + command.Name
}

func consequence(decision Decision) string {
	switch {
	case decision.Effect == Ask && decision.needed() == 1:
		return ": " + decision.asks() + " approves."
	case decision.Effect == Ask:
		return ": " + decision.asks() + " approve."
	case decision.Effect == Unsettled:
		return ", which asks for tags, account or region. Name the resource, or pretend one: " + commands.Mono("--env prod") + "."
	}
	return "."
}

// considered says what a question was asked about.
func considered(who commands.Asker, scope *commands.Scope) string {
	where := "in a terminal"
	if who.Channel != "" {
		where = "in " + commands.Channel(who.Channel)
	}
	if scope == nil {
		return "Considered: " + where + ", without a resource."
	}
	parts := []string{where}
	if scope.Account != "" {
		parts = append(parts, "account "+scope.Account)
	}
	if scope.Region != "" {
		parts = append(parts, "region "+scope.Region)
	}
	for _, resource := range scope.Resources {
		parts = append(parts, strings.TrimSpace(cmp.Or(resource.Name, resource.ID)+" "+tagged(resource.Tags)))
	}
	return "Considered: " + strings.Join(parts, ", ") + "."
}

func tagged(tags map[string]string) string {
	if len(tags) == 0 {
		return "without tags"
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, commands.Unmarked(key+"="+tags[key]))
	}
	return "with " + strings.Join(out, " ")
}

// WhoCan answers who may run a command in a channel, on what the scope pretends.
func (e *Engine) WhoCan(_ context.Context, where commands.Asker, name string, pretend *commands.Scope) (commands.Report, error) {
	command, _, err := e.commandOf(where, name)
	if err != nil {
		return commands.Report{}, err
	}
	grants := e.Policy.Grants(AccessRequest{
		Asker: commands.Asker{Channel: where.Channel}, Source: Slash, Command: command.Name, Risk: command.Risk, Scope: pretend,
	})
	table := commands.Table{Columns: []string{"Who", "May", "By"}}
	for _, grant := range grants {
		table.Rows = append(table.Rows, []string{Subjects([]string{grant.Subject}), mays[grant.Decision.Effect] + byWhom(grant.Decision) + withFactor(grant.Decision, command), grant.Decision.Rule})
	}
	about := commands.Text{Text: considered(where, pretend)}
	if len(table.Rows) == 0 {
		return commands.Report{Title: "Nobody may run " + command.Name, Body: commands.Blocks{commands.Text{Text: "No rule opens it here to anybody."}, about}}, nil
	}
	return commands.Report{Title: "Who may run " + command.Name, Body: commands.Blocks{table, about}}, nil
}

var mays = map[Effect]string{ //nolint:gochecknoglobals // a constant table
	Allow: "run it", Confirm: "run it and confirm", Ask: "run it with approval", Unsettled: "depends on what it touches",
}

func withFactor(decision Decision, command *commands.Command) string {
	if decision.SecondFactor && command.Risk > commands.Read {
		return ", with a code of a second factor"
	}
	return ""
}

func byWhom(decision Decision) string {
	if decision.Effect != Ask {
		return ""
	}
	return " of " + decision.asks()
}
