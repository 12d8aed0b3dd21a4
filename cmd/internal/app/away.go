package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/bot/timetable"
	"deckhand/commands"
)

const (
	// beatEvery is how often it is written down that the program runs.
	beatEvery = 10 * time.Second
	// noticed is from when on having been away is worth a message: a restart is not.
	noticed = 2 * time.Minute
)

// beat records that the program runs. Where it did not for a while, and nobody else did, it first puts it on record for each channel
// that has something to know.
func (h *House) beat(ctx context.Context) error {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for told := false; ; {
		now := time.Now()
		if !told {
			if err := h.admit(ctx, now); err != nil {
				h.log.Warn("that the program was away was not written down; it is tried again", "err", err)
			} else {
				told = true
			}
		}
		if told {
			if err := h.store.Alive(ctx, now); err != nil && ctx.Err() == nil {
				h.log.Warn("heartbeat not written down", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// admit hands a line to the engine for each channel concerned, as the timetable does: it is written down, posted once, and tried
// until the chat takes it. Its key is the same for every process that finds the same gap.
func (h *House) admit(ctx context.Context, now time.Time) error {
	last, err := h.store.LastAlive(ctx)
	if err != nil || last.IsZero() || now.Sub(last) < noticed {
		return err
	}
	channels, err := h.concerned(ctx, last, now)
	if err != nil {
		return err
	}
	from, to := last.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)
	for channel, posts := range channels {
		line := "check gap --from " + from + " --to " + to
		if len(posts) > 0 {
			line += " --posts " + strings.Join(posts, ",")
		}
		answer := h.engine.Receive(ctx, bot.Message{
			Key: bot.AwayKey + channel + ":" + from, Source: bot.Schedule, At: now, Line: line,
			Asker: commands.Asker{User: configOwner, Channel: channel},
		})
		if answer.Request == "" {
			return fmt.Errorf("in channel %s: %s", channel, answer.Report.Title)
		}
	}
	h.log.Info("the program was away", "from", last, "to", now, "channels", len(channels))
	return nil
}

// concerned are the channels of checks that were due meanwhile, and of posts that come late, with the names of those.
func (h *House) concerned(ctx context.Context, from, to time.Time) (map[string][]string, error) {
	channels := map[string][]string{}
	checks, err := h.store.Checks(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		next, err := timetable.Next(c.Schedule, "UTC", from)
		if c.Channel != "" && err == nil && !next.After(to) && !c.CreatedAt.After(from) && channels[c.Channel] == nil {
			channels[c.Channel] = []string{}
		}
	}
	schedules, err := h.store.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range schedules {
		// What came due just before the last beat was done: one that was not would have its slot still open.
		if next, _, err := (timetable.Clock{}).Coming(s, from); err == nil && !next.After(to) {
			channels[s.Channel] = append(channels[s.Channel], s.Name)
		}
	}
	for _, names := range channels {
		slices.Sort(names)
	}
	return channels, nil
}
