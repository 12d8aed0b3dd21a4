package health

import (
	"context"

	"deckhand/commands/check"
)

// The desk speaks of all checks. Of those that other processes look at it reads along what they write down: the turns, which alone
// change a check's status here, and each second the results.

// follow reads what other processes saw since the last time. Where there are none it reads nothing.
func (d *desk) follow(ctx context.Context) error {
	l := d.loop
	if !l.others() {
		d.follows = false
		return nil
	}
	if d.follows {
		results, mark, err := l.Store.ResultsAfter(ctx, d.mark)
		if err == nil {
			l.hearResults(results)
			d.mark = mark
		}
		return err
	}
	_, mark, err := l.Store.ResultsAfter(ctx, -1)
	if err != nil {
		return err
	}
	states, err := l.Store.States(ctx)
	if err != nil {
		return err
	}
	l.hearStates(states)
	d.mark, d.follows = mark, true
	return nil
}

// foreign answers a check that another process looks at; nil where there is none. The loop is locked.
func (l *Loop) foreign(name string) *watch {
	if x := l.watches[name]; x != nil && !x.ours {
		return x
	}
	return nil
}

func (l *Loop) knows(name string) bool {
	_, _, known := l.current(name)
	return known
}

func (l *Loop) hearStates(states map[string]check.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, state := range states {
		if x := l.foreign(name); x != nil {
			x.state = state
		}
	}
}

func (l *Loop) hearTurns(turns []check.Turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range turns {
		if x := l.foreign(t.Check); x != nil && t.At.After(x.state.Since) {
			x.state.Check, x.state.Status, x.state.Since = t.Check, t.To, t.At
			x.state.Streak = 0
		}
	}
}

func (l *Loop) hearResults(results []check.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range results {
		x := l.foreign(r.Check)
		if x == nil {
			continue
		}
		after := Evaluate(x.check, x.state, r)
		if after.Status != x.state.Status { // whoever looked says when it is so
			after = x.state
			if r.At.After(after.Last.At) {
				after.Last = r
			}
		}
		x.state = after
	}
}
