package check

import "time"

// Blindness is that a check is not measured: its looks could not be made, and what its channel was told of that.
type Blindness struct {
	Since      time.Time // of the first look that could not be made
	Why        string
	Key        string    // of the message that tells of it, which tells of several; "" where no channel is told
	TriedAt    time.Time // when that was begun
	Told       bool
	EndKey     string // of the message that tells of its end; "" before that
	EndTriedAt time.Time
}
