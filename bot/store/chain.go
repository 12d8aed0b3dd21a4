package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"deckhand/bot"
)

// Events are a chain: the hash of each is the SHA-256, in hexadecimal, of these texts, each written as its length in
// bytes, a colon, the text and a comma: the hash before it (empty for the first), the request's number, the time in
// nanoseconds since 1970, actor, state before, state after, what, note, AWS request ids as a JSON list as stored, digest and place.

const eventColumns = "request, at, actor, from_state, to_state, what, note, aws, digest, place"

// link answers an event's columns, in the order of eventColumns, and its hash. The columns are as they will be read back.
func link(before string, number int64, event bot.Event) (columns []any, hash string, err error) {
	aws, err := encode(event.AWS)
	if err != nil {
		return nil, "", err
	}
	columns = clean([]any{
		number, nanos(event.At), event.Actor, string(event.From), string(event.To), event.What, event.Note, aws, event.Digest, event.Place,
	})
	return columns, hashOf(before, columns), nil
}

func hashOf(before string, columns []any) string {
	sum := sha256.New()
	for _, column := range append([]any{before}, columns...) {
		text, ok := column.(string)
		if !ok {
			text = fmt.Sprint(column)
		}
		sum.Write([]byte(strconv.Itoa(len(text)) + ":" + text + ","))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// chained appends events to the chain. Its one row makes all who append wait for each other until they commit, so it comes
// last in a transaction.
func chained(ctx context.Context, to writer, number int64, events []bot.Event) error {
	if len(events) == 0 {
		return nil
	}
	hash, err := one(ctx, to, column[string], "UPDATE chain SET events = events + ? RETURNING hash", len(events))
	if err != nil {
		return err
	}
	rows := make([][]any, len(events))
	for i, event := range events {
		if rows[i], hash, err = link(hash, number, event); err != nil {
			return err
		}
		rows[i] = append(rows[i], hash)
	}
	err = to.execEach(ctx, "INSERT INTO events ("+eventColumns+", hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
	if err != nil {
		return err
	}
	_, err = to.exec(ctx, "UPDATE chain SET hash = ?", hash)
	return err
}

// scanEvent reads eventColumns, seq and hash.
func scanEvent(scan scan) (bot.Event, error) {
	var event bot.Event
	var at int64
	var aws string
	err := scan(&event.Request, &at, &event.Actor, &event.From, &event.To, &event.What, &event.Note, &aws,
		&event.Digest, &event.Place, &event.Seq, &event.Hash)
	if err != nil {
		return event, err
	}
	event.At = fromNanos(at)
	return event, decode(aws, &event.AWS)
}

var errBroken = errors.New("the chain is broken")

// Verify implements bot.Store. It looks at the chain as it stood when it was called.
func (s *Store) Verify(ctx context.Context, receipt string) (bot.Chain, error) {
	var chain bot.Chain
	var begins, events int64
	var end string
	err := s.read().query(ctx, func(scan scan) error { return scan(&begins, &events, &end) }, "SELECT begins, events, hash FROM chain")
	if err != nil {
		return chain, fmt.Errorf("verify the record: %w", err)
	}
	err = s.read().query(ctx, func(scan scan) error {
		event, err := scanEvent(scan)
		if err != nil {
			return err
		}
		_, hash, err := link(chain.Hash, event.Request, event)
		if err != nil {
			return err
		}
		if hash != event.Hash {
			chain.Broken = &event
			return errBroken
		}
		chain.Events, chain.Hash = chain.Events+1, hash
		if receipt != "" && strings.HasPrefix(hash, receipt) {
			chain.Found = &event
		}
		return nil
	}, "SELECT "+eventColumns+", seq, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?", begins, events)
	if err != nil && !errors.Is(err, errBroken) {
		return chain, fmt.Errorf("verify the record: %w", err)
	}
	if chain.Broken == nil {
		chain.Missing = events - chain.Events
		chain.Changed = chain.Missing == 0 && chain.Hash != end
	}
	return chain, nil
}

// History implements bot.Store.
func (s *Store) History(ctx context.Context, filter bot.HistoryFilter) ([]bot.Entry, error) {
	conditions, args := []string{"e.at >= ?"}, []any{nanos(filter.Since)}
	if filter.User != "" {
		conditions, args = append(conditions, "(e.actor = ? OR r.asker = ?)"), append(args, filter.User, filter.User)
	}
	if filter.Command != "" {
		conditions, args = append(conditions, `r.command LIKE ? ESCAPE '\'`), append(args, likeGlob(filter.Command))
	}
	entries, err := collect(ctx, s.read(), func(scan scan) (bot.Entry, error) {
		var entry bot.Entry
		var text string
		var d document
		var err error
		entry.Event, err = scanEvent(func(dest ...any) error { return scan(append(dest, &entry.Command, &text)...) })
		if err != nil {
			return entry, err
		}
		err = decode(text, &d)
		entry.Line = d.Invocation.Line
		return entry, err
	}, "SELECT "+prefixed("e.", eventColumns+", seq, hash")+`, r.command, r.document FROM events e JOIN requests r ON r.number = e.request
		WHERE `+strings.Join(conditions, " AND ")+" ORDER BY e.seq DESC LIMIT ?", append(args, filter.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	return entries, nil
}

func prefixed(prefix, columns string) string {
	return prefix + strings.ReplaceAll(columns, ", ", ", "+prefix)
}
