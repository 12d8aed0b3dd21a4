package check

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// named is a check that was added from chat.
func named(name string) Check {
	return Check{
		Name: name, URL: "http://" + name + ".example.com/", Schedule: "@every 1m", Timeout: 5 * time.Second, FailAfter: 3, PassAfter: 2,
		Channel: "C_OPS", Owner: commands.Asker{User: "U_ALICE", Channel: "C_OPS"}, CreatedAt: now.Add(-24 * time.Hour),
	}
}

// looked is the state of a check whose latest look was half a minute ago.
func looked(name string, status Status, since time.Duration, streak int, detail string) State {
	return State{
		Check: name, Status: status, Since: now.Add(-since), Streak: streak,
		Last: Result{Check: name, At: now.Add(-30 * time.Second), OK: strings.HasPrefix(detail, "HTTP 2"), Latency: 23 * time.Millisecond, Detail: detail},
	}
}

// shop is five checks: one down, one wavering, one never looked at, one forgotten, one fine.
func shop() *book {
	b := &book{states: map[string]State{
		"api":  looked("api", Down, 250*time.Second, 0, "HTTP 503"),
		"cart": looked("cart", Up, 3*time.Hour, 2, "no answer within 5 s"),
		"old":  looked("old", Up, 300*time.Hour, 0, "HTTP 200"),
		"web":  looked("web", Up, 26*time.Hour, 0, "HTTP 200"),
	}, results: map[string][]Result{}}
	for _, name := range []string{"api", "cart", "new", "old", "web"} {
		b.checks = append(b.checks, named(name))
	}
	old := b.states["old"]
	old.Last.At = now.Add(-2 * time.Hour)
	b.states["old"] = old
	b.checks[4].FromConfig, b.checks[4].Status, b.checks[4].Body = true, []int{200, 204}, "welcome"
	for i := range 8 {
		r := Result{Check: "web", At: now.Add(time.Duration(i-8) * time.Minute), OK: i != 3, Latency: time.Duration(20+i) * time.Millisecond, Detail: "HTTP 200"}
		if i == 3 {
			r.Detail = "connection refused"
		}
		b.results["web"] = append(b.results["web"], r)
	}
	return b
}

// silenced is the shop with silence over web, and over what is no concern of web's or is past.
func silenced() *book {
	b := shop()
	b.mutes = []Mute{
		{Kind: Maintenance, Name: "nightly", Checks: []string{"w*"}, Since: now.Add(-time.Minute), Until: now.Add(29 * time.Minute), Reason: "backups"},
		{Kind: ByHand, Checks: []string{"api"}, Since: now.Add(-time.Minute), Until: now.Add(time.Hour), Reason: "moving"},
		{Kind: ByHand, Checks: []string{"*"}, Since: now.Add(time.Minute), Until: now.Add(time.Hour), Reason: "later"},
	}
	return b
}

func TestReports(t *testing.T) {
	t.Parallel()
	fails := prober{"http://api.example.com/": {Detail: "HTTP 503", Code: 503, Latency: 9 * time.Millisecond}}
	for name, c := range map[string]struct {
		book *book
		line string
	}{
		"add":            {&book{}, `check add --name myapp --url http://myapp.example.com/`},
		"add-everything": {&book{}, `check add myapp https://myapp.example.com/health --schedule "@every 30s" --timeout 2s --status 200,204 --body "all good" --fail-after 1 --pass-after 1 --channel #C_GENERAL`},
		"add-failing":    {&book{}, `check add api http://api.example.com/`},
		"add-plan":       {shop(), `check add myapp http://myapp.example.com/ --plan`},
		"add-conditions": {&book{}, `check add api https://api.example.com/health --method post --header "Accept: application/json" --data ping --no-follow --status 200-299,304 --expect-header "Content-Type: application/json" --json '$.status == "ok"' --json 'len($.items) > 0' --max-latency 800ms --valid-days 14`},
		"add-tcp":        {&book{}, `check add db db.example.com:5432 --kind tcp`},
		"add-dns":        {&book{}, `check add mail dns://example.com?type=MX --record mail.example.com`},
		"add-heartbeat":  {&book{}, `check add nightly-backup --kind heartbeat --every 24h --grace 30m`},
		"add-lambda":     {&book{}, `check add fn lambda://counter --max-errors 5`},
		"list":           {shop(), `check list`},
		"list-down":      {shop(), `check list --state down`},
		"list-unknown":   {shop(), `check list --state unknown`},
		"list-pattern":   {shop(), `check list w*`},
		"list-no-match":  {shop(), `check list x*`},
		"list-empty":     {&book{}, `check list`},
		"show":           {shop(), `check show web`},
		"show-muted":     {silenced(), `check show web`},
		"show-down":      {shop(), `check show --name api`},
		"show-new":       {shop(), `check show new`},
		"show-old":       {shop(), `check show old`},
		"run":            {shop(), `check run web`},
		"run-failing":    {shop(), `check run api`},
		"run-new":        {shop(), `check run NEW`},
		"remove":         {shop(), `check remove cart`},
		"remove-plan":    {shop(), `check remove cart --plan`},
		"status":         {shop(), `status`},
		"status-empty":   {&book{}, `status`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := typed(t, c.book, fails, commandstest.Journal{}, c.line)
			if err != nil {
				t.Fatal(err)
			}
			commandstest.Golden(t, name, report)
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	five := func() *book {
		b := &book{states: map[string]State{}}
		for i := range 5 {
			name := fmt.Sprint("e", i)
			b.checks = append(b.checks, named(name))
			b.states[name] = looked(name, Up, time.Hour, 0, "HTTP 200")
		}
		return b
	}
	t.Run("collapses to one line where all is well", func(t *testing.T) {
		t.Parallel()
		report, err := typed(t, five(), nil, commandstest.Journal{}, "status")
		if err != nil || report.Title != "All 5 checks are up" || len(report.Body) != 0 || report.Tone != commands.Good {
			t.Errorf("%+v, %v", report, err)
		}
	})
	t.Run("says which look failed although all are up", func(t *testing.T) {
		t.Parallel()
		b := five()
		b.states["e3"] = looked("e3", Up, time.Hour, 1, "HTTP 500")
		report, err := typed(t, b, nil, commandstest.Journal{}, "status")
		if text := commands.RenderText(report); err != nil || !strings.Contains(text, "All 5 checks are up\ne3: 1 of 3 failures, HTTP 500") {
			t.Errorf("%s, %v", text, err)
		}
	})
	t.Run("does not call up what nobody looked at lately", func(t *testing.T) {
		t.Parallel()
		b := five()
		s := b.states["e3"]
		s.Last.At = now.Add(-10 * time.Minute)
		b.states["e3"] = s
		report, err := typed(t, b, nil, commandstest.Journal{}, "status")
		if text := commands.RenderText(report); err != nil || !strings.HasPrefix(text, "4 of 5 checks are up, none is known to be down\nNot looked at lately: e3.") {
			t.Errorf("%s, %v", text, err)
		}
	})
	t.Run("counts none of one as one", func(t *testing.T) {
		t.Parallel()
		b := &book{checks: []Check{named("e1")}, states: map[string]State{}}
		report, err := typed(t, b, nil, commandstest.Journal{}, "status")
		if err != nil || report.Title != "0 of 1 check is up, none is known to be down" {
			t.Errorf("%s, %v", report.Title, err)
		}
	})
	t.Run("stays short for thousands", func(t *testing.T) {
		t.Parallel()
		b := &book{states: map[string]State{}}
		for i := range 2000 {
			name := fmt.Sprint("e", i)
			b.checks = append(b.checks, named(name))
			b.states[name] = looked(name, Down, time.Hour, 0, "HTTP 500")
		}
		report, err := typed(t, b, nil, commandstest.Journal{}, "status")
		if err != nil || !strings.HasSuffix(report.Title, "e9 and 1990 more") || len(report.Body[0].(commands.Table).Rows) != mostRows {
			t.Errorf("%s, %v", report.Title, err)
		}
	})
}

func TestAdd(t *testing.T) {
	t.Parallel()
	t.Run("adds what the line says, for who typed it", func(t *testing.T) {
		t.Parallel()
		b := &book{}
		if _, err := typed(t, b, nil, commandstest.Journal{}, `check add myapp http://myapp.example.com/ --status 200,204,200`); err != nil {
			t.Fatal(err)
		}
		want := Check{
			Name: "myapp", URL: "http://myapp.example.com/", Schedule: "@every 1m", Timeout: 5 * time.Second, Status: []int{200, 204},
			FailAfter: 3, PassAfter: 2, Channel: "C_OPS", Owner: commands.Asker{User: "U_ALICE", Channel: "C_OPS"}, CreatedAt: now,
		}
		if got := fmt.Sprintf("%+v", b.checks); got != fmt.Sprintf("%+v", []Check{want}) {
			t.Errorf("added %s", got)
		}
	})
	t.Run("is done where a run that was cut short has added it", func(t *testing.T) {
		t.Parallel()
		b, j := &book{}, commandstest.Journal{}
		const line = `check add myapp http://myapp.example.com/`
		if _, err := typed(t, b, nil, j, line); err != nil {
			t.Fatal(err)
		}
		j["add the check"] = commands.Entry{Begun: true} // cut short before the end was written down
		report, err := typed(t, b, nil, j, line)
		if err != nil || report.Title != "Watching myapp" || len(b.checks) != 1 {
			t.Errorf("%+v, %v", report, err)
		}
	})
	t.Run("makes no second token when it is run again", func(t *testing.T) {
		t.Parallel()
		b, j := &book{}, commandstest.Journal{}
		line := `check add nightly --kind heartbeat --every 24h`
		if _, err := typed(t, b, nil, j, line); err != nil {
			t.Fatal(err)
		}
		token := b.checks[0].Heartbeat.Token
		delete(j, "add the check")
		if _, err := typed(t, b, nil, j, line); err != nil || len(b.checks) != 1 || len(token) < 32 || b.checks[0].Heartbeat.Token != token {
			t.Errorf("%v, %d checks", err, len(b.checks))
		}
	})
	t.Run("refuses a name that another check has", func(t *testing.T) {
		t.Parallel()
		b := shop()
		for _, flag := range []string{"", " --plan"} {
			_, err := typed(t, b, nil, commandstest.Journal{}, `check add web http://other.example.com/`+flag)
			var e *commands.Error
			if !errors.As(err, &e) || e.Kind != commands.Usage || len(b.checks) != 5 {
				t.Errorf("err %v, %d checks", err, len(b.checks))
			}
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	beat := named("nightly")
	beat.URL, beat.Heartbeat = "heartbeat://nightly", &Heartbeat{Every: 24 * time.Hour, Token: "the-token"}
	report, err := typed(t, &book{checks: []Check{beat}}, nil, commandstest.Journal{}, "check address nightly")
	if err != nil {
		t.Fatal(err)
	}
	commandstest.Golden(t, "address", report)
	for name, change := range map[string]func(*Check){
		"somebody else's":     func(c *Check) { c.Owner.User = "U_BOB" },
		"the configuration's": func(c *Check) { h := *c.Heartbeat; h.Token = ""; c.Heartbeat = &h },
	} {
		other := beat
		change(&other)
		_, err := typed(t, &book{checks: []Check{other}}, nil, commandstest.Journal{}, "check address nightly")
		var e *commands.Error
		if !errors.As(err, &e) || e.Kind != commands.Denied || strings.Contains(e.Error(), "the-token") {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := &address{Name: "nightly", book: &book{checks: []Check{beat}}, addresses: listener("x")}
	if _, err := a.Run(t.Context(), &commands.Run{Asker: commands.Asker{User: "U_ALICE", Channel: "C_OPS", Thread: "1.2"}}); err == nil {
		t.Error("a thread was shown the token")
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	t.Run("is done where a run that was cut short has removed it", func(t *testing.T) {
		t.Parallel()
		b, j := shop(), commandstest.Journal{}
		if _, err := typed(t, b, nil, j, `check remove cart`); err != nil {
			t.Fatal(err)
		}
		j["remove the check"] = commands.Entry{Begun: true}
		report, err := typed(t, b, nil, j, `check remove cart`)
		if err != nil || report.Title != "Removed the check cart" || len(b.checks) != 4 {
			t.Errorf("%+v, %v", report, err)
		}
	})
	t.Run("and the line it offers adds the same check again", func(t *testing.T) {
		t.Parallel()
		b := shop()
		b.checks[4].FromConfig = false
		b.checks[4].Headers, b.checks[4].JSON, b.checks[4].MaxLatency, b.checks[4].ValidDays = map[string]string{"X-A": "b c", "X-B": ""}, []string{`$.a == "b"`, "$.c"}, time.Second, 0
		b.checks[4].Request = &Request{Method: "POST", Headers: map[string]string{"Accept": "text/plain, text/html"}, Body: "a b", Redirects: -1}
		before := b.checks[4]
		report, err := typed(t, b, nil, commandstest.Journal{}, `check remove web`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := typed(t, b, nil, commandstest.Journal{}, report.Next[0].Line); err != nil {
			t.Fatal(err)
		}
		before.CreatedAt = now
		if !reflect.DeepEqual(b.checks[4], before) {
			t.Errorf("got  %+v %+v\nwant %+v %+v", b.checks[4], b.checks[4].Request, before, before.Request)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	refuses := prober{
		"http://private.example.com/": {Refused: true, Detail: "refused to look at a private address"},
		"icmp://a.example.com":        {Unseen: true, Detail: "this machine sends no ICMP: use tcp instead"},
	}
	for line, want := range map[string]struct {
		kind commands.Kind
		says string
	}{
		`check add MyApp http://myapp.example.com/`:                      {commands.Usage, "Write myapp."},
		`check add -- http://myapp.example.com/`:                         {commands.Usage, ""},
		`check add myapp ftp://myapp.example.com/`:                       {commands.Usage, "not an address that can be checked"},
		`check add myapp http:///path`:                                   {commands.Usage, "not an http or https address"},
		`check add myapp http://myapp.example.com:99999/`:                {commands.Usage, "not a port"},
		`check add myapp http://ann:secret@myapp.example.com/`:           {commands.Usage, "user name or password"},
		`check add myapp http://169.254.169.254/latest/meta-data/`:       {commands.Usage, "never looked at"},
		`check add myapp http://[fd00:ec2::254]/`:                        {commands.Usage, "never looked at"},
		`check add myapp http://[::ffff:169.254.169.254]/`:               {commands.Usage, "never looked at"},
		`check add myapp http://2852039166/`:                             {commands.Usage, "neither a name nor an IP address"},
		`check add myapp http://0xa9.0xfe.0xa9.0xfe/`:                    {commands.Usage, "neither a name nor an IP address"},
		`check add myapp http://myapp.example.com/ --schedule sometimes`: {commands.Usage, "Five fields work"},
		`check add myapp http://myapp.example.com/ --timeout 61s`:        {commands.Usage, "at most 60 s"},
		`check add myapp http://myapp.example.com/ --timeout 0s`:         {commands.Usage, "above zero"},
		`check add myapp http://myapp.example.com/ --status 2000`:        {commands.Usage, "100 to 599"},
		`check add myapp http://myapp.example.com/ --status ok`:          {commands.Usage, "100 to 599"},
		`check add myapp http://myapp.example.com/ --fail-after 0`:       {commands.Usage, "from 1 to 100"},
		`check add myapp http://myapp.example.com/ --channel general`:    {commands.Usage, "not a channel's id"},
		`check add myapp`: {commands.Usage, "Example:"},
		`check add again http://OLD.example.com:80 --channel C_OPS`:                   {commands.Usage, "old looks at http://old.example.com/ already"},
		`check add again http://old.example.com/ --channel C_OPS --plan`:              {commands.Usage, "old looks at http://old.example.com/ already"},
		`check add x http://private.example.com/`:                                     {commands.Denied, "private address"},
		`check add x http://private.example.com/ --plan`:                              {commands.Denied, "private address"},
		`check add x icmp://a.example.com`:                                            {commands.Unavailable, "Use tcp instead"},
		`check add x tcp://db.example.com`:                                            {commands.Usage, "needs a port"},
		`check add x icmp://169.254.170.2`:                                            {commands.Usage, "never looked at"},
		`check add x tcp://db.example.com:1 --status 200`:                             {commands.Usage, "has no --status"},
		`check add x tcp://db.example.com:1 --method POST`:                            {commands.Usage, "Only a check over HTTP"},
		`check add x http://x.example.com/ --kind tcp`:                                {commands.Usage, "no address of the kind tcp"},
		`check add x http://x.example.com/ --json 'status'`:                           {commands.Usage, "cannot be read"},
		`check add x http://x.example.com/ --max-latency 6s`:                          {commands.Usage, "at most the timeout"},
		`check add x http://x.example.com/ --header "Authorization: Bearer secret@x"`: {commands.Usage, "carries a secret"},
		`check add x http://x.example.com/ --header "X: env:AWS_SECRET_ACCESS_KEY"`:   {commands.Usage, "carries a secret"},
		`check add x http://x.example.com/ --data file:/etc/passwd --method POST`:     {commands.Usage, "carries a secret"},
		`check add x http://x.example.com/ --no-follow --redirects 3`:                 {commands.Usage, "up to 20"},
		`check add x http://x.example.com/ --every 24h`:                               {commands.Usage, "Only a heartbeat"},
		`check add x --kind heartbeat`:                                                {commands.Usage, "--every 24h"},
		`check add x --kind ec2`:                                                      {commands.Usage, "what to look at"},
		`check address web`:                                                           {commands.Usage, "no heartbeat"},
		`check show webb`:                                                             {commands.NotFound, "Did you mean web?"},
		`check run nothing-like-it`:                                                   {commands.NotFound, "See check list."},
		`check remove web`:                                                            {commands.Denied, "checks section of the file"},
		`check remove web --plan`:                                                     {commands.Denied, "checks section of the file"},
		`check list [`:                                                                {commands.Usage, "not a pattern"},
		`check list --state upp`:                                                      {commands.Usage, "up"},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := shop()
			_, err := typed(t, b, refuses, commandstest.Journal{}, line)
			var e *commands.Error
			if !errors.As(err, &e) || e.Kind != want.kind {
				t.Fatalf("err %v, want %s", err, want.kind)
			}
			text := commands.Terminal().Render(e.Error())
			if !strings.Contains(text, want.says) || e.Hint == "" || strings.Contains(text, "secret@") {
				t.Errorf("says %q, want %q and a hint", text, want.says)
			}
			if len(b.checks) != 5 {
				t.Errorf("%d checks", len(b.checks))
			}
		})
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 300 * time.Microsecond: "under 1 ms", 380 * time.Millisecond: "380 ms", time.Second: "1 s", 1500 * time.Millisecond: "1.5 s",
		5 * time.Second: "5 s", 59 * time.Second: "59 s", time.Minute: "1 min", 250 * time.Second: "4 min 10 s", 125 * time.Minute: "2 h 5 min",
		3 * time.Hour: "3 h", 76 * time.Hour: "3 d 4 h", 9990 * time.Millisecond: "9.9 s",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAHeartbeatNeedsSomebodyWhoListens(t *testing.T) {
	t.Parallel()
	a := &add{Name: "nightly", As: "heartbeat", Schedule: "@every 1m", Timeout: time.Second, Every: time.Hour, FailAfter: 3, PassAfter: 2, book: &book{}, clock: clock{}, addresses: listener("")}
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	_, err := a.Run(t.Context(), &commands.Run{Say: func(string) {}, Journal: commandstest.Journal{}})
	var e *commands.Error
	if !errors.As(err, &e) || e.Kind != commands.Denied || !strings.Contains(e.Message, "Nothing listens") {
		t.Error(err)
	}
}
