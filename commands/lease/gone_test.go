package lease

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/schedule"
)

// TestTheEndTouchesOnlyWhatIsOnLease and not what bears its name since.
func TestTheEndTouchesOnlyWhatIsOnLease(t *testing.T) {
	t.Parallel()
	tags := func(id string) map[string]string { return map[string]string{commands.RequestTag: id} }
	world := func(id string) *tagger {
		return &tagger{
			vpcs: []aws.VPC{{Name: "web", Tags: tags(id)}, {Name: "db", Tags: tags("R-1")}}, stack: aws.Stack{ID: "arn", Tags: tags(id)},
			served: served{balancers: []aws.LoadBalancer{{Name: "web", Tags: tags(id)}}, function: aws.Function{Name: "web", Tags: tags(id)}, apis: []aws.API{{Name: "web", Tags: tags(id)}}},
		}
	}
	nobody := world("")
	away := world("R-7")
	away.refuse = errors.New("away")
	machine := func(state aws.InstanceState) *tagger {
		return &tagger{machines: []aws.Instance{{ID: "i-1", State: state}}}
	}
	for name, c := range map[string]struct {
		cloud *tagger
		undos []string
		age   time.Duration
		gone  bool
		tries int
	}{
		"there":                     {world("R-7"), []string{"net down web", "app down web", "lb delete web", "lambda delete web --all", "api delete web"}, time.Hour, false, 0},
		"begun by an earlier one":   {world("R-3"), []string{"net down web", "lb delete web", "api delete web"}, time.Hour, false, 0},
		"made anew since":           {world("R-12"), []string{"net down web", "app down web", "lb delete web", "lambda delete web --all", "api delete web"}, time.Hour, true, 0},
		"made by hand since":        {nobody, []string{"net down web", "app down web", "lb delete web", "lambda delete web --all", "api delete web"}, time.Hour, true, 0},
		"removed":                   {&tagger{}, []string{"net down web", "app down web", "lb delete web", "lambda delete web --all", "api delete web", "vm terminate i-1"}, time.Hour, true, 0},
		"just made":                 {&tagger{}, []string{"net down web", "vm terminate i-1"}, time.Minute, false, 0},
		"AWS does not say":          {away, []string{"net down web", "vm terminate i-1"}, time.Hour, false, 0},
		"a machine that runs":       {machine(aws.Running), []string{"vm terminate i-1"}, time.Hour, false, 0},
		"a machine that stands":     {machine(aws.Stopped), []string{"vm terminate i-1 i-2"}, time.Hour, false, 0},
		"a machine that is gone":    {machine(aws.Terminated), []string{"vm terminate i-1"}, time.Hour, true, 0},
		"a machine that is going":   {machine(aws.ShuttingDown), []string{"vm terminate i-1"}, time.Hour, true, 0},
		"something of another room": {&tagger{}, []string{"bucket delete web"}, time.Hour, false, 0},
		"removed in part before":    {&tagger{}, []string{"lb delete web", "lambda delete web --all", "api delete web"}, time.Hour, false, 1},
		"removed, then made anew":   {world("R-12"), []string{"lb delete web", "lambda delete web --all", "api delete web"}, time.Hour, true, 1},
	} {
		for _, undo := range c.undos {
			l := made(undo)
			l.Request = 7
			b := newBook(l)
			d := Desk{Book: b, Terms: removing, Cloud: c.cloud}
			err := d.Still(t.Context(), schedule.Act{Of: 7, Line: l.remove(), Tries: c.tries}, now.Add(c.age))
			if gone := err != nil && commands.Words(err).Kind == commands.NotFound; gone != c.gone || len(b.leases) == 1 == c.gone {
				t.Errorf("%s: %s: %v, leases %v", name, undo, err, b.leases)
			}
			if err := d.Still(t.Context(), schedule.Act{Of: 7, Line: "vm tag i-9 a=b"}, now.Add(c.age)); err != nil {
				t.Errorf("%s: of another line: %v", name, err)
			}
		}
	}
}

// TestAnEndThatWasPutOffSinceIsLeftAlone, as where it waited for approval while the lease was extended.
func TestAnEndThatWasPutOffSinceIsLeftAlone(t *testing.T) {
	t.Parallel()
	l := made("vm terminate i-1")
	b := newBook(l)
	d := Desk{Book: b, Terms: removing, Cloud: &tagger{machines: []aws.Instance{{ID: "i-1", State: aws.Running}}}}
	waiting := removing.acts(l, l.Owner, false, now)
	b.acts = map[string]schedule.Act{}
	for _, act := range waiting {
		if err := d.Still(t.Context(), act, l.Ends.Add(time.Hour)); err != nil {
			t.Errorf("%s: %v", act.Line, err)
		}
	}
	if got, _ := send(t, b, removing, nil, "lease extend R-1 --by 4h"); strings.HasPrefix(got, "[") {
		t.Fatal(got)
	}
	for _, act := range waiting {
		err := d.Still(t.Context(), act, l.Ends.Add(time.Hour))
		if words := commands.Words(err); err == nil || words.Kind != commands.NotFound || !words.Stands || !strings.Contains(words.Message, "put off") {
			t.Errorf("%s: %v", act.Line, err)
		}
	}
	if len(b.leases) != 1 {
		t.Error("the lease is gone")
	}
}

// TestAnExtensionAndAnEndInTheSameMomentSeeEachOther, whichever came first: the end asks again once it runs.
func TestAnExtensionAndAnEndInTheSameMomentSeeEachOther(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		undo string
		from int // the look from which on a line runs
		line string
		says string
		put  bool
	}{
		"the end runs already":       {"vm terminate i-1", 1, "vm terminate i-1 --if-there", "R-8 is ending the lease of R-1 at this moment, so it was not extended", false},
		"the end begins just then":   {"vm terminate i-1", 2, "vm terminate i-1 --if-there", "R-8 began to end it at the same moment", true},
		"it is being stopped":        {"vm terminate i-1", 1, "vm stop i-1 --if-there", "R-8 is stopping it at this moment", true},
		"a network is being removed": {"net down lab", 1, "net down lab", "so it was not extended", false},
		"another's end runs":         {"vm terminate i-1", 1, "vm terminate i-2 --if-there", "Extended R-1", true},
	} {
		b := newBook(made(c.undo))
		looks := 0
		d := Desk{Book: b, Terms: removing, Running: func(_ context.Context, of int64, line string) (string, error) {
			if looks++; looks >= c.from && of == 1 && line == c.line {
				return "R-8", nil
			}
			return "", nil
		}}
		run := &commands.Run{ID: "R-9", Asker: commands.Asker{User: "U2"}, Now: now.Add(2 * time.Hour)}
		was := b.leases[1].Ends
		report, err := commandstest.Run(t.Context(), t, Commands(d), run, "lease extend R-1 --by 4h")
		got := plain(commands.RenderText(report))
		if err != nil {
			got = plain(err.Error())
		}
		if put := b.leases[1].Ends.After(was); !strings.Contains(got, c.says) || put != c.put {
			t.Errorf("%s: extended %v, and it says %s", name, put, got)
		}
	}
}
