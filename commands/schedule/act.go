package schedule

import (
	"context"
	"strconv"
	"strings"
	"time"

	"deckhand/commands"
)

// Act is a line that runs once, at its time: the end of a lease, a rule that expires. It runs as an ordinary request with the
// rights of its asker, and a refusal is told in its channel. What came due while nobody ran is done late, however late, and says so.
type Act struct {
	Key    string         `json:"key"` // unique, such as "lease R-42 stop"; an act that is put again takes the place of the one before
	Due    time.Time      `json:"due"`
	Line   string         `json:"line"`
	Asker  commands.Asker `json:"asker"`  // with whose rights; its channel hears of it
	Reason string         `json:"reason"` // why it runs, after the request's number: "the lease of R-42 is over"
	Of     int64          `json:"of,omitempty"`
	// Agreed says that whoever agreed to request Of agreed to this line as well, so that nobody has to agree again.
	Agreed bool `json:"agreed,omitempty"`
	// Private says that the asker is told directly, where policy lets the asker act there; otherwise in the channel.
	Private bool `json:"private,omitempty"`
	// Tries is how often it was handed on before and did not succeed.
	Tries int `json:"tries,omitempty"`
}

// Again answers the act at its next time, after one more try that did not succeed; false where it was tried often enough.
func (a Act) Again(now time.Time) (Act, bool) {
	if a.Tries >= mostTries {
		return a, false
	}
	pause := 24 * time.Hour
	if soon := [...]time.Duration{5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 8 * time.Hour}; a.Tries < len(soon) {
		pause = soon[a.Tries]
	}
	a.Tries, a.Due = a.Tries+1, now.Add(pause).UTC().Truncate(time.Second)
	return a, true
}

// mostTries after the first are a week and half a day.
const mostTries = 11

// Acts is where they are kept until they are handed on.
type Acts interface {
	// PutActs writes acts, each in the place of the one with its key, and takes away those with the other keys, in one transaction.
	PutActs(ctx context.Context, acts []Act, without ...string) error
	// Acts answers those that are due at or before a time, the longest overdue first, at most 100; the zero time selects all.
	Acts(ctx context.Context, due time.Time) ([]Act, error)
	// PutOff writes an act in the place of the one that was due at a time, unless that one was put again for another time meanwhile.
	PutOff(ctx context.Context, act Act, was time.Time) error
	// ActDone takes away an act that was handed on. One that was put again for another time meanwhile stays.
	ActDone(ctx context.Context, act Act) error
}

// EdgeKey is the key of an act that tries the edge of hours again that was handed on at a slot.
func EdgeKey(name string, slot time.Time) string {
	return "hours " + name + " " + strconv.FormatInt(slot.Unix(), 10)
}

// Edge reads what EdgeKey writes; false for the key of anything else.
func Edge(key string) (name string, slot time.Time, ok bool) {
	words := strings.Split(key, " ")
	if len(words) != 3 || words[0] != "hours" { //nolint:mnd // the words of a key
		return "", time.Time{}, false
	}
	seconds, err := strconv.ParseInt(words[2], 10, 64)
	return words[1], time.Unix(seconds, 0), err == nil
}
