//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"deckhand/commands"
)

// lockFile takes a lock that the operating system gives back when the process ends, however it ends. The file stays:
// removing it would let two processes hold locks on two files of one name.
func lockFile(path string) (release func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = &commands.Error{
			Kind:    commands.Failed,
			Message: "Another deckhand is already serving from this database file.",
			Hint:    "Stop it first, or use PostgreSQL, which several can share.",
			Err:     err,
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}
