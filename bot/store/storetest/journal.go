package storetest

import (
	"testing"

	"deckhand/commands"
)

func journalTests() map[string]func(*testing.T, *place) {
	return map[string]func(*testing.T, *place){
		"a journal tells begun from finished":          journalSteps,
		"a step is begun once and finished once":       journalOnce,
		"a journal is told by another client the same": journalOther,
		"the steps of one request are not another's":   journalApart,
	}
}

// entryText says an entry in one word or two.
func entryText(t *testing.T, journal commands.Journal, step string) string {
	t.Helper()
	entry := got[commands.Entry](t)(journal.Load(t.Context(), step))
	switch {
	case entry.Finished && entry.Failure != "":
		return "failed " + entry.Failure
	case entry.Finished:
		return "finished " + string(entry.Result)
	case entry.Begun:
		return "begun"
	default:
		return "nothing"
	}
}

func expectEntry(t *testing.T, journal commands.Journal, step, want string) {
	t.Helper()
	if is := entryText(t, journal, step); is != want {
		t.Errorf("step %s: %q, want %q", step, is, want)
	}
}

func journalSteps(t *testing.T, p *place) {
	store := p.client(t)
	journal := store.Journal(created(t, store, asked("k")).Number)
	expectEntry(t, journal, "launch", "nothing")
	must(t, journal.Begin(t.Context(), "launch"))
	expectEntry(t, journal, "launch", "begun")
	must(t, journal.Finish(t.Context(), "launch", []byte(`{"z": 1, "a": [2]}`), ""))
	expectEntry(t, journal, "launch", `finished {"z": 1, "a": [2]}`)
	must(t, journal.Begin(t.Context(), "tag"))
	must(t, journal.Finish(t.Context(), "tag", nil, "AWS said no."))
	expectEntry(t, journal, "tag", "failed AWS said no.")
}

func journalOnce(t *testing.T, p *place) {
	store := p.client(t)
	journal := store.Journal(created(t, store, asked("k")).Number)
	if err := journal.Finish(t.Context(), "launch", nil, ""); err == nil {
		t.Error("a step that was never begun was finished")
	}
	must(t, journal.Begin(t.Context(), "launch"))
	if err := journal.Begin(t.Context(), "launch"); err == nil {
		t.Error("a second run was let begin the same step")
	}
	must(t, journal.Finish(t.Context(), "launch", []byte(`1`), ""))
	must(t, journal.Finish(t.Context(), "launch", nil, "too late"))
	expectEntry(t, journal, "launch", "finished 1")
}

func journalOther(t *testing.T, p *place) {
	one, other := p.client(t), p.client(t)
	number := created(t, one, asked("k")).Number
	must(t, one.Journal(number).Begin(t.Context(), "launch"))
	expectEntry(t, other.Journal(number), "launch", "begun")
}

func journalApart(t *testing.T, p *place) {
	store := p.client(t)
	a, b := created(t, store, asked("a")), created(t, store, asked("b"))
	must(t, store.Journal(a.Number).Begin(t.Context(), "launch"))
	expectEntry(t, store.Journal(b.Number), "launch", "nothing")
}
