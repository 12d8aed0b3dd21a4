package commands

import (
	"strings"
	"testing"
	"time"
)

// picky wants something that only it knows of.
type picky struct {
	plain
	Hint string `flag:"-"`
}

func (*picky) Validate() error { return Misuse("The line does not say which.", "Name it.") }

// told says in its own words how the line should be.
type told struct{ plain }

func (*told) Validate() error {
	return Misuse("The line does not say which.", "Say it: "+Mono("app show shop")+".")
}

// layered has arguments in no good order.
type layered struct {
	Where
	Old  string `flag:"old" unlisted:"" help:"Not taken."`
	More string `flag:"more" help:"Own."`
	Name string `arg:"name" value:"NAME"`
	Kind string `flag:"kind" required:"" help:"What it is."`
	plain
}

func nouns(t *testing.T) *Catalog {
	t.Helper()
	plainly := func() Runner { return &plain{} }
	c, err := NewCatalog([]Command{
		{Name: "api show", Summary: "Show", Example: "api show myapi", New: plainly},
		{Name: "app show", Summary: "Show", Example: "app show shop", New: func() Runner { return &told{} }},
		{Name: "lb show", Summary: "Show", Example: "lb show myapp", New: plainly},
		{Name: "vm show", Summary: "Show", Example: "vm show web", New: func() Runner { return &picky{} }},
		{Name: "vm make", Summary: "Make", Example: "vm make web --kind x", Risk: Change, New: func() Runner { return &layered{} }},
		{Name: "net route create", Summary: "Create", Example: "net route create x", Risk: Change, New: plainly},
		{Name: "net route delete", Summary: "Delete", Example: "net route delete x", Risk: Change, New: plainly},
		{Name: "help", Summary: "Help", Example: "help", New: func() Runner { return &helper{} }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAVerbThatSeveralNounsHaveIsAQuestion(t *testing.T) {
	t.Parallel()
	_, _, err := nouns(t).Parse("", "show web")
	want := "There is no command show web: did you mean vm show, api show or app show? Example: vm show web. 1 more command ends so; help has them."
	if got := Terminal().Render(Words(err).Error()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryMistakeComesWithAWorkingLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"vm show":  "The line does not say which. Name it. Example: vm show web",
		"app show": "The line does not say which. Say it: app show shop.",
	} {
		_, _, err := nouns(t).Parse("", line)
		if got := Terminal().Render(Words(err).Error()); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestHelpBeginsWithWhatIsNeeded(t *testing.T) {
	t.Parallel()
	everything := func(*Command) bool { return true }
	report, err := nouns(t).Help([]string{"vm", "make"}, everything)
	if err != nil {
		t.Fatal(err)
	}
	text := RenderText(report)
	for _, next := range []string{"vm make web --kind x", "--kind KIND Needed. What it is.", "\nNAME", "--more MORE", "--plan Only", "--region"} {
		_, rest, found := strings.Cut(text, next)
		if !found {
			t.Fatalf("%q is missing, or comes too early:\n%s", next, RenderText(report))
		}
		text = rest
	}
	if strings.Contains(RenderText(report), "--old") {
		t.Errorf("a flag that is not taken is told of:\n%s", RenderText(report))
	}
}

func TestHelpTellsNothingThatTheAskerMayNotRun(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		why   string
		about []string
		may   func(*Command) bool
		want  string
	}{
		{"help alone", nil, func(c *Command) bool { return c.Name == "help" },
			"What you can run here\nalso help\n7 more commands are not yours to run here; help COMMAND explains each.\n"},
		{"no changes", nil, func(c *Command) bool { return c.Name == "lb show" },
			"What you can run here\nlb show\nDetails: help lb or help lb show. AWS CLI lines work too.\n7 more commands are not yours to run here; help COMMAND explains each.\n"},
		{"verbs with one beginning", nil, func(c *Command) bool { return strings.HasPrefix(c.Name, "net ") },
			"What you can run here\nnet route create/delete\nDetails: help net or help net route create. Any changing line takes --plan and then only says what it would do." +
				" AWS CLI lines work too.\n6 more commands are not yours to run here; help COMMAND explains each.\n"},
		{"a noun", []string{"net"}, func(c *Command) bool { return c.Name == "help" },
			"You can run no command about net here\nThere are 2; help net VERB explains each.\n"},
		{"a command", []string{"lb", "show"}, func(c *Command) bool { return c.Name == "help" },
			"lb show: show\nPolicy does not let you run it here.\nExample\nlb show myapp\nlb show [WORD] [flags]\nWORD \n--public Show the answer to the whole channel.\nIt only reads.\n"},
	} {
		report, err := nouns(t).Help(k.about, k.may)
		if err != nil {
			t.Fatal(err)
		}
		if got := RenderText(report); got != k.want {
			t.Errorf("%s:\n%q\nwant\n%q", k.why, got, k.want)
		}
	}
}

func TestNumbersAreForPeople(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 8.467452799479167: "8.467", 4.2059693112000005: "4.206", 12345.678: "12345.678", 1234567: "1234567", 0.00012346: "0.0001235", -2.5: "-2.5", 0.1 + 0.2: "0.3",
	} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %s, want %s", v, got, want)
		}
	}
	for d, want := range map[time.Duration]string{15 * time.Minute: "15 minutes", time.Hour: "1 hour", 3 * time.Hour: "3 hours", 90 * time.Second: "90 seconds"} {
		if got := Length(d); got != want {
			t.Errorf("Length(%s) = %s, want %s", d, got, want)
		}
	}
}

// several takes a list by the name that AWS has for it.
type several struct {
	Specs []string `flag:"tag-specifications" raw:"" help:"Tags."`
	plain
}

func TestWhatIsMeantIsNeverSomethingThatDestroysWhatWasNotNamed(t *testing.T) {
	t.Parallel()
	plainly := func() Runner { return &plain{} }
	c, err := NewCatalog([]Command{
		{Name: "ecs list", Summary: "List", Example: "ecs list", New: plainly},
		{Name: "vm list", Summary: "List", Example: "vm list", New: plainly},
		{Name: "vm tag", Summary: "Tag", Example: "vm tag web", Risk: Change, New: func() Runner { return &several{} }},
		{Name: "vm terminate", Aliases: []string{"vm delete"}, Summary: "Terminate", Example: "vm terminate web", Risk: Destroy, New: plainly},
	})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"vm key delete nosuch": "There is no command vm key: did you mean vm list?",
		"vm delet web":         "did you mean vm terminate?",
		"ec2 list":             "did you mean vm list?",
		"instances terminate":  "did you mean vm terminate?",
	} {
		_, _, err := c.Parse("", line)
		if got := Terminal().Render(Words(err).Error()); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if _, _, err := c.Parse("", "vm tag --tag-specification ResourceType=instance,Tags=[{Key=Name,Value=x}]"); err != nil {
		t.Errorf("a flag in the singular: %v", err)
	}
}
