package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"deckhand/bot"
	"deckhand/commands"
)

// Backup copies a SQLite database into a new file, while others read and write it: the copy is as the database was at
// one moment. It neither migrates nor changes anything. A PostgreSQL server has tools of its own, and a commands.Error says so.
func Backup(ctx context.Context, settings Settings, to string) error {
	path, err := sqlitePath(settings, "pg_dump --format=custom --file "+to)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return noFile("There is no database at "+path+".", err)
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite would make it readable for all
	if err != nil {
		return noFile("The backup cannot be written: "+err.Error()+".", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err == nil {
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
		err = errors.Join(err, db.Close())
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("back up: %w", err), os.Remove(to))
	}
	return nil
}

// Restore puts a backup in the place of a SQLite database that nobody serves from, keeps what was there beside it, and answers where. From
// must be a whole database of deckhand.
func Restore(ctx context.Context, settings Settings, from string, now time.Time) (kept string, err error) {
	path, err := sqlitePath(settings, "pg_restore --clean "+from+", and then deckhand restore without a file")
	if err != nil {
		return "", err
	}
	release, err := lockFile(path + ".lock")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, release()) }()
	fresh := path + ".restoring"
	defer os.Remove(fresh) //nolint:errcheck // it is not there any more, or of no use
	if err := copyFile(from, fresh); err != nil {
		return "", noFile("The backup cannot be read: "+err.Error()+".", err)
	}
	if err := whole(ctx, fresh); err != nil {
		return "", &commands.Error{Kind: commands.Failed, Message: "That file is not a whole database of deckhand: " + err.Error() + ".", Hint: "Nothing was changed; restore another backup.", Err: err}
	}
	kept = path + ".before-" + now.UTC().Format("20060102T150405")
	for _, part := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+part, kept+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("put the present database aside: %w", err)
		}
	}
	return kept, os.Rename(fresh, path)
}

func sqlitePath(settings Settings, instead string) (string, error) {
	path, ok := strings.CutPrefix(settings.URL, "sqlite:")
	if !ok {
		return "", &commands.Error{Kind: commands.Usage, Message: "This database is PostgreSQL's, which has tools of its own.", Hint: "Run " + commands.Mono(instead) + "."}
	}
	return filepath.Abs(path)
}

func noFile(message string, err error) error {
	return &commands.Error{Kind: commands.Failed, Message: message, Hint: "Nothing was done; choose another file.", Err: err}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// whole tells whether a file is a sound database with our tables.
func whole(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	var version int
	return db.QueryRowContext(ctx, "SELECT version FROM schema_version WHERE line = 'own'").Scan(&version)
}

// numbersSkipped keeps the requests that were made after a backup apart from those after its restoring.
const numbersSkipped = 1000

// Restored makes a database that came from a backup safe to go on with, and answers how many requests became uncertain. What
// was under way when the backup was made may have happened since, so it must not run again; and the numbers of requests
// that were made since, which AWS and the chat know by the store's identity, must not be used for others.
func (s *Store) Restored(ctx context.Context, now time.Time) (uncertain int, err error) {
	identity := newIdentity()
	err = s.write(ctx, func(to writer) error {
		open, err := collect(ctx, to, scanRequest, "SELECT "+requestColumns+" FROM requests WHERE state IN ('asked', 'waiting', 'queued', 'running') ORDER BY number")
		if err != nil {
			return err
		}
		for _, r := range open {
			if err := leaveOpen(ctx, to, r, now); err != nil {
				return err
			}
		}
		uncertain = len(open)
		if _, err := to.exec(ctx, "UPDATE store SET identity = ?", identity); err != nil {
			return err
		}
		if _, err := to.exec(ctx, "DELETE FROM locks WHERE name <> ?", ""); err != nil {
			return err
		}
		return s.skipNumbers(ctx, to, numbersSkipped)
	})
	if err != nil {
		return 0, fmt.Errorf("make the restored database safe: %w", err)
	}
	s.identity = identity
	return uncertain, nil
}

// leaveOpen ends a request of which it is not known what became of it.
func leaveOpen(ctx context.Context, to writer, r bot.Request, now time.Time) error {
	before := r.State
	r.State, r.Runner = bot.Unsure, ""
	r.Result = &commands.Report{Tone: commands.Warning, Title: r.ID() + " is uncertain", Body: commands.Blocks{commands.Text{
		Text: "It was " + string(before) + " when the backup was made that deckhand was restored from. Whether it ran afterwards is not known; look at AWS, and settle it.",
	}}}
	text, err := documentOf(r)
	if err != nil {
		return err
	}
	_, err = to.exec(ctx, "UPDATE requests SET version = version + 1, state = ?, changed_at = ?, runner = ?, document = ? WHERE number = ?",
		string(r.State), nanos(now), r.Runner, text, r.Number)
	if err != nil {
		return err
	}
	return record(ctx, to, r.Number, []bot.Event{{
		At: now, Actor: bot.Robot, From: before, To: r.State, What: "uncertain", Note: "restored from a backup that was made before its end",
	}}, []bot.Job{{Work: bot.Deliver}})
}
