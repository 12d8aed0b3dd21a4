package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"deckhand/commands/check"
)

const (
	// foldFrom is how many results that are not folded yet make Fold begin: reading them is what a question costs.
	foldFrom = 50_000
	// foldAfter is how long results wait where there are fewer.
	foldAfter = time.Hour
	// foldGroup is how many checks are folded in one transaction: others wait for it a few milliseconds.
	foldGroup = 100
	// foldAtOnce is how many checks' results are held at once.
	foldAtOnce = 500

	// How long is kept what.
	keepSamples = 7 * 24 * time.Hour
	keepHours   = 400 * 24 * time.Hour
	keepDays    = 10 * 366 * 24 * time.Hour
)

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// Fold moves results, check by check, to where a check's own are found at once, and counts them into the roll-ups of their hours
// and days, as soon as it is worth it. One process at a time may call it. Cut short anywhere, it goes on the next
// time: a check's results up to its latest folded one are not counted again.
func (s *Store) Fold(ctx context.Context, now time.Time) error {
	looks, last, err := s.toFold(ctx, now)
	if err != nil || looks == 0 {
		return err
	}
	ids, err := collect(ctx, s.read(), column[int64], "SELECT id FROM checks ORDER BY id")
	if err != nil {
		return fmt.Errorf("fold results: %w", err)
	}
	var read [][]any // what is removed in the end: another process may add a batch meanwhile whose id is lower
	batches, err := collect(ctx, s.read(), func(scan scan) (packed []byte, err error) {
		var id int64
		err = scan(&id, &packed)
		read = append(read, []any{id})
		return packed, err
	}, "SELECT id, results FROM batches WHERE id <= ? ORDER BY id", last)
	if err != nil {
		return fmt.Errorf("fold results: %w", err)
	}
	newest, err := newestOf(batches)
	if err != nil {
		return fmt.Errorf("fold results: %w", err)
	}
	for some := range slices.Chunk(ids, foldAtOnce) {
		if err := s.foldSome(ctx, batches, some, newest); err != nil {
			return fmt.Errorf("fold results: %w", err)
		}
	}
	err = s.write(ctx, func(to writer) error { return to.execEach(ctx, "DELETE FROM batches WHERE id = ?", read) })
	if err != nil {
		return fmt.Errorf("fold results: %w", err)
	}
	return nil
}

// newestOf answers when the newest result was, in milliseconds.
func newestOf(batches [][]byte) (newest int64, err error) {
	for _, packed := range batches {
		if err := unpackSamples(packed, true, func(found sample) { newest = max(newest, found.At.UnixMilli()) }); err != nil {
			return 0, err
		}
	}
	return newest, nil
}

// foldSome folds the results of some checks, whose ids ascend. Reading the batches once for each such part costs less than
// holding all of their results.
func (s *Store) foldSome(ctx context.Context, batches [][]byte, ids []int64, newest int64) error {
	by := make(map[int64][]sample, len(ids))
	for _, packed := range batches {
		err := unpackSamples(packed, true, func(found sample) {
			if _, wanted := slices.BinarySearch(ids, found.check); wanted {
				by[found.check] = append(by[found.check], found)
			}
		})
		if err != nil {
			return err
		}
	}
	for group := range slices.Chunk(slices.Sorted(maps.Keys(by)), foldGroup) {
		if err := s.write(ctx, func(to writer) error { return foldChecks(ctx, to, group, by, newest) }); err != nil {
			return err
		}
	}
	return nil
}

// toFold answers how many results are to be folded now, and the last batch of them.
func (s *Store) toFold(ctx context.Context, now time.Time) (looks, last int64, err error) {
	var first int64
	err = s.read().query(ctx, func(scan scan) error { return scan(&looks, &last, &first) },
		"SELECT coalesce(sum(looks), 0), coalesce(max(id), 0), coalesce(min(first_at), 0) FROM batches")
	if err != nil {
		return 0, 0, fmt.Errorf("look for results to fold: %w", err)
	}
	if looks < foldFrom && now.UnixMilli()-first < foldAfter.Milliseconds() {
		return 0, 0, nil
	}
	return looks, last, nil
}

// foldChecks folds the results of some checks, whose ids ascend.
func foldChecks(ctx context.Context, to writer, ids []int64, by map[int64][]sample, newest int64) error {
	from, upTo := ids[0], ids[len(ids)-1]
	folded := map[int64]int64{}
	err := to.query(ctx, func(scan scan) error {
		var id, at int64
		err := scan(&id, &at)
		folded[id] = at
		return err
	}, "SELECT check_id, at FROM latest WHERE check_id BETWEEN ? AND ?", from, upTo)
	if err != nil {
		return err
	}
	up := rollups{hours: map[rollupKey]*hours{}, days: map[rollupKey]*check.Summary{}, months: map[rollupKey]*check.Summary{}}
	var samples, latest [][]any
	for _, id := range ids {
		fresh := newer(by[id], folded[id])
		if len(fresh) == 0 {
			continue
		}
		last := fresh[len(fresh)-1]
		samples = append(samples, []any{newest, id, packSamples(fresh, false)})
		latest = append(latest, []any{id, last.At.UnixMilli(), packSamples(fresh[len(fresh)-1:], false)})
		for _, found := range fresh {
			up.add(id, found.Result)
		}
	}
	if len(samples) == 0 {
		return nil
	}
	if err := up.load(ctx, to, from, upTo); err != nil {
		return err
	}
	if _, err := to.exec(ctx, "INSERT INTO folds (last_at) VALUES (?) ON CONFLICT (last_at) DO NOTHING", newest); err != nil {
		return err
	}
	if err := to.execEach(ctx, "INSERT INTO samples (last_at, check_id, results) VALUES (?, ?, ?)", samples); err != nil {
		return err
	}
	err = to.execEach(ctx, `INSERT INTO latest (check_id, at, result) SELECT id, ?, ? FROM checks WHERE id = ?
		ON CONFLICT (check_id) DO UPDATE SET at = excluded.at, result = excluded.result`, rotate(latest))
	if err != nil {
		return err
	}
	return up.save(ctx, to)
}

// newer answers the results after a time, in order, each once.
func newer(found []sample, after int64) []sample {
	slices.SortStableFunc(found, func(a, b sample) int { return a.At.Compare(b.At) })
	found = slices.CompactFunc(found, func(a, b sample) bool { return a.At.UnixMilli() == b.At.UnixMilli() })
	for len(found) > 0 && found[0].At.UnixMilli() <= after {
		found = found[1:]
	}
	return found
}

// rollupKey is a check's day.
type rollupKey struct{ day, check int64 }

// rollups are the hours and days that results are counted into.
type rollups struct {
	hours map[rollupKey]*hours
	days  map[rollupKey]*check.Summary
	// months are what comes to the sums of months, whose number is in the key instead of the day's.
	months map[rollupKey]*check.Summary
}

func (r rollups) add(id int64, result check.Result) {
	key := rollupKey{dayOf(result.At), id}
	if r.hours[key] == nil {
		r.hours[key], r.days[key] = &hours{}, &check.Summary{}
	}
	r.hours[key][result.At.UTC().Hour()].Add(result)
	r.days[key].Add(result)
	month := rollupKey{monthOf(result.At), id}
	if r.months[month] == nil {
		r.months[month] = &check.Summary{}
	}
	r.months[month].Add(result)
}

// load counts in what the days have already.
func (r rollups) load(ctx context.Context, to writer, from, upTo int64) error {
	seen := map[int64]bool{}
	for key := range r.hours {
		seen[key.day] = true
	}
	for which := range seen {
		err := to.query(ctx, func(scan scan) error {
			key := rollupKey{day: which}
			var packed, whole []byte
			if err := scan(&key.check, &packed, &whole); err != nil {
				return err
			}
			if r.hours[key] == nil {
				return nil
			}
			sum, err := unpackDay(whole)
			if err != nil {
				return err
			}
			r.days[key].Merge(sum)
			return unpackHours(packed, func(hour int, s check.Summary) { r.hours[key][hour].Merge(s) })
		}, `SELECT h.check_id, h.summaries, d.summary FROM hours h JOIN days d ON d.day = h.day AND d.check_id = h.check_id
			WHERE h.day = ? AND h.check_id BETWEEN ? AND ?`, which, from, upTo)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r rollups) save(ctx context.Context, to writer) error {
	var hourRows, dayRows [][]any
	for key, h := range r.hours {
		hourRows = append(hourRows, []any{key.day, key.check, packHours(h)})
		dayRows = append(dayRows, []any{key.day, key.check, packDay(*r.days[key])})
	}
	err := to.execEach(ctx, `INSERT INTO hours (day, check_id, summaries) VALUES (?, ?, ?)
		ON CONFLICT (day, check_id) DO UPDATE SET summaries = excluded.summaries`, hourRows)
	if err != nil {
		return err
	}
	err = to.execEach(ctx, `INSERT INTO days (day, check_id, summary) VALUES (?, ?, ?)
		ON CONFLICT (day, check_id) DO UPDATE SET summary = excluded.summary`, dayRows)
	if err != nil {
		return err
	}
	return r.saveLate(ctx, to)
}

// Prune adds up months that are over, and removes what is older than is kept. It works in small transactions, so
// that nothing else waits long.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	if err := s.sumMonths(ctx, now); err != nil {
		return err
	}
	for _, old := range []struct {
		table, column string
		before        int64
	}{
		{"samples", "last_at", now.Add(-keepSamples).UnixMilli()},
		{"hours", "day", dayOf(now.Add(-keepHours))},
		{"days", "day", dayOf(now.Add(-keepDays))},
		{"months", "month", monthOf(now.Add(-keepDays))},
	} {
		gone := fmt.Sprintf("DELETE FROM %s WHERE %s = ? AND check_id = ?", old.table, old.column)
		for {
			rows, err := s.outdated(ctx, old.table, old.column, old.before)
			if err != nil {
				return fmt.Errorf("prune %s: %w", old.table, err)
			}
			if len(rows) == 0 {
				break
			}
			if err := s.write(ctx, func(to writer) error { return to.execEach(ctx, gone, rows) }); err != nil {
				return fmt.Errorf("prune %s: %w", old.table, err)
			}
		}
	}
	return s.write(ctx, func(to writer) error {
		_, err := to.exec(ctx, "DELETE FROM folds WHERE last_at < ?", now.Add(-keepSamples).UnixMilli())
		return err
	})
}

// pruneAtOnce is how many rows are removed in one transaction.
const pruneAtOnce = 500

func (s *Store) outdated(ctx context.Context, table, key string, before int64) ([][]any, error) {
	return collect(ctx, s.read(), func(scan scan) ([]any, error) {
		var at, id int64
		err := scan(&at, &id)
		return []any{at, id}, err
	}, fmt.Sprintf("SELECT %s, check_id FROM %s WHERE %s < ? ORDER BY %s LIMIT %d", key, table, key, key, pruneAtOnce), before)
}
