package store

import (
	"context"
	"fmt"

	"deckhand/commands"
	"deckhand/commands/check"
)

// AddCheck implements check.Book.
func (s *Store) AddCheck(ctx context.Context, c check.Check) error {
	text, err := encode(c)
	if err != nil {
		return err
	}
	return s.write(ctx, func(to writer) error { return insertCheck(ctx, to, c, text) })
}

func insertCheck(ctx context.Context, to writer, c check.Check, text string) error {
	rows, err := to.exec(ctx, `INSERT INTO checks (name, from_config, document) VALUES (?, ?, ?)
		ON CONFLICT (name) DO NOTHING`, c.Name, c.FromConfig, text)
	if err != nil {
		return fmt.Errorf("add check: %w", err)
	}
	if rows == 0 {
		return taken("check", c.Name)
	}
	return revise(ctx, to)
}

// ReplaceCheck implements check.Book. A check of the configuration stays as it is: its name is taken.
func (s *Store) ReplaceCheck(ctx context.Context, name string, by check.Check) error {
	text, err := encode(by)
	if err != nil {
		return err
	}
	return s.write(ctx, func(to writer) error {
		statement, args := "DELETE FROM checks WHERE name = ? AND NOT from_config", []any{name}
		if name == by.Name {
			statement, args = "UPDATE checks SET document = ? WHERE name = ? AND NOT from_config", []any{text, name}
		}
		rows, err := to.exec(ctx, statement, args...)
		if err != nil {
			return fmt.Errorf("replace check: %w", err)
		}
		if rows > 0 && name == by.Name {
			return revise(ctx, to)
		}
		return insertCheck(ctx, to, by, text)
	})
}

// RemoveCheck implements check.Book. Results and state go with the check.
func (s *Store) RemoveCheck(ctx context.Context, name string) error {
	return s.remove(ctx, "check", "DELETE FROM checks WHERE name = ?", name)
}

// remove runs a statement that removes the check or schedule of this name.
func (s *Store) remove(ctx context.Context, what, statement, name string) error {
	return s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, statement, name)
		if err != nil {
			return fmt.Errorf("remove %s: %w", what, err)
		}
		if rows == 0 {
			return &commands.Error{
				Kind:    commands.NotFound,
				Message: fmt.Sprintf("There is no %s named %s.", what, commands.Mono(name)),
				Hint:    "See all with " + commands.Mono(what+" list") + ".",
			}
		}
		return revise(ctx, to)
	})
}

func taken(what, name string) error {
	return &commands.Error{
		Kind:    commands.Usage,
		Message: fmt.Sprintf("There is a %s named %s already.", what, commands.Mono(name)),
		Hint:    "Choose another name, or remove that one first.",
	}
}

// Checks implements check.Book.
func (s *Store) Checks(ctx context.Context) ([]check.Check, error) {
	return collect(ctx, s.read(), func(scan scan) (check.Check, error) {
		var c check.Check
		var text string
		if err := scan(&text); err != nil {
			return c, err
		}
		return c, decode(text, &c)
	}, "SELECT document FROM checks ORDER BY name")
}

// CheckRevision grows whenever a check or a schedule is added, changed or removed, by any process.
func (s *Store) CheckRevision(ctx context.Context) (int64, error) {
	revision, err := one(ctx, s.read(), column[int64], "SELECT revision FROM store")
	if err != nil {
		return 0, fmt.Errorf("read the revision of checks: %w", err)
	}
	return revision, nil
}

func revise(ctx context.Context, to writer) error {
	_, err := to.exec(ctx, "UPDATE store SET revision = revision + 1")
	return err
}
