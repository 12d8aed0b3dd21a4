package commands

import (
	"cmp"
	"fmt"
	"slices"
)

// Today is what was made from one channel in a day before a line, for ceilings on it.
type Today struct {
	Day     string // "2026-11-26"
	Zone    string // "Europe/Berlin"
	Channel string // empty: from terminals
	Made    []Made
	// Mark says how far was looked, for whoever adds to it; Entered, that the line stands there itself already.
	Mark    int64
	Entered bool
}

// Made is what one line made, or is making.
type Made struct {
	Request int64  `json:"request"`
	Line    string `json:"line"`
	Bill    Bill   `json:"bill"`
}

// Month is what is known of what all of it costs a month, and whether that is all.
func (t *Today) Month() (usd float64, all bool) {
	all = true
	if t == nil {
		return 0, all
	}
	for _, made := range t.Made {
		month, known := made.Bill.Month()
		usd, all = usd+month, all && known
	}
	return usd, all
}

// dearestTold is how many lines of a day are told one by one.
const dearestTold = 5

// Words tell what was made, the dearest first: "$480.00 by R-41 `vm create --count 40`, $12.00 by R-43 `lb create --name x`".
func (t *Today) Words() string {
	if t == nil || len(t.Made) == 0 {
		return "nothing"
	}
	dearest := slices.Clone(t.Made)
	Order(dearest, func(a, b Made) int {
		one, allOfOne := a.Bill.Month()
		other, allOfOther := b.Bill.Month()
		if allOfOne != allOfOther {
			return cmp.Compare(known(allOfOne), known(allOfOther))
		}
		return cmp.Compare(other, one)
	})
	var told []string
	for _, made := range dearest[:min(dearestTold, len(dearest))] {
		month, all := made.Bill.Month()
		price := fmt.Sprintf("$%.2f", month)
		if !all {
			price = "at least " + price
		}
		if !all && month == 0 {
			price = "an unknown price"
		}
		told = append(told, fmt.Sprintf("%s by R-%d %s", price, made.Request, Mono(made.Line)))
	}
	if more := len(dearest) - len(told); more > 0 {
		told = append(told, Count(more, "other line"))
	}
	return And(told)
}

func known(all bool) int {
	if all {
		return 1
	}
	return 0
}
