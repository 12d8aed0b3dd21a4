package probes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/probe"
	"deckhand/commands/schedule"
	"deckhand/commands/where"
)

// Delete is probe delete.
type Delete struct {
	Spot
	All bool `flag:"all" help:"Every probe of the account, in every region."`

	room Room
}

// Validate asks for one probe or all.
func (d *Delete) Validate() error {
	if d.All && (d.Spot.Spot != "" || d.Name != "") {
		return commands.Misuse("The line says one probe and all of them.", "Leave "+commands.Mono("--all")+" out, or say it alone.")
	}
	return d.Spot.Validate()
}

// look finds what is to be removed now. The role that goes by itself later is left to that.
func (d *Delete) look(ctx context.Context, now time.Time) ([]found, error) {
	later, err := d.room.later(ctx, now)
	if err != nil {
		return nil, err
	}
	left := func(f found) bool { return f.Function.Name == "" && !later[actKey(f.Place)].IsZero() }
	if d.All {
		all, err := d.room.all(ctx, d.Account)
		return slices.DeleteFunc(all, func(f found) bool { return !f.there() || left(f) }), err
	}
	p, err := d.pick(ctx, d.room.Cloud)
	if err != nil {
		return nil, err
	}
	f, err := d.room.find(ctx, p.Place)
	switch {
	case err != nil:
		return nil, err
	case !f.there():
		return nil, none(p.Place)
	case left(f):
		return nil, &commands.Error{
			Kind: commands.Failed, Message: "The probe " + commands.Mono(p.String()) + " is gone, and its role goes by itself " + commands.At(later[actKey(f.Place)]) + ".",
			Hint: "Until then Lambda may need it, to remove the network interfaces in the VPC.",
		}
	}
	return []found{f}, nil
}

// later is when the roles go that are removed by themselves, by the key of the act.
func (r Room) later(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	acts, err := r.Acts.Acts(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	later := map[string]time.Time{}
	for _, act := range acts {
		if act.Due.After(now) {
			later[act.Key] = act.Due
		}
	}
	return later, nil
}

func (d *Delete) pinned(ctx context.Context, run *commands.Run) ([]found, error) {
	return commands.Repeat(ctx, run, "look for probes", func(ctx context.Context) ([]found, error) { return d.look(ctx, run.Now) })
}

// all is everything that the line is about, whether it goes now or later.
func (d *Delete) all(ctx context.Context) ([]found, error) {
	if d.All {
		return d.room.all(ctx, d.Account)
	}
	p, err := d.pick(ctx, d.room.Cloud)
	if err != nil {
		return nil, err
	}
	f, err := d.room.find(ctx, p.Place)
	if err == nil && !f.there() {
		err = none(p.Place)
	}
	return []found{f}, err
}

// Scope is the probes that would go.
func (d *Delete) Scope(ctx context.Context) (commands.Scope, error) {
	all, err := d.all(ctx)
	scope := commands.Scope{Account: d.Account, Region: d.Region}
	for _, f := range all {
		scope.Account = f.Place.Account
		if !d.All {
			scope.Region = f.Place.Region
		}
		scope.Resources = append(scope.Resources, picked{Place: f.Place}.resource(f.Function.Tags))
	}
	return scope, err
}

// place is where the report says that it happened.
func (d *Delete) place(ctx context.Context, all []found) string {
	if d.All || len(all) != 1 {
		return d.room.Cloud.Place(ctx, aws.Target{Account: d.Account}).AccountID
	}
	return where.Words(d.room.Cloud.Place(ctx, target(all[0].Place)))
}

// blind says which checks look from what goes.
func (d *Delete) blind(ctx context.Context, all []found) (string, error) {
	watching, err := d.room.watching(ctx)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, f := range all {
		if names := watching[f.Place]; len(names) > 0 {
			lines = append(lines, fmt.Sprintf("Not measured from %s without it: %s.", f.Place, commands.And(commands.Monos(names))))
		}
	}
	return strings.Join(lines, "\n"), nil
}

// Plan tells what would go.
func (d *Delete) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	all, err := d.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if len(all) == 0 {
		return commands.Report{Title: "There are no probes", Where: d.place(ctx, all)}, nil
	}
	report := commands.Report{Title: "Would remove " + named(all), Where: d.place(ctx, all)}
	var lines []string
	for _, f := range all {
		lines = append(lines, f.Place.String()+": "+strings.Join(f.parts(), " and ")+f.later())
	}
	blind, err := d.blind(ctx, all)
	if err != nil {
		return commands.Report{}, err
	}
	report.Body = commands.Blocks{commands.Text{Text: strings.Join(lines, "\n")}}
	if blind != "" {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: blind})
	}
	return report, nil
}

func named(all []found) string {
	if len(all) == 1 {
		return "the probe " + all[0].Place.String()
	}
	return commands.Count(len(all), "probe")
}

// parts are what stands of a probe.
func (f found) parts() []string {
	var parts []string
	if f.Function.Name != "" {
		parts = append(parts, "the function "+commands.Mono(f.Function.Name))
	}
	if f.Role != "" {
		parts = append(parts, "the role "+commands.Mono(f.Role))
	}
	return parts
}

// lets is how long Lambda may need the role of a function that stood in a VPC: it removes the network interfaces with its rights.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
const lets = 45 * time.Minute

// lingers tells whether the role has to stay a while longer than the function.
func (f found) lingers() bool {
	return f.Function.Name != "" && len(f.Function.Subnets) > 0 && f.Role != ""
}

func (f found) later() string {
	if !f.lingers() {
		return ""
	}
	return fmt.Sprintf(", which goes by itself %s later: Lambda removes the network interfaces in the VPC with its rights", commands.Length(lets))
}

// Run removes functions first, then their roles. Each removal may be repeated: what is gone is no error.
func (d *Delete) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	all, err := d.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	if len(all) == 0 {
		return commands.Report{Title: "There were no probes", Where: d.place(ctx, all)}, nil
	}
	blind, err := d.blind(ctx, all)
	if err != nil {
		return commands.Report{}, err
	}
	var gone []string
	for _, f := range all {
		run.Say("Removing the probe " + f.Place.String() + ".")
		if err := d.remove(ctx, run, f); err != nil {
			return d.halfway(ctx, all, gone, f), err
		}
		gone = append(gone, f.Place.String()+": "+strings.Join(f.parts(), " and ")+f.later())
	}
	report := d.report(ctx, all, gone)
	if blind != "" {
		report.Tone = commands.Warning
		report.Body = append(report.Body, commands.Text{Text: blind})
	}
	return report, nil
}

func (d *Delete) remove(ctx context.Context, run *commands.Run, f found) error {
	if f.Function.Name != "" {
		_, err := commands.Repeat(ctx, run, "DeleteFunction "+f.Place.String(), func(ctx context.Context) (bool, error) {
			return true, d.room.Cloud.DeleteFunction(ctx, target(f.Place), f.Function.Name)
		})
		if err != nil {
			return err
		}
	}
	if f.lingers() {
		_, err := commands.Repeat(ctx, run, "PutActs "+f.Place.String(), func(ctx context.Context) (bool, error) {
			return true, d.room.Acts.PutActs(ctx, []schedule.Act{{
				Key: actKey(f.Place), Due: run.Now.Add(lets), Line: "probe delete " + commands.Quote(f.Place.String()), Asker: run.Asker,
				Reason: "the role of the probe " + f.Place.String() + " is not needed any more",
			}})
		})
		return err
	}
	if f.Role == "" {
		return nil
	}
	_, err := commands.Repeat(ctx, run, "DeleteRole "+f.Place.String(), func(ctx context.Context) (bool, error) {
		return true, d.room.Cloud.DeleteRole(ctx, target(f.Place), f.Role)
	})
	return err
}

// actKey names the removal of a probe's role, which comes later.
func actKey(p probe.Place) string { return "probe " + p.String() + " role" }

// keepRole forgets that a role was to be removed later: a new probe needs it.
func (r Room) keepRole(ctx context.Context, p probe.Place) error {
	return r.Acts.PutActs(ctx, nil, actKey(p))
}

func (d *Delete) again(all []found) string {
	if d.All {
		return "probe delete --all" + commands.Flag("account", d.Account)
	}
	return "probe delete " + commands.Quote(all[0].Place.String())
}

func (d *Delete) halfway(ctx context.Context, all []found, gone []string, stuck found) commands.Report {
	return commands.Report{
		Title: "Removed in part", Where: d.place(ctx, all),
		Body: commands.Blocks{commands.Text{Text: "Gone: " + commands.OrNone(strings.Join(gone, "; ")) + ". Of " + stuck.Place.String() + " and what comes after it something may stand. " + commands.Mono(d.again(all)) + " finishes it."}},
		Next: []commands.Next{{Label: "Finish it", Line: d.again(all), Style: "danger"}},
	}
}

func (d *Delete) report(ctx context.Context, all []found, gone []string) commands.Report {
	report := commands.Report{
		Tone: commands.Good, Title: "Removed " + named(all), Where: d.place(ctx, all), Body: commands.Blocks{commands.Text{Text: strings.Join(gone, "\n")}},
		Next: []commands.Next{{Label: "All probes", Line: "probe list"}},
	}
	if len(all) == 1 && all[0].Function.Name != "" {
		report.Undo = "probe create " + commands.Quote(all[0].Place.String()) + inside(all[0].Function)
	}
	return report
}

// Check looks whether the probes are gone.
func (d *Delete) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	all, err := d.pinned(ctx, run)
	if err != nil {
		return commands.Report{}, err
	}
	for _, f := range all {
		now, err := d.room.find(ctx, f.Place)
		if err != nil {
			return commands.Report{}, err
		}
		if now.Function.Name != "" || now.Role != "" && !f.lingers() {
			return commands.Report{}, &commands.Error{
				Kind: commands.Failed, Message: "Not everything is gone: of " + commands.Mono(f.Place.String()) + " stands " + strings.Join(now.parts(), " and ") + ".",
				Hint: commands.Mono(d.again(all)) + " finishes it; what is gone already is passed over.",
			}
		}
	}
	return d.report(ctx, all, []string{"Everything is gone."}), nil
}
