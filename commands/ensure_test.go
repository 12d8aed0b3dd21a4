package commands

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// shelf is a place where things are made; what is made may be seen late.
type shelf struct {
	there, made, late int
	answer            error // of making
	second            error // of making it once more
}

func (s *shelf) find(context.Context) (string, bool, error) {
	if s.there > 0 && s.late > 0 {
		s.late--
		return "", false, nil
	}
	return "thing", s.there > 0, nil
}

func (s *shelf) create(context.Context) (string, error) {
	s.made++
	s.there++
	if s.made > 1 && s.second != nil {
		return "thing", s.second
	}
	return "thing", s.answer
}

// safe is an error of a call that AWS does once, however often it is sent.
type safe struct{ error }

func (safe) Again() bool     { return true }
func (s safe) Unwrap() error { return s.error }

// taken is an error of a call that would make what is there already.
type taken struct{ error }

func (taken) Standing() bool { return true }

func TestEnsureMakesAtMostOne(t *testing.T) {
	t.Parallel()
	lost := &Error{Kind: Uncertain, Message: "The answer was lost."}
	refused := &Error{Kind: Failed, Message: "AWS refused."}
	for why, c := range map[string]struct {
		shelf shelf
		made  int
		err   error
	}{
		"nothing is there":                      {shelf{}, 1, nil},
		"it is there":                           {shelf{there: 1}, 0, nil},
		"the answer was lost":                   {shelf{answer: lost}, 1, nil},
		"the answer was lost and it shows late": {shelf{answer: lost, late: 3}, 1, nil},
		"it never shows":                        {shelf{answer: lost, late: 99}, 1, lost},
		"it never shows, and AWS makes it once": {shelf{answer: safe{lost}, late: 99}, 2, lost},
		"AWS makes it once, and it shows":       {shelf{answer: safe{lost}, late: 1}, 1, nil},
		"asked again, AWS says that it stands":  {shelf{answer: safe{lost}, late: 3, second: taken{refused}}, 2, nil},
		"it stands and never shows":             {shelf{answer: safe{lost}, late: 99, second: taken{refused}}, 2, lost},
		"asked again, AWS refuses it":           {shelf{answer: safe{lost}, late: 3, second: refused}, 2, refused},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := c.shelf
				thing, err := Ensure(t.Context(), &Run{Journal: NoJournal{}}, "make", s.find, s.create)
				if !errors.Is(err, c.err) || s.made != c.made || thing != "thing" {
					t.Errorf("answered %q, %v after %d makings", thing, err, s.made)
				}
			})
		})
	}
}

// begun is the journal of a request whose step was begun by a process that was killed.
type begun struct{ NoJournal }

func (begun) Load(context.Context, string) (Entry, error) { return Entry{Begun: true}, nil }

func TestWhatAKilledProcessMadeMayShowLate(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		shelf shelf
		made  int
	}{
		"it had made it, and it shows":      {shelf{there: 1}, 0},
		"it had made it, and it shows late": {shelf{there: 1, late: 4}, 0},
		"it had not made it":                {shelf{}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := c.shelf
			if thing, err := Ensure(t.Context(), &Run{Journal: begun{}}, "make", s.find, s.create); err != nil || s.made != c.made || thing != "thing" {
				t.Errorf("%s: %q, %v after %d makings", why, thing, err, s.made)
			}
		})
	}
}

// A look that fails does not say that the process before made nothing; what a look finds in the way does.
func TestALookThatFailsDoesNotSayThatNothingWasMade(t *testing.T) {
	t.Parallel()
	taken := &Error{Kind: Conflict, Message: "The name is taken."}
	for why, c := range map[string]struct {
		journal   Journal
		look      error
		uncertain bool
	}{
		"AWS does not let look, after a kill": {begun{}, errors.New("AWS refused DescribeVpcs"), true},
		"AWS does not let look":               {NoJournal{}, errors.New("AWS refused DescribeVpcs"), false},
		"the name is taken, after a kill":     {begun{}, taken, false},
	} {
		s := shelf{}
		_, err := Ensure(t.Context(), &Run{Journal: c.journal}, "make", func(context.Context) (string, bool, error) { return "", false, c.look }, s.create)
		if !errors.Is(err, c.look) || IsUncertain(err) != c.uncertain || s.made != 0 {
			t.Errorf("%s: %v after %d makings", why, err, s.made)
		}
	}
}

func TestSeenLooksUntilItShows(t *testing.T) {
	t.Parallel()
	for shows, want := range map[int]int{1: 1, 3: 3, ensureLooks: ensureLooks, 99: ensureLooks} {
		synctest.Test(t, func(t *testing.T) {
			looks := 0
			Seen(t.Context(), func() bool { looks++; return looks == shows })
			if looks != want {
				t.Errorf("looked %d times for what shows at look %d", looks, shows)
			}
		})
	}
}
