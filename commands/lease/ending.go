package lease

import (
	"context"
	"fmt"
	"strings"
	"time"

	"deckhand/commands"
)

const (
	soon     = 3 * 24 * time.Hour // a post on Friday tells of Monday's morning
	mostTold = 4
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

// name is what people call it: its own name where the line that made it gives one, otherwise what was done.
func (l Lease) name() string {
	words, err := commands.SplitWords(commands.Unmarked(l.Line))
	if err != nil || len(words) == 0 {
		return l.ID()
	}
	for i, w := range words {
		if w.Text == "--name" && i+1 < len(words) {
			return words[i+1].Text
		}
	}
	return strings.TrimSpace(words[0].Text + " " + words[min(1, len(words)-1)].Text)
}

// ending says of one when it ends, and what becomes of it.
func (t Terms) ending(l Lease, now time.Time) string {
	what := commands.Mono(l.name()) + " (" + l.ID() + ", " + commands.Person(l.Owner.User) + ") "
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
