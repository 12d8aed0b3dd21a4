package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"deckhand/commands/check"
)

func historyTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"results come back the same before and after they are folded":      foldedResults,
		"what was measured is summed by span, folded or not":               summaries,
		"folding that was cut short and begins again counts nothing twice": foldTwice,
		"a check's newest result stays when old ones go":                   prune,
		"months are added up, and late results counted into them":          months,
		"outages are told from their beginning to their end":               outages,
		"an outage during which the clock is set back is told once":        movedOutage,
		"summaries of a removed check are gone":                            removedSummaries,
		"hours of a day in a zone with daylight saving time are all there": longNight,
	}
}

// folded is a moment at which results of the test's noon wait no longer.
var folded = noon.Add(49 * time.Hour) //nolint:gochecknoglobals // a constant

func look(at time.Time, ok bool) check.Result {
	r := check.Result{Check: "web", At: at, OK: ok, Latency: 10 * time.Millisecond, Code: 200, Detail: "HTTP 200", Covers: time.Minute}
	if !ok {
		r.Code, r.Detail, r.Latency = 503, "HTTP 503", time.Second
	}
	return r
}

func foldedResults(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	var want []check.Result
	for minute := range 6 {
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{result("api", minute), result("web", minute)}, States: []check.State{state("web", minute)}}))
		want = append(want, result("web", minute))
		if minute == 2 || minute == 4 {
			must(t, store.Fold(t.Context(), folded))
		}
		if is := got[[]check.Result](t)(store.Results(t.Context(), "web", time.Time{}, 0)); !reflect.DeepEqual(is, want) {
			t.Errorf("minute %d: %+v", minute, is)
		}
		if last := got[map[string]check.State](t)(store.States(t.Context()))["web"].Last; !reflect.DeepEqual(last, result("web", minute)) {
			t.Errorf("minute %d: the last result is %+v", minute, last)
		}
	}
}

func summaries(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	begin := noon.Add(-12 * time.Hour) // midnight
	// Two days with a look each ten minutes; the first hour of the second day fails, and its second is not measured.
	for i := range 2 * 24 * 6 {
		at := begin.Add(time.Duration(i) * 10 * time.Minute)
		hour := i / 6
		if hour == 25 {
			continue
		}
		r := look(at, hour != 24)
		r.Covers, r.Muted = 10*time.Minute, hour == 24 || hour == 30
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{r}}))
		if i == 100 || i == 200 {
			must(t, store.Fold(t.Context(), folded))
		}
	}
	bounds := []time.Time{begin, begin.Add(24 * time.Hour), begin.Add(25*time.Hour + 59*time.Minute), begin.Add(48 * time.Hour)}
	for _, when := range []string{"half of it folded", "all folded"} {
		is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "", bounds))
		if len(is) != 1 || len(is["web"]) != 3 {
			t.Fatalf("%s: %+v", when, is)
		}
		for i, want := range []string{
			"144 looks, 0 failed, measured 24h0m0s, down 0s, muted 0s, muted down 0s",
			"6 looks, 6 failed, measured 1h0m0s, down 1h0m0s, muted 1h0m0s, muted down 1h0m0s",
			"132 looks, 0 failed, measured 22h0m0s, down 0s, muted 1h0m0s, muted down 0s",
		} {
			if said := inWords(is["web"][i]); said != want {
				t.Errorf("%s, span %d: %s, want %s", when, i, said, want)
			}
		}
		if p50 := is["web"][0].Latencies.Quantile(0.5); p50 < 9500*time.Microsecond || p50 > 10500*time.Microsecond {
			t.Errorf("%s: the median of looks of 10 ms is %v", when, p50)
		}
		must(t, store.Fold(t.Context(), folded))
	}
	if is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "api", bounds)); len(is) != 0 {
		t.Errorf("api: %+v", is)
	}
}

func inWords(s check.Summary) string {
	return fmt.Sprintf("%d looks, %d failed, measured %v, down %v, muted %v, muted down %v", s.Looks, s.Failed, s.Measured, s.Down, s.Muted, s.MutedDown)
}

// foldTwice folds results, and saves some of them once more, as a process that had not heard of its commit would.
func foldTwice(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	for range 3 {
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{look(noon, true), look(noon.Add(time.Minute), false)}}))
		must(t, store.Fold(t.Context(), folded))
	}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{look(noon.Add(time.Minute), false)}}))
	is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "web", []time.Time{noon, noon.Add(2 * time.Hour)}))
	if said := inWords(is["web"][0]); said != "2 looks, 1 failed, measured 2m0s, down 1m0s, muted 0s, muted down 0s" {
		t.Error(said)
	}
}

func prune(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{look(noon, true)}, States: []check.State{state("web", 0)}}))
	must(t, store.Fold(t.Context(), folded))
	must(t, store.Prune(t.Context(), noon.Add(6*24*time.Hour)))
	if is := got[[]check.Result](t)(store.Results(t.Context(), "web", time.Time{}, 0)); len(is) != 1 {
		t.Errorf("after six days: %+v", is)
	}
	must(t, store.Prune(t.Context(), noon.Add(8*24*time.Hour)))
	if is := got[[]check.Result](t)(store.Results(t.Context(), "web", time.Time{}, 0)); len(is) != 0 {
		t.Errorf("after eight days: %+v", is)
	}
	if last := got[map[string]check.State](t)(store.States(t.Context()))["web"].Last; !last.At.Equal(noon.Truncate(time.Millisecond)) {
		t.Errorf("the last result is %+v", last)
	}
	is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "web", []time.Time{noon, noon.Add(time.Hour)}))
	if len(is) != 1 || is["web"][0].Looks != 1 {
		t.Errorf("summaries %+v", is)
	}
	must(t, store.Prune(t.Context(), noon.Add(11*366*24*time.Hour)))
	if is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "web", []time.Time{noon, noon.Add(time.Hour)})); len(is) != 0 {
		t.Errorf("after eleven years: %+v", is)
	}
}

// months asks about months before and after they are added up, and after a result that came late.
func months(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	of := func(name string, month time.Month, day int, ok bool) check.Result {
		r := look(time.Date(2026, month, day, 3, 0, 0, 0, time.UTC), ok)
		r.Check = name
		return r
	}
	save := func(results ...check.Result) {
		must(t, store.SaveResults(t.Context(), check.Looks{Results: results}))
		must(t, store.Fold(t.Context(), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	save(of("web", 6, 30, true), of("web", 7, 1, false), of("web", 7, 31, true), of("web", 8, 1, true), of("api", 7, 5, true))
	july, august := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	expect := func(when string, bounds []time.Time, want ...string) {
		t.Helper()
		is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "", bounds))
		var said []string
		for _, name := range []string{"web", "api"} {
			for _, s := range is[name] {
				said = append(said, fmt.Sprintf("%s %d/%d %v", name, s.Looks, s.Failed, s.Measured))
			}
		}
		if !reflect.DeepEqual(said, want) {
			t.Errorf("%s: %q, want %q", when, said, want)
		}
	}
	all := []time.Time{july.AddDate(0, -2, 0), august.AddDate(0, 2, 0)}
	three := []time.Time{july.AddDate(0, -1, 0), july, august, august.AddDate(0, 1, 0)}
	within := []time.Time{july.AddDate(0, 0, 1), august} // all but the first of July
	for _, when := range []string{"before", "after", "added up again"} {
		expect(when+", all", all, "web 4/1 4m0s", "api 1/0 1m0s")
		expect(when+", month by month", three, "web 1/0 1m0s", "web 2/1 2m0s", "web 1/0 1m0s", "api 0/0 0s", "api 1/0 1m0s", "api 0/0 0s")
		expect(when+", a part of a month", within, "web 1/0 1m0s", "api 1/0 1m0s")
		must(t, store.Prune(t.Context(), time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)))
	}
	must(t, store.AddCheck(t.Context(), someCheck("new")))
	save(of("api", 7, 20, false), of("new", 7, 20, true))
	expect("a late result", all, "web 4/1 4m0s", "api 2/1 2m0s")
	expect("a late result, month by month", three, "web 1/0 1m0s", "web 2/1 2m0s", "web 1/0 1m0s", "api 0/0 0s", "api 2/1 2m0s", "api 0/0 0s")
	if is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "new", all)); len(is["new"]) != 1 || is["new"][0].Looks != 1 {
		t.Errorf("a check whose first result is late: %+v", is)
	}
}

func outages(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	must(t, store.AddCheck(t.Context(), someCheck("api")))
	for hour, status := range []check.Status{check.Unknown, check.Up, check.Down, check.Down, check.Up, check.Down} {
		for _, streak := range []int{0, 1} { // the same status may be saved more than once
			s := check.State{Check: "web", Status: status, Since: noon.Add(time.Duration(hour) * time.Hour), Streak: streak}
			must(t, store.SaveResults(t.Context(), check.Looks{States: []check.State{s}}))
		}
	}
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	first, again, last := check.Outage{Check: "web", Began: hour(2), Ended: hour(4)}, check.Outage{Check: "web", Began: hour(3), Ended: hour(4)}, check.Outage{Check: "web", Began: hour(5)}
	for _, test := range []struct {
		name     string
		from, to int
		want     []check.Outage
	}{
		{"web", 0, 9, []check.Outage{first, again, last}},
		{"", 4, 9, []check.Outage{last}},
		{"", 3, 5, []check.Outage{first, again}},
		{"", 0, 2, nil},
		{"api", 0, 9, nil},
	} {
		is := got[[]check.Outage](t)(store.Outages(t.Context(), test.name, hour(test.from), hour(test.to)))
		if !reflect.DeepEqual(is, test.want) {
			t.Errorf("%q from %d to %d: %+v", test.name, test.from, test.to, is)
		}
	}
}

// movedOutage has the clock set back by an hour during an outage: it is told once, with its true length.
func movedOutage(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	for _, s := range []struct {
		status  check.Status
		minutes int
	}{{check.Up, -60}, {check.Down, 30}, {check.Down, -30}, {check.Up, -10}} {
		state := check.State{Check: "web", Status: s.status, Since: noon.Add(time.Duration(s.minutes) * time.Minute)}
		must(t, store.SaveResults(t.Context(), check.Looks{States: []check.State{state}}))
	}
	want := []check.Outage{{Check: "web", Began: noon.Add(-30 * time.Minute), Ended: noon.Add(-10 * time.Minute)}}
	if is := got[[]check.Outage](t)(store.Outages(t.Context(), "web", noon.Add(-2*time.Hour), noon.Add(2*time.Hour))); !reflect.DeepEqual(is, want) {
		t.Errorf("outages %+v", is)
	}
}

func removedSummaries(t *testing.T, p *place) {
	store := p.client(t)
	for range 2 { // the second check of the name begins without a past
		must(t, store.AddCheck(t.Context(), someCheck("web")))
		must(t, store.SaveResults(t.Context(), check.Looks{Results: []check.Result{look(noon, true)}}))
		must(t, store.Fold(t.Context(), folded))
		is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "", []time.Time{noon, noon.Add(time.Hour)}))
		if len(is) != 1 || is["web"][0].Looks != 1 {
			t.Errorf("summaries %+v", is)
		}
		must(t, store.RemoveCheck(t.Context(), "web"))
		if is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "web", []time.Time{noon, noon.Add(time.Hour)})); len(is) != 0 {
			t.Errorf("summaries %+v", is)
		}
	}
}

// longNight asks for the days of a zone around the ends of its daylight saving time.
func longNight(t *testing.T, p *place) {
	store := p.client(t)
	must(t, store.AddCheck(t.Context(), someCheck("web")))
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	var results []check.Result
	for at := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Minute) {
		results = append(results, look(at, true))
	}
	for at := time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 10, 27, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Minute) {
		results = append(results, look(at, true))
	}
	must(t, store.SaveResults(t.Context(), check.Looks{Results: results}))
	must(t, store.Fold(t.Context(), time.Date(2026, 10, 28, 0, 0, 0, 0, time.UTC)))
	for _, test := range []struct {
		zone       *time.Location
		month, day int
		hours      int
	}{
		{berlin, 3, 28, 24}, {berlin, 3, 29, 23}, {berlin, 3, 30, 24}, {berlin, 10, 25, 25}, {berlin, 10, 26, 24},
		{shanghai, 3, 29, 24}, {shanghai, 10, 25, 24},
	} {
		from := time.Date(2026, time.Month(test.month), test.day, 0, 0, 0, 0, test.zone)
		bounds := []time.Time{from, from.AddDate(0, 0, 1)}
		is := got[map[string][]check.Summary](t)(store.Summaries(t.Context(), "web", bounds))["web"]
		if len(is) != 1 || is[0].Looks != test.hours*60 || is[0].Measured != time.Duration(test.hours)*time.Hour {
			t.Errorf("%v: %d looks, want those of %d hours", from, is[0].Looks, test.hours)
		}
	}
}
