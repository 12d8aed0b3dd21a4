package store

import (
	"context"
	"fmt"
)

// SharedChannels answers what Slack has said of channels: whether another organisation shares them.
func (s *Store) SharedChannels(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	err := s.read().query(ctx, func(scan scan) error {
		var id string
		var shared bool
		err := scan(&id, &shared)
		all[id] = shared
		return err
	}, "SELECT id, shared FROM channels")
	if err != nil {
		return nil, fmt.Errorf("read what is known of channels: %w", err)
	}
	return all, nil
}

// KeepShared writes down what Slack says of a channel.
func (s *Store) KeepShared(ctx context.Context, channel string, shared bool) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "INSERT INTO channels (id, shared) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET shared = excluded.shared", channel, shared)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down what is known of channel %s: %w", channel, err)
	}
	return nil
}
