package vm

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

// acts keeps lines that come due.
type acts map[string]schedule.Act

func (a acts) PutActs(_ context.Context, put []schedule.Act, without ...string) error {
	for _, one := range put {
		a[one.Key] = one
	}
	for _, key := range without {
		delete(a, key)
	}
	return nil
}

func withBin(t *testing.T, cloud *fakeCloud, due acts) *session {
	t.Helper()
	s := request(t, cloud)
	s.bin = Bin{Keep: 24 * time.Hour, Acts: due, Now: func(_ context.Context, user string) (bool, error) {
		if user == "U_LOST" {
			return false, errors.New("no answer")
		}
		return user == "U_BOB", nil
	}}
	return s
}

func TestTheBinStopsTagsAndEndsLater(t *testing.T) {
	t.Parallel()
	cloud, due := newFake(), acts{}
	s := withBin(t, cloud, due)
	plan, err := s.run(t.Context(), "vm terminate web-1 --plan")
	commandstest.Want(t, commandstest.Told(plan, err), "Would put 1 instance into the recycle bin for 24 h: web-1", "terminated 24 h later", "vm keep i-")
	report, err := s.run(t.Context(), "vm terminate web-1")
	commandstest.Want(t, commandstest.Told(report, err), "Put 1 instance into the recycle bin until 2026-03-11 09:00:00 UTC: web-1", "takes it out")
	id := plan.Body[0].(commands.Table).Rows[0][1] //nolint:forcetypeassert // a table or a panic
	act := due["bin 123456789012 us-east-1 "+id]
	if want := "vm terminate " + id + " --due 2026-03-11T09:00:00Z"; act.Line != want || !act.Due.Equal(now.Add(24*time.Hour)) || act.Of != 42 || !act.Agreed || len(due) != 1 {
		t.Errorf("%+v", due)
	}
	if cloud.state(id) != aws.Stopped || cloud.instance(id).Tags[binTag] != "2026-03-11T09:00:00Z" {
		t.Errorf("%+v", cloud.instance(id))
	}
	if report.Undo != "vm keep "+id {
		t.Error(report.Undo)
	}
	report, err = withBin(t, cloud, due).run(t.Context(), report.Undo)
	commandstest.Want(t, commandstest.Told(report, err), "Kept 1 instance out of the recycle bin: web-1")
	if cloud.state(id) != aws.Running || cloud.instance(id).Tags[binTag] != "" || len(due) != 0 {
		t.Errorf("%+v %v", cloud.instance(id), due)
	}
}

func TestTheEndOfTheBinTakesOnlyWhatIsStillInIt(t *testing.T) {
	t.Parallel()
	const past, other = "2026-03-10T08:00:00Z", "2026-03-10T08:30:00Z"
	for name, c := range map[string]struct {
		state aws.InstanceState
		tag   string
		line  string
		want  string
		gone  bool
	}{
		"stopped, with the tag of this moment": {aws.Stopped, past, past, "Terminated 1 instance", true},
		"put into the bin again":               {aws.Stopped, other, past, "not in the recycle bin until then any more", false},
		"taken out":                            {aws.Stopped, "", past, "not in the recycle bin until then any more", false},
		"running again":                        {aws.Running, past, past, "running again", false},
		"not over yet":                         {aws.Stopped, "2026-03-10T10:00:00Z", "2026-03-10T10:00:00Z", "is over at 2026-03-10 10:00:00 UTC, so nothing was terminated", false},
	} {
		cloud := newFake()
		cloud.add("i-0f1", "old", c.state, "dev")
		if c.tag != "" {
			cloud.instance("i-0f1").Tags[binTag] = c.tag
		}
		report, err := withBin(t, cloud, acts{}).run(t.Context(), "vm terminate i-0f1 --due "+c.line)
		if got := commandstest.Told(report, err); !strings.Contains(got, c.want) || (cloud.state("i-0f1") == aws.Terminated) != c.gone {
			t.Errorf("%s: %s", name, got)
		}
		if err != nil && commands.Words(err).Kind == commands.NotFound && !commands.Words(err).Stands {
			t.Errorf("%s: it counts as gone: %v", name, err)
		}
	}
	cloud := newFake()
	cloud.add("i-0f1", "old", aws.Terminated, "dev")
	cloud.instance("i-0f1").Tags[binTag] = past
	if _, err := withBin(t, cloud, acts{}).run(t.Context(), "vm keep i-0f1"); err == nil || cloud.instance("i-0f1").Tags[binTag] == "" {
		t.Errorf("what is terminated was taken out of the bin: %v", err)
	}
}

func TestATagThatAWSRefusesTerminatesNothing(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	cloud.refuse["CreateTags"] = denied
	report, err := withBin(t, cloud, acts{}).run(t.Context(), "vm terminate web-1")
	commandstest.Want(t, commandstest.Told(report, err), "Stopped, and not in the recycle bin", "is not terminated", "vm terminate i-")
	if !strings.HasPrefix(report.Undo, "vm start i-") {
		t.Error(report.Undo)
	}
}

func TestTheBinIsPassedByOnlyByWhoMay(t *testing.T) {
	t.Parallel()
	cloud := newFake()
	_, err := withBin(t, cloud, acts{}).run(t.Context(), "vm terminate web-1 --now")
	commandstest.Want(t, commandstest.Told(commands.Report{}, err), "[denied]", "U_ALICE is not among those who may terminate at once")
	if len(cloud.asked) != 0 {
		t.Error(cloud.asked)
	}
	_, err = request(t, cloud).run(t.Context(), "vm terminate web-1 --now") // without a bin it says nothing new
	if err != nil {
		t.Error(err)
	}
}
