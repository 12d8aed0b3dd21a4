package health

import (
	"context"
	"log/slog"
	"time"
)

// Attic is where results are put away.
type Attic interface {
	// Fold sorts results by check and counts them into the roll-ups, as soon as there are enough of them.
	Fold(ctx context.Context, now time.Time) error
	// Prune removes what is older than is kept.
	Prune(ctx context.Context, now time.Time) error
}

const (
	foldEvery  = 30 * time.Second
	pruneEvery = time.Hour
)

// Keep puts results away until the context ends, and answers nil then. One process at a time does it on a store. Errors are
// logged and tried again.
func Keep(ctx context.Context, attic Attic, log *slog.Logger) error {
	ticker := time.NewTicker(foldEvery)
	defer ticker.Stop()
	var pruned time.Time
	for {
		now := time.Now()
		if err := attic.Fold(ctx, now); err != nil && ctx.Err() == nil {
			log.Error("results of checks could not be put away", "err", err)
		}
		if now.Sub(pruned) >= pruneEvery {
			pruned = now
			if err := attic.Prune(ctx, now); err != nil && ctx.Err() == nil {
				log.Error("old results could not be removed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
