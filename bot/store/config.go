package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

// entry is a check or a schedule as SyncConfig compares them.
type entry struct {
	document   string
	created    time.Time
	fromConfig bool
}

// SyncConfig makes what comes from the configuration equal to these checks and schedules, and removes what no longer
// does. What keeps its name keeps its state, its last slot and its CreatedAt. Something of the same name that was added
// in the chat gives way to the configuration's, and the log says so. Where nothing is new, the revision stays.
//
// Where another set is in force, this one comes into force if no configuration ever brought it, so that the newest wins, or if no
// process has the one in force any more; otherwise nothing is written. Configuration tells which it was. The set of a process
// that does not serve comes into force only where nobody serves.
func (s *Store) SyncConfig(ctx context.Context, checks []check.Check, schedules []schedule.Schedule, serves bool) error {
	mark, err := fingerprint(checks, schedules)
	if err != nil {
		return err
	}
	s.configuration.Store(&mark)
	var replaced []string
	err = s.write(ctx, func(to writer) error {
		// Writing the store's one row lets processes that start at once do this one after the other.
		if _, err := to.exec(ctx, "UPDATE store SET revision = revision"); err != nil {
			return err
		}
		if wins, err := s.wins(ctx, to, mark, serves); err != nil || !wins {
			return err
		}
		var err error
		replaced, err = putInForce(ctx, to, checks, schedules)
		return err
	})
	if err != nil {
		return fmt.Errorf("bring checks and schedules from the configuration: %w", err)
	}
	for _, what := range replaced {
		s.log.WarnContext(ctx, "the configuration replaced what was added in the chat", "name", what)
	}
	return nil
}

func putInForce(ctx context.Context, to writer, checks []check.Check, schedules []schedule.Schedule) (replaced []string, err error) {
	checksChanged, replaced, err := syncChecks(ctx, to, checks)
	if err != nil {
		return nil, err
	}
	schedulesChanged, more, err := syncSchedules(ctx, to, schedules)
	if err != nil || !checksChanged && !schedulesChanged {
		return nil, err
	}
	return append(replaced, more...), revise(ctx, to)
}

func syncChecks(ctx context.Context, to writer, wanted []check.Check) (changed bool, replaced []string, err error) {
	found := make(map[string]entry)
	err = to.query(ctx, func(scan scan) error {
		var c check.Check
		var e entry
		if err := scan(&e.document); err != nil {
			return err
		}
		err := decode(e.document, &c)
		e.created, e.fromConfig = c.CreatedAt, c.FromConfig
		found[c.Name] = e
		return err
	}, "SELECT document FROM checks")
	if err != nil {
		return false, nil, err
	}
	documents := make(map[string]string, len(wanted))
	for _, c := range wanted {
		c.FromConfig = true
		if was, ok := found[c.Name]; ok {
			c.CreatedAt = was.created
		}
		if documents[c.Name], err = encode(c); err != nil {
			return false, nil, err
		}
	}
	return syncTable(ctx, to, found, documents, table{
		what: "check",
		upsert: `INSERT INTO checks (name, from_config, document) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET from_config = excluded.from_config, document = excluded.document`,
		remove: "DELETE FROM checks WHERE name = ?",
	})
}

func syncSchedules(ctx context.Context, to writer, wanted []schedule.Schedule) (changed bool, replaced []string, err error) {
	found := make(map[string]entry)
	err = to.query(ctx, func(scan scan) error {
		var line schedule.Schedule
		var e entry
		if err := scan(&e.document); err != nil {
			return err
		}
		err := decode(e.document, &line)
		e.created, e.fromConfig = line.CreatedAt, line.FromConfig
		found[line.Name] = e
		return err
	}, "SELECT document FROM schedules")
	if err != nil {
		return false, nil, err
	}
	documents := make(map[string]string, len(wanted))
	for _, line := range wanted {
		line.FromConfig, line.LastSlot = true, time.Time{}
		if was, ok := found[line.Name]; ok {
			line.CreatedAt = was.created
		}
		if documents[line.Name], err = encode(line); err != nil {
			return false, nil, err
		}
	}
	return syncTable(ctx, to, found, documents, table{
		what: "schedule",
		upsert: `INSERT INTO schedules (name, from_config, last_slot, document) VALUES (?, ?, 0, ?)
			ON CONFLICT (name) DO UPDATE SET from_config = excluded.from_config, document = excluded.document`,
		remove: "DELETE FROM schedules WHERE name = ?",
	})
}

// table is how rows of one table are written.
type table struct{ what, upsert, remove string }

// syncTable writes the documents that differ from what was found, and removes those that the configuration had and no
// longer has.
func syncTable(ctx context.Context, to writer, found map[string]entry, documents map[string]string, t table) (changed bool, replaced []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		was, ok := found[name]
		if ok && was.document == documents[name] {
			continue
		}
		if ok && !was.fromConfig {
			replaced = append(replaced, t.what+" "+name)
		}
		changed = true
		if _, err := to.exec(ctx, t.upsert, name, true, documents[name]); err != nil {
			return changed, replaced, err
		}
	}
	for name, was := range found {
		if _, wanted := documents[name]; wanted || !was.fromConfig {
			continue
		}
		changed = true
		if _, err := to.exec(ctx, t.remove, name); err != nil {
			return changed, replaced, err
		}
	}
	return changed, replaced, nil
}
