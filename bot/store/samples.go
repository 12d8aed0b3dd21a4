package store

import (
	"encoding/binary"
	"errors"
	"time"

	"deckhand/commands/check"
)

// Results are kept as bytes, seven or eight for each, because ten thousand checks make thirty million of them a day.
//
// A text of results begins with the version 1. Then come its kinds: how many, and for each flags, code, covered
// milliseconds and detail; results of a check are mostly of one or two kinds. Then each result: the id of its check where
// they are of several, milliseconds since the one before it, its kind, and its latency in microseconds. All numbers are
// varints, those that may be negative zigzag ones.
// Source: https://pkg.go.dev/encoding/binary
const samplesVersion = 1

// sample is a result of the check with an id.
type sample struct {
	check int64
	check.Result
}

// kind is what many results have in common.
type kind struct {
	ok, muted bool
	code      int
	covers    int64 // milliseconds
	detail    string
}

func kindOf(r check.Result) kind {
	return kind{r.OK, r.Muted, r.Code, r.Covers.Milliseconds(), r.Detail}
}

func (k kind) flags() byte {
	var f byte
	if k.ok {
		f |= 1
	}
	if k.muted {
		f |= 2
	}
	return f
}

// packSamples writes results, with the ids of their checks where mixed.
func packSamples(samples []sample, mixed bool) []byte {
	out := []byte{samplesVersion}
	indexes := make(map[kind]uint64, 2)
	var kinds []kind
	for _, s := range samples {
		k := kindOf(s.Result)
		if _, known := indexes[k]; !known {
			indexes[k] = uint64(len(kinds))
			kinds = append(kinds, k)
		}
	}
	out = binary.AppendUvarint(out, uint64(len(kinds)))
	for _, k := range kinds {
		out = append(out, k.flags())
		out = binary.AppendVarint(out, int64(k.code))
		out = binary.AppendVarint(out, k.covers)
		out = binary.AppendUvarint(out, uint64(len(k.detail)))
		out = append(out, k.detail...)
	}
	before := int64(0)
	for _, s := range samples {
		if mixed {
			out = binary.AppendVarint(out, s.check)
		}
		at := s.At.UnixMilli()
		out = binary.AppendVarint(out, at-before)
		before = at
		out = binary.AppendUvarint(out, indexes[kindOf(s.Result)])
		out = binary.AppendVarint(out, s.Latency.Microseconds())
	}
	return out
}

// unpackSamples reads what packSamples wrote and hands on each result.
func unpackSamples(packed []byte, mixed bool, each func(sample)) error {
	r := &bytesReader{rest: packed}
	if version := r.byte(); version != samplesVersion {
		return errors.New("results in a form that this program does not know")
	}
	kinds := make([]kind, r.count())
	for i := range kinds {
		flags := r.byte()
		kinds[i] = kind{ok: flags&1 != 0, muted: flags&2 != 0, code: int(r.signed()), covers: r.signed(), detail: r.text()}
	}
	at := int64(0)
	for len(r.rest) > 0 && r.err == nil {
		var s sample
		if mixed {
			s.check = r.signed()
		}
		at += r.signed()
		i := r.unsigned()
		latency := r.signed()
		if r.err != nil || i >= uint64(len(kinds)) {
			return errCutShort
		}
		k := kinds[i]
		s.Result = check.Result{
			At: time.UnixMilli(at).UTC(), OK: k.ok, Muted: k.muted, Code: k.code, Detail: k.detail,
			Covers: time.Duration(k.covers) * time.Millisecond, Latency: time.Duration(latency) * time.Microsecond,
		}
		each(s)
	}
	return r.err
}

var errCutShort = errors.New("kept results are cut short")

// bytesReader reads numbers until the bytes end; then err is set and all is zero.
type bytesReader struct {
	rest []byte
	err  error
}

func (r *bytesReader) byte() byte {
	if len(r.rest) == 0 {
		r.err = errCutShort
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *bytesReader) signed() int64 {
	v, n := binary.Varint(r.rest)
	return took(r, v, n)
}

func (r *bytesReader) unsigned() uint64 {
	v, n := binary.Uvarint(r.rest)
	return took(r, v, n)
}

func took[T int64 | uint64](r *bytesReader, v T, n int) T {
	if n <= 0 {
		r.rest, r.err = nil, errCutShort
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads a number of things, each of which takes at least a byte.
func (r *bytesReader) count() int {
	n := r.unsigned()
	if n > uint64(len(r.rest)) {
		r.rest, r.err = nil, errCutShort
		return 0
	}
	return int(n) //nolint:gosec // not more than there are bytes
}

func (r *bytesReader) text() string {
	n := r.count()
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}
