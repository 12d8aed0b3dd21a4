package guard_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/guard"
)

// book is a book in memory.
type book struct{ guards []guard.Guard }

func (b *book) Guards(context.Context) ([]guard.Guard, error) { return slices.Clone(b.guards), nil }

func (b *book) PutGuard(ctx context.Context, g guard.Guard) error {
	_, _ = b.RemoveGuard(ctx, g.Kind, g.Target)
	b.guards = append(b.guards, g)
	return nil
}

func (b *book) RemoveGuard(_ context.Context, kind guard.Kind, target string) (bool, error) {
	before := len(b.guards)
	b.guards = slices.DeleteFunc(b.guards, func(g guard.Guard) bool { return g.Kind == kind && g.Target == target })
	return len(b.guards) < before, nil
}

// tuesday is a quarter past three in the night of a Tuesday, UTC.
var tuesday = time.Date(2026, 11, 24, 3, 15, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

type desk struct {
	t       *testing.T
	book    *book
	catalog *commands.Catalog
	now     time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, book: &book{}, now: tuesday}
	var err error
	if d.catalog, err = commands.NewCatalog(guard.Commands(d.book)); err != nil {
		t.Fatal(err)
	}
	return d
}

// say answers the report of a line as text, or the error.
func (d *desk) say(user, line string) string {
	d.t.Helper()
	invocation, _, err := d.catalog.Parse("", line)
	if err != nil {
		return err.Error()
	}
	runner, _, err := d.catalog.Runner(invocation)
	if err != nil {
		d.t.Fatal(err)
	}
	run := &commands.Run{Now: d.now, Say: func(string) {}, Asker: commands.Asker{User: user}, Journal: commands.NoJournal{}}
	do := runner.Run
	if invocation.Plan {
		do = runner.(commands.Planner).Plan
	}
	report, err := do(d.t.Context(), run)
	if err != nil {
		return commands.Terminal().Render(commands.Words(err).Error())
	}
	return commands.RenderText(report)
}

func (d *desk) want(user, line string, parts ...string) {
	d.t.Helper()
	got := d.say(user, line)
	for _, part := range parts {
		if !strings.Contains(got, part) {
			d.t.Errorf("%s said %s and got %q, want %q in it", user, line, got, part)
		}
	}
}

func TestAFreezeIsItsOwners(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.want("U1", "freeze list", "Nothing is frozen or locked")
	d.want("U1", `freeze prod until "Mon 09:00" --reason "quarter end" --plan`, "prod would be frozen", "env=prod")
	if len(d.book.guards) != 0 {
		t.Error("a plan froze")
	}
	d.want("U1", `freeze prod until "Mon 09:00" --reason "quarter end"`, "prod is frozen by U1 until 2026-11-30 09:00", "quarter end", "Undo: unfreeze prod")
	d.want("U2", `freeze prod --reason mine`, "prod is frozen by U1", "has to be lifted first")
	d.want("U2", "freeze list", "prod", "frozen", "U1", "2026-11-30", "quarter end")
	d.want("U2", "unfreeze prod", "Talk to them first", "--force")
	d.want("U1", `freeze prod until Mon 10:00 --reason "quarter end"`, "2026-11-30 10:00")
	d.want("U2", "unfreeze prod --force", "prod is not frozen any more", "Undo: freeze prod --until 2026-11-30T10:00:00Z --reason \"quarter end\"")
	d.want("U1", "unfreeze prod", "prod is not frozen")
	d.want("U1", "freeze prod", "--reason")
	d.want("U1", `freeze prod until 4h --until 5h --reason x`, "given twice")
}

func TestAnEndedGuardIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U1", "freeze prod until 2h --reason x")
	d.now = d.now.Add(2 * time.Hour)
	d.want("U1", "freeze list", "Nothing is frozen")
	d.want("U2", "unfreeze prod", "is not frozen")
	d.want("U2", "freeze prod --reason y", "frozen by U2")
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, zone, want string }{
		{"4h", "UTC", "2026-11-24T07:15:00Z"},
		{"3d", "UTC", "2026-11-27T03:15:00Z"},
		{"Mon 09:00", "UTC", "2026-11-30T09:00:00Z"},
		{"monday 9:00", "UTC", "2026-11-30T09:00:00Z"},
		{"Mon 09:00", "Europe/Berlin", "2026-11-30T08:00:00Z"},
		{"Tue 03:15", "UTC", "2026-12-01T03:15:00Z"},
		{"Tue 03:16", "UTC", "2026-11-24T03:16:00Z"},
		{"Fri", "UTC", "2026-11-27T00:00:00Z"},
		{"09:00", "UTC", "2026-11-24T09:00:00Z"},
		{"03:00", "UTC", "2026-11-25T03:00:00Z"},
		{"tomorrow 09:00", "Asia/Shanghai", "2026-11-25T01:00:00Z"},
		{"2026-12-01 09:00", "America/New_York", "2026-12-01T14:00:00Z"},
		{"2026-12-01", "UTC", "2026-12-01T00:00:00Z"},
		{"2026-11-01", "UTC", "is over already"},
		{"soon", "UTC", "is not a moment"},
		{"Mon 25:00", "UTC", "is not a moment"},
		{"-4h", "UTC", "is not a moment"},
		{"4h", "Mars/Olympus", "no time zone"},
	} {
		d := newDesk(t)
		got := d.say("U1", "freeze prod --until "+commands.Quote(c.text)+" --time-zone "+c.zone+" --reason x")
		if len(d.book.guards) == 1 {
			got = d.book.guards[0].Until.Format(time.RFC3339)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s in %s is %q, want %q", c.text, c.zone, got, c.want)
		}
	}
}

func TestWhatIsHeldBack(t *testing.T) {
	t.Parallel()
	resource := func(name string, tags map[string]string) *commands.Scope {
		return &commands.Scope{Resources: []commands.Resource{{ID: "i-1", Name: name, Tags: tags}}}
	}
	prod, dev := map[string]string{"env": "prod", "app": "shop"}, map[string]string{"env": "dev"}
	freeze := guard.Guard{Kind: guard.Freeze, Target: "prod", Owner: "U1", Reason: "sale"}
	lock := guard.Guard{Kind: guard.Lock, Target: "app/shop", Owner: "U1", Reason: "deploy"}
	all, ended, byName := freeze, freeze, lock
	all.Target, ended.Until, byName.Target = "all", tuesday, "web"
	for _, c := range []struct {
		sentence string
		guard    guard.Guard
		user     string
		scope    *commands.Scope
		says     string
	}{
		{"a freeze holds what has the tag", freeze, "U2", resource("web", prod), "prod is frozen by U1: sale."},
		{"its owner too", freeze, "U1", resource("web", prod), "prod is frozen"},
		{"not what has another tag", freeze, "U2", resource("web", dev), ""},
		{"and what has none, and says so", freeze, "U2", resource("web", nil), "counts as prod"},
		{"and what is new", freeze, "U2", &commands.Scope{}, "counts as prod"},
		{"and an account of that name", freeze, "U2", &commands.Scope{Account: "prod", Resources: resource("web", dev).Resources}, "frozen"},
		{"not what touches nothing outside", freeze, "U2", nil, ""},
		{"not after its end", ended, "U2", resource("web", prod), ""},
		{"a freeze of all holds all", all, "U2", resource("web", dev), "Everything is frozen"},
		{"a lock holds what has the tag", lock, "U2", resource("web", prod), "app/shop is locked by U1: deploy. Wait, or have it lifted: unlock app/shop."},
		{"but not its owner", lock, "U1", resource("web", prod), ""},
		{"nor anything else", lock, "U2", resource("web", dev), ""},
		{"a lock of a name holds the name", byName, "U2", resource("web", dev), "web is locked"},
		{"and not another", byName, "U2", resource("web2", dev), ""},
	} {
		asked := false
		err := guard.Watch{Book: &book{guards: []guard.Guard{c.guard}}}.Stops(t.Context(), commands.Asker{User: c.user}, tuesday, func() (*commands.Scope, error) {
			asked = true
			return c.scope, nil
		})
		got := ""
		if err != nil {
			got = commands.Terminal().Render(err.Error())
		}
		if (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", c.sentence, got, c.says)
		}
		if err == nil && asked && c.user == "U1" {
			t.Errorf("%s: the resource was looked up for nothing", c.sentence)
		}
	}
}
