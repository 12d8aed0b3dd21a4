package health

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"
)

type attic struct {
	folds, prunes int
	fail          error
}

func (a *attic) Fold(context.Context, time.Time) error { a.folds++; return a.fail }

func (a *attic) Prune(context.Context, time.Time) error { a.prunes++; return a.fail }

func TestKeep(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]error{"as it should": nil, "on when the store does not take it": errors.New("disk full")} {
		bubble(t, "goes "+name, func(t *testing.T) {
			a := &attic{fail: fail}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour+time.Second)
			defer cancel()
			if err := Keep(ctx, a, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
				t.Error(err)
			}
			if a.folds != 361 || a.prunes != 4 {
				t.Errorf("folded %d times, pruned %d times in three hours", a.folds, a.prunes)
			}
		})
	}
}
