package probes

import (
	"context"
	"fmt"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/probe"
	"deckhand/commands/where"
)

// patience is how long a probe may take to get ready: its network interfaces in a VPC take a minute or two.
const patience = 5 * time.Minute

// List is probe list.
type List struct {
	Account string `flag:"account" value:"NAME" help:"AWS account by its name in the configuration; default is the bot's own."`

	room Room
}

// Run lists the probes of an account, and the places that checks name where there is none.
func (l *List) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	all, err := l.room.all(ctx, l.Account)
	if err != nil {
		return commands.Report{}, err
	}
	watching, err := l.room.watching(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	current, err := archive()
	if err != nil {
		return commands.Report{}, err
	}
	table := commands.Table{Columns: []string{"Looks from", "State", "Network", "Program", "Checks"}}
	there, absent := 0, 0
	for _, f := range all {
		row := []string{f.Place.String(), "no function", commands.None, commands.None, fmt.Sprint(len(watching[f.Place]))}
		if f.Function.Name != "" {
			there++
			row[1], row[2], row[3] = stateOf(f.Function), network(f.Function), program(f.Function, current)
		} else if absent++; f.Role != "" {
			row[1] = "no function, its role stands"
		}
		table.Rows = append(table.Rows, row)
	}
	report := commands.Report{Title: commands.Count(there, "probe"), Where: l.room.Cloud.Place(ctx, aws.Target{Account: l.Account}).AccountID}
	if len(all) == 0 {
		report.Title = "No probes yet"
		report.Body = commands.Blocks{commands.Text{Text: "Checks look from here alone. " + commands.Mono("probe create --region eu-west-1") + " makes a probe in a region."}}
		return report, nil
	}
	report.Body = commands.Blocks{table}
	if absent > 0 {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: "A check that looks from where there is no function is not measured from there: " + commands.Mono("probe create") + " makes it."})
	}
	return report, nil
}

func stateOf(f aws.Function) string {
	state := f.State
	if state == "" {
		state = "Active" // AWS says none of the oldest functions
	}
	if f.StateReason != "" {
		state += ": " + commands.Unmarked(aws.Sentence(f.StateReason))
	}
	return state
}

// program says whether a function has the program of this version.
func program(f aws.Function, current []byte) string {
	if f.CodeSHA256 == hash(current) {
		return "up to date"
	}
	return "another one"
}

// Show is probe show.
type Show struct {
	Spot

	room Room
}

// Run shows one probe.
func (s *Show) Run(ctx context.Context, _ *commands.Run) (commands.Report, error) {
	p, err := s.pick(ctx, s.room.Cloud)
	if err != nil {
		return commands.Report{}, err
	}
	f, err := s.room.find(ctx, p.Place)
	if err != nil {
		return commands.Report{}, err
	}
	if !f.there() {
		return commands.Report{}, none(p.Place)
	}
	watching, err := s.room.watching(ctx)
	if err != nil {
		return commands.Report{}, err
	}
	current, err := archive()
	if err != nil {
		return commands.Report{}, err
	}
	report := commands.Report{Title: "The probe " + p.String(), Where: where.Words(p.At), Next: []commands.Next{{Label: "Remove", Line: p.undo(), Style: "danger", Confirm: "Remove the probe " + p.String() + "?"}}}
	if f.Function.Name == "" {
		report.Tone, report.Title = commands.Warning, "The probe "+p.String()+" has no function"
		report.Body = commands.Blocks{commands.Text{Text: "Its role " + commands.Mono(f.Role) + " stands. " + commands.Mono("probe create "+p.String()) + " makes the function, " + commands.Mono(p.undo()) + " takes the role away."}}
		return report, nil
	}
	fields := probeFields(f.Function)
	fields.Fields = append(fields.Fields,
		commands.Field{Name: "Program", Value: program(f.Function, current)},
		commands.Field{Name: "Price", Value: s.room.price(ctx, p.Place)},
		commands.Field{Name: "Checks", Value: checksOf(watching[p.Place])},
	)
	report.Body = commands.Blocks{fields}
	if f.Function.CodeSHA256 != hash(current) {
		report.Next = append([]commands.Next{{Label: "Bring up to date", Line: "probe create " + commands.Quote(p.String()) + inside(f.Function)}}, report.Next...)
	}
	return report, nil
}

// inside are the flags that make a probe in the same network.
func inside(f aws.Function) string {
	var flags string
	for _, id := range f.Subnets {
		flags += commands.Flag("subnet-ids", id)
	}
	for _, id := range f.Groups {
		flags += commands.Flag("security-group-ids", id)
	}
	return flags
}

func checksOf(names []string) string {
	if len(names) == 0 {
		return "none looks from it"
	}
	return commands.And(commands.Monos(names))
}

func none(p probe.Place) error {
	return &commands.Error{
		Kind: commands.NotFound, Message: "There is no probe " + commands.Mono(p.String()) + ".",
		Hint: commands.Mono("probe list") + " shows all, and " + commands.Mono("probe create "+p.String()) + " makes it.",
	}
}

func probeFields(f aws.Function) commands.Fields {
	return commands.Fields{Fields: []commands.Field{
		{Name: "Function", Value: fmt.Sprintf("%s, %s, %d MB", commands.Mono(f.Name), f.Runtime, f.MemoryMB)},
		{Name: "State", Value: stateOf(f)},
		{Name: "Looks from", Value: network(f)},
		{Name: "Role", Value: commands.Mono(f.Role)},
	}}
}
