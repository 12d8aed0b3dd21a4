package commands

import (
	"errors"
	"testing"
)

// foreign is an error of a room that knows no marks.
type foreign struct{ error }

func (foreign) Message() string { return "It is gone." }
func (f foreign) Hint() string  { return f.Error() }

func TestHintsOfRoomsThatKnowNoMarks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ said, want string }{
		{"`vm list` shows them, `vm show` one.", Mono("vm list") + " shows them, " + Mono("vm show") + " one."},
		{"A ` alone stays.", "A ` alone stays."},
		{"Nothing to copy.", "Nothing to copy."},
	} {
		if got := Words(foreign{errors.New(row.said)}).Hint; got != row.want {
			t.Errorf("%q is told as %q, want %q", row.said, got, row.want)
		}
	}
}
