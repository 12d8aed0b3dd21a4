package check

import (
	"strings"
	"testing"
	"time"

	"deckhand/commands"
	"deckhand/commands/commandstest"
	"deckhand/commands/probe"
)

// seen reads views: + passes, - fails, ? could not look, ! refused to look.
func seen(text string) []View {
	names := []string{"eu-west-1", "us-east-1", "here", "sa-east-1", "ap-southeast-1"}
	var views []View
	for i, c := range text {
		v := View{From: names[i], Result: Result{Latency: time.Duration(i+1) * 100 * time.Millisecond}}
		switch c {
		case '+':
			v.OK, v.Code, v.Detail = true, 200, "HTTP 200"
		case '-':
			v.Code, v.Detail = 503, "HTTP 503"
		case '!':
			v.Refused, v.Detail = true, "refused to look at a private address"
		default:
			v.Unseen, v.Detail = true, "AWS throttles"
		}
		views = append(views, v)
	}
	return views
}

func TestHowManyHaveToAgree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		views  string
		agree  int
		is     string // up, down or unseen
		detail string
	}{
		{"+++", 2, "up", "HTTP 200 from 3 of 3"},
		{"-++", 2, "up", "HTTP 200 from 2 of 3; eu-west-1 HTTP 503"},
		{"--+", 2, "down", "down from 2 of 3: eu-west-1 HTTP 503, us-east-1 HTTP 503; here sees it well"},
		{"-++-", 2, "down", "down from 2 of 4: eu-west-1 HTTP 503, sa-east-1 HTTP 503; us-east-1 and here see it well"},
		{"---", 2, "down", "down from 3 of 3: eu-west-1 HTTP 503, us-east-1 HTTP 503, here HTTP 503"},
		{"++?", 2, "up", "HTTP 200 from 2 of 3; not measured from here (AWS throttles)"},
		{"+-?", 2, "unseen", "not measured: 2 of 3 could look, and 2 must agree; us-east-1 HTTP 503; not measured from here (AWS throttles)"},
		{"--?", 2, "down", "down from 2 of 3: eu-west-1 HTTP 503, us-east-1 HTTP 503; not measured from here (AWS throttles)"},
		{"+??", 2, "unseen", "not measured: 1 of 3 could look, and 2 must agree; not measured from us-east-1 (AWS throttles), not measured from here (AWS throttles)"},
		{"-??", 2, "unseen", "not measured: 1 of 3"},
		{"???", 2, "unseen", "not measured: 0 of 3"},
		{"-??", 1, "down", "down from 1 of 3: eu-west-1 HTTP 503"},
		{"+??", 1, "unseen", "not measured: 1 of 3"},
		{"+++?", 2, "up", "HTTP 200 from 3 of 4"},
		{"--+", 3, "up", "HTTP 200 from 1 of 3; eu-west-1 HTTP 503, us-east-1 HTTP 503"},
		{"--?", 3, "unseen", "not measured: 2 of 3 could look, and 3 must agree"},
		{"---", 3, "down", "down from 3 of 3"},
		{"+", 1, "up", "HTTP 200 from 1 of 1"},
		{"-", 1, "down", "down from 1 of 1: eu-west-1 HTTP 503"},
		{"?", 1, "unseen", "not measured: 0 of 1 could look, and 1 must agree; not measured from eu-west-1 (AWS throttles)"},
		{"--+++", 3, "up", "HTTP 200 from 3 of 5"},
		{"---++", 3, "down", "down from 3 of 5"},
		{"!!+", 2, "down", "refused to look at a private address"},
	} {
		r := Agreed(Check{Name: "shop", Agree: c.agree}, time.Unix(1, 0), seen(c.views))
		is := "down"
		if r.OK {
			is = "up"
		} else if r.Unseen {
			is = "unseen"
		}
		if is != c.is || !strings.HasPrefix(r.Detail, c.detail) && !strings.Contains(r.Detail, c.detail) || len(r.Views) != len(c.views) || r.OK && r.Unseen {
			t.Errorf("%s with %d: %s, %s", c.views, c.agree, is, r.Detail)
		}
		if r.Refused != strings.Contains(c.views, "!") {
			t.Errorf("%s: refused is %v", c.views, r.Refused)
		}
	}
}

// TestWhatWasNotSeenNeverDecides: whatever those that could not look had seen, the answer would be the same, or there is none.
func TestWhatWasNotSeenNeverDecides(t *testing.T) {
	t.Parallel()
	const signs = "+-?"
	for n := range 81 {
		views := []byte{signs[n%3], signs[n/3%3], signs[n/9%3], signs[n/27%3]}
		for agree := 1; agree <= 4; agree++ {
			c := Check{Agree: agree}
			r := Agreed(c, time.Time{}, seen(string(views)))
			worst := Agreed(c, time.Time{}, seen(strings.ReplaceAll(string(views), "?", "-")))
			best := Agreed(c, time.Time{}, seen(strings.ReplaceAll(string(views), "?", "+")))
			if worst.Unseen || best.Unseen || r.Unseen != (worst.OK != best.OK) || !r.Unseen && r.OK != best.OK {
				t.Errorf("%s with %d: ok %v, unseen %v", views, agree, r.OK, r.Unseen)
			}
		}
	}
}

func TestTheLatencyIsTheOneInTheMiddle(t *testing.T) {
	t.Parallel()
	for views, want := range map[string]time.Duration{"+++": 200 * time.Millisecond, "-++": 200 * time.Millisecond, "--+": 100 * time.Millisecond, "+++++": 300 * time.Millisecond} {
		if got := Agreed(Check{Agree: 2}, time.Time{}, seen(views)).Latency; got != want {
			t.Errorf("%s: %s, want %s", views, got, want)
		}
	}
}

func TestFromWhereAndHowMany(t *testing.T) {
	t.Parallel()
	b := &book{}
	p := prober{}
	report, err := typed(t, b, p, commandstest.Journal{}, `check add shop --url https://shop.example.com/ --from eu-west-1,us-east-1/inside,here --timeout 10s`)
	if err != nil {
		t.Fatal(err)
	}
	c := b.checks[0]
	if strings.Join(c.From, " ") != "eu-west-1 us-east-1/inside here" || c.Agree != 2 {
		t.Errorf("%+v", c)
	}
	if again := line(c); !strings.Contains(again, "--from eu-west-1,us-east-1/inside,here --agree 2") {
		t.Errorf("the line that adds it again is %s", again)
	}
	for want, is := range map[string]bool{
		"down where 2 of 3 see it down": true, "43200 looks a month from each of 2 probes: about $0.86 where a look takes a second, $8.64 where each runs into its timeout of 10 s.": true,
		"That is much": false,
	} {
		if got := commands.RenderText(report); strings.Contains(got, want) != is {
			t.Errorf("%q is %v in %s", want, !is, got)
		}
	}
	for words, says := range map[string]string{
		"--from eu-west": "is no place to look from", "--from here,here": "stands there twice", "--from here --agree 2": "can agree", "--agree 1": "from one place alone",
	} {
		if _, err := typed(t, &book{}, p, commandstest.Journal{}, "check add shop --url https://shop.example.com/ "+words); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if _, err := typed(t, &book{}, p, commandstest.Journal{}, "check add ping --url icmp://10.0.0.5 --from eu-west-1"); err == nil || !strings.Contains(err.Error(), "looks from here alone") {
		t.Errorf("an echo from elsewhere: %v", err)
	}
	report, err = typed(t, &book{}, p, commandstest.Journal{}, `check add shop --url https://shop.example.com/ --schedule "@every 5s" --from ap-nowhere-1`)
	if got := commands.RenderText(report); err != nil || !strings.Contains(got, "518400 looks a month from 1 probe; the price is unknown: The price list has no single price.") || !strings.Contains(got, "That is much for one check") {
		t.Errorf("%s (%v)", got, err)
	}
}

func TestAPlaceIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]probe.Place{
		"here": {}, "eu-west-1": {Region: "eu-west-1"}, "us-gov-east-1": {Region: "us-gov-east-1"}, "eu-west-1/inside": {Region: "eu-west-1", Name: "inside"},
		"prod:eu-west-1/a-1": {Account: "prod", Region: "eu-west-1", Name: "a-1"},
	} {
		if got, err := probe.ParsePlace(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s is %+v (%v)", text, got, err)
		}
	}
	for _, text := range []string{"", "Here", "eu-west", "eu-west-0x", "eu-west-1/", "eu-west-1/A", "eu-west-1/a/b", ":eu-west-1", "eu-west-1:prod", "a b:eu-west-1", "eu-west-1/-a", "eu-west-1/a-", "-eu-west-1", "eu--west-1"} {
		if got, err := probe.ParsePlace(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
