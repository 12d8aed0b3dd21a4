package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"deckhand/commands/check"
)

// A question over a year would read 365 days of each check. So the days of a month that is over are added up once, and from then on the
// month's sum and its days always say the same: a result that is folded late is counted into both in one transaction.

// monthSettles is how long after its end a month is added up. Later results are rare.
const monthSettles = 3 * day

// sumAtOnce is how many sums are written in one transaction.
const sumAtOnce = 500

// monthOf numbers the months of UTC.
func monthOf(t time.Time) int64 {
	t = t.UTC()
	return int64(t.Year())*12 + int64(t.Month()) - 1
}

func beginOf(month int64) time.Time {
	return time.Date(int(month/12), time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC)
}

func monthOfDay(d int64) int64 { return monthOf(time.Unix(d*int64(day/time.Second), 0)) }

// sumMonths adds up the months that are over and were not added up before.
func (s *Store) sumMonths(ctx context.Context, now time.Time) error {
	last := monthOf(now.Add(-monthSettles)) - 1
	done, err := one(ctx, s.read(), column[int64], "SELECT coalesce(max(month), -1) FROM summed")
	if err != nil || done >= last {
		return err
	}
	first, err := one(ctx, s.read(), column[int64], "SELECT coalesce(min(day), -1) FROM days")
	if err != nil || first < 0 {
		return err
	}
	for month := max(done+1, monthOfDay(first)); month <= last; month++ {
		if err := s.sumMonth(ctx, month); err != nil {
			return fmt.Errorf("add up a month: %w", err)
		}
	}
	return nil
}

func (s *Store) sumMonth(ctx context.Context, month int64) error {
	sums := map[int64]*check.Summary{}
	err := s.read().query(ctx, func(scan scan) error {
		var id int64
		var packed []byte
		if err := scan(&id, &packed); err != nil {
			return err
		}
		sum, err := unpackDay(packed)
		if sums[id] == nil {
			sums[id] = &check.Summary{}
		}
		sums[id].Merge(sum)
		return err
	}, "SELECT check_id, summary FROM days WHERE day >= ? AND day < ?", dayOf(beginOf(month)), dayOf(beginOf(month+1)))
	if err != nil {
		return err
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(sums)), sumAtOnce) {
		var rows [][]any
		for _, id := range ids {
			rows = append(rows, []any{month, id, packDay(*sums[id])})
		}
		if err := s.write(ctx, func(to writer) error { return saveMonths(ctx, to, rows) }); err != nil {
			return err
		}
	}
	return s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "INSERT INTO summed (month) VALUES (?) ON CONFLICT (month) DO NOTHING", month)
		return err
	})
}

func saveMonths(ctx context.Context, to writer, rows [][]any) error {
	return to.execEach(ctx, `INSERT INTO months (month, check_id, summary) VALUES (?, ?, ?)
		ON CONFLICT (month, check_id) DO UPDATE SET summary = excluded.summary`, rows)
}

// saveLate counts results of months that are added up already into their sums.
func (r rollups) saveLate(ctx context.Context, to writer) error {
	var done int64
	err := to.query(ctx, func(scan scan) error { return scan(&done) }, "SELECT coalesce(max(month), -1) FROM summed")
	if err != nil {
		return err
	}
	var rows [][]any
	for key, late := range r.months {
		if key.day > done {
			continue
		}
		err := to.query(ctx, func(scan scan) error {
			var packed []byte
			if err := scan(&packed); err != nil {
				return err
			}
			sum, err := unpackDay(packed)
			late.Merge(sum)
			return err
		}, "SELECT summary FROM months WHERE month = ? AND check_id = ?", key.day, key.check)
		if err != nil {
			return err
		}
		rows = append(rows, []any{key.day, key.check, packDay(*late)})
	}
	return saveMonths(ctx, to, rows)
}

// months takes the months out of whole days that lie within one span and are added up, and answers them as a list for SQL.
func (p *past) months(ctx context.Context, whole []int64) (months string, days []int64, err error) {
	summed, err := collect(ctx, p.store.read(), column[int64], "SELECT month FROM summed")
	if err != nil {
		return "", nil, err
	}
	var list []int64
	for _, month := range summed {
		first, last := dayOf(beginOf(month)), dayOf(beginOf(month+1))-1
		i, found := slices.BinarySearch(whole, first)
		if span := p.span(beginOf(month)); !found || i+int(last-first) >= len(whole) || whole[i+int(last-first)] != last ||
			span < 0 || span != p.span(beginOf(month+1).Add(-time.Hour)) {
			continue
		}
		list = append(list, month)
		whole = slices.Delete(whole, i, i+int(last-first)+1)
	}
	return listed(list), whole, nil
}

func (p *past) addMonth(month, id int64, packed []byte) error {
	sum, err := unpackDay(packed)
	if s := p.in(id, beginOf(month).Add(day)); err == nil && s != nil {
		s.Merge(sum)
	}
	return err
}
