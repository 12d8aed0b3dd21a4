package lease

import (
	"fmt"
	"testing"
	"time"

	"deckhand/commands"
)

// TestWhatEndsSoonIsTold in a sentence: when, whose and what becomes of it.
func TestWhatEndsSoonIsTold(t *testing.T) {
	t.Parallel()
	of := func(n int64, line, undo string, ends time.Time) Lease {
		return Lease{Request: n, Owner: commands.Asker{User: "U1"}, Line: line, Undo: undo, Ends: ends}
	}
	when := func(t time.Time) string { return commands.Terminal().Render(commands.At(t)) }
	machine := of(7, "vm create --name web --image-id ami-0123456789abcdef0 --instance-type t3.micro", "vm terminate i-1", now.Add(2*time.Hour))
	for name, c := range map[string]struct {
		leases []Lease
		terms  Terms
		want   string
	}{
		"nothing":       {nil, Terms{}, ""},
		"none soon":     {[]Lease{of(1, "net up", "net down x", now.Add(80*time.Hour))}, Terms{}, ""},
		"machines":      {[]Lease{machine}, Terms{Grace: time.Hour}, "Leases: web (R-7, U1) is stopped " + when(machine.Ends) + "."},
		"the rest":      {[]Lease{of(8, "net up", "net down x", now.Add(time.Hour))}, Terms{}, "Leases: net up (R-8, U1) is removed " + when(now.Add(time.Hour)) + "."},
		"kept":          {[]Lease{of(8, "net up", "net down x", now.Add(time.Hour))}, Terms{StopOnly: true}, "Leases: net up (R-8, U1) is over " + when(now.Add(time.Hour)) + "."},
		"over and kept": {[]Lease{of(8, "net up", "net down x", now.Add(-time.Hour))}, Terms{StopOnly: true}, "Leases: net up (R-8, U1) is over since " + when(now.Add(-time.Hour)) + "."},
		"in grace":      {[]Lease{of(9, "vm create", "vm terminate i-1", now.Add(-time.Hour))}, Terms{Grace: 24 * time.Hour}, "Leases: vm create (R-9, U1) is over and removed " + when(now.Add(23*time.Hour)) + "."},
	} {
		text, err := Desk{Book: newBook(c.leases...), Terms: c.terms}.Ending(t.Context(), now)
		if got := commands.Terminal().Render(text); got != c.want || err != nil {
			t.Errorf("%s: %q %v, not %q", name, got, err, c.want)
		}
	}
	var many []Lease
	for n := range int64(7) {
		many = append(many, of(n+1, "net up", fmt.Sprint("net down ", n), now.Add(time.Duration(n+1)*time.Hour)))
	}
	text, _ := Desk{Book: newBook(many...)}.Ending(t.Context(), now)
	if want := "; and 3 more within 3 days."; len(text) < len(want) || text[len(text)-len(want):] != want {
		t.Errorf("of many it says %q", text)
	}
}
