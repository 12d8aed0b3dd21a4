package store

import (
	"context"
	"fmt"
	"time"

	"deckhand/commands/check"
)

// Beat writes down that a heartbeat's address was called. It answers false where there is no such check. Calls that come out of order change nothing.
func (s *Store) Beat(ctx context.Context, name string, at time.Time) (known bool, err error) {
	err = s.write(ctx, func(to writer) error {
		rows, err := to.exec(ctx, `INSERT INTO beats (check_id, at) SELECT id, ? FROM checks WHERE name = ?
			ON CONFLICT (check_id) DO UPDATE SET at = CASE WHEN excluded.at > beats.at THEN excluded.at ELSE beats.at END`, nanos(at), name)
		known = rows > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("write down a call of %s: %w", name, err)
	}
	return known, nil
}

// LastBeat implements health.Beats.
func (s *Store) LastBeat(ctx context.Context, name string) (time.Time, error) {
	at, err := collect(ctx, s.read(), column[int64], "SELECT b.at FROM beats b JOIN checks c ON c.id = b.check_id WHERE c.name = ?", name)
	if err != nil || len(at) == 0 {
		return time.Time{}, err
	}
	return fromNanos(at[0]), nil
}

// Certificates answers what is known of the certificates of checks, by check.
func (s *Store) Certificates(ctx context.Context) (map[string]check.Certificate, error) {
	all := map[string]check.Certificate{}
	err := s.read().query(ctx, func(scan scan) error {
		var name string
		var expires, tried int64
		var one check.Certificate
		if err := scan(&name, &expires, &one.Reminded, &one.Trying, &tried); err != nil {
			return err
		}
		one.Expires, one.TriedAt = fromNanos(expires), fromNanos(tried)
		all[name] = one
		return nil
	}, `SELECT c.name, k.expires, k.reminded, k.trying, k.tried_at FROM certificates k JOIN checks c ON c.id = k.check_id`)
	if err != nil {
		return nil, fmt.Errorf("read the certificates of checks: %w", err)
	}
	return all, nil
}

// SeeCertificate writes down that a check has a certificate with this end. Of another one than before nothing was said yet; the same one
// stays as it is.
func (s *Store) SeeCertificate(ctx context.Context, name string, expires time.Time) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO certificates (check_id, expires, reminded, trying, tried_at) SELECT id, ?, 0, 0, 0 FROM checks WHERE name = ?
			ON CONFLICT (check_id) DO UPDATE SET expires = excluded.expires, reminded = 0, trying = 0, tried_at = 0
			WHERE certificates.expires <> excluded.expires`, nanos(expires), name)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down the certificate of check %s: %w", name, err)
	}
	return nil
}

// SaveCertificate writes down what is known of a check's certificate; nothing where the check is gone.
func (s *Store) SaveCertificate(ctx context.Context, name string, c check.Certificate) error {
	err := s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, `INSERT INTO certificates (check_id, expires, reminded, trying, tried_at) SELECT id, ?, ?, ?, ? FROM checks WHERE name = ?
			ON CONFLICT (check_id) DO UPDATE SET expires = excluded.expires, reminded = excluded.reminded, trying = excluded.trying, tried_at = excluded.tried_at`,
			nanos(c.Expires), c.Reminded, c.Trying, nanos(c.TriedAt), name)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the certificate of check %s: %w", name, err)
	}
	return nil
}
