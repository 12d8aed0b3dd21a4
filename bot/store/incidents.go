package store

import (
	"context"
	"errors"
	"fmt"

	"deckhand/commands/check"
)

func scanIncident(scan scan) (check.Incident, error) {
	var i check.Incident
	var number, version int64
	var text string
	if err := scan(&number, &version, &text); err != nil {
		return i, err
	}
	err := decode(text, &i)
	i.Number, i.Version = number, version
	return i, err
}

// Incidents implements check.IncidentBook.
func (s *Store) Incidents(ctx context.Context, q check.IncidentQuery) ([]check.Incident, error) {
	statement, args := "SELECT number, version, document FROM incidents WHERE number > 0", []any{}
	where := func(condition string, values ...any) {
		statement += " AND " + condition
		args = append(args, values...)
	}
	if q.Number > 0 {
		where("number = ?", q.Number)
	}
	if q.Check != "" {
		where("check_name = ?", q.Check)
	}
	if q.Open {
		where("resolved = 0")
	}
	if q.Storm > 0 {
		where("storm = ?", q.Storm)
	}
	if !q.Since.IsZero() {
		where("(resolved = 0 OR resolved >= ?)", nanos(q.Since))
	}
	statement += " ORDER BY number DESC"
	if q.Limit > 0 {
		statement += " LIMIT ?"
		args = append(args, q.Limit)
	}
	incidents, err := collect(ctx, s.read(), scanIncident, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	return incidents, nil
}

// SaveIncidents implements check.IncidentBook.
func (s *Store) SaveIncidents(ctx context.Context, changes []check.IncidentChange) ([]check.Incident, error) {
	var saved []check.Incident
	err := s.write(ctx, func(to writer) error {
		var err error
		saved, err = saveIncidents(ctx, to, changes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("save incidents: %w", err)
	}
	return saved, nil
}

func saveIncidents(ctx context.Context, to writer, changes []check.IncidentChange) ([]check.Incident, error) {
	saved := make([]check.Incident, len(changes))
	for n, change := range changes {
		var err error
		if saved[n], err = saveIncident(ctx, to, change); err != nil {
			return nil, err
		}
	}
	return saved, draw(ctx, to)
}

func saveIncident(ctx context.Context, to writer, change check.IncidentChange) (check.Incident, error) {
	i := change.Incident
	text, err := encode(i)
	if err != nil {
		return i, err
	}
	const columns = " RETURNING number, version, document"
	values := []any{i.Check, nanos(i.Opened), nanos(i.Resolved), i.Storm, text}
	var saved check.Incident
	if i.Number == 0 {
		saved, err = one(ctx, to, scanIncident, `INSERT INTO incidents (version, check_name, opened, resolved, storm, document)
			VALUES (1, ?, ?, ?, ?, ?)`+columns, values...)
	} else {
		saved, err = one(ctx, to, scanIncident, `UPDATE incidents SET version = version + 1, check_name = ?, opened = ?, resolved = ?, storm = ?, document = ?
			WHERE number = ? AND version = ?`+columns, append(values, i.Number, i.Version)...)
	}
	if errors.Is(err, errNoRow) {
		return i, check.ErrConflict
	}
	if err != nil {
		return i, err
	}
	for _, event := range change.Events {
		text, err := encode(event)
		if err != nil {
			return i, err
		}
		if _, err := to.exec(ctx, "INSERT INTO incident_events (incident, document) VALUES (?, ?)", saved.Number, text); err != nil {
			return i, err
		}
	}
	return saved, nil
}

// IncidentEvents implements check.IncidentBook.
func (s *Store) IncidentEvents(ctx context.Context, number int64) ([]check.IncidentEvent, error) {
	events, err := collect(ctx, s.read(), func(scan scan) (check.IncidentEvent, error) {
		var event check.IncidentEvent
		var text string
		if err := scan(&text); err != nil {
			return event, err
		}
		return event, decode(text, &event)
	}, "SELECT document FROM incident_events WHERE incident = ? ORDER BY seq", number)
	if err != nil {
		return nil, fmt.Errorf("read the events of incident %d: %w", number, err)
	}
	return events, nil
}

// Attention grows with every change of an incident or a mute, by whatever process.
func (s *Store) Attention(ctx context.Context) (int64, error) {
	attention, err := one(ctx, s.read(), column[int64], "SELECT attention FROM store")
	if err != nil {
		return 0, fmt.Errorf("read whether incidents have changed: %w", err)
	}
	return attention, nil
}

func draw(ctx context.Context, to writer) error {
	_, err := to.exec(ctx, "UPDATE store SET attention = attention + 1")
	return err
}
