package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"deckhand/commands/check"
	"deckhand/commands/schedule"
)

// Configuration says which set of checks and schedules is in force, of those that configurations brought. Sets are named by
// fingerprints: twelve hexadecimal digits that stand for all that is in them.
type Configuration struct {
	Ours    string    // what this process came with; "" where it did not say
	InForce string    // "" before the first
	Since   time.Time // when it came into force, by the database's clock
	Have    int       // processes that serve and came with the one in force
	Others  int       // processes that serve and came with another
	// Deciding are the processes that serve and decide by another policy than this one, as people know them.
	Deciding []string
}

// Agrees tells whether this process came with what is in force.
func (c Configuration) Agrees() bool { return c.Ours == c.InForce }

// settleTime is how long a set stays in force for its process to join the others.
const settleTime = crewTime

// fingerprint names a set. When it was read, and in what order, makes no difference.
func fingerprint(checks []check.Check, schedules []schedule.Schedule) (string, error) {
	var documents []string
	for _, c := range checks {
		c.CreatedAt, c.FromConfig = time.Time{}, true
		text, err := encode(c)
		if err != nil {
			return "", err
		}
		documents = append(documents, "check "+text)
	}
	for _, line := range schedules {
		line.CreatedAt, line.LastSlot, line.FromConfig = time.Time{}, time.Time{}, true
		text, err := encode(line)
		if err != nil {
			return "", err
		}
		documents = append(documents, "schedule "+text)
	}
	slices.Sort(documents)
	text, err := encode(documents)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6]), err
}

func (s *Store) ours() string {
	if mark := s.configuration.Load(); mark != nil {
		return *mark
	}
	return ""
}

// DecidesBy names the policy that this process decides by, and how people know the process, before it joins the crew.
func (s *Store) DecidesBy(policy, process string) { s.policy.Store(&[2]string{policy, process}) }

func (s *Store) decidesBy() (policy, process string) {
	if known := s.policy.Load(); known != nil {
		return known[0], known[1]
	}
	return "", ""
}

// wins tells whether a set comes into force, and writes down that it does. The store's row is locked.
func (s *Store) wins(ctx context.Context, to writer, mark string, serves bool) (bool, error) {
	now, age, err := s.inForce(ctx, to)
	if err != nil {
		return false, err
	}
	known, err := collect(ctx, to, column[string], "SELECT fingerprint FROM configurations WHERE fingerprint = ?", mark)
	if err != nil {
		return false, err
	}
	left := now.Have == 0 && (age >= settleTime || !s.Shared())
	switch {
	case now.InForce == mark || now.InForce == "":
	case !serves:
		if served, err := s.served(ctx, to); err != nil || served {
			return false, err
		}
	case len(known) > 0 && !left:
		return false, nil
	}
	if now.InForce != mark {
		_, err = to.exec(ctx, "UPDATE store SET configuration = ?, configured = "+s.clock(), mark)
	}
	if err == nil && len(known) == 0 {
		_, err = to.exec(ctx, "INSERT INTO configurations (fingerprint, came) VALUES (?, "+s.clock()+")", mark)
	}
	return err == nil, err
}

// served tells whether any process serves from the store.
func (s *Store) served(ctx context.Context, from reader) (bool, error) {
	names, err := collect(ctx, from, column[string], "SELECT name FROM locks WHERE name = 'checks' AND until >= "+s.clock()+
		" UNION ALL SELECT name FROM crew WHERE until >= "+s.clock())
	return len(names) > 0, err
}

// inForce answers what is in force, and for how long it has been.
func (s *Store) inForce(ctx context.Context, from reader) (c Configuration, age time.Duration, err error) {
	found := false
	err = from.query(ctx, func(scan scan) error {
		found = true
		var since, elapsed int64
		err := scan(&c.InForce, &since, &elapsed, &c.Have, &c.Others)
		if since > 0 {
			c.Since = time.UnixMilli(since).UTC()
		}
		age = time.Duration(elapsed) * time.Millisecond
		return err
	}, `SELECT s.configuration, s.configured, `+s.clock()+` - s.configured,
		(SELECT count(*) FROM crew c WHERE c.configuration = s.configuration AND c.until >= `+s.clock()+`),
		(SELECT count(*) FROM crew c WHERE c.configuration <> s.configuration AND c.until >= `+s.clock()+`) FROM store s`)
	if err == nil && !found {
		err = errors.New("the store has no row")
	}
	c.Ours = s.ours()
	return c, age, err
}

// Configuration answers which set of checks and schedules is in force, and who decides by another policy.
func (s *Store) Configuration(ctx context.Context) (Configuration, error) {
	c, _, err := s.inForce(ctx, s.read())
	if policy, _ := s.decidesBy(); err == nil && policy != "" {
		c.Deciding, err = collect(ctx, s.read(), column[string],
			"SELECT process FROM crew WHERE policy NOT IN ('', ?) AND until >= "+s.clock()+" ORDER BY process", policy)
	}
	if err != nil {
		return c, fmt.Errorf("read which configuration is in force: %w", err)
	}
	return c, nil
}
