package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands/schedule"
)

// AddSchedule implements schedule.Book.
func (s *Store) AddSchedule(ctx context.Context, line schedule.Schedule) error {
	text, err := encode(line)
	if err != nil {
		return err
	}
	return s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, `INSERT INTO schedules (name, from_config, last_slot, document) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO NOTHING`, line.Name, line.FromConfig, nanos(line.LastSlot), text)
		if err != nil {
			return fmt.Errorf("add schedule: %w", err)
		}
		if rows == 0 {
			return taken("schedule", line.Name)
		}
		return revise(ctx, to)
	})
}

// RemoveSchedule implements schedule.Book.
func (s *Store) RemoveSchedule(ctx context.Context, name string) error {
	return s.remove(ctx, "schedule", "DELETE FROM schedules WHERE name = ?", name)
}

// Schedules implements schedule.Book.
func (s *Store) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	return collect(ctx, s.read(), func(scan scan) (schedule.Schedule, error) {
		var line schedule.Schedule
		var text string
		var lastSlot int64
		if err := scan(&text, &lastSlot); err != nil {
			return line, err
		}
		err := decode(text, &line)
		line.LastSlot = fromNanos(lastSlot)
		return line, err
	}, "SELECT document, last_slot FROM schedules ORDER BY name")
}

// SlotDone writes down that a slot was handed on, where it is later than the one that stands.
func (s *Store) SlotDone(ctx context.Context, name string, slot time.Time) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "UPDATE schedules SET last_slot = ? WHERE name = ? AND last_slot < ?", nanos(slot), name, nanos(slot))
		return err
	})
	if err != nil {
		return fmt.Errorf("save the slot of schedule %s: %w", name, err)
	}
	return nil
}
