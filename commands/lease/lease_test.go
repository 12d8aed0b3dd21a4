package lease

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/schedule"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// book keeps leases and acts in memory.
type book struct {
	leases map[int64]Lease
	acts   map[string]schedule.Act
	broken error
}

func newBook(leases ...Lease) *book {
	b := &book{leases: map[int64]Lease{}, acts: map[string]schedule.Act{}}
	for _, l := range leases {
		b.leases[l.Request] = l
	}
	return b
}

func (b *book) PutLease(_ context.Context, l Lease, acts []schedule.Act, without ...string) error {
	if b.broken != nil {
		return b.broken
	}
	b.leases[l.Request] = l
	for _, key := range without {
		delete(b.acts, key)
	}
	for _, a := range acts {
		b.acts[a.Key] = a
	}
	return nil
}

func (b *book) Leases(context.Context) ([]Lease, error) {
	all := slices.Collect(maps.Values(b.leases))
	slices.SortFunc(all, func(a, b Lease) int { return a.Ends.Compare(b.Ends) })
	return all, b.broken
}

func (b *book) RemoveLease(_ context.Context, request int64, keys ...string) error {
	delete(b.leases, request)
	for _, key := range keys {
		delete(b.acts, key)
	}
	return b.broken
}

func (b *book) Acts(_ context.Context, due time.Time) ([]schedule.Act, error) {
	acts := slices.SortedFunc(maps.Values(b.acts), func(x, y schedule.Act) int { return x.Due.Compare(y.Due) })
	return slices.DeleteFunc(acts, func(a schedule.Act) bool { return !due.IsZero() && a.Due.After(due) }), b.broken
}

// due writes what comes due, in order: "+7h lease show R-1 private".
func (b *book) due() []string {
	acts := slices.SortedFunc(maps.Values(b.acts), func(a, b schedule.Act) int { return a.Due.Compare(b.Due) })
	var out []string
	for _, a := range acts {
		text := "+" + a.Due.Sub(now).String() + " " + a.Line + " as " + a.Asker.User
		if a.Private {
			text += " private"
		}
		out = append(out, text)
	}
	return out
}

// tagger remembers the tags that were written.
type tagger struct {
	tags   map[string]string
	refuse error
	stack  aws.Stack
	found  []string // carry the request's tag
	ends   string   // the status in which an update of the stack ends
	change aws.StackChange
	// machines are what runs, or was terminated.
	machines []aws.Instance
	vpcs     []aws.VPC
	served
}

func (t *tagger) Tagged(_ context.Context, _ aws.Target, key, value string) ([]string, error) {
	switch {
	case key == commands.OwnerTag && value != "U1":
		return nil, t.refuse
	case key == commands.OwnerTag:
		return append([]string{"vpc-ofU1"}, t.found...), t.refuse
	default:
		return append([]string{"vpc-another"}, t.found...), t.refuse // another deckhand's request has the same number
	}
}

func (t *tagger) Instances(context.Context, aws.Target, aws.InstanceQuery) ([]aws.Instance, error) {
	return t.machines, t.refuse
}

func (t *tagger) Network(context.Context, aws.Target, string) (aws.Network, error) {
	return aws.Network{VPCs: t.vpcs}, t.refuse
}

func (t *tagger) Stack(context.Context, aws.Target, string) (aws.Stack, error) { return t.stack, nil }

func (t *tagger) UpdateStack(_ context.Context, _ aws.Target, change aws.StackChange) (bool, error) {
	t.change = change
	t.stack.Status = t.ends
	return true, t.refuse
}

func (t *tagger) WaitForStack(context.Context, aws.Target, string, func(aws.Stack)) (aws.Stack, error) {
	return t.stack, nil
}

func (t *tagger) Place(context.Context, aws.Target) aws.Place { return aws.Place{Region: "us-east-1"} }

func (t *tagger) TagInstances(_ context.Context, at aws.Target, ids []string, tags map[string]string, _ bool) error {
	if t.refuse != nil {
		return t.refuse
	}
	for _, id := range ids {
		t.tags[at.Region+"/"+id] = tags[commands.LeaseTag]
	}
	return nil
}

func made(undo string) Lease {
	return Lease{
		Request: 1, Owner: commands.Asker{User: "U1", Channel: "C1", Thread: "1.2"}, Line: "vm create --name web --ttl 8h", Undo: undo, MadeAt: now, Ends: now.Add(8 * time.Hour),
	}
}

var (
	removing = Terms{Warn: time.Hour, Grace: 24 * time.Hour}
	stopping = Terms{Warn: time.Hour, Grace: 24 * time.Hour, StopOnly: true}
)

func TestWhatComesDueOfALease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terms Terms
		undo  string
		due   []string
		says  string
	}{
		"machines stop, and go after the grace": {removing, "vm terminate i-1 --region eu-west-1", []string{
			"+7h0m0s lease show R-1 as U1 private", "+8h0m0s vm stop i-1 --region eu-west-1 --if-there as U1", "+32h0m0s vm terminate i-1 --region eu-west-1 --if-there as U1",
		}, "Then it is stopped, and terminated at"},
		"machines stop, and stay": {stopping, "vm terminate i-1", []string{
			"+7h0m0s lease show R-1 as U1 private", "+8h0m0s vm stop i-1 --if-there as U1",
		}, "Then it is stopped."},
		"an application goes at the end": {removing, "app down shop", []string{
			"+7h0m0s lease show R-1 as U1 private", "+8h0m0s app down shop as U1",
		}, "`app down shop` removes it"},
		"an application that nothing removes is told of again and again": {stopping, "app down shop", []string{
			"+7h0m0s lease show R-1 as U1 private", "+8h0m0s lease show R-1 as U1 private", "+32h0m0s lease show R-1 as U1 private",
			"+80h0m0s lease show R-1 as U1 private", "+176h0m0s lease show R-1 as U1 private",
		}, "nothing is removed by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook()
			said, err := Desk{Book: b, Terms: c.terms}.Begin(t.Context(), made(c.undo), now)
			if err != nil || !strings.Contains(plain(said), c.says) || !strings.Contains(plain(said), "`lease extend R-1 --by 4h`") {
				t.Errorf("says %q, %v", plain(said), err)
			}
			if got := b.due(); !slices.Equal(got, c.due) {
				t.Errorf("due:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.due, "\n"))
			}
			for _, a := range b.acts {
				if a.Asker.Thread != "" || a.Asker.Channel != "C1" || a.Of != 1 || a.Reason == "" {
					t.Errorf("%+v", a)
				}
			}
		})
	}
}

func plain(text string) string {
	d := commands.Terminal()
	d.Mono = func(text string) string { return "`" + text + "`" }
	return d.Render(text)
}

// send runs a line as U2 does.
func send(t *testing.T, b *book, terms Terms, cloud Tagger, line string) (string, commands.Report) {
	t.Helper()
	run := &commands.Run{ID: "R-9", Asker: commands.Asker{User: "U2"}, Now: now.Add(2 * time.Hour)}
	report, err := commandstest.Run(t.Context(), t, Commands(Desk{Book: b, Terms: terms, Cloud: cloud}), run, line)
	if err != nil {
		return "[" + string(commands.Words(err).Kind) + "] " + plain(err.Error()), report
	}
	return commands.RenderText(report), report
}

func TestExtending(t *testing.T) {
	t.Parallel()
	over := made("vm terminate i-1")
	over.Ends = now.Add(time.Hour)
	limited := removing
	limited.Max = 10 * time.Hour
	for name, c := range map[string]struct {
		lease Lease
		terms Terms
		line  string
		says  []string
		ends  time.Duration // from now
	}{
		"moves the end and the tag":           {made("vm terminate i-1"), removing, "lease extend R-1 --by 4h", []string{"Extended R-1 until 2026-03-10 21:00:00 UTC", "says so too"}, 12 * time.Hour},
		"counts from now where it was over":   {over, removing, "lease extend R-1 --by 4h", []string{"until 2026-03-10 15:00:00 UTC", "It was over since", "stays stopped"}, 6 * time.Hour},
		"says that a bucket keeps its tag":    {made("bucket delete web"), removing, "lease extend web --by 4h", []string{"still has the first end"}, 12 * time.Hour},
		"keeps to the longest":                {made("vm terminate i-1"), limited, "lease extend R-1 --by 4h", []string{"[denied]", "10h0m0s at most"}, 8 * time.Hour},
		"never makes it shorter":              {made("vm terminate i-1"), removing, "lease extend R-1 --by -4h", []string{"[usage]", "more than nothing"}, 8 * time.Hour},
		"only tells, with --plan":             {made("vm terminate i-1"), removing, "lease extend R-1 --by 4h --plan", []string{"Would let R-1 stay until"}, 8 * time.Hour},
		"takes a name of the line that made":  {made("vm terminate i-1"), removing, "lease extend web --by 1h", []string{"Extended R-1"}, 9 * time.Hour},
		"takes an id of the line that undoes": {made("vm terminate i-1"), removing, "lease extend i-1 --by 1h", []string{"Extended R-1"}, 9 * time.Hour},
		"knows no other":                      {made("vm terminate i-1"), removing, "lease extend db --by 1h", []string{"[not_found]", "There is no lease of `db`"}, 8 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, cloud := newBook(c.lease), &tagger{tags: map[string]string{}, machines: []aws.Instance{{ID: "i-1", State: aws.Running}}}
			got, _ := send(t, b, c.terms, cloud, c.line)
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in:\n%s", want, got)
				}
			}
			if ends := b.leases[1].Ends; !ends.Equal(now.Add(c.ends)) {
				t.Errorf("ends %s", ends)
			}
			if strings.HasPrefix(got, "Extended") && len(b.acts) == 0 {
				t.Error("nothing comes due any more")
			}
			if at := cloud.tags["/i-1"]; strings.Contains(got, "says so too") != (at != "") {
				t.Errorf("the tag says %q", at)
			}
		})
	}
}

func TestTheEndIsWrittenOnEverythingThatCarriesIt(t *testing.T) {
	t.Parallel()
	cloud := &tagger{tags: map[string]string{}, found: []string{"i-1", "vol-1", "i-gone"}, machines: []aws.Instance{{ID: "i-1", State: aws.Stopped}}}
	got, _ := send(t, newBook(made("vm terminate i-1")), removing, cloud, "lease extend R-1 --by 4h")
	want := "2026-03-10T21:00:00Z"
	if !strings.Contains(got, "says so too") || cloud.tags["/i-1"] != want || cloud.tags["/vol-1"] != want || len(cloud.tags) != 2 {
		t.Error(got, cloud.tags)
	}
	cloud = &tagger{tags: map[string]string{}, found: []string{"vpc-1", "subnet-1"}, vpcs: []aws.VPC{{Name: "lab", Tags: map[string]string{commands.RequestTag: "R-1"}}}}
	got, _ = send(t, newBook(made("net down lab")), removing, cloud, "lease extend R-1 --by 4h")
	if !strings.Contains(got, "says so too") || cloud.tags["/vpc-1"] != want || len(cloud.tags) != 2 {
		t.Error(got, cloud.tags)
	}
}

func TestTheEndOfAnApplicationIsWrittenOnItsStack(t *testing.T) {
	t.Parallel()
	stack := aws.Stack{
		ID: "arn:shop", Name: "shop", Status: "CREATE_COMPLETE", Parameters: map[string]string{"UserData": "****", "ImageId": "ami-1"},
		Tags: map[string]string{commands.RequestTag: "R-1", commands.LeaseTag: "2026-03-10T17:00:00Z", "team": "ops"},
	}
	cloud := &tagger{stack: stack, ends: "UPDATE_COMPLETE"}
	got, _ := send(t, newBook(made("app down shop")), removing, cloud, "lease extend shop --by 4h")
	c := cloud.change
	if !strings.Contains(got, "says so too") || c.Tags[commands.LeaseTag] != "2026-03-10T21:00:00Z" || c.Tags["team"] != "ops" || len(c.Parameters) != 0 ||
		strings.Join(c.Keep, " ") != "ImageId UserData" || c.Token == "" || stack.Tags[commands.LeaseTag] != "2026-03-10T17:00:00Z" {
		t.Errorf("%s %+v", got, c)
	}
	moving, others := stack, stack
	moving.Status, others.Tags = "UPDATE_IN_PROGRESS", map[string]string{commands.RequestTag: "R-9"}
	for want, cloud := range map[string]*tagger{
		"first end: the stack shop is UPDATE_IN_PROGRESS.":       {stack: moving},
		"is gone already (nothing of it that carries":            {stack: others},
		"first end: the stack shop is UPDATE_ROLLBACK_COMPLETE.": {stack: stack, ends: "UPDATE_ROLLBACK_COMPLETE"},
		"first end: AWS refused.":                                {stack: stack, refuse: &commands.Error{Kind: commands.Denied, Message: "AWS refused."}},
	} {
		if got, _ := send(t, newBook(made("app down shop")), removing, cloud, "lease extend shop --by 4h"); !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}

func TestATagThatAWSDoesNotTakeIsSaid(t *testing.T) {
	t.Parallel()
	cloud := &tagger{refuse: &commands.Error{Kind: commands.Denied, Message: "AWS refused."}}
	if got, _ := send(t, newBook(made("vm terminate i-1")), removing, cloud, "lease extend R-1 --by 4h"); !strings.Contains(got, "still has the first end: AWS refused.") {
		t.Error(got)
	}
}

func TestEnding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terms Terms
		undo  string
		due   []string
	}{
		"machines stop at once and go later":                           {removing, "vm terminate i-1", []string{"+2h0m0s vm stop i-1 --if-there as U2", "+26h0m0s vm terminate i-1 --if-there as U2"}},
		"machines only stop where that is the rule":                    {stopping, "vm terminate i-1", []string{"+2h0m0s vm stop i-1 --if-there as U2"}},
		"an application goes at once":                                  {removing, "app down shop", []string{"+2h0m0s app down shop as U2"}},
		"an application goes where nothing would be removed by itself": {stopping, "app down shop", []string{"+2h0m0s app down shop as U2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook()
			if _, err := (Desk{Book: b, Terms: c.terms}).Begin(t.Context(), made(c.undo), now); err != nil {
				t.Fatal(err)
			}
			if got, _ := send(t, b, c.terms, nil, "lease end R-1 --plan"); !strings.Contains(got, "Would end the lease of R-1 now") || len(b.due()) < 2 {
				t.Errorf("%s\n%v", got, b.due())
			}
			got, _ := send(t, b, c.terms, nil, "lease end R-1")
			if !strings.Contains(got, "with the rights of U2") {
				t.Error(got)
			}
			if due := b.due(); !slices.Equal(due, c.due) {
				t.Errorf("due:\n%s\nwant:\n%s", strings.Join(due, "\n"), strings.Join(c.due, "\n"))
			}
			for _, a := range b.acts {
				if a.Asker.Channel != "C1" {
					t.Errorf("a line from a terminal is told in %q, not where the owner is", a.Asker.Channel)
				}
			}
		})
	}
}

func TestListAndShow(t *testing.T) {
	t.Parallel()
	over := made("app down shop")
	over.Request, over.Owner.User, over.Line, over.Ends = 2, "U2", "app up --name shop", now
	b := newBook(made("vm terminate i-1"), over)
	for line, want := range map[string]string{
		"lease list":            "R-2    U2     over since 2026-03-10 09:00:00 UTC  app up --name shop",
		"lease list --owner U1": "R-1    U1     2026-03-10 17:00:00 UTC  vm create --name web --ttl 8h",
		"lease list --owner U9": "No leases",
		"lease show web":        "Lease of R-1 ends 2026-03-10 17:00:00 UTC",
		"lease show shop":       "Lease of R-2 is over since 2026-03-10 09:00:00 UTC",
	} {
		if got, _ := send(t, b, removing, nil, line); !strings.Contains(got, want) {
			t.Errorf("%s: %q is missing in:\n%s", line, want, got)
		}
	}
	for line, want := range map[string][]string{"lease show web": {"Extend 4 h", "Stop now"}, "lease show shop": {"Extend 4 h", "Remove now"}} {
		_, report := send(t, b, removing, nil, line)
		for n, next := range report.Next {
			if next.Label != want[n] || n == 1 && (next.Confirm == "" || next.Style != "danger") {
				t.Errorf("%s: %+v", line, next)
			}
		}
	}
	twin := made("vm terminate i-3")
	twin.Request = 3
	b.leases[3] = twin
	if got, _ := send(t, b, removing, nil, "lease show web"); !strings.Contains(got, "[ambiguous] `web` is in the leases of") {
		t.Error(got)
	}
}

func TestALeaseEndsWithWhatItIsOf(t *testing.T) {
	t.Parallel()
	line := func(done string) func(context.Context, Desk) error {
		return func(ctx context.Context, d Desk) error {
			_, err := d.Done(ctx, done, "", now)
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func(context.Context, Desk) error
		left int
	}{
		"its line removed it":        {line("vm terminate i-1"), 0},
		"its own act removed it":     {line("vm terminate i-1 --if-there"), 0},
		"it was found gone":          {func(ctx context.Context, d Desk) error { return d.Gone(ctx, 1) }, 0},
		"another was removed":        {line("vm terminate i-2"), 1},
		"it was only stopped":        {line("vm stop i-1 --if-there"), 1},
		"another was found gone":     {func(ctx context.Context, d Desk) error { return d.Gone(ctx, 2) }, 1},
		"a name that only begins so": {line("vm terminate i-12"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook()
			desk := Desk{Book: b, Terms: removing}
			if _, err := desk.Begin(t.Context(), made("vm terminate i-1"), now); err != nil {
				t.Fatal(err)
			}
			if err := c.do(t.Context(), desk); err != nil || len(b.leases) != c.left || (len(b.acts) > 0) != (c.left > 0) {
				t.Errorf("%d leases and %d acts are left, %v", len(b.leases), len(b.acts), err)
			}
		})
	}
}

// TestAMachineWhoseLeaseIsOverIsSaidToGo by whatever is done with it then.
func TestAMachineWhoseLeaseIsOverIsSaidToGo(t *testing.T) {
	t.Parallel()
	l := made("vm terminate i-1")
	over := l.Ends.Add(time.Hour)
	binned := removing
	binned.Bin = time.Hour
	for name, c := range map[string]struct {
		terms      Terms
		line, undo string
		at         time.Time
		want       string
	}{
		"stopped at the end":     {removing, "vm stop i-1 --if-there", "vm start i-1", over, "The lease of R-1 is over: it is terminated at 2026-03-11 17:00:00 UTC, running or not. lease extend R-1 --by 4h keeps it longer."},
		"started again":          {removing, "vm start web", "vm stop i-1", over, "it is terminated at"},
		"there is a recycle bin": {binned, "vm start web", "vm stop i-1", over, "it is put into the recycle bin at"},
		"before the end":         {removing, "vm stop web", "vm start i-1", now, ""},
		"another machine":        {removing, "vm stop web", "vm start i-12", over, ""},
		"nothing is removed":     {stopping, "vm stop i-1 --if-there", "vm start i-1", over, ""},
		"it is removed":          {removing, "vm terminate i-1 --if-there", "", over, ""},
		"it is going":            {removing, "vm stop i-1 --if-there", "vm start i-1", l.Ends.Add(25 * time.Hour), ""},
	} {
		got, err := Desk{Book: newBook(l), Terms: c.terms}.Done(t.Context(), c.line, c.undo, c.at)
		if got = commands.Terminal().Render(got); err != nil || !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestWhatALeaseIsOfAsPolicySeesIt(t *testing.T) {
	t.Parallel()
	for undo, want := range map[string]string{
		"vm terminate i-1 i-2 --region eu-west-1 --account prod": "prod eu-west-1 i-1 i-2",
		"app down shop":      "  shop deckhand:app=shop",
		"lb delete i-am-one": " ",
	} {
		c := about{Name: "R-1", desk: Desk{Book: newBook(made(undo)), Terms: removing}}
		scope, err := c.Scope(t.Context())
		got := scope.Account + " " + scope.Region
		for _, r := range scope.Resources {
			got += " " + r.ID
			if len(r.Tags) > 0 {
				got += " " + commands.TagWords(r.Tags)
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", undo, got, err)
		}
	}
}

func TestAStoreThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := newBook(made("vm terminate i-1"))
	b.broken = errors.New("disk full")
	for _, line := range []string{"lease list", "lease show R-1", "lease extend R-1 --by 1h", "lease end R-1"} {
		if got, _ := send(t, b, removing, nil, line); !strings.HasPrefix(got, "[failed]") {
			t.Errorf("%s: %s", line, got)
		}
	}
	desk := Desk{Book: b, Terms: removing}
	if _, err := desk.Begin(t.Context(), made("vm terminate i-1"), now); err == nil {
		t.Error("a lease that was not written down was begun")
	}
	if _, err := desk.Done(t.Context(), "vm terminate i-1", "", now); err == nil {
		t.Error("a lease that was not taken away was ended")
	}
}

func TestAWarningIsNeverDueBeforeTheLease(t *testing.T) {
	t.Parallel()
	short := made("vm terminate i-1")
	short.Ends = now.Add(10 * time.Minute)
	b := newBook()
	if _, err := (Desk{Book: b, Terms: stopping}).Begin(t.Context(), short, now.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if due := b.due(); due[0] != "+2m0s lease show R-1 as U1 private" {
		t.Error(due)
	}
	if _, report := send(t, b, stopping, nil, "lease extend R-1 --by 5m"); report.Title == "" || b.due()[0] != "+2h0m0s lease show R-1 as U1 private" {
		t.Error(report.Title, b.due())
	}
}
