package lambda

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
	"deckhand/commands/commandstest"
)

// coop is a function with an alias, and what its new version does at each moment after the shift.
type coop struct {
	Cloud
	sync.Mutex
	alias  aws.FunctionAlias
	points int
	late   int // looks that show the alias without its share
	away   int // settlings that AWS does not answer
	counts func() (aws.FunctionErrors, error)
	states map[string]check.State
}

func (c *coop) Place(context.Context, aws.Target) aws.Place { return aws.Place{Region: "us-east-1"} }

func (c *coop) Function(_ context.Context, _ aws.Target, name, qualifier string) (aws.Function, error) {
	if qualifier == "9" {
		return aws.Function{}, &commands.Error{Kind: commands.NotFound, Message: "none"}
	}
	return aws.Function{Name: name}, nil
}

func (c *coop) FunctionAliases(context.Context, aws.Target, string) ([]aws.FunctionAlias, error) {
	c.Lock()
	defer c.Unlock()
	if c.late > 0 {
		c.late--
		return []aws.FunctionAlias{{Name: c.alias.Name, Version: c.alias.Version}}, nil
	}
	return []aws.FunctionAlias{c.alias}, nil
}

func (c *coop) PointAlias(_ context.Context, _ aws.Target, _ string, a aws.FunctionAlias) error {
	c.Lock()
	defer c.Unlock()
	if a.Other == "" && c.away > 0 {
		c.away--
		return &commands.Error{Kind: commands.Uncertain, Message: "no answer"}
	}
	c.points++
	c.alias = a
	return nil
}

func (c *coop) VersionErrors(context.Context, aws.Target, string, string, string, time.Time, time.Time) (aws.FunctionErrors, error) {
	c.Lock()
	defer c.Unlock()
	return c.counts()
}

func (c *coop) States(context.Context) (map[string]check.State, error) {
	c.Lock()
	defer c.Unlock()
	return c.states, nil
}

func (c *coop) canary(version string) *Canary {
	return &Canary{Named: Named{Name: "counter"}, Version: version, Alias: "live", Percent: 10, For: 10 * time.Minute, cloud: c, checks: c}
}

func counted(calls, failed int) func() (aws.FunctionErrors, error) {
	return func() (aws.FunctionErrors, error) {
		return aws.FunctionErrors{Invocations: calls, Errors: failed}, nil
	}
}

func aRun() *commands.Run {
	return &commands.Run{Now: time.Now(), Say: func(string) {}, Journal: commandstest.Journal{}}
}

func TestACanaryIsPromotedOrRolledBack(t *testing.T) {
	t.Parallel()
	up := check.State{Status: check.Up}
	for name, k := range map[string]struct {
		counts  func() (aws.FunctionErrors, error)
		after   func(*coop) // five minutes after the shift
		away    int
		version string // that the alias means in the end
		took    time.Duration
		said    string
	}{
		"it works":        {counts: counted(40, 0), version: "2", took: 10 * time.Minute, said: "0 of 40 calls of version 2 failed in 10 min"},
		"it fails":        {counts: counted(40, 1), version: "1", said: "1 of 40 calls of version 2 failed"},
		"nobody calls it": {counts: counted(0, 0), version: "1", took: 10 * time.Minute, said: "no call of version 2"},
		"the check falls": {counts: counted(40, 0), after: func(c *coop) { c.states = map[string]check.State{"web": {Status: check.Down}} }, version: "1", took: 5 * time.Minute, said: "is down since"},
		"the check fell":  {counts: counted(40, 0), after: func(c *coop) { c.states = map[string]check.State{"web": {Status: check.Up, Since: time.Now()}} }, version: "1", took: 5 * time.Minute, said: "was down meanwhile"},
		"AWS falls silent": {counts: counted(40, 0), after: func(c *coop) {
			c.counts = func() (aws.FunctionErrors, error) { return aws.FunctionErrors{}, errors.New("no") }
		}, version: "1", took: 10 * time.Minute, said: "The last look failed"},
		"somebody moves it":              {counts: counted(40, 0), after: func(c *coop) { c.alias = aws.FunctionAlias{Name: "live", Version: "7"} }, version: "7", took: 5*time.Minute + canaryPause, said: "Somebody else changed live of counter during the watch, and that stands Until then 0 of 40"},
		"somebody undoes it":             {counts: counted(40, 0), after: func(c *coop) { c.alias.Other = "" }, version: "1", took: 5*time.Minute + canaryPause, said: "Somebody else changed live"},
		"it fails, and AWS answers late": {counts: counted(40, 1), away: 3, version: "1", took: 3 * canaryPause, said: "Rolled back"},
		"AWS shows it late once":         {counts: counted(40, 0), after: func(c *coop) { c.late = 1 }, version: "2", took: 10 * time.Minute, said: "Promoted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &coop{alias: aws.FunctionAlias{Name: "live", Version: "1"}, counts: k.counts, away: k.away, states: map[string]check.State{"web": up}}
				verb := c.canary("2")
				verb.Watched = "web"
				if k.after != nil {
					time.AfterFunc(5*time.Minute-time.Second, func() {
						c.Lock()
						defer c.Unlock()
						k.after(c)
					})
				}
				begun := time.Now()
				report, err := verb.Run(t.Context(), aRun())
				said := report.Title
				if promoted := k.version == "2"; promoted != (err == nil) {
					t.Errorf("the line ends with %v", err)
				} else if err != nil {
					said += " " + err.Error()
				}
				for _, b := range report.Body {
					said += " " + b.(commands.Text).Text
				}
				if c.alias.Version != k.version || c.alias.Other != "" || time.Since(begun) != k.took || !strings.Contains(said, k.said) {
					t.Errorf("after %s %+v: %s", time.Since(begun), c.alias, said)
				}
			})
		})
	}
}

func TestAWatchThatIsCutShortEndsAtItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &coop{alias: aws.FunctionAlias{Name: "live", Version: "1"}, counts: counted(40, 0)}
		run, begun := aRun(), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
		defer cancel()
		if _, err := c.canary("2").Run(ctx, run); !errors.Is(err, context.DeadlineExceeded) || c.alias.Other != "2" || c.alias.Share != 0.1 {
			t.Fatalf("%v, %+v", err, c.alias)
		}
		time.Sleep(3 * time.Minute)
		run.Now = time.Now()
		_, err := c.canary("2").Run(t.Context(), run)
		must(t, err)
		if took := time.Since(begun); took != 10*time.Minute || c.points != 2 || c.alias.Version != "2" {
			t.Errorf("after %s, %d changes, %+v", took, c.points, c.alias)
		}
	})
}

func TestAShiftThatWasCutShortIsNotMadeOverAnotherOne(t *testing.T) {
	t.Parallel()
	for said, alias := range map[string]aws.FunctionAlias{
		"Somebody else changed live": {Name: "live", Version: "3"},
		"":                           {Name: "live", Version: "1", Other: "2", Share: 0.1},
	} {
		c := &coop{alias: alias}
		_, err := c.canary("2").shift(t.Context(), picked{}, "1", time.Now)
		if c.points != 0 || (err == nil) != (said == "") || err != nil && !strings.Contains(err.Error(), said) {
			t.Errorf("%+v: %v, %d changes", alias, err, c.points)
		}
	}
}

func TestWhatCannotBeShiftedIsLeftAlone(t *testing.T) {
	t.Parallel()
	for want, k := range map[string]struct {
		alias   aws.FunctionAlias
		version string
		watched string
	}{
		"has no alias " + commands.Mono("live"): {aws.FunctionAlias{Name: "beta", Version: "1"}, "2", ""},
		"means version 2 already":               {aws.FunctionAlias{Name: "live", Version: "2"}, "2", ""},
		"means $LATEST":                         {aws.FunctionAlias{Name: "live", Version: "$LATEST"}, "2", ""},
		"already sends 25 % of its":             {aws.FunctionAlias{Name: "live", Version: "1", Other: "2", Share: 0.25}, "2", ""},
		"has no version " + commands.Mono("9"):  {aws.FunctionAlias{Name: "live", Version: "1"}, "9", ""},
		"A check " + commands.Mono("lost") + " is not there, or was never looked at yet": {aws.FunctionAlias{Name: "live", Version: "1"}, "2", "lost"},
		"The check " + commands.Mono("web") + " is down":                                 {aws.FunctionAlias{Name: "live", Version: "1"}, "2", "web"},
		"The check " + commands.Mono("new") + " is unknown ":                             {aws.FunctionAlias{Name: "live", Version: "1"}, "2", "new"},
	} {
		c := &coop{alias: k.alias, counts: counted(1, 0), states: map[string]check.State{"web": {Status: check.Down}, "new": {Status: check.Unknown}}}
		verb := c.canary(k.version)
		verb.Watched = k.watched
		_, planned := verb.Plan(t.Context(), aRun())
		_, err := verb.Run(t.Context(), aRun())
		for _, err := range []error{planned, err} {
			if err == nil || !strings.Contains(commands.Words(err).Error(), want) || c.points != 0 {
				t.Errorf("%s: %v, %d changes", want, err, c.points)
			}
		}
	}
}

func TestACanaryThatIsSeenPromotedAfterwardsKnowsItsWayBack(t *testing.T) {
	t.Parallel()
	cloud := &coop{alias: aws.FunctionAlias{Name: "live", Version: "2"}}
	run := aRun()
	run.Journal = commandstest.Journal{}
	_, err := commands.Repeat(t.Context(), run, lookAtAlias, func(context.Context) (string, error) { return "1", nil })
	must(t, err)
	report, err := cloud.canary("2").Check(t.Context(), run)
	must(t, err)
	if last := report.Next[len(report.Next)-1]; last.Label != "Undo" || last.Line != "lambda alias counter live --function-version 1" {
		t.Errorf("%q is taken back by %+v", report.Title, last)
	}
}
