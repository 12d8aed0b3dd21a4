package store

import (
	"context"
	"fmt"

	"deckhand/bot"
)

// ChangeTries implements bot.Codes.
func (s *Store) ChangeTries(ctx context.Context, person string, change func(bot.Tries) bot.Tries) error {
	err := s.write(ctx, func(to writer) error {
		// The row is locked by being written, so that of two codes given at once each is looked at after the other.
		text, err := one(ctx, to, column[string], `INSERT INTO codes (person, tries) VALUES (?, '{}')
			ON CONFLICT (person) DO UPDATE SET person = excluded.person RETURNING tries`, person)
		if err != nil {
			return err
		}
		var tries bot.Tries
		if err := decode(text, &tries); err != nil {
			return err
		}
		if text, err = encode(change(tries)); err != nil {
			return err
		}
		_, err = to.exec(ctx, "UPDATE codes SET tries = ? WHERE person = ?", text, person)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember a code of %s: %w", person, err)
	}
	return nil
}
