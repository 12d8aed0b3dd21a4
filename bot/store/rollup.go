package store

import (
	"encoding/binary"
	"errors"
	"time"

	"deckhand/commands/check"
)

// A check's roll-up of a day is 24 summaries, one for each hour of UTC. A text of it begins with the version 1 and three bytes
// whose bits say which hours follow; then each hour: looks, failed looks, and milliseconds measured, down, muted and both, then
// how many bins of latency there are and, for each, how far it is from the one before, and its count.
const rollupVersion = 1

// hours are the summaries of a day.
type hours [24]check.Summary

func appendSummary(out []byte, s check.Summary) []byte {
	for _, v := range []int64{
		int64(s.Looks), int64(s.Failed), s.Measured.Milliseconds(), s.Down.Milliseconds(), s.Muted.Milliseconds(), s.MutedDown.Milliseconds(),
		int64(len(s.Latencies)),
	} {
		out = binary.AppendUvarint(out, uint64(max(0, v))) //nolint:gosec // not negative
	}
	before := uint8(0)
	for _, b := range s.Latencies {
		out = append(out, b.Index-before)
		out = binary.AppendUvarint(out, uint64(b.Count))
		before = b.Index
	}
	return out
}

func (r *bytesReader) summary() check.Summary {
	var s check.Summary
	s.Looks, s.Failed = int(r.unsigned()), int(r.unsigned()) //nolint:gosec // as written
	for _, d := range []*time.Duration{&s.Measured, &s.Down, &s.Muted, &s.MutedDown} {
		*d = time.Duration(r.unsigned()) * time.Millisecond //nolint:gosec // as written
	}
	n := r.count()
	if n > 0 {
		s.Latencies = make(check.Latencies, n)
	}
	index := uint8(0)
	for i := range s.Latencies {
		index += r.byte()
		s.Latencies[i] = check.Bin{Index: index, Count: uint32(r.unsigned())} //nolint:gosec // as written
	}
	return s
}

// packHours writes the hours of a day.
func packHours(day *hours) []byte {
	var present uint32
	for i, s := range day {
		if s.Looks > 0 {
			present |= 1 << i
		}
	}
	out := []byte{rollupVersion, byte(present), byte(present >> 8), byte(present >> 16)}
	for i, s := range day {
		if present&(1<<i) != 0 {
			out = appendSummary(out, s)
		}
	}
	return out
}

// unpackHours reads what packHours wrote, and hands on each hour of which something is known.
func unpackHours(packed []byte, each func(hour int, s check.Summary)) error {
	r := &bytesReader{rest: packed}
	if r.byte() != rollupVersion {
		return errUnknownRollup
	}
	present := uint32(r.byte()) | uint32(r.byte())<<8 | uint32(r.byte())<<16
	for i := range 24 {
		if present&(1<<i) == 0 {
			continue
		}
		s := r.summary()
		if r.err != nil {
			return r.err
		}
		each(i, s)
	}
	return r.err
}

// packDay writes the sum of a day.
func packDay(s check.Summary) []byte { return appendSummary([]byte{rollupVersion}, s) }

// unpackDay reads what packDay wrote.
func unpackDay(packed []byte) (check.Summary, error) {
	r := &bytesReader{rest: packed}
	if r.byte() != rollupVersion {
		return check.Summary{}, errUnknownRollup
	}
	s := r.summary()
	return s, r.err
}

var errUnknownRollup = errors.New("a roll-up in a form that this program does not know")
