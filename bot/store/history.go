package store

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"time"

	"deckhand/commands/check"
)

// Summaries implements check.Book. Months and days that lie whole between two bounds are read as such, the others as hours, and what
// is not folded yet as it came. Days of which hours are not kept any more count whole, where their noon is.
func (s *Store) Summaries(ctx context.Context, name string, bounds []time.Time) (map[string][]check.Summary, error) {
	if len(bounds) < 2 {
		return nil, nil
	}
	ids, err := s.ids(ctx, s.read())
	if err != nil {
		return nil, fmt.Errorf("read the history of checks: %w", err)
	}
	byID := make(map[int64]string, len(ids))
	for name, id := range ids {
		byID[id] = name
	}
	p := &past{store: s, bounds: bounds, byID: byID, only: ids[name], out: map[string][]check.Summary{}}
	if name != "" && p.only == 0 {
		return p.out, nil
	}
	if err := p.read(ctx); err != nil {
		return nil, fmt.Errorf("read the history of checks: %w", err)
	}
	return p.out, nil
}

// past gathers summaries.
type past struct {
	store  *Store
	bounds []time.Time
	byID   map[int64]string
	only   int64 // a check's id; 0: all
	out    map[string][]check.Summary
}

// span is between which two bounds a moment lies: -1 for none. All bounds but the last are cut to the hour.
func (p *past) span(at time.Time) int {
	last := len(p.bounds) - 1
	if !at.Before(p.bounds[last]) {
		return -1
	}
	return sort.Search(last, func(i int) bool { return p.bounds[i].Truncate(time.Hour).After(at) }) - 1
}

// in is the summary for a check and a moment; nil where it is not asked for.
func (p *past) in(id int64, at time.Time) *check.Summary {
	i := p.span(at)
	name, there := p.byID[id]
	if i < 0 || !there || p.only != 0 && id != p.only {
		return nil
	}
	if p.out[name] == nil {
		p.out[name] = make([]check.Summary, len(p.bounds)-1)
	}
	return &p.out[name][i]
}

// Where a row of the one statement comes from.
const (
	fromBatches = iota
	fromLatest
	fromDays
	fromHours
	fromMonths
)

// read reads all in one statement, which sees one moment of the database: nothing is counted twice or missed while Fold runs.
func (p *past) read(ctx context.Context) error {
	whole, cut := p.days()
	months, whole, err := p.months(ctx, whole)
	if err != nil {
		return err
	}
	one := ""
	if p.only != 0 {
		one = " AND check_id = " + strconv.FormatInt(p.only, 10)
	}
	folded := map[int64]int64{}
	var batches [][]byte
	err = p.store.read().query(ctx, func(scan scan) error {
		var from int
		var a, id int64
		var packed []byte
		if err := scan(&from, &a, &id, &packed); err != nil {
			return err
		}
		switch from {
		case fromBatches:
			batches = append(batches, packed)
		case fromLatest:
			folded[id] = a
		case fromDays:
			return p.addDay(a, id, packed)
		case fromHours:
			return p.addHours(a, id, packed)
		case fromMonths:
			return p.addMonth(a, id, packed)
		}
		return nil
	}, `SELECT 0, id, 0, results FROM batches
		UNION ALL SELECT 1, at, check_id, result FROM latest WHERE at >= ?`+one+`
		UNION ALL SELECT 2, day, check_id, summary FROM days WHERE day IN (`+listed(whole)+`)`+one+`
		UNION ALL SELECT 3, day, check_id, summaries FROM hours WHERE day IN (`+listed(cut)+`)`+one+`
		UNION ALL SELECT 4, month, check_id, summary FROM months WHERE month IN (`+months+`)`+one, p.bounds[0].Add(-time.Hour).UnixMilli())
	if err != nil {
		return err
	}
	for _, packed := range batches {
		err := unpackSamples(packed, true, func(found sample) {
			if found.At.UnixMilli() <= folded[found.check] {
				return
			}
			if s := p.in(found.check, found.At); s != nil {
				s.Add(found.Result)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// days are the days that lie whole between two bounds and those that do not, in order.
func (p *past) days() (whole, cut []int64) {
	kept := dayOf(time.Now().Add(-keepHours))
	for d := dayOf(p.bounds[0]); d <= dayOf(p.bounds[len(p.bounds)-1]); d++ {
		begin := time.Unix(d*int64(day/time.Second), 0)
		at := p.span(begin)
		if d <= kept || at >= 0 && at == p.span(begin.Add(day-time.Hour)) {
			whole = append(whole, d)
		} else {
			cut = append(cut, d)
		}
	}
	return whole, cut
}

// listed writes numbers as a list for SQL, which is never empty.
func listed(numbers []int64) string {
	list := []byte("-1")
	for _, n := range numbers {
		list = strconv.AppendInt(append(list, ", "...), n, 10)
	}
	return string(list)
}

func (p *past) addDay(d, id int64, packed []byte) error {
	sum, err := unpackDay(packed)
	if s := p.in(id, time.Unix(d*int64(day/time.Second), 0).Add(day/2)); err == nil && s != nil {
		s.Merge(sum)
	}
	return err
}

func (p *past) addHours(d, id int64, packed []byte) error {
	begin := time.Unix(d*int64(day/time.Second), 0)
	return unpackHours(packed, func(hour int, sum check.Summary) {
		if s := p.in(id, begin.Add(time.Duration(hour)*time.Hour)); s != nil {
			s.Merge(sum)
		}
	})
}
