package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"deckhand/commands"
)

// A migrator of our own, because it must do three things together that a general tool does not: bring our tables and
// River's to their versions under one lock, refuse a database that a newer program wrote, and cost one query where
// there is nothing to do. Files run in the order of their names, and the version is how many have run: a new file comes behind
// all others, and none is ever renamed.
//
//go:embed migrations
var migrationFiles embed.FS

// versions says how far our tables and River's are.
type versions struct{ own, river int }

// migrations answers the statements of each version, the first being version 1. Two have the number 14.
func migrations(dialect string) ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/"+dialect+"/*.sql")
	if err != nil {
		return nil, err
	}
	out := make([]string, len(names))
	for i, name := range names { // sorted by name
		raw, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[i] = string(raw)
	}
	return out, nil
}

// currentVersions asks the database. Exists is a query that answers one row where the table is there.
func currentVersions(ctx context.Context, from reader, exists string) (versions, error) {
	var now versions
	found, err := collect(ctx, from, column[int64], exists)
	if err != nil || len(found) == 0 {
		return now, err
	}
	err = from.query(ctx, func(scan scan) error {
		var line string
		var version int
		if err := scan(&line, &version); err != nil {
			return err
		}
		switch line {
		case "own":
			now.own = version
		case "river":
			now.river = version
		}
		return nil
	}, "SELECT line, version FROM schema_version")
	return now, err
}

// refuseNewer answers an error where a newer program has written this database.
func refuseNewer(found, known versions) error {
	if found.own <= known.own && found.river <= known.river {
		return nil
	}
	return &commands.Error{
		Kind: commands.Failed,
		Message: fmt.Sprintf("The database is at version %d.%d and this deckhand knows only %d.%d, because a newer deckhand has used it.",
			found.own, found.river, known.own, known.river),
		Hint: "Run that newer deckhand, or give this one another database.",
	}
}

// migrateOwn runs our files that the database has not seen, and makes the store's one row.
func migrateOwn(ctx context.Context, to writer, files []string, found versions) error {
	if found == (versions{}) {
		if _, err := to.exec(ctx, "CREATE TABLE schema_version (line TEXT PRIMARY KEY, version INTEGER NOT NULL)"); err != nil {
			return err
		}
	}
	for i := found.own; i < len(files); i++ {
		if _, err := to.exec(ctx, files[i]); err != nil {
			return fmt.Errorf("version %d: %w", i+1, err)
		}
	}
	if _, err := to.exec(ctx, "INSERT INTO store (row, identity) VALUES (1, ?) ON CONFLICT (row) DO NOTHING", newIdentity()); err != nil {
		return err
	}
	return writeVersion(ctx, to, "own", len(files))
}

func writeVersion(ctx context.Context, to writer, line string, version int) error {
	_, err := to.exec(ctx, `INSERT INTO schema_version (line, version) VALUES (?, ?)
		ON CONFLICT (line) DO UPDATE SET version = excluded.version`, line, version)
	return err
}
