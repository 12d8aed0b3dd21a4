package lease

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

const (
	soon      = 3 * 24 * time.Hour // a post on Friday tells of Monday's morning
	mostTold  = 4
	mostOfOne = 60 // runes of the line that made it
)

// Ending tells in a few words what ends within three days, and what is over and still there; "" where nothing is.
func (d Desk) Ending(ctx context.Context, now time.Time) (string, error) {
	leases, err := d.Book.Leases(ctx)
	if err != nil {
		return "", err
	}
	var told []string
	more := 0
	for _, l := range leases { // the earliest end first
		if l.Ends.Sub(now) > soon {
			break
		}
		if len(told) == mostTold {
			more++
			continue
		}
		told = append(told, d.Terms.ending(l, now))
	}
	if len(told) == 0 {
		return "", nil
	}
	text := "Leases: " + strings.Join(told, "; ")
	if more > 0 {
		text += fmt.Sprintf("; and %d more within 3 days", more)
	}
	return text + ".", nil
}

// ending says of one when it ends, and what becomes of it.
func (t Terms) ending(l Lease, now time.Time) string {
	line := []rune(commands.Unmarked(l.Line))
	if len(line) > mostOfOne {
		line = append(line[:mostOfOne-1], '…')
	}
	what := l.ID() + " of " + commands.Person(l.Owner.User) + ", " + commands.Mono(string(line)) + ", "
	removed := t.removed(l)
	switch {
	case now.Before(l.Ends) && l.stop() != "":
		return what + "is stopped " + commands.At(l.Ends)
	case now.Before(l.Ends) && !removed.IsZero():
		return what + "is removed " + commands.At(l.Ends)
	case now.Before(l.Ends):
		return what + "is over " + commands.At(l.Ends)
	case removed.After(now):
		return what + "is over and removed " + commands.At(removed)
	default:
		return what + "is over since " + commands.At(l.Ends)
	}
}
