package store

import (
	"context"
	"fmt"

	"deckhand/bot"
	"deckhand/commands"
)

// ledgerRow is a line of a day's ledger, with what became of its request.
type ledgerRow struct {
	request, place int64
	made           commands.Made
	counts         bool
}

func scanLedger(scan scan) (ledgerRow, error) {
	var e ledgerRow
	var state bot.State
	var made, failed string
	if err := scan(&e.request, &e.place, &made, &state, &failed); err != nil {
		return e, err
	}
	switch state {
	case bot.Asked, bot.Queued, bot.Running, bot.Done, bot.Unsure, bot.Settled:
		e.counts = true
	case bot.Failed: // what is left of it can be taken back: something is left
		var d document
		if err := decode(failed, &d); err != nil {
			return e, err
		}
		e.counts = d.Result != nil && d.Result.Undo != ""
	case bot.Refused, bot.Waiting, bot.Rejected, bot.Expired, bot.Cancelled:
	}
	return e, decode(made, &e.made)
}

// Today implements bot.Ledger.
func (s *Store) Today(ctx context.Context, channel, day string, request int64) (commands.Today, error) {
	today := commands.Today{Day: day, Channel: channel}
	entries, err := collect(ctx, s.read(), scanLedger, `SELECT l.request, l.place, l.document, r.state, CASE r.state WHEN 'failed' THEN r.document ELSE '' END
		FROM ledger l JOIN requests r ON r.number = l.request WHERE l.channel = ? AND l.day = ? ORDER BY l.place`, channel, day)
	if err != nil {
		return today, fmt.Errorf("read the ledger of %s: %w", day, err)
	}
	for _, e := range entries {
		today.Mark = e.place
		if today.Entered = today.Entered || e.request == request; !today.Entered && e.counts {
			today.Made = append(today.Made, e.made)
		}
	}
	return today, nil
}

// Enter implements bot.Ledger.
func (s *Store) Enter(ctx context.Context, today commands.Today, made commands.Made) error {
	text, err := encode(made)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(to writer) error {
		if _, err := to.exec(ctx, "DELETE FROM ledger WHERE request = ?", made.Request); err != nil {
			return err
		}
		rows, err := to.exec(ctx, `INSERT INTO ledger (request, channel, day, place, document) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			made.Request, today.Channel, today.Day, today.Mark+1, text)
		if err == nil && rows == 0 {
			err = bot.ErrConflict
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("enter R-%d into the ledger: %w", made.Request, err)
	}
	return nil
}

// Strike implements bot.Ledger.
func (s *Store) Strike(ctx context.Context, request int64) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "DELETE FROM ledger WHERE request = ?", request)
		return err
	})
	if err != nil {
		return fmt.Errorf("strike R-%d from the ledger: %w", request, err)
	}
	return nil
}
