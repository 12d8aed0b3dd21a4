package access

import (
	"context"
	"strconv"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/schedule"
)

// end is access end.
type end struct {
	What string `arg:"what" required:"" value:"R-42|ROLE" help:"The request that it was asked for by, or your own access to this role."`

	desk Desk
}

// found is what is to be ended.
type found struct {
	Given given
	Role  aws.RoleText
	// Over is set where the statement is gone already, and the policy that ended it is left.
	Over bool
}

// find looks in the roles of the configuration.
func (c *end) find(ctx context.Context, asker string) (found, error) {
	match := requestID.FindStringSubmatch(c.What)
	if match == nil {
		return c.own(ctx, asker)
	}
	number, _ := strconv.ParseInt(match[1], 10, 64)
	var unseen error
	for _, r := range c.desk.Roles {
		text, t, err := c.desk.look(ctx, r)
		if err != nil {
			unseen = err // it may be in another
			continue
		}
		for _, g := range t.given(r) {
			if g.Request == number {
				return found{Given: g, Role: text}, nil
			}
		}
		document, err := c.desk.Cloud.PolicyInRole(ctx, r.at(), r.short(), policyName(number))
		if err != nil {
			unseen = err
			continue
		}
		if over := endIn(document); !over.IsZero() {
			return found{Given: given{Role: r, Request: number, Until: over}, Role: text, Over: true}, nil
		}
	}
	if unseen != nil {
		return found{}, unseen
	}
	return found{}, none("There is no access by " + commands.Mono("R-"+match[1]) + " in the roles that the configuration names.")
}

// own finds the asker's access to a role.
func (c *end) own(ctx context.Context, asker string) (found, error) {
	r, err := c.desk.role(c.What)
	if err != nil {
		return found{}, err
	}
	text, t, err := c.desk.look(ctx, r)
	if err != nil {
		return found{}, err
	}
	for _, g := range t.given(r) {
		if principal := c.desk.People[asker]; principal != "" && g.Principal == principal {
			return found{Given: g, Role: text}, nil
		}
	}
	return found{}, none("You have no access to " + commands.Mono(r.Name) + ".")
}

func none(message string) error {
	return &commands.Error{Kind: commands.NotFound, Message: message, Hint: "See " + commands.Mono("access list") + "."}
}

// Scope is the role. Whose access it is does not matter to it.
func (c *end) Scope(ctx context.Context) (commands.Scope, error) {
	if !requestID.MatchString(c.What) {
		r, err := c.desk.role(c.What)
		if err != nil {
			return commands.Scope{}, err
		}
		return scopeOf(ctx, c.desk, r)
	}
	f, err := c.find(ctx, "")
	if err != nil {
		return commands.Scope{}, err
	}
	return scopeOf(ctx, c.desk, f.Given.Role)
}

// Plan tells what would end.
func (c *end) Plan(ctx context.Context, run *commands.Run) (commands.Report, error) {
	f, err := c.find(ctx, run.Asker.User)
	if err != nil {
		return commands.Report{}, err
	}
	if f.Over {
		return commands.Report{}, f.early(run.Now)
	}
	return commands.Report{
		Title: "Would end the access of " + f.Given.session() + " to " + f.Given.Role.Name + " now instead of " + commands.At(f.Given.Until), Where: f.Given.Role.where(),
		Body: commands.Blocks{commands.Text{Text: c.desk.who(f.Given.Principal) + " gets in no more, and sessions of theirs in this role are refused everything. Sessions of others stay."}},
	}, nil
}

// early says of an access that is over that nothing is to be done, or nothing yet.
func (f found) early(now time.Time) error {
	if !now.Before(useless(f.Given.Until)) {
		return nil
	}
	is := "is over since " + commands.At(f.Given.Until)
	if now.Before(f.Given.Until) {
		is = "does not stand: its statement is not in the role's trust policy"
	}
	return &commands.Error{
		Kind: commands.NotFound, Message: "The access of " + f.Given.ID() + " to " + commands.Mono(f.Given.Role.Name) + " " + is + ".",
		Hint: "What denies its sessions everything stays in the role until the longest of them is over, " + commands.At(useless(f.Given.Until)) + ".",
	}
}

// Run denies, then takes the statement out: while the statement stands, the access is not over.
func (c *end) Run(ctx context.Context, run *commands.Run) (commands.Report, error) {
	f, err := commands.Repeat(ctx, run, "find the access", func(ctx context.Context) (found, error) {
		f, err := c.find(ctx, run.Asker.User)
		if err == nil && f.Over {
			err = f.early(run.Now)
		}
		if now := run.Now.UTC().Truncate(time.Second); err == nil && !f.Over && now.Before(f.Given.Until) {
			f.Given.Until = now
		}
		return f, err
	})
	if err != nil {
		return commands.Report{}, err
	}
	if f.Over {
		return c.tidied(ctx, run, f)
	}
	g := f.Given
	by := run.Asker
	_, err = commands.Repeat(ctx, run, closeRole, func(ctx context.Context) (bool, error) {
		return true, c.desk.Cloud.AllowRole(ctx, g.Role.at(), g.Role.short(), policyName(g.Request), g.exit(f.Role))
	})
	if err == nil {
		_, err = commands.Repeat(ctx, run, "write down the end", func(ctx context.Context) (bool, error) {
			return true, c.desk.Acts.PutActs(ctx, []schedule.Act{g.tidy(by, g.Until)})
		})
	}
	if err == nil {
		_, err = commands.Repeat(ctx, run, openRole, func(ctx context.Context) (bool, error) { return true, c.desk.shut(ctx, g) })
	}
	if err == nil {
		_, err = commands.Repeat(ctx, run, "forget the end", func(ctx context.Context) (bool, error) { return true, c.desk.Acts.PutActs(ctx, nil, g.overKey()) })
	}
	if err != nil {
		return commands.Report{}, err
	}
	return c.report(g), nil
}

// tidied removes the policy that no session is left for.
func (c *end) tidied(ctx context.Context, run *commands.Run, f found) (commands.Report, error) {
	g := f.Given
	_, err := commands.Repeat(ctx, run, "DeleteRolePolicy", func(ctx context.Context) (bool, error) {
		return true, c.desk.Cloud.DisallowRole(ctx, g.Role.at(), g.Role.short(), policyName(g.Request))
	})
	if err != nil {
		return commands.Report{}, err
	}
	return commands.Report{
		Tone: commands.Good, Title: "Nothing is left of the access of " + g.ID() + " to " + g.Role.Name, Where: g.Role.where(),
		Body: commands.Blocks{commands.Text{Text: "It was over " + commands.At(g.Until) + ". The policy " + commands.Mono(policyName(g.Request)) + ", which denied its last sessions everything, is removed from the role."}},
	}, nil
}

func (c *end) report(g given) commands.Report {
	text := []string{
		c.desk.who(g.Principal) + " gets in no more by " + g.ID() + ", and sessions of theirs in this role that began before are refused everything. Sessions of others stay.",
		"What refuses them, the policy " + commands.Mono(policyName(g.Request)) + " in the role, goes by itself " + commands.At(useless(g.Until)) + ", when the longest session is over.",
	}
	return commands.Report{
		Tone: commands.Good, Title: "Over: the access of " + g.session() + " to " + g.Role.Name, Where: g.Role.where(), Body: commands.Blocks{commands.Text{Text: strings.Join(text, " ")}},
	}
}

// Check looks whether the statement is gone.
func (c *end) Check(ctx context.Context, run *commands.Run) (commands.Report, error) {
	const before = "AWS was asked to end anything"
	known, err := commands.Answered(ctx, run, "find the access", before)
	if err != nil {
		return commands.Report{}, err
	}
	if !known {
		return commands.Report{}, commands.CutShort(before)
	}
	f, err := commands.Repeat(ctx, run, "find the access", func(context.Context) (found, error) { return found{}, nil })
	if err != nil {
		return commands.Report{}, err
	}
	_, t, err := c.desk.look(ctx, f.Given.Role)
	switch {
	case err != nil:
		return commands.Report{}, err
	case t.has(sid(f.Given.Request)):
		return commands.Report{}, &commands.Error{Kind: commands.Failed, Message: "The access still stands until " + commands.At(f.Given.Until) + ".", Hint: commands.Mono("access end "+f.Given.ID()) + " ends it."}
	case f.Over:
		return c.tidied(ctx, run, f)
	}
	return c.report(f.Given), nil
}
