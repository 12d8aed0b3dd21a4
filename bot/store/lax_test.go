package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// What SQLite calls NORMAL and FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
const (
	normal = 1
	full   = 2
)

func TestOnlyWhatMayBeTakenBackDoesNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	_, db := fresh(t)
	var level, asked int
	ask := func(to writer) error {
		asked++ // SQLite answers as it was when the text was prepared
		return to.query(t.Context(), func(scan scan) error { return scan(&level) }, fmt.Sprint("PRAGMA synchronous -- ", asked))
	}
	cut, cancel := context.WithCancel(t.Context())
	failed := errors.New("failed")
	for _, c := range []struct {
		what string
		do   func() error
		want int
		err  error
	}{
		{"a write", func() error { return db.write(t.Context(), ask) }, full, nil},
		{"a lax one", func() error { return db.lax(t.Context(), ask) }, normal, nil},
		{"the next", func() error { return db.write(t.Context(), ask) }, full, nil},
		{"a lax one that fails", func() error {
			return db.lax(t.Context(), func(to writer) error { return errors.Join(ask(to), failed) })
		}, normal, failed},
		{"the next", func() error { return db.write(t.Context(), ask) }, full, nil},
		{"a lax one whose time is up", func() error {
			return db.lax(cut, func(to writer) error {
				err := ask(to) // before, since what is cut is rolled back at once
				cancel()
				return errors.Join(err, cut.Err())
			})
		}, normal, context.Canceled},
		{"the next", func() error { return db.write(t.Context(), ask) }, full, nil},
	} {
		if err := c.do(); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.what, err, c.err)
		}
		if level != c.want {
			t.Errorf("%s: synchronous is %d, want %d", c.what, level, c.want)
		}
	}
}
