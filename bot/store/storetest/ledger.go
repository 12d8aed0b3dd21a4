package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"deckhand/bot"
	"deckhand/commands"
)

func ledgerTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a day's ledger is kept in the order of its entries":       ledger,
		"what became of a request decides whether it counts":       ledgerCounts,
		"of two that enter at once each is seen by the other":      ledgerAtOnce,
		"what a request enters is in one day, and can be struck":   ledgerMoves,
		"a ledger is of one channel and one day, and of terminals": ledgerApart,
	}
}

// making is what a request makes, in dollars an hour.
func making(r bot.Request, usd float64) commands.Made {
	made := commands.Made{Request: r.Number, Line: r.Invocation.Line}
	made.Bill.Add("1 machine", usd, nil)
	return made
}

// day is what the ledger says to a request.
func day(t *testing.T, store Store, request int64) commands.Today {
	t.Helper()
	return got[commands.Today](t)(store.Today(t.Context(), "C1", "2026-03-01", request))
}

func requestsOf(today commands.Today) string {
	var numbers []int64
	for _, made := range today.Made {
		numbers = append(numbers, made.Request)
	}
	return fmt.Sprint(numbers)
}

func ledger(t *testing.T, p *place) {
	store, other := p.client(t), p.client(t)
	one, two, three := created(t, store, asked("1")), created(t, store, asked("2")), created(t, store, asked("3"))
	empty := day(t, store, one.Number)
	if len(empty.Made) != 0 || empty.Entered || empty.Day != "2026-03-01" || empty.Channel != "C1" {
		t.Errorf("an empty day is %+v", empty)
	}
	must(t, store.Enter(t.Context(), empty, making(two, 0.5)))
	if err := other.Enter(t.Context(), empty, making(one, 0.25)); !errors.Is(err, bot.ErrConflict) {
		t.Errorf("who has not seen the entry before is let in: %v", err)
	}
	must(t, other.Enter(t.Context(), day(t, other, one.Number), making(one, 0.25)))
	for request, want := range map[int64]string{two.Number: "[]", one.Number: fmt.Sprint([]int64{two.Number}), three.Number: fmt.Sprint([]int64{two.Number, one.Number})} {
		today := day(t, store, request)
		if got := requestsOf(today); got != want || today.Entered != (request != three.Number) {
			t.Errorf("R-%d sees %s, entered %v, want %s", request, got, today.Entered, want)
		}
	}
	if month, all := new(commands.Today).Month(); month != 0 || !all {
		t.Error("nothing costs something")
	}
	seen := day(t, store, three.Number)
	if month, all := seen.Month(); month != 0.75*commands.HoursOfMonth || !all {
		t.Errorf("it costs %v, %v", month, all)
	}
}

func ledgerCounts(t *testing.T, p *place) {
	store := p.client(t)
	for state, counts := range map[bot.State]bool{
		bot.Asked: true, bot.Queued: true, bot.Running: true, bot.Done: true, bot.Unsure: true, bot.Settled: true,
		bot.Refused: false, bot.Waiting: false, bot.Rejected: false, bot.Expired: false, bot.Cancelled: false, bot.Failed: false,
	} {
		request := asked(string(state))
		request.State = state
		request = created(t, store, request)
		before := day(t, store, 0)
		must(t, store.Enter(t.Context(), before, making(request, 1)))
		if after := day(t, store, 0); (len(after.Made) > len(before.Made)) != counts {
			t.Errorf("one that is %s: counts %v, want %v", state, !counts, counts)
		}
	}
	request := asked("halfway")
	request.State, request.Result = bot.Failed, &commands.Report{Undo: "net down lab"}
	request = created(t, store, request)
	before := day(t, store, 0)
	must(t, store.Enter(t.Context(), before, making(request, 1)))
	if after := day(t, store, 0); len(after.Made) != len(before.Made)+1 {
		t.Error("one that failed and left something does not count")
	}
}

func ledgerAtOnce(t *testing.T, p *place) {
	clients := []Store{p.client(t), p.client(t)}
	const each = 10
	var mu sync.Mutex
	seen := map[int]bool{}
	var all sync.WaitGroup
	for i, store := range clients {
		all.Go(func() {
			for n := range each {
				request := created(t, store, asked(fmt.Sprint(i, "-", n)))
				for {
					today, err := store.Today(t.Context(), "C1", "2026-03-01", request.Number)
					if err != nil {
						t.Error(err)
						return
					}
					err = store.Enter(t.Context(), today, making(request, 1))
					if err == nil {
						mu.Lock()
						seen[len(today.Made)] = true
						mu.Unlock()
						break
					}
					if !errors.Is(err, bot.ErrConflict) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	if len(seen) != len(clients)*each {
		t.Errorf("%d of %d saw a number before them that nobody else saw", len(seen), len(clients)*each)
	}
}

func ledgerMoves(t *testing.T, p *place) {
	store := p.client(t)
	request := created(t, store, asked("1"))
	must(t, store.Enter(t.Context(), day(t, store, request.Number), making(request, 1)))
	tomorrow := got[commands.Today](t)(store.Today(t.Context(), "C1", "2026-03-02", request.Number))
	if tomorrow.Entered {
		t.Error("it is in the next day already")
	}
	must(t, store.Enter(t.Context(), tomorrow, making(request, 1)))
	if today := day(t, store, 0); len(today.Made) != 0 {
		t.Errorf("it is in both days: %+v", today)
	}
	must(t, store.Strike(t.Context(), request.Number))
	if tomorrow := got[commands.Today](t)(store.Today(t.Context(), "C1", "2026-03-02", 0)); len(tomorrow.Made) != 0 {
		t.Errorf("it was struck and is there: %+v", tomorrow)
	}
	must(t, store.Strike(t.Context(), request.Number))
}

func ledgerApart(t *testing.T, p *place) {
	store := p.client(t)
	request := created(t, store, asked("1"))
	terminal := got[commands.Today](t)(store.Today(t.Context(), "", "2026-03-01", request.Number))
	must(t, store.Enter(t.Context(), terminal, making(request, 1)))
	if today := day(t, store, 0); len(today.Made) != 0 {
		t.Errorf("what terminals make counts in a channel: %+v", today)
	}
	if terminal := got[commands.Today](t)(store.Today(t.Context(), "", "2026-03-01", 0)); len(terminal.Made) != 1 {
		t.Errorf("terminals made %+v", terminal)
	}
}
