package app

import (
	"context"
	"log/slog"
	"time"

	"deckhand/bot/store"
	"deckhand/config"
)

// Backup copies the database into a new file while it is in use.
func Backup(ctx context.Context, c config.Config, log *slog.Logger, to string) error {
	return store.Backup(ctx, storeSettings(c, log), to)
}

// Restored is what a restoring did.
type Restored struct {
	Kept      string // where the database is that was there before; empty where only Restored was asked for
	Uncertain int    // requests that were under way in the backup
}

// Restore puts a backup in the place of the database, or, where from is empty, takes the database as restored already. What was
// under way in it becomes uncertain.
func Restore(ctx context.Context, c config.Config, log *slog.Logger, from string) (done Restored, err error) {
	settings, now := storeSettings(c, log), time.Now()
	if from != "" {
		if done.Kept, err = store.Restore(ctx, settings, from, now); err != nil {
			return done, err
		}
	}
	s, err := store.Open(ctx, settings)
	if err != nil {
		return done, err
	}
	done.Uncertain, err = s.Restored(ctx, now)
	if closed := s.Close(); err == nil {
		err = closed
	}
	return done, err
}

func storeSettings(c config.Config, log *slog.Logger) store.Settings {
	return store.Settings{URL: c.Store.URL.Reveal(), Log: log}
}
