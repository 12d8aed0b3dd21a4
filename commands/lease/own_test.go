package lease

import (
	"testing"

	"deckhand/commands"
)

func TestWhatAnotherDeckhandsRequestOfTheSameNumberMadeIsNotOnLease(t *testing.T) {
	t.Parallel()
	l := Lease{Request: 8, Owner: commands.Asker{User: "U1"}}
	for _, k := range []struct {
		request, owner string
		own            bool
	}{{"R-8", "U1", true}, {"R-8", "", true}, {"R-8", "U9", false}, {"R-5", "U9", true}, {"R-9", "U1", false}, {"", "U1", false}} {
		tags := map[string]string{commands.RequestTag: k.request, commands.OwnerTag: k.owner}
		if l.own(tags) != k.own {
			t.Errorf("%s of %q: %t", k.request, k.owner, !k.own)
		}
	}
}
