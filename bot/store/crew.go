package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/bot"
)

// crewTime is how long a process of the crew that was not heard of is waited for. Each says that it is there once a second.
const crewTime = 5 * time.Second

// Join takes a process into the crew that shares the checks. Under one name it may be told again.
func (s *Store) Join(ctx context.Context, name string) error {
	policy, process := s.decidesBy()
	err := s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, "INSERT INTO crew (name, until, term, configuration, policy, process) VALUES (?, "+s.clock()+" + ?, 0, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
			name, crewTime.Milliseconds(), s.ours(), policy, process)
		return nextTerm(ctx, to, rows, err)
	})
	if err != nil {
		return fmt.Errorf("join those who look at the checks: %w", err)
	}
	return nil
}

// Muster says that a process is there and that, as of a term, it looks at nothing that is another's. It answers who else is there;
// bot.ErrLost where the process was silent for so long that the others count it as dead.
func (s *Store) Muster(ctx context.Context, name string, term int64) (bot.Crew, error) {
	var crew bot.Crew
	err := s.lax(ctx, func(to writer) error {
		rows, err := to.exec(ctx, "UPDATE crew SET until = "+s.clock()+" + ?, term = ? WHERE name = ?", crewTime.Milliseconds(), term, name)
		if err == nil && rows == 0 {
			err = bot.ErrLost
		}
		if err != nil {
			return err
		}
		// One statement sees one moment: the members are those of the term.
		return to.query(ctx, func(scan scan) error {
			var m bot.Member
			err := scan(&crew.Term, &m.Name, &m.Term, &m.Silent)
			crew.Members = append(crew.Members, m)
			return err
		}, "SELECT s.term, c.name, c.term, c.until < "+s.clock()+" FROM store s, crew c ORDER BY c.name")
	})
	if err != nil {
		return bot.Crew{}, fmt.Errorf("ask who looks at the checks: %w", err)
	}
	return crew, nil
}

// Bury takes the processes out of the crew that were silent for too long.
func (s *Store) Bury(ctx context.Context) error {
	return s.part(ctx, "until < "+s.clock())
}

// Leave takes a process out of the crew.
func (s *Store) Leave(ctx context.Context, name string) error {
	return s.part(ctx, "name = ?", name)
}

func (s *Store) part(ctx context.Context, which string, args ...any) error {
	err := s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, "DELETE FROM crew WHERE "+which, args...)
		return nextTerm(ctx, to, rows, err)
	})
	if err != nil {
		return fmt.Errorf("part from those who look at the checks: %w", err)
	}
	return nil
}

// nextTerm begins a new term where the crew changed.
func nextTerm(ctx context.Context, to writer, changed int64, err error) error {
	if err != nil || changed == 0 {
		return err
	}
	_, err = to.exec(ctx, "UPDATE store SET term = term + 1")
	return err
}

// stillOf answers bot.ErrLost where a process is not of the crew any more, and keeps it there until the transaction ends. Without a
// name nothing is asked.
func (s *Store) stillOf(ctx context.Context, to writer, name string) error {
	if name == "" {
		return nil
	}
	rows, err := collect(ctx, to, column[string], "SELECT name FROM crew WHERE name = ?"+s.keepRow(), name)
	if err == nil && len(rows) == 0 {
		err = bot.ErrLost
	}
	return err
}
