package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"deckhand/bot/store"
)

// SQLite writes a new database into a file, as the store itself makes it, with an identity of its own. The tables of a hundred stores are made once
// for the whole test binary.
func SQLite(path string) error {
	made, err := newDatabase()
	if err != nil {
		return err
	}
	own := []byte(strings.ToLower(rand.Text()[:len(made.identity)]))
	return os.WriteFile(path, bytes.ReplaceAll(made.file, []byte(made.identity), own), 0o600)
}

type database struct {
	file     []byte
	identity string
}

//nolint:gochecknoglobals // computed once, never changed
var newDatabase = sync.OnceValues(func() (made database, err error) {
	dir, err := os.MkdirTemp("", "deckhand-sqlite-")
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "new.db")
	s, err := store.Open(context.Background(), store.Settings{URL: "sqlite:" + path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return made, err
	}
	made.identity = s.Identity()
	if err := s.Close(); err != nil {
		return made, err
	}
	made.file, err = os.ReadFile(path)
	return made, err
})
