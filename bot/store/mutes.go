package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands/check"
)

// Mutes implements check.IncidentBook.
func (s *Store) Mutes(ctx context.Context, endAfter time.Time) ([]check.Mute, error) {
	mutes, err := collect(ctx, s.read(), func(scan scan) (check.Mute, error) {
		var mute check.Mute
		var text string
		if err := scan(&text); err != nil {
			return mute, err
		}
		return mute, decode(text, &mute)
	}, "SELECT document FROM mutes WHERE until > ? ORDER BY since, key", nanos(endAfter))
	if err != nil {
		return nil, fmt.Errorf("read mutes: %w", err)
	}
	return mutes, nil
}

// SaveMute implements check.IncidentBook.
func (s *Store) SaveMute(ctx context.Context, mute check.Mute) error {
	text, err := encode(mute)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO mutes (key, since, until, document) VALUES (?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET since = excluded.since, until = excluded.until, document = excluded.document`,
			mute.Key, nanos(mute.Since), nanos(mute.Until), text)
		if err != nil {
			return err
		}
		return draw(ctx, to)
	})
	if err != nil {
		return fmt.Errorf("save a mute: %w", err)
	}
	return nil
}
