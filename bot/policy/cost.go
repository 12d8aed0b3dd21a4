package policy

import (
	"fmt"
	"strings"

	"deckhand/commands"
)

// dearer tells whether a bill, on top of what was made today, is above a ceiling, in dollars a month. A price that is not known counts as
// above; a line that makes nothing that costs is not.
func dearer(bill *commands.Bill, today *commands.Today, ceiling int) bool {
	if bill == nil || len(bill.Parts) == 0 {
		return false
	}
	month, all := bill.Month()
	before, allBefore := today.Month()
	return !all || !allBefore || before+month > float64(ceiling)
}

// whyDear says what a line costs to whom ceilings stop.
func (c *conditions) whyDear(scope *commands.Scope) string {
	var why []string
	if c.cost != nil {
		why = append(why, whyDear(scope.Bill, *c.cost))
	}
	if c.today != nil {
		why = append(why, whyToday(scope, *c.today))
	}
	return strings.Join(why, " ")
}

func whyDear(bill *commands.Bill, ceiling int) string {
	if _, all := bill.Month(); !all {
		return fmt.Sprintf("What it costs is not known for certain, which counts as more than the $%d a month of this rule: %s.", ceiling, bill.Words())
	}
	return fmt.Sprintf("It costs more than the $%d a month of this rule: %s.", ceiling, bill.Words())
}

// whyToday says how much of a day's ceiling is used, and by what.
func whyToday(scope *commands.Scope, ceiling int) string {
	today := scope.Today
	if today == nil {
		today = &commands.Today{}
	}
	month, all := scope.Bill.Month()
	before, allBefore := today.Month()
	why := fmt.Sprintf("Together with what was made %s today%s, it costs more than the $%d a month of this rule: ", from(today), dated(today), ceiling)
	if !all || !allBefore {
		why = fmt.Sprintf("What was made %s today%s, and this, cost together what is not known for certain, which counts as more than the $%d a month of this rule: ", from(today), dated(today), ceiling)
	}
	used := fmt.Sprintf("$%.2f of it is used", before)
	switch {
	case len(today.Made) == 0:
		used = "nothing is used"
	case !allBefore:
		used = "at least " + used
	}
	why += used
	if len(today.Made) > 0 {
		why += " (" + today.Words() + ")"
	}
	why += fmt.Sprintf(", and this adds $%.2f", month)
	if !all {
		why = strings.TrimSuffix(why, fmt.Sprintf("$%.2f", month)) + scope.Bill.Words()
	}
	return why + ". What is removed again on the same day still counts."
}

func from(today *commands.Today) string {
	if today.Channel == "" {
		return "from terminals"
	}
	return "from this channel"
}

// dated is the day in brackets: which one it is depends on the zone.
func dated(today *commands.Today) string {
	if today.Day == "" {
		return ""
	}
	return " (" + today.Day + ", " + today.Zone + ")"
}
