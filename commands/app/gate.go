package app

import (
	"context"
	"net/url"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/check"
)

// madeBy marks the check that came with an application.
func madeBy(name string) string { return "app " + name }

// checksOf answers the checks that look at an application: the one that came with it, and all others of its names.
func checksOf(ctx context.Context, book check.Book, s aws.Stack) []check.Check {
	if book == nil {
		return nil
	}
	all, err := book.Checks(ctx)
	if err != nil {
		return nil
	}
	names := map[string]bool{strings.ToLower(s.Outputs["DNSName"]): true, host(s.Outputs["Endpoint"]): true}
	delete(names, "")
	var out []check.Check
	for _, one := range all {
		if one.MadeBy == madeBy(s.Name) || names[host(one.URL)] {
			out = append(out, one)
		}
	}
	return out
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// watched is a check of an application, and whether it passed before a deployment.
type watched struct {
	Name   string
	Passed bool
}

// before looks how an application's checks stand. One that fails is looked at some times more: what is taken for red before is no reason to go back.
func (r Room) before(ctx context.Context, s aws.Stack) []watched {
	if r.Prober == nil {
		return nil
	}
	var out []watched
	for _, one := range checksOf(ctx, r.Book, s) {
		passed := r.Prober.Probe(ctx, one).OK
		for look := 1; !passed && look < firstLooks && pause(ctx, firstPause) == nil; look++ {
			passed = r.Prober.Probe(ctx, one).OK
		}
		out = append(out, watched{one.Name, passed})
	}
	return out
}

// passing are the names of the checks that passed before.
func passing(all []watched) []string {
	var names []string
	for _, w := range all {
		if w.Passed {
			names = append(names, commands.Mono(w.Name))
		}
	}
	return names
}

const (
	redLooks = 4 // looks in a row that fail until a check counts as failed
	redPause = 10 * time.Second

	firstLooks = 3 // looks in a row that fail until a check counts as failed before
	firstPause = 2 * time.Second
)

// pause waits, and answers the context's error where that ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// verdict is what an application's checks say after a deployment.
type verdict struct {
	Red   string // why a check fails that passed before: "the check `shop` fails: HTTP 503"; "" where none does
	Words string // on every check; "" where there is none
}

// again looks at the checks that were looked at before. One that fails is looked at some times more. What could not be seen, and what
// failed before already, is no reason to go back.
func (r Room) again(ctx context.Context, run *commands.Run, s aws.Stack, were []watched, step string) (verdict, error) {
	if r.Prober == nil || len(were) == 0 {
		return verdict{}, nil
	}
	return commands.Repeat(ctx, run, step, func(ctx context.Context) (verdict, error) {
		passed := map[string]bool{}
		for _, w := range were {
			passed[w.Name] = w.Passed
		}
		var red, words []string
		for _, one := range checksOf(ctx, r.Book, s) {
			before, known := passed[one.Name]
			if !known {
				continue
			}
			run.Say("Looking whether the check " + one.Name + " passes")
			why, err := r.fails(ctx, one, before)
			switch said := "the check " + commands.Mono(one.Name); {
			case err != nil:
				return verdict{}, err
			case why == "":
				words = append(words, said+" passes")
			case before:
				red, words = append(red, said+" fails: "+why), append(words, said+" fails: "+why)
			default:
				words = append(words, said+" fails as it did before: "+why)
			}
		}
		return verdict{strings.Join(red, "; "), strings.Join(words, "; ")}, nil
	})
}

// fails answers why a check fails, "" where it passes or could not be looked at.
func (r Room) fails(ctx context.Context, one check.Check, patient bool) (string, error) {
	why := ""
	for n := range redLooks {
		if n > 0 {
			if err := pause(ctx, redPause); err != nil {
				return "", err
			}
		}
		result := r.Prober.Probe(ctx, one)
		if result.OK || result.Unseen {
			return "", nil
		}
		if why = result.Detail; !patient {
			break
		}
	}
	return why, ctx.Err()
}
