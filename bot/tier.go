package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"deckhand/commands"
)

// Tier is some people of whom a number has to approve.
type Tier struct {
	Approvers []string `json:"approvers"` // subjects
	Approvals int      `json:"approvals"` // at least 1
}

// words says whom a tier asks: "U1", "2 of U1 or U2".
func (t Tier) words() string {
	if t.Approvals > 1 {
		return fmt.Sprintf("%d of %s", t.Approvals, Subjects(t.Approvers))
	}
	return Subjects(t.Approvers)
}

// tiers are whom a decision asks, one after the other; none where it asks nobody.
func (d Decision) tiers() []Tier {
	if d.Effect != Ask {
		return nil
	}
	return append([]Tier{{d.Approvers, max(1, d.Approvals)}}, d.Then...)
}

// needed is how many people have to approve in all.
func (d Decision) needed() int {
	n := 0
	for _, tier := range d.tiers() {
		n += tier.Approvals
	}
	return n
}

// everybody is who may approve at some time.
func (d Decision) everybody() []string {
	var all []string
	for _, tier := range d.tiers() {
		all = append(all, tier.Approvers...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// asks says whom a decision asks: "2 of U1 or U2, then U9".
func (d Decision) asks() string {
	var out []string
	for _, tier := range d.tiers() {
		out = append(out, tier.words())
	}
	return strings.Join(out, ", then ")
}

// turn answers the tier that is asked now and how many of it are missing, none where everybody has approved. Whoever approves
// counts for the tier whose turn it is, and once.
func (r Request) turn() (tier Tier, missing int) {
	approved := len(r.Approvals)
	for _, tier := range r.Decision.tiers() {
		if approved < tier.Approvals {
			return Tier{r.standIns(r.Decision, tier.Approvers), tier.Approvals}, tier.Approvals - approved
		}
		approved -= tier.Approvals
	}
	return Tier{}, 0
}

// standIns adds to some approvers those to whom the request was rerouted.
func (r Request) standIns(d Decision, approvers []string) []string {
	all := slices.Clone(approvers)
	if r.ReroutedAt.IsZero() {
		return all
	}
	for _, subject := range d.RerouteTo {
		if !slices.Contains(all, subject) {
			all = append(all, subject)
		}
	}
	return all
}

// approvers says who is waited for, how many are missing, and who comes after them.
func approvers(r Request) string {
	tier, missing := r.turn()
	out := Subjects(tier.Approvers)
	if tier.Approvals > 1 {
		out = fmt.Sprintf("%d more of %s", missing, out)
	}
	past := 0
	for _, later := range r.Decision.tiers() {
		if past > len(r.Approvals) {
			out += ", then " + later.words()
		}
		past += later.Approvals
	}
	return out
}

// inTurn says that others come later.
func inTurn(r Request) string {
	if len(r.Decision.Then) == 0 {
		return ""
	}
	return " now"
}

// agreement is what the approvals of a request come to by a decision.
type agreement struct {
	full bool // they are all that it needs
	lost bool // somebody who approved may not approve any more
}

// agreed weighs the approvals of a request by the rule as it is now: each person counts once, for the first tier that wants them.
func (e *Engine) agreed(ctx context.Context, r Request, d Decision) (agreement, error) {
	left, found := e.distinct(r.Approvals), agreement{full: true}
	for _, tier := range d.tiers() {
		missing := tier.Approvals
		for _, user := range slices.Clone(left) {
			if missing == 0 {
				break
			}
			ok, err := e.counts(ctx, r, user, r.standIns(d, tier.Approvers))
			if err != nil {
				return agreement{}, err
			}
			if ok {
				missing--
				left = slices.DeleteFunc(left, func(other string) bool { return other == user })
			}
		}
		found.full = found.full && missing == 0
	}
	for _, user := range left {
		ok, err := e.counts(ctx, r, user, r.standIns(d, d.everybody()))
		if err != nil {
			return agreement{}, err
		}
		found.lost = found.lost || !ok
	}
	return found, nil
}

// distinct leaves out second guises.
func (e *Engine) distinct(users []string) []string {
	var out []string
	for _, user := range users {
		if !slices.ContainsFunc(out, func(other string) bool { return e.same(user, other) }) {
			out = append(out, user)
		}
	}
	return out
}

// counts tells whether somebody's approval counts: never the asker's, nor that of somebody who has left.
func (e *Engine) counts(ctx context.Context, r Request, user string, subjects []string) (bool, error) {
	asker := r.Message.Asker.User
	if e.same(user, asker) || e.doubtful(user, asker) {
		return false, nil
	}
	ok, err := e.Policy.Matches(ctx, e.Self(user), subjects)
	if err != nil {
		return false, fmt.Errorf("look whether %s may still approve: %w", user, err)
	}
	return ok && !e.gone(ctx, user), nil
}

// askPeople is how long a question about one person may take.
const askPeople = 3 * time.Second

func (e *Engine) gone(ctx context.Context, user string) bool {
	if e.People == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askPeople)
	defer cancel()
	return e.People.Gone(ctx, user)
}

// without looks whether people who left are missing for an approval. Those who stand in for them may approve at once then; where the
// rule names nobody who does, it answers why the request is refused rather than let it wait for nobody.
func (e *Engine) without(ctx context.Context, r Request) (Request, string) {
	if r.Decision.Effect == Ask && len(e.Logins) > 0 && e.stranger(r.Message.Asker.User) {
		return r, "Policy asks somebody else (" + r.Decision.Rule + "), and nobody has said who " + r.Message.Asker.User + " is in Slack, so nobody could tell that it is somebody else. " + nameThem
	}
	for _, tier := range r.Decision.tiers() {
		there, left := e.present(ctx, tier.Approvers)
		switch {
		case len(left) == 0 || there >= tier.Approvals:
		case len(r.Decision.RerouteTo) > 0:
			r.ReroutedAt = e.Now()
		default:
			return r, "Policy asks " + tier.words() + " (" + r.Decision.Rule + "), and " + Subjects(left) + " has left. Ask whoever keeps deckhand's configuration file to name somebody else."
		}
	}
	return r, ""
}

// present counts the approvers that are there, many where a group or everybody is among them, and names those who left.
func (e *Engine) present(ctx context.Context, subjects []string) (there int, left []string) {
	const many = 1 << 20
	for _, subject := range subjects {
		user, named := strings.CutPrefix(subject, "user:")
		switch {
		case named && e.gone(ctx, user):
			left = append(left, subject)
		case named, strings.HasPrefix(subject, "terminal:"):
			there++
		default:
			there += many
		}
	}
	return there, left
}

const (
	remindAfter  = 10 * time.Minute // how long approvers are left in peace
	rerouteAfter = 20 * time.Minute // how long it is left to those whom the rule asks first
)

// remindLate marks waiting requests that nobody decided for a while; their message gets a reminder beside it.
func (e *Engine) remindLate(ctx context.Context, now time.Time) error {
	waiting, err := e.Store.List(ctx, Filter{States: []State{Waiting}, ChangedBefore: now.Add(-remindAfter), ExpiresAfter: now, Unreminded: true})
	if err != nil {
		return err
	}
	for _, r := range waiting {
		r.RemindedAt = now
		if _, err := e.save(ctx, r, step{to: Waiting, what: "reminded", jobs: deliver()}); err != nil && !isConflict(err) {
			return err
		}
	}
	return nil
}

// rerouteLate opens waiting requests that nobody decided for longer to those who stand in.
func (e *Engine) rerouteLate(ctx context.Context, now time.Time) error {
	waiting, err := e.Store.List(ctx, Filter{States: []State{Waiting}, ChangedBefore: now.Add(-rerouteAfter), ExpiresAfter: now, Limit: manyRequests})
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.Decision.Effect != Ask || len(r.Decision.RerouteTo) == 0 || !r.ReroutedAt.IsZero() {
			continue
		}
		r.ReroutedAt = now
		note := "open to " + commands.Terminal().Render(Subjects(r.Decision.RerouteTo)) + " too"
		if _, err := e.save(ctx, r, step{to: Waiting, what: "rerouted", note: note, jobs: deliver()}); err != nil && !isConflict(err) {
			return err
		}
	}
	return nil
}
